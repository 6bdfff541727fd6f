"""The output of commands: data on stdout, narration and errors on stderr, cluster output never as markup."""

import json
import re
import sys
import traceback
from functools import cached_property
from typing import IO, TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.console import RenderableType

    from lab.errors import LabError

__all__ = ["Console", "duration", "printable", "speaks_utf8"]

#: Control characters, except line ends and tabs.
_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Console:
    """The three streams of a command."""

    def __init__(
        self, stdin: TextIO | None = None, stdout: TextIO | None = None, stderr: TextIO | None = None
    ) -> None:
        self.stdin = stdin or sys.stdin
        self.stdout = stdout or sys.stdout
        self.stderr = stderr or sys.stderr
        #: Whether progress and errors are JSON lines on stderr, for a program that reads them.
        self.for_programs = False

    @cached_property
    def out(self) -> "RichConsole":
        """Rich's view of stdout."""
        return _rich(self.stdout)

    @cached_property
    def err(self) -> "RichConsole":
        """Rich's view of stderr."""
        return _rich(self.stderr)

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked."""
        return bool(self.stdin) and self.stdin.isatty() and self.stderr.isatty()

    def data(self, value: object) -> None:
        """Print `value` as JSON on stdout."""
        self.text(json.dumps(value, indent=2, ensure_ascii=not speaks_utf8(self.stdout)))

    def text(self, text: str) -> None:
        """Print `text` on stdout without control characters."""
        self.stdout.write(f"{printable(text)}\n")
        self.stdout.flush()

    def show(self, what: "RenderableType") -> None:
        """Print a table or a styled text on stdout; in a file, without the blanks that fill its lines."""
        if self.stdout.isatty():
            self.out.print(what)
            return
        with self.out.capture() as captured:
            self.out.print(what)
        self.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))
        self.stdout.flush()

    def markdown(self, text: str) -> None:
        """Print Markdown on stdout: rendered on a terminal, otherwise unchanged."""
        if not self.stdout.isatty():
            self.text(text.rstrip())
            return
        from rich.markdown import Markdown  # noqa: PLC0415 -- slow to load, and seldom needed

        self.out.print(Markdown(printable(text), hyperlinks=False))

    def say(self, text: str, style: str = "") -> None:
        """Narrate on stderr."""
        if self.for_programs:
            self.tell(said=text)
            return
        self.err.print(printable(text), style=style, soft_wrap=True)

    def tell(self, **what: object) -> None:
        """Write `what` as a line of JSON on stderr."""
        self.stderr.write(f"{json.dumps(what)}\n")
        self.stderr.flush()

    def error(self, error: "LabError", *, trace: bool = False) -> None:
        """Print an error: what was asked, what was found, what to do."""
        if self.for_programs:
            self.tell(error={"title": error.title, "detail": error.detail, "remedy": error.remedy})
            return
        if trace:
            self.stderr.write(printable("".join(traceback.format_exception(error))))
        self.say(f"Error: {error.title}", "bold red")
        for part in (error.detail, *getattr(error, "__notes__", ())):
            if part:
                self.say("\n".join(f"  {line}" for line in part.splitlines()))
        if error.remedy:
            self.say(f"  -> {error.remedy}", "bold")

    def confirm(self, question: str) -> bool:
        """Ask on stderr; anything but a yes is a no."""
        self.stderr.write(f"{printable(question)} [y/N] ")
        self.stderr.flush()
        return self.stdin.readline().strip().lower() in {"y", "yes"}


def printable(text: str) -> str:
    """Return `text` without control characters."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n"))


def clock(seconds: float) -> str:
    """Return seconds as minutes and seconds, such as `7:05`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def duration(seconds: float) -> str:
    """Return a duration in words."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def speaks_utf8(stream: IO[str]) -> bool:
    """Whether ticks and crosses can be written to `stream`."""
    return (getattr(stream, "encoding", None) or "").lower().replace("-", "").startswith("utf8")


def _rich(stream: TextIO) -> "RichConsole":
    from rich.console import Console as RichConsole  # noqa: PLC0415 -- slow to load; --help does without

    return RichConsole(file=stream, markup=False, emoji=False, highlight=False)
