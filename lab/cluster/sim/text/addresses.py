"""IP addresses as text."""

import ipaddress

__all__ = ["is_address"]


def is_address(text: str) -> bool:
    """Whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
