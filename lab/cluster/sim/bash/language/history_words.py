"""The words of a history line: quoted text stays together, and each operator is a separate word."""

import re

__all__ = ["history_words"]

_OPERATOR = re.compile(
    r"[0-9]*(?:<<<|<<-|<<|>>|<&|>&|<>|>\||&>>|&>)|[0-9]+(?=[<>])[<>]|&&|\|\||;;&|;;|;&|\|&|[()<>;&|\n]"
)
_GROUP = frozenset("<>$!@?+*")
_END = frozenset(" \t\n;&()|<>")


def history_words(line: str) -> list[str]:
    """Return the words."""
    found: list[str] = []
    pos = 0
    while pos < len(line):
        if line[pos] in " \t":
            pos += 1
            continue
        operator = _OPERATOR.match(line, pos)
        if operator and not (line[pos] in "<>" and line.startswith("(", pos + 1)):
            found.append(operator.group())
            pos = operator.end()
            continue
        end = _word_end(line, pos)
        found.append(line[pos:end])
        pos = end
    return found


def _word_end(line: str, pos: int) -> int:
    quote = ""
    depth = 0
    while pos < len(line):
        char = line[pos]
        if char == "\\" and quote != "'":
            pos += 2
            continue
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"`":
            quote = char
        elif depth or (char in _GROUP and line.startswith("(", pos + 1)):
            if char in _GROUP and line.startswith("(", pos + 1):
                pos += 1
                depth += 1
            else:
                depth += (char == "(") - (char == ")")
        elif char in _END:
            break
        pos += 1
    return min(pos, len(line))
