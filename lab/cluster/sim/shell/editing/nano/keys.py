"""nano's keys: the bytes from a terminal, as names."""

from collections import deque
from collections.abc import Generator, Iterator
from typing import Any, TypeVar

from lab.cluster.sim.shell.editing.shell import Shell

__all__ = ["Keys", "Typing", "is_text"]

T = TypeVar("T")
Typing = Generator[Shell | None, Any, T]

_ARROWS = {"A": "Up", "B": "Down", "C": "Right", "D": "Left", "H": "Home", "F": "End"}
_TILDES = {
    "1": "Home", "2": "Ins", "3": "Del", "4": "End", "5": "PageUp", "6": "PageDown", "7": "Home", "8": "End",
}  # fmt: skip
_SEQUENCES = {
    **{f"\x1bO{letter}": name for letter, name in _ARROWS.items()},
    **{f"\x1b[{letter}": name for letter, name in _ARROWS.items()},
    **{f"\x1b[1;5{letter}": f"^{name}" for letter, name in _ARROWS.items()},
    **{f"\x1b[1;3{letter}": f"M-{name}" for letter, name in _ARROWS.items()},
    **{f"\x1b[{number}~": name for number, name in _TILDES.items()},
    "\x1b[200~": "Paste",
}
_LONGEST = max(map(len, _SEQUENCES))
_PASTE_END = "\x1b[201~"


def is_text(key: str) -> bool:
    """Whether a key is a character of text."""
    return len(key) == 1


class Keys:
    """Keys by name: a character, `^K`, `M-U`, `Up`; a pasted text comes as `Paste`."""

    def __init__(self) -> None:
        self._typed: deque[str] = deque()
        self.pasted = ""

    def type(self, text: str) -> None:
        """Process bytes from the terminal."""
        self._typed.extend(self._names(text))

    @property
    def waiting(self) -> bool:
        """Whether keys are waiting."""
        return bool(self._typed)

    def get(self) -> Typing[str]:
        """Return the next key."""
        while not self._typed:
            yield None
        key = self._typed.popleft()
        if key.startswith("Paste"):
            self.pasted = key[5:]
            return "Paste"
        return key

    def _names(self, text: str) -> Iterator[str]:
        at = 0
        while at < len(text):
            length, name = self._name(text, at)
            at += length
            if name:
                yield name

    @staticmethod
    def _name(text: str, at: int) -> tuple[int, str]:
        """Return the length of a key in characters, and its name."""
        char = text[at]
        if char != "\x1b":
            return 1, _plain(char)
        for length in range(_LONGEST, 2, -1):
            if (name := _SEQUENCES.get(text[at : at + length])) is not None:
                if name != "Paste":
                    return length, name
                end = text.find(_PASTE_END, at)
                inside = text[at + length : end if end >= 0 else None]
                whole = len(text) - at if end < 0 else end + len(_PASTE_END) - at
                return whole, "Paste" + inside.replace("\r\n", "\n").replace("\r", "\n")
        if at + 1 < len(text):
            return 2, "M-" + _plain(text[at + 1]).upper()
        return 1, ""


def _plain(char: str) -> str:
    if char == "\x7f":
        return "^H"
    if char < " ":
        return "^" + chr(ord(char) + 0x40)
    return char
