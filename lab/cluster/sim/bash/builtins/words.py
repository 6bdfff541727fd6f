"""The arguments of builtins."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab.cluster.sim.bash.running.shell import Argument

__all__ = ["is_name", "strings"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def is_name(text: str) -> bool:
    """Return whether `text` may be the name of a variable."""
    return _NAME.fullmatch(text) is not None


def strings(arguments: "Sequence[Argument]") -> list[str]:
    """Return arguments as strings; a compound assignment as the user typed it."""
    return [each if isinstance(each, str) else each.source for each in arguments]
