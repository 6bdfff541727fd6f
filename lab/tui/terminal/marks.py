"""Commands as the shell marks them in its output (OSC 133, 633;E and 7): the text, the result and the times."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

__all__ = ["CommandEnded", "CommandStarted", "FolderChanged", "Mark", "Marks"]

#: A mark that is longer than this is ignored.
_LONGEST = 65536
#: Enough output to tell that a command printed something.
_ENOUGH = 512

_OSC = re.compile(rb"\x1b\](133|633|7);([^\x07\x1b]*)(?:\x07|\x1b\\)")
_UNFINISHED = re.compile(rb"\x1b(?:\](?:13?|63?|(?:133|633|7)(?:;[^\x07\x1b]*\x1b?)?)?)?\Z")
_ESCAPES = re.compile(
    rb"\x1b\[[0-9;:?<=>]*[ -/]*[@-~]"
    rb"|\x1b[\]P_^X](?:[^\x07\x1b]|\x1b(?!\\))*(?:\x07|\x1b\\|\Z)"
    rb"|\x1b[ -/]*[0-~]?"
)
#: The terminal driver's echo of Ctrl and a letter, such as ^C.
_CONTROL_ECHO = re.compile(rb"\^[@-_?]")
_BLANK = re.compile(rb"[\x00-\x20\x7f]+")
_ESCAPED = re.compile(r"\\(\\|x[0-9a-fA-F]{2})")


@dataclass(frozen=True, slots=True)
class CommandStarted:
    """A command was entered; `at` is the clock's time."""

    text: str
    at: float


@dataclass(frozen=True, slots=True)
class CommandEnded:
    """A command ended; `exit_code` is None if it is unknown, for instance because the shell died.

    `said` is the beginning of its output, at most about a kilobyte, without escape sequences.
    """

    text: str
    exit_code: int | None
    seconds: float
    printed_anything: bool
    said: str = ""

    @property
    def cut_off(self) -> bool:
        """Whether the user lost patience: the command was interrupted before it printed anything."""
        return self.exit_code == 130 and not self.printed_anything


@dataclass(frozen=True, slots=True)
class FolderChanged:
    """The shell's folder, reported at each prompt."""

    path: str


Mark = CommandStarted | CommandEnded | FolderChanged


@dataclass(slots=True)
class _Running:
    """A running command, in one of the nested shells."""

    text: str
    since: float
    said: bytearray = field(default_factory=bytearray)
    typed: bytearray = field(default_factory=bytearray)

    def printed_anything(self) -> bool:
        """Whether it printed more than the echo of meanwhile typed input."""
        said = _BLANK.sub(b"", _CONTROL_ECHO.sub(b"", _ESCAPES.sub(b"", bytes(self.said))))
        typed = _BLANK.sub(b"", bytes(self.typed))
        return not typed.startswith(said)

    def text_said(self) -> str:
        """The beginning of its output, as text."""
        return _ESCAPES.sub(b"", bytes(self.said)).decode("utf-8", "replace").replace("\r\n", "\n").strip()


class Marks:
    """Reads the marks in a shell's output, in pieces of any size."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rest = b""
        self._next_text: dict[str, str] = {}
        self._running: dict[str, _Running] = {}

    @property
    def running(self) -> str | None:
        """The running command, that of the innermost shell; None at a prompt."""
        return next((command.text for command in reversed(self._running.values())), None)

    def feed(self, output: bytes) -> list[Mark]:
        """Return the marks in `output`."""
        data, self._rest = self._rest + output, b""
        unfinished = _UNFINISHED.search(data, max(0, len(data) - _LONGEST))
        if unfinished:
            data, self._rest = data[: unfinished.start()], data[unfinished.start() :]
        marks: list[Mark] = []
        at = 0
        for osc in _OSC.finditer(data):
            self._said(data[at : osc.start()])
            at = osc.end()
            marks.extend(self._read(osc[1], osc[2].decode("utf-8", "replace")))
        self._said(data[at:])
        return marks

    @property
    def busy(self) -> bool:
        """Whether a command is running, which then reads the input."""
        return bool(self._running)

    def typed(self, data: bytes) -> None:
        """Note typed input: its echo is not output of the running command."""
        for command in self._running.values():
            if len(command.typed) < _ENOUGH:
                command.typed += data[:_ENOUGH]

    def end(self) -> list[Mark]:
        """Return the missing end marks of a shell that is gone."""
        ended = [self._ended(shell, None) for shell in reversed(self._running)]
        self._running.clear()
        return list(ended)

    def _said(self, output: bytes) -> None:
        if not output:
            return
        for command in self._running.values():
            if len(command.said) < _ENOUGH:
                command.said += output[: 2 * _ENOUGH]

    def _read(self, number: bytes, content: str) -> Iterator[Mark]:
        kind, _, rest = content.partition(";")
        match number, kind:
            case b"7", _:
                yield FolderChanged(unquote(urlsplit(content).path))
            case b"633", "E":
                text, _, shell = rest.partition(";")
                self._next_text[shell] = _ESCAPED.sub(_unescape, text)
            case b"133", "C":
                shell = _shell(rest)
                yield from self._leave(shell, including=True)
                command = _Running(self._next_text.pop(shell, ""), self._clock())
                self._running[shell] = command
                yield CommandStarted(command.text, command.since)
            case b"133", "D":
                code, _, fields = rest.partition(";")
                shell = _shell(fields)
                if shell in self._running:
                    yield from self._leave(shell, including=False)
                    yield self._ended(shell, int(code) if code.isdecimal() else None)
                    del self._running[shell]

    def _leave(self, shell: str, *, including: bool) -> Iterator[Mark]:
        """End the commands of shells inside `shell`, and of `shell` if `including`: no end marks came for them."""
        if shell not in self._running:
            return
        shells = list(self._running)
        inner = shells[shells.index(shell) + (0 if including else 1) :]
        for name in reversed(inner):
            yield self._ended(name, None)
            del self._running[name]

    def _ended(self, shell: str, code: int | None) -> CommandEnded:
        command = self._running[shell]
        seconds, printed = self._clock() - command.since, command.printed_anything()
        return CommandEnded(command.text, code, seconds, printed, command.text_said() if printed else "")


def _shell(fields: str) -> str:
    return next((item.removeprefix("shell=") for item in fields.split(";") if item.startswith("shell=")), "")


def _unescape(match: re.Match[str]) -> str:
    return "\\" if match[1] == "\\" else chr(int(match[1][1:], 16))
