"""Input in numbered pieces: none is lost or comes twice, however often its connection breaks. Pure."""

__all__ = ["GapError", "Intake"]


class GapError(Exception):
    """A piece is missing before the one that came."""


class Intake:
    """What a seat has taken of the pieces of one page, which numbers them from 1; another page begins anew."""

    def __init__(self) -> None:
        self._page = ""
        self.taken = 0

    def begin(self, page: str, first: int) -> int:
        """Hear that `page` is there, and would send from piece `first` on; return what was taken of it."""
        if page != self._page:
            self._page, self.taken = page, max(0, first - 1)
        return self.taken

    def take(self, number: int) -> bool:
        """Return whether the piece is to be typed: it is new. Raise `GapError` if one before it is missing."""
        if number <= self.taken:
            return False
        if number != self.taken + 1:
            raise GapError
        self.taken = number
        return True
