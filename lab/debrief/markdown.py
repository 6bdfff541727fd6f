"""The lab's Markdown parser, and the links under the debrief's heading "What to read next"."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

__all__ = ["Link", "links", "parser"]

_HEADING = "what to read next"


@dataclass(frozen=True, slots=True)
class Link:
    """A page to read."""

    title: str
    url: str


def parser() -> "MarkdownIt":
    """Return the Markdown parser: with tables, without HTML. A bare URL is text, with its escapes."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 -- slow to load, and seldom needed

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def links(text: str) -> Iterator[Link]:
    """Return the links in the part of the Markdown `text` that is headed "What to read next"."""
    tokens = parser().parse(text)
    within = False
    for before, token in zip([None, *tokens], tokens, strict=False):
        if before and before.type == "heading_open":
            within = token.content.strip().lower() == _HEADING
        elif within and token.type == "inline":
            yield from _links_in(token.children or [])


def _links_in(children: "list[Token]") -> Iterator[Link]:
    url, words = None, ""
    for child in children:
        if child.type == "link_open":
            url, words = str(child.attrGet("href")), ""
        elif child.type == "link_close" and url is not None:
            yield Link(" ".join(words.split()), url)
            url = None
        else:
            words += child.content or " "
