"""Text in Markdown."""

from markdown_it import MarkdownIt
from textual.widgets import Markdown

__all__ = ["Prose"]


def _parser() -> MarkdownIt:
    # Not textual's own, which makes links of bare URLs and takes a backslash before a sign for a part of them.
    return MarkdownIt("commonmark", {"html": False}).enable("table")


class Prose(Markdown):
    """Markdown as the exported pages have it. Links are shown, not followed."""

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002 -- textual's name
        super().__init__(text, id=id, open_links=False, parser_factory=_parser)
