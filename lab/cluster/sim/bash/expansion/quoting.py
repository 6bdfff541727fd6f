"""Quote text so that the shell can read it again: `printf %q`, `${x@Q}`, `declare -p`, `set`, `set -x`."""

import re

__all__ = [
    "array_quote",
    "backslash_quote",
    "key_quote",
    "plain_quote",
    "single_quote",
    "trace_quote",
    "value_quote",
]

_CONTROL = re.compile(r"[\x00-\x1f\x7f\udc80-\udcff]")
_SPECIAL = re.compile(r"[ \t\n|&;()<>!{}*\[\]?^$`\"'\\,]")  # characters that get a backslash
_NEEDS_QUOTES = re.compile(r"[ \t\n'\"\\|&;()<>!{}*\[\]?^$`]|^[#~]|(?<=[=:])~")
_DOUBLE = re.compile(r'[$`"\\]')
_NAMES = {
    "\a": "a",
    "\b": "b",
    "\x1b": "E",
    "\f": "f",
    "\n": "n",
    "\r": "r",
    "\t": "t",
    "\v": "v",
    "\\": "\\",
    "'": "'",
}


def _ansi_quote(text: str) -> str:
    r"""Quote as `$'...'`."""
    found = ["$'"]
    for char in text:
        code = ord(char)
        if char in _NAMES:
            found.append("\\" + _NAMES[char])
        elif code < 0x20 or code == 0x7F:
            found.append(f"\\{code:03o}")
        elif 0xDC80 <= code <= 0xDCFF:
            found.append(f"\\{code - 0xDC00:03o}")
        else:
            found.append(char)
    found.append("'")
    return "".join(found)


def backslash_quote(text: str) -> str:
    r"""Quote as `printf %q` does: `a\ b`, `''`, `$'a\nb'`."""
    if not text:
        return "''"
    if _CONTROL.search(text):
        return _ansi_quote(text)
    quoted = _SPECIAL.sub(lambda found: "\\" + found.group(), text)
    if quoted[0] in "#~":
        quoted = "\\" + quoted
    return re.sub(r"(?<=[=:])~", r"\\~", quoted)


def single_quote(text: str) -> str:
    r"""Quote as `${x@Q}`, `alias` and `trap -p` do: `'a b'`, `'it'\''s'`, `$'a\nb'`."""
    if _CONTROL.search(text):
        return _ansi_quote(text)
    return _single(text)


def plain_quote(text: str) -> str:
    r"""Quote any text in single quotes: `alias`, `trap -p`."""
    return _single(text)


def _single(text: str) -> str:
    if text == "'":
        return "\\'"
    return "'" + text.replace("'", "'\\''") + "'"


def value_quote(text: str) -> str:
    """Quote as `set` does: only when needed."""
    if _CONTROL.search(text):
        return _ansi_quote(text)
    return _single(text) if text and _NEEDS_QUOTES.search(text) else text


def array_quote(text: str) -> str:
    r"""Quote as `declare -p` does: `"a \"b\" \$c"`, `$'a\nb'`."""
    if _CONTROL.search(text):
        return _ansi_quote(text)
    return '"' + _DOUBLE.sub(lambda found: "\\" + found.group(), text) + '"'


def key_quote(text: str) -> str:
    """Quote the key of an associative array as `declare -p` does: only when needed."""
    if _CONTROL.search(text):
        return _ansi_quote(text)
    if not text or _NEEDS_QUOTES.search(text) or text in {"@", "*"}:
        return array_quote(text)
    return text


def trace_quote(text: str) -> str:
    """Quote a word as `set -x` does: only when needed."""
    if not text:
        return "''"
    if _CONTROL.search(text):
        return _ansi_quote(text)
    return _single(text) if _NEEDS_QUOTES.search(text) else text
