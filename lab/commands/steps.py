"""Progress on the screen: named steps with seconds and ticks; animated on a terminal, plain lines elsewhere."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, TextIO

from lab.console import Console, printable, speaks_utf8
from lab.progress import Progress

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.live import Live
    from rich.text import Text

    from lab.core.drill import DrillStep
    from lab.core.grading import Outcome
    from lab.core.scenario import CheckSpec
    from lab.lab import Lab

__all__ = ["JsonSteps", "LiveSteps", "Neutral", "PlainSteps", "counted", "neutral", "noted", "steps", "unnoted"]

_BAR = 12


def steps(console: Console, *, record: bool = False) -> Progress:
    """Return the progress for stderr; with `record`, ended steps are lines on stdout."""
    if console.for_programs:
        return JsonSteps(console)
    stream = console.stdout if record else console.stderr
    err = console.err
    if console.stderr.isatty() and not err.is_dumb_terminal and not err.no_color:
        return LiveSteps(err, console.out if record else err)
    return PlainSteps(stream)


class JsonSteps:
    """A line of JSON per event: `begin`, `advance` with its `words`, `end` (whether it succeeded), `note`."""

    def __init__(self, console: Console) -> None:
        self._tell = console.tell

    def begin(self, title: str) -> None:
        """Write the step's title."""
        self._tell(begin=title)

    def advance(self, fraction: float, note: str = "") -> None:
        """Write the step's progress."""
        self._tell(advance=fraction, words=note)

    def end(self, *, ok: bool) -> None:
        """Write the step's end."""
        self._tell(end=ok)

    def note(self, text: str) -> None:
        """Write a note beside the steps."""
        self._tell(note=text)


class PlainSteps:
    """A line per step: its title at its begin, its tick and seconds at its end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._title = ""
        self._began = 0.0
        self._line_open = False
        self._lock = threading.Lock()

    def begin(self, title: str) -> None:
        """Write the step's title."""
        with self._lock:
            self._title, self._began = printable(title), time.monotonic()
            self._write(f"{self._title} ... ")
            self._line_open = True

    def advance(self, fraction: float, note: str = "") -> None:
        """Do nothing: without a terminal nothing moves."""

    def end(self, *, ok: bool) -> None:
        """Write how the step ended, and its seconds."""
        with self._lock:
            again = "" if self._line_open else f"{self._title} ... "
            self._write(f"{again}{_ended(self._stream, self._began, ok=ok)}\n")
            self._line_open = False

    def note(self, text: str) -> None:
        """Write a line between the steps."""
        with self._lock:
            self._write("\n" if self._line_open else "")
            self._write("".join(f"  {line}\n" for line in printable(text).splitlines()))
            self._line_open = False

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


class LiveSteps:
    """The running step moves at the bottom of the terminal; ended steps stand above it."""

    def __init__(self, live: "RichConsole", record: "RichConsole") -> None:
        self._console = live
        self._record = record
        self._live: Live | None = None
        self._title = ""
        self._began = 0.0
        self._fraction = 0.0
        self._note = ""

    def begin(self, title: str) -> None:
        """Show the step as running."""
        from rich.live import Live  # noqa: PLC0415 -- slow to load, and of no use without a terminal

        self._stop()
        self._title, self._began, self._fraction, self._note = printable(title), time.monotonic(), 0.0, ""
        self._live = Live(
            console=self._console, get_renderable=self._running, refresh_per_second=8, transient=True
        )
        self._live.start()

    def advance(self, fraction: float, note: str = "") -> None:
        """Show a bar."""
        self._fraction, self._note = min(max(fraction, 0.0), 1.0), printable(note)

    def end(self, *, ok: bool) -> None:
        """Replace the step by a line with its seconds."""
        self._stop()
        ended = _ended(self._record.file, self._began, ok=ok)
        self._record.print(f"{ended}  {self._title}", style="" if ok else "red", soft_wrap=True)

    def note(self, text: str) -> None:
        """Print a line above the running step."""
        self._record.print(f"  {printable(text)}", style="dim", soft_wrap=True)

    def _stop(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def _running(self) -> "Text":
        from rich.text import Text  # noqa: PLC0415 -- see begin

        seconds = time.monotonic() - self._began
        turning = "|/-\\"[int(seconds * 4) % 4]
        full = round(self._fraction * _BAR)
        bar = f" [{'#' * full}{'.' * (_BAR - full)}]" if self._fraction else ""
        note = f" {self._note}" if self._note else ""
        line = Text(f"{turning} {seconds:6.1f} s  {self._title}{bar}{note}", style="cyan")
        line.truncate(self._console.width - 1, overflow="ellipsis")
        return line


class Neutral:
    """Many steps shown as one step with a neutral title."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._steps = 0

    def begin(self, title: str) -> None:  # noqa: ARG002 -- the title is what must not be shown
        """Count the step."""
        self._steps += 1
        self._progress.advance(0.0, f"(step {self._steps})")

    def advance(self, fraction: float, note: str = "") -> None:  # noqa: ARG002 -- words may tell what it is
        """Pass the progress on without its words."""
        self._progress.advance(fraction, f"(step {self._steps})")

    def end(self, *, ok: bool) -> None:
        """Do nothing."""

    def note(self, text: str) -> None:
        """Do nothing."""


@contextmanager
def neutral(progress: Progress, title: str) -> Iterator[Progress]:
    """Show all steps of the body as one step `title`."""
    progress.begin(title)
    try:
        yield Neutral(progress)
    except BaseException:
        progress.end(ok=False)
        raise
    progress.end(ok=True)


def counted(lab: "Lab", progress: Progress) -> "Callable[[CheckSpec, Outcome], None]":
    """Return a listener that shows how many checks have an outcome; several threads call it."""
    from lab.core.scenario import END_TO_END  # noqa: PLC0415 -- --help does without

    total = sum(1 for check in lab.scenario.checks if check.fault in {*lab.session.injected, END_TO_END})
    lock, done = threading.Lock(), 0

    def told(_check: "CheckSpec", _outcome: "Outcome") -> None:
        nonlocal done
        with lock:
            done += 1
            progress.advance(done / total, f"{done} of {total}")

    return told


def noted(progress: Progress) -> "Callable[[DrillStep], None]":
    """Return a listener that shows what each step of a drill has shown."""
    words = {"held": "passed", "failed": "failed", "skipped": "skipped"}
    return lambda step: progress.note(f"{words[step.status]}: {step.shown}")


def unnoted(step: "DrillStep") -> None:
    """Show nothing of a step: an exam shows no states before its end."""


def _ended(stream: IO[str], began: float, *, ok: bool) -> str:
    words = ("\N{CHECK MARK}", "\N{BALLOT X}") if speaks_utf8(stream) else ("done", "failed")
    return f"{words[0] if ok else words[1]} {time.monotonic() - began:6.1f} s"
