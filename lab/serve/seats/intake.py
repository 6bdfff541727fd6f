"""Input in numbered pieces: no piece is lost or doubled, however often the connection breaks. Pure."""

from lab.serve.taken import Taken

__all__ = ["GapError", "Intake"]


class GapError(Exception):
    """A piece is missing before the one that came."""


class Intake:
    """The pieces that a seat has taken from its last pages. A page numbers its pieces from 1."""

    def __init__(self, known: Taken | None = None) -> None:
        self.known = known or Taken()
        self._page = ""

    @property
    def taken(self) -> int:
        """The last piece of the present page that was taken."""
        return self.known.of(self._page)

    def begin(self, page: str, first: int) -> int:
        """Begin with a `page` that would send from piece `first` on; return the last piece that was taken."""
        self._page = page
        return self.known.note(page, first - 1)

    def take(self, number: int) -> bool:
        """Return whether the piece is new and is to be typed. Raise `GapError` if a piece before it is missing."""
        if number <= self.taken:
            return False
        if number != self.taken + 1:
            raise GapError
        self.known.note(self._page, number)
        return True
