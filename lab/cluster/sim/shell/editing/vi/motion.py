"""A move: its target, and the text that an operator takes with it."""

from dataclasses import dataclass

from lab.cluster.sim.shell.editing.positions import Pos

__all__ = ["Motion"]


@dataclass(slots=True)
class Motion:
    """A move to `to`. If it is `inclusive`, an operator also takes the character at `to`."""

    to: Pos
    linewise: bool = False
    inclusive: bool = False
    #: Where the text starts, if not at the cursor: of an object, as `iw`.
    start: Pos | None = None
    #: Whether the cursor keeps its wanted column (`j`), or wants the end of the line (`$`).
    keep_want: bool = False
    want_end: bool = False
    #: Whether the former place is stored for the jump back.
    jump: bool = False
    #: Whether an operator does not turn it into whole lines where it ends at a line's start.
    exact: bool = False
