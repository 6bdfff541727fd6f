"""How `read` splits a line into its variables."""

from collections.abc import Sequence

__all__ = ["Letter", "split_fields", "split_list"]

#: A character of the line, and whether a backslash stood before it. An escaped character separates nothing.
Letter = tuple[str, bool]
_WHITE = " \t\n"


def _text(letters: Sequence[Letter]) -> str:
    return "".join(letter for letter, _ in letters)


class _Splitter:
    """Takes the fields off a line, one after the other."""

    def __init__(self, letters: Sequence[Letter], ifs: str) -> None:
        self._letters = list(letters)
        self._ifs = set(ifs)
        self._white = set(ifs) & set(_WHITE)
        self.at = 0
        self._skip_white()

    def _is(self, marks: set[str]) -> bool:
        letter, quoted = self._letters[self.at]
        return not quoted and letter in marks

    def _skip_white(self) -> None:
        while self.at < len(self._letters) and self._is(self._white):
            self.at += 1

    @property
    def over(self) -> bool:
        return self.at >= len(self._letters)

    def field(self) -> str:
        """Return the next field and skip the separator behind it."""
        start = self.at
        while not self.over and not self._is(self._ifs):
            self.at += 1
        found = _text(self._letters[start : self.at])
        self._skip_white()
        if not self.over and self._is(self._ifs - self._white):
            self.at += 1
            self._skip_white()
        return found

    def rest(self) -> str:
        """Return the rest of the line, without the blanks at its end."""
        start = self.at
        only = self.field()
        if self.over:
            return only
        end = len(self._letters)
        while end > start and self._letters[end - 1][0] in self._white and not self._letters[end - 1][1]:
            end -= 1
        self.at = len(self._letters)
        return _text(self._letters[start:end])


def split_fields(letters: Sequence[Letter], ifs: str, count: int) -> list[str]:
    """Return the values of `count` variables; the last one gets the rest of the line."""
    splitter = _Splitter(letters, ifs)
    values = [splitter.field() if not splitter.over else "" for _ in range(count - 1)]
    values.append(splitter.rest() if not splitter.over else "")
    return values


def split_list(letters: Sequence[Letter], ifs: str) -> list[str]:
    """Return all fields of a line (`read -a`)."""
    splitter = _Splitter(letters, ifs)
    found = []
    while not splitter.over:
        found.append(splitter.field())
    return found
