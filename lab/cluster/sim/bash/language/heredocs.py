"""Read the bodies of here-documents."""

from lab.cluster.sim.bash.language.tree import DoubleQuoted, HereDocument, Quoted, Word
from lab.cluster.sim.bash.language.words import WordReader

__all__ = ["delimiter_of", "read_body"]


def delimiter_of(word: Word) -> tuple[str, bool]:
    """Return a here-document's delimiter without quotes, and whether any part of it was quoted."""
    quoted = any(character in word.source for character in "'\"\\")
    if not quoted:
        return word.source, False
    return "".join(_plain(part) for part in word.parts), True


def _plain(part: object) -> str:
    if isinstance(part, DoubleQuoted):
        return "".join(_plain(inner) for inner in part.parts)
    if isinstance(part, Quoted):
        return part.text
    return str(getattr(part, "text", None) or getattr(part, "source", ""))


def read_body(document: HereDocument, words: WordReader) -> bool:
    """Read a body from the scanner's position, which is the start of a line.

    Return whether the delimiter was found before the end of the text.
    """
    scanner = words.scanner
    text = scanner.text
    first = scanner.line()
    lines: list[str] = []
    ended = False
    while scanner.pos < len(text):
        line = _logical_line(text, scanner.pos, joined=not document.quoted)
        scanner.pos += len(line)
        if document.strip_tabs:
            line = line.lstrip("\t")
        if line.rstrip("\n") == document.delimiter:
            ended = True
            break
        lines.append(line)
    document.text = "".join(lines)
    if document.quoted:
        document.body = Word((Quoted(document.text),) if document.text else (), document.text, first)
    else:
        document.body = words.inner(document.text, first, document=True).within_quotes(escapable="$`\\")
    return ended


def _logical_line(text: str, pos: int, *, joined: bool) -> str:
    """Return the line at `pos` with its newline, and the lines that a backslash joins to it."""
    start = pos
    while True:
        end = text.find("\n", pos)
        if end < 0:
            return text[start:]
        backslashes = end - len(text[start:end].rstrip("\\")) - start
        if not joined or backslashes % 2 == 0:
            return text[start : end + 1]
        pos = end + 1
