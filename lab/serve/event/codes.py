"""Codes that people type to join, and secrets that browsers keep."""

import hashlib
import hmac
import secrets

__all__ = ["check", "fingerprint", "new_code", "new_secret", "normal"]

#: No letters or digits that look alike, and no vowels, so that no words appear.
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"
_GROUPS = (4, 4)
_ALIKE = str.maketrans({"0": "Q", "O": "Q", "1": "L", "I": "L", "U": "V"})


def new_code() -> str:
    """Return a random code such as `KTQX-7PMD`: 38 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(size)) for size in _GROUPS)


def normal(typed: str) -> str:
    """Return a code in its original form, however the user typed it; empty if it can't be a code."""
    letters = "".join(char for char in typed.upper().translate(_ALIKE) if char in _LETTERS)
    if len(letters) != sum(_GROUPS):
        return ""
    return f"{letters[: _GROUPS[0]]}-{letters[_GROUPS[0] :]}"


def new_secret() -> str:
    """Return a random secret for a browser: 256 bits."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """Return the fingerprint that the server stores in place of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def check(given: str, expected: str) -> bool:
    """Whether two codes are equal; the comparison takes constant time."""
    return bool(given) and hmac.compare_digest(given.encode(), expected.encode())
