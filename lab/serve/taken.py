"""What was taken of the input of pages, for the last pages that displayed a screen. Pure."""

from collections.abc import Mapping

__all__ = ["Taken"]

#: The number of pages that are remembered: browsers may take a seat from each other in turn.
_PAGES = 16


class Taken:
    """Page -> the number of its last piece of input that was taken."""

    def __init__(self, pages: Mapping[str, int] | None = None) -> None:
        self._pages = dict(pages or {})

    @property
    def pages(self) -> Mapping[str, int]:
        """All of it."""
        return self._pages

    def of(self, page: str) -> int:
        """Return the last piece of `page` that was taken; 0 if none is known."""
        return self._pages.get(page, 0)

    def note(self, page: str, number: int) -> int:
        """Note that `page` was taken up to piece `number`; return the last piece that was taken."""
        self._pages[page] = taken = max(self._pages.pop(page, 0), number)
        if len(self._pages) > _PAGES:
            del self._pages[next(iter(self._pages))]
        return taken
