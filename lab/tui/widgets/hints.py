"""Help: the next hint for each symptom and its cost, free hints about method, and the text of the last one."""

import re

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from lab.core.scenario import Hint
from lab.tui.desk import Desk, NextHint
from lab.tui.widgets.prose import Prose

__all__ = ["Hints"]

_FREE = "free:"
_SYMPTOM = "symptom:"
_GIVE_UP = "give-up"
_INTRODUCTION = (
    "Choose a symptom above for its next hint: what it costs is asked for before it is shown, and counts only if "
    "the symptom is then repaired. Hints about method are free."
)


class Hints(Vertical):
    """Hints to take, and those taken."""

    DEFAULT_CSS = """
    Hints {
        border: round $border-blurred;
        border-title-color: $foreground;
        &:focus-within { border: round $border; border-title-style: bold reverse; }
        & > OptionList {
            height: auto;
            max-height: 50%;
            padding: 0;
            background: $background;
            border: none;
            &:focus { border: none; }
        }
        & > VerticalScroll { height: 1fr; padding: 0 1; border-top: solid $border-blurred; }
        & > VerticalScroll > .because { color: $text-warning; }
        & Markdown { padding: 0; margin: 0; }
        & > .refused { padding: 0 1; }
    }
    """

    class Wanted(Message):
        """The next hint for `symptom` was asked for."""

        def __init__(self, wanted: NextHint) -> None:
            super().__init__()
            self.wanted = wanted

    class GaveUp(Message):
        """Somebody has had enough of one of the symptoms."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(id="help")
        self._desk = desk
        self.border_title = "Hints"

    def compose(self) -> ComposeResult:
        """Lay out the list over the text."""
        if self._desk.exam:
            yield Static("There are no hints in an exam.", classes="refused")
            return
        yield OptionList(id="hints")
        with VerticalScroll():
            yield Static(classes="because", markup=False)
            yield Prose(_INTRODUCTION)

    def on_mount(self) -> None:
        """Fill the list."""
        self.show()

    def show(self) -> None:
        """Show what there is to take now."""
        if self._desk.exam:
            return
        options = self.query_one(OptionList)
        at = options.highlighted
        options.clear_options()
        for each in self._desk.next_hints():
            shown = Content.assemble((each.symptom, "bold"), f"  {each.offer}")
            options.add_option(Option(shown, id=f"{_SYMPTOM}{each.symptom}"))
        for hint in self._desk.free_hints():
            shown = Content.assemble(("method", "bold"), f"  {title_of(hint.text)} (free)")
            options.add_option(Option(shown, id=f"{_FREE}{hint.name}"))
        options.add_option(Option(Content("Repair one of them for me …"), id=_GIVE_UP))
        options.highlighted = at

    def focus_list(self) -> None:
        """Put the focus on the list."""
        for options in self.query(OptionList):
            self.screen.set_focus(options)

    async def read(self, text: str, because: str = "") -> None:
        """Show the text of a hint; `because` says why it comes."""
        if self._desk.exam:
            return
        note = self.query_one(".because", Static)
        note.update(because)
        note.display = bool(because)
        await self.query_one(Prose).update(text)
        self.query_one(VerticalScroll).scroll_home(animate=False)

    @on(OptionList.OptionSelected)
    async def _selected(self, event: OptionList.OptionSelected) -> None:
        chosen = event.option.id or ""
        if chosen == _GIVE_UP:
            self.post_message(self.GaveUp())
        elif chosen.startswith(_FREE):
            name = chosen.removeprefix(_FREE)
            await self.read(next(hint.text for hint in self._desk.free_hints() if hint.name == name))
        else:
            symptom = chosen.removeprefix(_SYMPTOM)
            wanted = next(each for each in self._desk.next_hints() if each.symptom == symptom)
            if wanted.tier is None:
                await self.read(together(self._desk.taken_hints(symptom)))
            else:
                self.post_message(self.Wanted(wanted))

    @on(OptionList.OptionHighlighted)
    async def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show what was taken for the symptom already."""
        chosen = event.option.id or ""
        if chosen.startswith(_SYMPTOM) and (taken := self._desk.taken_hints(chosen.removeprefix(_SYMPTOM))):
            await self.read(together(taken))


def title_of(text: str) -> str:
    """Return the words that a hint begins with in bold, else its first line."""
    found = re.match(r"\*\*(.+?)\*\*", text, re.DOTALL)
    return (found[1] if found else text.splitlines()[0]).replace("\n", " ")


def together(hints: list[Hint]) -> str:
    """Return hints as one text, the last one first."""
    return "\n\n---\n\n".join(hint.text for hint in reversed(hints))
