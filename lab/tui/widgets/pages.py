"""The pages of kubernetes.io that an exam allows, by symptom, to be read in a browser beside the lab."""

from collections.abc import Iterator

from textual.containers import Vertical
from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from lab.tui.desk import Desk
from lab.tui.widgets.walk import Stop

__all__ = ["Pages"]


class Pages(Vertical):
    """Links as stops: choosing a link copies its address. Terminals that can open links open these."""

    DEFAULT_CSS = """
    Pages { height: auto; & > Static { height: auto; margin-bottom: 1; } }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def show(self) -> None:
        """Display the links. They are laid out at the first call."""
        self.display = True
        if not self.children:
            self.mount_all(self._links())

    def _links(self) -> Iterator[Static]:
        """Return the links, below the symptoms of their exam domain."""
        yield Static("Pages on kubernetes.io that the exam allows. Enter copies the address.", markup=False)
        for fault in self._desk.symptoms:
            yield Static(Content.assemble((fault.symptom.name, "bold"), f": {fault.symptom.title}"))
            for page in self._desk.pages(fault):
                address = (page.url, Style(link=page.url, dim=True))
                yield Stop(Content.assemble(page.title, "\n", address), page.url)
