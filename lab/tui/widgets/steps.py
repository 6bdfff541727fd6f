"""The progress of long work: its steps with ticks and seconds, and a bar."""

import time
from typing import TypeVar

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import ProgressBar, Static

from lab.progress import Progress

__all__ = ["FromThread", "Steps"]

T = TypeVar("T")


class Steps(VerticalScroll):
    """A `Progress` whose methods are called in the app's own thread."""

    DEFAULT_CSS = """
    Steps {
        height: 1fr;
        & > Static { height: auto; }
        & > .-failed { color: $text-error; }
        & > .-note { color: $text-muted; padding-left: 4; }
        & > ProgressBar { display: none; padding-left: 4; &.-shown { display: block; } }
    }
    """
    can_focus = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 -- Textual's name for it
        super().__init__(id=id)
        self._title = self._words = ""
        self._began = 0.0
        self._line: Static | None = None

    def compose(self) -> ComposeResult:
        """Lay out the bar; steps come before it."""
        yield ProgressBar(show_eta=False)

    def on_mount(self) -> None:
        """Update the running step's seconds."""
        self.set_interval(0.2, self._tick)

    def begin(self, title: str) -> None:
        """Show the step as running."""
        self._title, self._words, self._began = title, "", time.monotonic()
        self._line = self._add(Static(markup=False))
        self._tick()

    def advance(self, fraction: float, note: str = "") -> None:
        """Move the bar of a step that reports its progress."""
        self._words = note
        bar = self.query_one(ProgressBar)
        bar.set_class(fraction > 0, "-shown")
        bar.update(total=1.0, progress=fraction)
        self._tick()

    def end(self, *, ok: bool) -> None:
        """Tick the step off."""
        if self._line:
            self._line.update(Content(f"{'✓' if ok else '✗'} {self._seconds():6.1f} s  {self._title}"))
            self._line.set_class(not ok, "-failed")
        self._line = None
        self.query_one(ProgressBar).remove_class("-shown")

    def note(self, text: str) -> None:
        """Show a line beside the steps."""
        self._add(Static(Content(text), classes="-note"))

    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def _tick(self) -> None:
        if self._line:
            words = f" {self._words}" if self._words else ""
            self._line.update(Content(f"› {self._seconds():6.1f} s  {self._title} …{words}"))

    def _add(self, line: Static) -> Static:
        self.mount(line, before=self.query_one(ProgressBar))
        self.call_after_refresh(self.scroll_end, animate=False)
        return line


class FromThread:
    """A `Progress` for work in a thread; it forwards to one in the app's thread."""

    def __init__(self, app: App[T], shown: Progress) -> None:
        self._app = app
        self._shown = shown

    def begin(self, title: str) -> None:
        """Forward the call."""
        self._app.call_from_thread(self._shown.begin, title)

    def advance(self, fraction: float, note: str = "") -> None:
        """Forward the call."""
        self._app.call_from_thread(self._shown.advance, fraction, note)

    def end(self, *, ok: bool) -> None:
        """Forward the call."""
        self._app.call_from_thread(self._shown.end, ok=ok)

    def note(self, text: str) -> None:
        """Forward the call."""
        self._app.call_from_thread(self._shown.note, text)
