"""Help: the next hint for each symptom and its cost, free hints about method, and the text of the last hint."""

import re
from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from lab.core.hints import TIER_TITLES
from lab.core.scenario import Hint
from lab.tui.desk import Desk
from lab.tui.next_hint import NextHint
from lab.tui.widgets.pages import Pages
from lab.tui.widgets.prose import Prose
from lab.tui.widgets.walk import Stop, Walk

__all__ = ["Hints"]

_FREE = "free:"
_SYMPTOM = "symptom:"
_TAKEN = "taken:"
_GIVE_UP = "give-up"
_PAGES = "pages"
_INTRODUCTION = (
    "Choose a symptom above for its next hint. You are asked before you pay: a hint costs a share of its "
    "symptom's points. Hints about method are free, and so is reading a hint again."
)


class Hints(Vertical):
    """Hints to take, and taken hints; in an exam only the allowed documentation pages."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("i,insert", "insert", show=False)]
    DEFAULT_CSS = """
    Hints {
        border: round $border-blurred;
        border-title-color: $foreground;
        border-subtitle-color: $foreground;
        &:focus-within { border: round $border; border-title-style: bold reverse; }
        &.-new { border: round $warning; border-title-style: bold; border-title-color: $text-warning; }
        & > OptionList {
            height: auto;
            max-height: 50%;
            padding: 0;
            background: $background;
            border: none;
            &:focus { border: none; }
        }
        & > Walk { height: 1fr; padding: 0 1; }
        & > .below { border-top: solid $border-blurred; }
        & > Walk > .because { color: $text-warning; }
        &:focus-within Stop.-current { text-style: bold underline; }
        & Markdown { padding: 0; margin: 0; }
    }
    """

    class Wanted(Message):
        """The user asks for the next hint for `symptom`."""

        def __init__(self, wanted: NextHint) -> None:
            super().__init__()
            self.wanted = wanted

    class GaveUp(Message):
        """The user gives up one of the symptoms."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(id="help")
        self._desk = desk
        self._exam = desk.exam
        self._offers: list[Option] = []
        #: The displayed advice, and the number of changed objectives when it came.
        self._advice: tuple[Hint, int] | None = None
        self._title = "Pages" if self._exam else "Hints"
        self.border_title = self._title

    def compose(self) -> ComposeResult:
        """Lay out the list above the text."""
        if not self._exam:
            yield OptionList(id="hints")
        with Walk(classes="" if self._exam else "below"):
            yield Static(classes="because", markup=False)
            yield Prose("" if self._exam else _INTRODUCTION, commands=True)
            yield Pages(self._desk)

    def on_mount(self) -> None:
        """Fill the list."""
        self.query_one(".because").display = False
        self._show_pages(shown=self._exam)
        self.show()

    def show(self) -> None:
        """Show the hints that can be taken now, and remove advice that no longer fits."""
        if self._exam:
            return
        if self._advice and not self._desk.fits(*self._advice):
            self._advice = None
            self.call_later(self.read, _INTRODUCTION)
        offers = list(self._entries())
        if [each.prompt for each in offers] == [each.prompt for each in self._offers]:
            return
        self._offers = offers
        options = self.query_one(OptionList)
        chosen = options.highlighted_option
        options.set_options(offers)
        ids = [each.id for each in offers]
        options.highlighted = ids.index(chosen.id) if chosen and chosen.id in ids else None

    def _entries(self) -> Iterator[Option]:
        for each in self._desk.next_hints():
            yield _option(f"{_SYMPTOM}{each.symptom}", each.symptom, each.offer)
            for taken in self._desk.taken_hints(each.symptom):
                yield Option(Content(f"  ✓ {TIER_TITLES[taken.tier]}"), id=f"{_TAKEN}{taken.name}")
        for hint in self._desk.free_hints():
            yield _option(f"{_FREE}{hint.name}", "method", title_of(hint.text))
        yield _option(_PAGES, "pages", "that the exam allows")
        yield Option(Content("Repair one of them for me …"), id=_GIVE_UP)

    def focus_first(self) -> None:
        """Focus the part where the keys begin."""
        if self._exam:
            self.screen.set_focus(self.query_one(Walk))
            return
        options = self.query_one(OptionList)
        if options.highlighted is None:
            options.highlighted = 0
        self.screen.set_focus(options)

    async def advise(self, hint: Hint, because: str) -> None:
        """Show a free hint that came by itself; `because` gives its reason.

        Mark the panel until it has the focus.
        """
        await self.read(hint.text, because)
        self._advice = hint, self._desk.turns
        if not self.has_focus_within:
            self.border_title = f"{self._title}: new advice"
            self.add_class("-new")

    def on_descendant_focus(self) -> None:
        """Remove the mark of new advice."""
        self._is_read()

    def _is_read(self) -> None:
        self.border_title = self._title
        self.remove_class("-new")

    async def read(self, text: str, because: str = "") -> None:
        """Show a text; `because` says why it came by itself."""
        self._advice = None
        self._is_read()
        self._show_pages(shown=False)
        note = self.query_one(".because", Static)
        note.update(because)
        note.display = bool(because)
        await self.query_one(Prose).update(text)
        self.query_one(Walk).scroll_home(animate=False)
        self.border_subtitle = None

    @on(Stop.Came)
    def _command_came(self, event: Stop.Came) -> None:
        """Show the keys for commands, once there is a command."""
        if not isinstance(event.control.parent, Pages):
            self.border_subtitle = "i: command into the terminal"

    def action_insert(self) -> None:
        """Choose the selected command, wherever the focus is in here."""
        self.query_one(Walk).action_choose()

    def _show_pages(self, *, shown: bool) -> None:
        pages = self.query_one(Pages)
        pages.display = shown
        if shown:
            pages.show()
        self.query_one(Prose).display = not shown

    @on(OptionList.OptionSelected)
    async def _selected(self, event: OptionList.OptionSelected) -> None:
        chosen = event.option.id or ""
        if chosen == _GIVE_UP:
            self.post_message(self.GaveUp())
        elif chosen.startswith(_SYMPTOM):
            wanted = next(each for each in self._desk.next_hints() if f"{_SYMPTOM}{each.symptom}" == chosen)
            if wanted.tier is not None:
                self.post_message(self.Wanted(wanted))
        else:
            await self._read_entry(chosen)

    @on(OptionList.OptionHighlighted)
    async def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show texts without a cost at once: hints that were already taken."""
        if (event.option.id or "").startswith(_TAKEN):
            await self._read_entry(event.option.id or "")

    async def _read_entry(self, chosen: str) -> None:
        if chosen == _PAGES:
            await self.read("")
            self._show_pages(shown=True)
            walk = self.query_one(Walk)
            walk.go_to(next(iter(walk.stops), None))
            return
        name = chosen.partition(":")[2]
        await self.read(next(hint.text for hint in self._desk.lab.loaded.hints if hint.name == name))


def _option(name: str, what: str, words: str) -> Option:
    return Option(Content.assemble((what, "bold"), f"  {words}"), id=name)


def title_of(text: str) -> str:
    """Return a hint's bold beginning, else its first line."""
    found = re.match(r"\*\*(.+?)\*\*", text, re.DOTALL)
    return (found[1] if found else text.splitlines()[0]).replace("\n", " ")
