"""The origin of a server, as browsers name it in their requests."""

import re
from ipaddress import IPv6Address
from urllib.parse import urlsplit

from lab.errors import UsageProblem

__all__ = ["origin_of"]

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?")


def origin_of(url: str) -> str:
    """Return the origin of `url`, the address of a proxy: names in ASCII, and no port that goes without saying.

    Raises:
        UsageProblem: it is no such address.

    """
    try:
        return _origin(url)
    except ValueError:
        raise UsageProblem(
            f"'{url}' is not the address of a server.",
            remedy="For example: https://class.example.com (no path).",
        ) from None


def _origin(url: str) -> str:
    # The parser drops or keeps characters that no browser sends.
    if not url.isprintable() or any(each in url for each in " \\@"):
        raise ValueError(url)
    parts = urlsplit(url.rstrip("/"))
    if parts.scheme not in _DEFAULT_PORTS or parts.path or parts.query or parts.fragment or parts.port == 0:
        raise ValueError(url)
    port = f":{parts.port}" if parts.port and parts.port != _DEFAULT_PORTS[parts.scheme] else ""
    return f"{parts.scheme}://{_host(parts.hostname or '')}{port}"


def _host(name: str) -> str:
    """Return a host's name as it is sent; raise `ValueError` if it is none."""
    if ":" in name:
        return f"[{IPv6Address(name)}]"
    sent = name if name.isascii() else name.encode("idna").decode()
    if not _HOST.fullmatch(sent):
        raise ValueError(name)
    return sent
