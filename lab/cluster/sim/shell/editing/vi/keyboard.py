"""Keys: typed ones, those of macros and repetitions, and recording."""

from collections import deque
from collections.abc import Generator
from typing import Any, TypeVar

from lab.cluster.sim.shell.editing.shell import Shell

__all__ = ["ARROWS", "Keyboard", "Special", "Typing", "printable"]

T = TypeVar("T")


class Special:
    """Keys that are not characters, each represented by a character that nobody types."""

    UP = "\uf700"
    DOWN = "\uf701"
    LEFT = "\uf702"
    RIGHT = "\uf703"
    HOME = "\uf704"
    END = "\uf705"
    DELETE = "\uf706"
    PAGE_UP = "\uf707"
    PAGE_DOWN = "\uf708"
    INSERT = "\uf709"
    PASTE = "\uf70a"
    UNKNOWN = "\uf70b"


ARROWS = Special.UP + Special.DOWN + Special.LEFT + Special.RIGHT

_SEQUENCES = {
    "\x1bOA": Special.UP, "\x1bOB": Special.DOWN, "\x1bOC": Special.RIGHT, "\x1bOD": Special.LEFT,
    "\x1b[A": Special.UP, "\x1b[B": Special.DOWN, "\x1b[C": Special.RIGHT, "\x1b[D": Special.LEFT,
    "\x1bOH": Special.HOME, "\x1bOF": Special.END, "\x1b[H": Special.HOME, "\x1b[F": Special.END,
    "\x1b[1~": Special.HOME, "\x1b[4~": Special.END, "\x1b[7~": Special.HOME, "\x1b[8~": Special.END,
    "\x1b[3~": Special.DELETE, "\x1b[5~": Special.PAGE_UP, "\x1b[6~": Special.PAGE_DOWN,
    "\x1b[2~": Special.INSERT, "\x1b[200~": Special.PASTE,
}  # fmt: skip
_LONGEST = max(map(len, _SEQUENCES))
_PASTE_END = "\x1b[201~"


#: A function that waits for keys: it yields None for a key, and a `Shell` to run a command.
Typing = Generator[Shell | None, Any, T]


def printable(key: str) -> bool:
    """Whether a key is a character of text."""
    return key >= " " and key != "\x7f" and not "\uf700" <= key <= "\uf7ff"


class Keyboard:
    """The source of keys, in order."""

    def __init__(self) -> None:
        self._typed: deque[str] = deque()
        self._played: deque[str] = deque()
        #: The keys of the register being recorded, and its name.
        self.recording: list[str] | None = None
        self.register = ""
        #: The keys of the command being typed, without its counts: `.` plays them.
        self.command: list[str] = []
        #: The text of the last paste.
        self.pasted = ""
        #: Mappings of keys, by mode: n, v, o, i, c.
        self.maps: dict[str, dict[str, tuple[str, bool]]] = {}
        self._unmapped = 0

    def type(self, text: str) -> None:
        """Process bytes from the terminal."""
        self._typed.extend(text)

    def play(self, keys: str, *, mapped: bool = True) -> None:
        """Put keys before all others."""
        self._played.extendleft(reversed(keys))
        if not mapped:
            self._unmapped += len(keys)

    def flush(self) -> None:
        """Drop keys that were to be played."""
        self._played.clear()
        self._unmapped = 0

    @property
    def waiting(self) -> bool:
        """Whether keys are waiting."""
        return bool(self._played or self._typed)

    @property
    def playing(self) -> bool:
        """Whether keys of a macro are left."""
        return bool(self._played)

    def inner(self, keys: str) -> "Keyboard":
        """Return a keyboard that has only a command's own keys."""
        made = Keyboard()
        made.maps = self.maps
        made.play(keys)
        return made

    def get(self, mode: str = "", *, escapes: bool = True) -> Typing[str]:
        """Return the next key; `escapes` are read as the keys that send them, and mapped as in `mode`."""
        key = yield from self._next(escapes=escapes)
        if mode and self.maps.get(mode) and not self._unmapped:
            key = yield from self._mapped(key, self.maps[mode], escapes=escapes)
        self._unmapped = max(self._unmapped - 1, 0)
        self.command.append(key)
        return key

    def forget(self, count: int = 1) -> None:
        """Remove the last keys from the recording for `.`."""
        del self.command[len(self.command) - count :]

    def _next(self, *, escapes: bool) -> Typing[str]:
        if self._played:
            return self._played.popleft()
        while not self._typed:
            yield None
        key = self._typed.popleft()
        if key == "\x1b" and escapes:
            key = self._sequence()
        if self.recording is not None:
            self.recording.append(key)
        return key

    def _sequence(self) -> str:
        """Return the key for an escape sequence."""
        ahead = "\x1b" + "".join(self._typed[at] for at in range(min(len(self._typed), _LONGEST)))
        for length in range(_LONGEST, 2, -1):
            if length <= len(ahead) and (key := _SEQUENCES.get(ahead[:length])) is not None:
                for _ in range(length - 1):
                    self._typed.popleft()
                if key == Special.PASTE:
                    self._paste()
                return key
        return "\x1b"

    def _paste(self) -> None:
        text = "".join(self._typed)
        end = text.find(_PASTE_END)
        self.pasted = (text if end < 0 else text[:end]).replace("\r\n", "\n").replace("\r", "\n")
        self._typed = deque("" if end < 0 else text[end + len(_PASTE_END) :])

    def _mapped(self, key: str, maps: dict[str, tuple[str, bool]], *, escapes: bool) -> Typing[str]:
        read = key
        while any(left.startswith(read) and left != read for left in maps):
            read += yield from self._next(escapes=escapes)
        for length in range(len(read), 0, -1):
            if (found := maps.get(read[:length])) is not None:
                self.play(read[length:])
                self.play(found[0], mapped=found[1])
                return (yield from self._next(escapes=escapes))
        self.play(read[1:])
        return read[0]
