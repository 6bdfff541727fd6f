"""Input in numbered pieces: no piece is lost or doubled, however often the connection breaks. Pure."""

__all__ = ["GapError", "Intake"]


class GapError(Exception):
    """A piece is missing before the one that came."""


class Intake:
    """The pieces of one page that a seat has taken. A page numbers its pieces from 1; a new page restarts."""

    def __init__(self) -> None:
        self._page = ""
        self.taken = 0

    def begin(self, page: str, first: int) -> int:
        """Begin with a `page` that would send from piece `first` on; return the last piece that was taken."""
        if page != self._page:
            self._page, self.taken = page, max(0, first - 1)
        return self.taken

    def take(self, number: int) -> bool:
        """Return whether the piece is new and is to be typed. Raise `GapError` if a piece before it is missing."""
        if number <= self.taken:
            return False
        if number != self.taken + 1:
            raise GapError
        self.taken = number
        return True
