"""The recorded help pages of the node's programs."""

import functools
from pathlib import Path

__all__ = ["has_page", "page"]

#: A page begins with a record separator and the command's words. A group separator stands for the text that
#: etcdctl prints on each of its pages.
_FILE = Path(__file__).parents[2] / "data" / "program_help.txt"


@functools.cache
def _pages() -> dict[str, str]:
    parts = _FILE.read_text(encoding="utf-8").split("\036")[1:]
    found = {words: text for words, _, text in (part.partition("\n") for part in parts)}
    everywhere = found.pop("etcdctl global options").rstrip("\n")
    return {words: text.replace("\035", everywhere) for words, text in found.items()}


def has_page(words: str) -> bool:
    """Whether there is a page about `words`, such as `crictl ps`."""
    return words in _pages()


def page(words: str, *, unasked: bool = False) -> str:
    """Return the page about `words`; crictl prints more on a page that was not requested."""
    text = _pages()[words]
    if unasked and "\nCOMMANDS:\n" not in text:
        more = "COMMANDS:\n   help, h  Shows a list of commands or help for one command\n\n"
        text = text.replace("\nOPTIONS:\n", f"\n{more}OPTIONS:\n", 1)
    return text
