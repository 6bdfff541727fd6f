"""A typed ex command."""

from dataclasses import dataclass

from lab.cluster.sim.shell.editing.vi.ranges import Range

__all__ = ["Call"]


@dataclass(slots=True)
class Call:
    """A command's full name, its range and its argument."""

    name: str
    where: Range
    #: The whole typed text.
    text: str = ""
    bang: bool = False
    argument: str = ""
    #: The argument with the blanks before it.
    raw: str = ""
    register: str | None = None
    count: int | None = None

    @property
    def rows(self) -> range:
        """The rows of the range, counted from zero."""
        return range(self.where.first - 1, self.where.last)
