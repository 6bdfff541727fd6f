"""The bottom line, for commands and patterns."""

import posixpath
from typing import TYPE_CHECKING

from lab.cluster.sim.shell.editing.vi.keyboard import Keyboard, Special, Typing, printable
from lab.cluster.sim.shell.editing.vi.literal import literal
from lab.cluster.sim.shell.editing.vi.state import Vi
from lab.cluster.sim.shell.editing.vi.words import char_class

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["read_line"]

_BACKSPACE = {"\x7f", "\x08"}


def read_line(vi: Vi, prompt: str, text: str = "") -> Typing[str | None]:
    """Read a line after `prompt`; return None if the user gives up."""
    line = _Line(vi, prompt, text)
    try:
        return (yield from line.read())
    finally:
        vi.command_line = None


class _Line:
    """A line while it is typed."""

    def __init__(self, vi: Vi, prompt: str, text: str) -> None:
        self._vi = vi
        self._keyboard: Keyboard = vi.keyboard
        self._prompt = prompt
        self._text = text
        self._at = len(text)
        entered = vi.entered["/" if prompt in "/?" else ":"]
        keep = vi.options.number("history")
        self._history = entered[-keep:] if keep else []
        self._back = 0
        self._typed = text
        #: The names that Tab cycles through, and the start of the completed word.
        self._offers: list[str] = []
        self._offered = -1
        self._actions: dict[str, Callable[[], None]] = {
            **dict.fromkeys(_BACKSPACE, lambda: self._erase(max(self._at - 1, 0))),
            "\x17": lambda: self._erase(self._word_start()),
            "\x15": lambda: self._erase(0),
            **dict.fromkeys(("\x02", Special.HOME), lambda: self._move(0)),
            **dict.fromkeys(("\x05", Special.END), lambda: self._move(len(self._text))),
            Special.LEFT: lambda: self._move(self._at - 1),
            Special.RIGHT: lambda: self._move(self._at + 1),
            Special.DELETE: self._delete,
            Special.UP: lambda: self._recall(1, whole=False),
            Special.DOWN: lambda: self._recall(-1, whole=False),
            "\x10": lambda: self._recall(1, whole=True),
            "\x0e": lambda: self._recall(-1, whole=True),
        }

    def read(self) -> Typing[str | None]:
        vi = self._vi
        while True:
            vi.command_line = (self._prompt + self._text, len(self._prompt) + self._at)
            key = yield from self._keyboard.get("c")
            if key != "\t":
                self._offers = []
            if key in "\r\n" or (key == "\x1b" and vi.options.like_vi("x") and not self._keyboard.playing):
                if self._text:
                    vi.entered["/" if self._prompt in "/?" else ":"].append(self._text)
                vi.messages.echo(self._prompt + self._text, vi.window.width)
                return self._text
            if key in "\x1b\x03" or (key in _BACKSPACE and not self._text):
                vi.messages.clear()
                return None
            if key == "\x1c":
                follows = yield from self._keyboard.get()
                if follows in "\x0e\x07":
                    vi.messages.clear()
                    return None
                continue
            yield from self._edit(key)

    def _edit(self, key: str) -> Typing[None]:
        vi = self._vi
        if (action := self._actions.get(key)) is not None:
            action()
        elif key in "\x16\x11":
            self._insert((yield from literal(vi)))
        elif key == "\x12":
            yield from self._insert_register()
        elif key == Special.PASTE:
            self._insert(self._keyboard.pasted.replace("\n", "\r"))
        elif key == "\t" and vi.options.text("wildchar") == "<Tab>" and self._prompt == ":":
            self._complete()
        elif printable(key) or key < " ":
            self._insert(key)

    def _move(self, at: int) -> None:
        self._at = max(min(at, len(self._text)), 0)

    def _delete(self) -> None:
        self._text = self._text[: self._at] + self._text[self._at + 1 :]

    def _insert(self, text: str) -> None:
        self._text = self._text[: self._at] + text + self._text[self._at :]
        self._at += len(text)
        self._typed, self._back = self._text, 0

    def _erase(self, start: int) -> None:
        self._text = self._text[:start] + self._text[self._at :]
        self._at = start
        self._typed, self._back = self._text, 0

    def _word_start(self) -> int:
        at = self._at
        while at and self._text[at - 1] in " \t":
            at -= 1
        kind = char_class(self._text[at - 1 : at])
        while at and char_class(self._text[at - 1]) == kind:
            at -= 1
        return at

    def _insert_register(self) -> Typing[None]:
        name = yield from self._keyboard.get()
        if name == "\x17":
            self._insert(_word(self._vi))
        elif (held := self._vi.registers.get(None if name == '"' else name)) is not None:
            self._insert(held.keys.replace("\n", "\r").removesuffix("\r"))

    def _recall(self, step: int, *, whole: bool) -> None:
        """Go to an older or newer line; the arrows keep to lines with the same beginning."""
        back = self._back + step
        start = "" if whole else self._typed
        while 0 < back <= len(self._history) and not self._history[-back].startswith(start):
            back += step
        if back > len(self._history) or back < 0:
            return
        self._back = back
        self._text = self._history[-back] if back else self._typed
        self._at = len(self._text)

    def _complete(self) -> None:
        """Complete a file's name; another Tab offers the next."""
        start = self._text.rfind(" ", 0, self._at) + 1
        if not self._offers:
            if not start:
                return
            word = self._text[start : self._at]
            folder, name = posixpath.split(word)
            lead = word[: len(word) - len(name)]
            found = sorted(self._vi.host.names(folder or ("/" if word.startswith("/") else ".")))
            self._offers = [lead + one for one in found if one.startswith(name) and (name or one[0] != ".")]
            self._offered = -1
            self._offers.append(word)
        self._offered = (self._offered + 1) % len(self._offers)
        offer = self._offers[self._offered]
        self._text = self._text[:start] + offer + self._text[self._at :]
        self._at = start + len(offer)


def _word(vi: Vi) -> str:
    line, col = vi.line, vi.cursor.col
    start = end = col
    while start and char_class(line[start - 1]) > 1:
        start -= 1
    while end < len(line) and char_class(line[end]) > 1:
        end += 1
    return line[start:end]
