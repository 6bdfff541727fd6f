"""A shell's strings as bytes: what is no UTF-8 stays what it was."""

__all__ = ["decode", "encode"]


def encode(text: str) -> bytes:
    """Return the bytes of a string of the shell, which may hold invalid UTF-8."""
    return text.encode("utf-8", "surrogateescape")


def decode(data: bytes | bytearray) -> str:
    """Return bytes as a string of the shell; `encode` returns the same bytes."""
    return data.decode("utf-8", "surrogateescape")
