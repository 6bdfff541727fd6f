r"""The escapes of `$'...'`: `\n`, `\x41`, `\u20ac`, `\033`."""

import re

__all__ = ["decode"]

_SIMPLE = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "?": "?",
}
_ESCAPE = re.compile(
    r"\\(?:(?P<octal>[0-7]{1,3})|x(?P<hex>[0-9A-Fa-f]{1,2})|x\{(?P<braced>[0-9A-Fa-f]*)\}?"
    r"|u(?P<short>[0-9A-Fa-f]{1,4})|U(?P<long>[0-9A-Fa-f]{1,8})|c(?P<control>.)|(?P<simple>[abeEfnrtv\\'\"?]))",
    re.DOTALL,
)


def decode(text: str) -> str:
    """Return the text with its escapes replaced. A NUL ends the text, as in bash."""
    raw = bytearray()
    place = 0
    for found in _ESCAPE.finditer(text):
        raw += text[place : found.start()].encode("utf-8", "surrogateescape")
        raw += _replacement(found)
        place = found.end()
    raw += text[place:].encode("utf-8", "surrogateescape")
    return bytes(raw).split(b"\0", 1)[0].decode("utf-8", "surrogateescape")


def _replacement(found: re.Match[str]) -> bytes:
    groups = found.groupdict()
    if groups["simple"] is not None:
        return _SIMPLE[groups["simple"]].encode()
    if groups["octal"] is not None:
        return bytes([int(groups["octal"], 8) & 0xFF])
    if (digits := groups["hex"] or groups["braced"]) is not None:
        return bytes([int(digits or "0", 16) & 0xFF])
    if groups["control"] is not None:
        return bytes([ord(groups["control"]) & 0x1F])
    return chr(int(groups["short"] or groups["long"], 16)).encode("utf-8", "surrogateescape")
