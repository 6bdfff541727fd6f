"""Backslash escapes of `echo -e`, `printf` and `%b`."""

import re
from collections.abc import Sequence

from lab.cluster.sim.bash.language.octets import encode

__all__ = ["echoed", "expand_escapes"]

_SIMPLE = {"a": b"\a", "b": b"\b", "e": b"\x1b", "E": b"\x1b", "f": b"\f", "n": b"\n", "r": b"\r", "t": b"\t",
           "v": b"\v", "\\": b"\\"}  # fmt: skip
_CODES = re.compile(r"x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})")
_OCTAL_ECHO = re.compile(r"0([0-7]{0,3})")
_OCTAL_FORMAT = re.compile(r"([0-7]{1,3})")
_OCTAL_ARGUMENT = re.compile(r"0?([0-7]{1,3})")


def expand_escapes(text: str, style: str) -> tuple[bytes, bool]:
    r"""Return `text` with its escapes expanded, and whether `\c` has ended it.

    `style` is `echo`, `format` (printf's format) or `argument` (what `%b` prints).
    """
    if "\\" not in text:
        return encode(text), False
    octal = {"echo": _OCTAL_ECHO, "format": _OCTAL_FORMAT, "argument": _OCTAL_ARGUMENT}[style]
    out = bytearray()
    at = 0
    while True:
        slash = text.find("\\", at)
        if slash < 0 or slash + 1 == len(text):
            out += encode(text[at:])
            return bytes(out), False
        out += encode(text[at:slash])
        letter = text[slash + 1]
        at = slash + 2
        if letter == "c" and style != "format":
            return bytes(out), True
        if letter in _SIMPLE:
            out += _SIMPLE[letter]
        elif letter in "\"'?" and style != "echo":
            out += letter.encode() if letter != "'" or style == "format" else b"'"
        elif (number := octal.match(text, slash + 1)) is not None:
            out.append(int(number[1] or "0", 8) & 0xFF)
            at = number.end()
        elif (code := _CODES.match(text, slash + 1)) is not None:
            out += bytes([int(code[1], 16)]) if code[1] else _character(int(code[2] or code[3], 16))
            at = code.end()
        else:
            out += encode("\\" + letter)


def _character(code: int) -> bytes:
    try:
        return chr(code).encode("utf-8", "surrogatepass")
    except (ValueError, OverflowError):
        return b"\xef\xbf\xbd"


def echoed(arguments: Sequence[str], *, escapes: bool) -> bytes:
    """Return the output of `echo`; `escapes` says whether escapes are expanded without `-e`."""
    words = list(arguments)
    newline = True
    while words and len(words[0]) > 1 and words[0][0] == "-" and set(words[0][1:]) <= set("neE"):
        for letter in words.pop(0)[1:]:
            if letter == "n":
                newline = False
            else:
                escapes = letter == "e"
    text = " ".join(words)
    data = encode(text)
    if escapes:
        data, ended = expand_escapes(text, "echo")
        newline = newline and not ended
    return data + b"\n" if newline else data
