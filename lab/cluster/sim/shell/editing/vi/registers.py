"""Registers: deleted and yanked text, by name and by age."""

from dataclasses import dataclass
from enum import Enum

__all__ = ["Kind", "Register", "Registers"]


class Kind(Enum):
    """The kind of text: parts of lines, whole lines, or a block of columns."""

    CHARS = "v"
    LINES = "V"
    BLOCK = "\x16"


@dataclass(frozen=True, slots=True)
class Register:
    """A piece of text. A register of `CHARS` has one line more than line ends."""

    kind: Kind
    lines: list[str]
    #: Columns of a block.
    width: int = 0

    @property
    def keys(self) -> str:
        """The keys that playing the register types."""
        return "\n".join(self.lines) + ("\n" if self.kind is Kind.LINES else "")


class Registers:
    """All registers of one editor."""

    def __init__(self) -> None:
        self._held: dict[str, Register] = {}
        #: The register that `p` uses without a name.
        self._unnamed = "0"
        #: The last inserted text, command line and pattern, and the file's name: `".`, `":`, `"/`, `"%`.
        self.inserted: str | None = None
        #: Whether appended text begins a line, as in Vi.
        self.append_below = False
        self.command: str | None = None
        self.pattern: str | None = None
        self.file: str | None = None
        self.other_file: str | None = None

    @staticmethod
    def is_name(name: str, *, write: bool = False) -> bool:
        """Whether a register of that name can exist, or can be written if `write`."""
        common = name.isascii() and (name.isalnum() or name in '"-_*+')
        return common or (not write and name in ".:/%#")

    def get(self, name: str | None) -> Register | None:
        """Return a register's content."""
        special = {
            ".": self.inserted, ":": self.command, "/": self.pattern, "%": self.file, "#": self.other_file,
        }  # fmt: skip
        if name in special:
            text = special[name]
            return None if text is None else Register(Kind.CHARS, text.split("\n"))
        return self._held.get(self._key(name))

    def set(self, name: str, register: Register) -> None:
        """Set a named register; a capital letter appends, below the old text if `append_below`."""
        if name == "_":
            return
        key = self._key(name)
        if name.isupper() and (before := self._held.get(key)) is not None:
            register = _joined(before, register, below=self.append_below)
        self._held[key] = register
        self._unnamed = key

    def record(self, name: str, register: Register) -> None:
        """Set a named register to a recording; `p` still puts its previous text."""
        unnamed = self._unnamed
        self.set(name, register)
        self._unnamed = unnamed

    def yanked(self, name: str | None, register: Register) -> None:
        """Store a yanked text."""
        if name is None or name in '"*+':
            self._held["0"] = register
            self._unnamed = "0"
        else:
            self.set(name, register)

    def deleted(self, name: str | None, register: Register, *, small: bool) -> None:
        """Store a deleted text; `small` is a part of one line, which does not shift the numbered registers."""
        if name == "_":
            return
        named = name is not None and name not in '"*+'
        if named and name is not None:
            self.set(name, register)
        if not small:
            for digit in range(9, 1, -1):
                if (older := self._held.get(str(digit - 1))) is not None:
                    self._held[str(digit)] = older
            self._held["1"] = register
            if not named:
                self._unnamed = "1"
        elif not named:
            self._held["-"] = register
            self._unnamed = "-"

    def listed(self) -> list[tuple[str, Register]]:
        """Return all non-empty registers, in the order of `:registers`."""
        found = []
        for name in '"0123456789abcdefghijklmnopqrstuvwxyz-.:%#/':
            register = self.get(None if name == '"' else name)
            if register is not None:
                found.append((name, register))
        return found

    def _key(self, name: str | None) -> str:
        return self._unnamed if name is None or name in '"*+' else name.lower()


def _joined(first: Register, second: Register, *, below: bool) -> Register:
    if second.kind is Kind.LINES and first.kind is not Kind.LINES:
        return Register(Kind.LINES, first.lines + second.lines)
    if first.kind is Kind.LINES:
        return Register(Kind.LINES, first.lines + second.lines)
    if below:
        return Register(first.kind, first.lines + second.lines)
    lines = [*first.lines[:-1], first.lines[-1] + second.lines[0], *second.lines[1:]]
    return Register(first.kind, lines, first.width)
