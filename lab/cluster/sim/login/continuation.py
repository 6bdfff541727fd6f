"""Whether what was typed so far is a whole command, or bash would ask for more with its second prompt."""

import re

from bashkit import Bash, BashError

__all__ = ["wants_more"]

_MORE = ("unexpected end of file", "unexpected EOF", "unterminated")
_HEREDOC = re.compile(r"<<(-?)\s*(?:'([^']+)'|\"([^\"]+)\"|\\?([\w.-]+))")
_HERE_STRING = re.compile(r"<<<")
_OPEN_END = re.compile(r"(?:&&|\|\||(?<!\|)\|)\s*\Z")


def wants_more(bash: Bash, text: str) -> bool:
    """Return whether `text` ends in the middle of a command: a loop, a quote, a here-document."""
    if _trailing_backslash(text) or _open_heredoc(text) or _OPEN_END.search(text):
        return True
    try:
        bash.analyze(text)
    except BashError as problem:
        return any(mark in str(problem) for mark in _MORE)
    return False


def _trailing_backslash(text: str) -> bool:
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def _open_heredoc(text: str) -> bool:
    """Return whether a here-document has begun and its last line is not there yet."""
    lines = text.split("\n")
    awaited: list[tuple[bool, str]] = []
    for line in lines:
        if awaited:
            tabs, word = awaited[0]
            if (line.lstrip("\t") if tabs else line) == word:
                awaited.pop(0)
            continue
        plain = _HERE_STRING.sub("", line)
        awaited = [(bool(m[1]), m[2] or m[3] or m[4]) for m in _HEREDOC.finditer(plain)]
    return bool(awaited)
