"""Collect a word's parts and join neighbours of the same kind."""

from collections.abc import Iterable

from lab.cluster.sim.bash.language.tree import Part, Quoted, Text

__all__ = ["PartList"]


class PartList:
    """A list of parts under construction."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: list[Part] = []

    def text(self, text: str) -> None:
        """Add text that is not quoted."""
        last = self._parts[-1] if self._parts else None
        if isinstance(last, Text):
            self._parts[-1] = Text(last.text + text)
        else:
            self._parts.append(Text(text))

    def quoted(self, text: str) -> None:
        """Add quoted text."""
        last = self._parts[-1] if self._parts else None
        if isinstance(last, Quoted):
            self._parts[-1] = Quoted(last.text + text)
        else:
            self._parts.append(Quoted(text))

    def add(self, part: Part) -> None:
        """Add a part."""
        if isinstance(part, Text):
            self.text(part.text)
        elif isinstance(part, Quoted):
            self.quoted(part.text)
        else:
            self._parts.append(part)

    def extend(self, parts: Iterable[Part]) -> None:
        """Add several parts."""
        for part in parts:
            self.add(part)

    def done(self) -> tuple[Part, ...]:
        """Return the parts."""
        return tuple(self._parts)
