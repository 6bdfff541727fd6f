"""Text in Markdown."""

from textual.widgets import Markdown

from lab.debrief.reading import parser

__all__ = ["Prose"]


class Prose(Markdown):
    """Markdown as the exported pages have it. Links are shown, not followed.

    Textual's own parser makes links of bare URLs, and takes a backslash before a sign for a part of them.
    """

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002 -- textual's name
        super().__init__(text, id=id, open_links=False, parser_factory=parser)
