"""Regular expressions that people type, searched for a limited time.

Python's `re` can take years for `^(a|aa)+$`, and all clusters of the process wait meanwhile. So a search that may
take long is made by the library `regex`, which has a time limit and lets other threads run. `re` makes the others:
it is faster to load and to run.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

__all__ = ["EndlessSearchError", "Regex"]

#: How long one search may take, in s.
_LONGEST = 0.5
#: How many steps a search by `re` may take: some tens of milliseconds.
_STEPS = 5_000_000
_QUANTIFIER = re.compile(r"(?<!\\)(?:[*+]|\{\d+,)")
_REPEATED_GROUP = re.compile(r"(?<!\\)\)(?:[*+?]|\{\d+,)|\\[1-9]")


class EndlessSearchError(Exception):
    """A search that would take too long. The C library searches in another way, often at once."""

    def __init__(self) -> None:
        super().__init__("not simulated: a search that takes so long (use --backend kind)")


class Regex:
    """A compiled expression, with the methods of `re.Pattern`. A search may raise `EndlessSearchError`."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self._quick = re.compile(pattern, flags)
        #: The most characters of a text that `re` searches.
        self._most = 0
        if not _REPEATED_GROUP.search(pattern):
            self._most = int(_STEPS ** (1 / (1 + len(_QUANTIFIER.findall(pattern)))))

    @property
    def groups(self) -> int:
        """The number of groups."""
        return self._quick.groups

    @cached_property
    def _slow(self) -> Any:  # noqa: ANN401 -- a pattern of the library, loaded late
        import regex  # noqa: PLC0415 -- 50 ms to load, and seldom needed

        return regex.compile(self._quick.pattern, self._quick.flags & (re.IGNORECASE | re.MULTILINE | re.DOTALL))

    def search(self, text: str, start: int = 0) -> "re.Match[str] | None":
        """Return the first match at or behind `start`."""
        return self._found("search", text, start, len(text))

    def match(self, text: str, start: int = 0) -> "re.Match[str] | None":
        """Return the match that begins at `start`."""
        return self._found("match", text, start, len(text))

    def fullmatch(self, text: str, start: int = 0, end: int | None = None) -> "re.Match[str] | None":
        """Return the match of all from `start` to `end`."""
        return self._found("fullmatch", text, start, len(text) if end is None else end)

    def finditer(self, text: str) -> Iterator["re.Match[str]"]:
        """Yield all matches."""
        if len(text) <= self._most:
            yield from self._quick.finditer(text)
            return
        try:
            yield from self._slow.finditer(text, timeout=_LONGEST, concurrent=True)
        except TimeoutError:
            raise self._endless() from None

    def _endless(self) -> Exception:
        """Return the exception of a search that would take too long."""
        return EndlessSearchError()

    def _found(self, how: str, text: str, start: int, end: int) -> "re.Match[str] | None":
        found: re.Match[str] | None
        if end - start <= self._most:
            found = getattr(self._quick, how)(text, start, end)
            return found
        try:
            found = getattr(self._slow, how)(text, pos=start, endpos=end, timeout=_LONGEST, concurrent=True)
        except TimeoutError:
            raise self._endless() from None
        return found
