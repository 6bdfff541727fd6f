"""What a move is: where it leads, and how much of the text an operator takes with it."""

from dataclasses import dataclass

from lab.cluster.sim.shell.editing.positions import Pos

__all__ = ["Motion"]


@dataclass(slots=True)
class Motion:
    """A move to `to`, which is in the text an operator takes if it is `inclusive`."""

    to: Pos
    linewise: bool = False
    inclusive: bool = False
    #: Where the text starts, if not at the cursor: of an object, as `iw`.
    start: Pos | None = None
    #: Whether the cursor keeps the column that it wants (`j`), or wants the end of the line (`$`).
    keep_want: bool = False
    want_end: bool = False
    #: Whether the place before is kept for the jump back.
    jump: bool = False
    #: Whether an operator does not turn it into whole lines where it ends at a line's start.
    exact: bool = False
