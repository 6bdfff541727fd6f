"""The brief: objectives with their live state; the letters and the board below them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from lab.tui.desk import Desk
from lab.tui.objectives import Row, rows, unseen
from lab.tui.widgets.prose import Prose
from lab.tui.widgets.walk import Stop, Walk

__all__ = ["WHOLE", "Brief"]

#: The next step after the last repair.
WHOLE: Final = "Everything is repaired. F7 saves the causes, and F9 submits."


class Brief(Walk):
    """The trainee's knowledge and progress. Enter on an objective opens its page."""

    DEFAULT_CSS = """
    Brief {
        border: round $border-blurred;
        border-title-color: $foreground;
        border-subtitle-color: $foreground;
        padding: 0 1;
        &:focus { border: round $border; border-title-style: bold reverse; }
        & > Markdown { padding: 0; margin: 0; }
    }
    """

    class Opened(Message):
        """The user wants to know more about `symptom`, or about the whole result."""

        def __init__(self, symptom: str) -> None:
            super().__init__()
            self.symptom = symptom

    def __init__(self, desk: Desk) -> None:
        super().__init__(id="brief")
        self._desk = desk
        self._shown: list[Row] = []
        self.border_title = "Brief"

    def compose(self) -> ComposeResult:
        """Lay out the objectives; the story comes below them."""
        yield _Objectives()

    def on_mount(self) -> None:
        """Show the known states. The long letters were read already, so they are laid out after the terminal."""
        self.show()
        self.call_after_refresh(self.mount, Prose(self._desk.lab.loaded.story, commands=True))

    def on_focus(self) -> None:
        """Show what Enter does here."""
        super().on_focus()
        self.border_subtitle = "Enter: what was found" if not self._desk.exam else "Enter: more"

    def on_blur(self) -> None:
        """Hide what Enter does here."""
        self.border_subtitle = None

    def show(self) -> None:
        """Show the objectives of the last look."""
        self.query_one(_Objectives).show(self._rows())

    def _rows(self) -> list[Row]:
        if self._desk.exam:
            return [_remark("In an exam you see no states, and you submit once."), *unseen(self._desk.symptoms)]
        if not self._desk.seen:
            return [_remark("Looking at the cluster …"), *unseen(self._desk.symptoms)]
        before = [_remark("The cluster is being tested.\nThe states are from before that.")]
        after = [Row(Text(), Text(WHOLE, "italic"), head=True)]
        return [
            *(before if self._desk.ending else []),
            *rows(self._desk.seen),
            *(after if self._desk.seen.solved else []),
        ]

    @on(Stop.Chosen)
    def _chosen(self, event: Stop.Chosen) -> None:
        if event.control.parent is self.query_one(_Objectives):
            event.stop()
            self.post_message(self.Opened(event.control.choice))


class _Objectives(Vertical):
    """The list itself. The selected stop stays selected while states change."""

    DEFAULT_CSS = """
    _Objectives { height: auto; margin-bottom: 1; & > Static { height: auto; } & > .-head { margin-top: 1; } }
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Row] = []
        #: The selected stop: its symptom, and how many stops of the same symptom come before it.
        self._at: tuple[str, int] | None = None

    def show(self, lines: list[Row]) -> None:
        """Show `lines`; lines that differ only in their state keep their place."""
        before, self._lines = self._lines, lines
        shown = list(self.query_children(Static))
        if len(shown) == len(before) == len(lines) and all(map(_alike, before, lines)):
            for widget, old, new in zip(shown, before, lines, strict=True):
                if old != new:
                    widget.update(new.drawn())
            return
        stops = [each for each in shown if isinstance(each, Stop)]
        places = zip(stops, _numbered(stop.choice for stop in stops), strict=True)
        self._at = next((place for stop, place in places if stop.has_class("-current")), self._at)
        self.refresh(recompose=True)

    def compose(self) -> ComposeResult:
        """Lay out the lines."""
        for line, place in zip(self._lines, _numbered(line.symptom for line in self._lines), strict=True):
            head = "-head" if line.head else ""
            if line.symptom:
                yield Stop(line.drawn(), line.symptom, classes=f"{head} -current" if place == self._at else head)
            else:
                yield Static(line.drawn(), classes=head)


def _numbered(names: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Return each name with the number of equal names before it."""
    seen: Counter[str] = Counter()
    for name in names:
        yield name, seen[name]
        seen[name] += 1


def _alike(one: Row, other: Row) -> bool:
    return (one.symptom, one.head) == (other.symptom, other.head)


def _remark(words: str) -> Row:
    return Row(Text(), Text(f"{words}\n", "italic"))
