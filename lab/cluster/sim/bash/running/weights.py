"""The memory of a shell's variables and functions, as a part of its process' memory."""

from collections.abc import Hashable

from lab.cluster.sim.bash.running.process import Process

__all__ = ["ELEMENT", "Weights"]

#: How many bytes an element of a list counts for, beside its letters.
ELEMENT = 64
#: Smaller things are not counted.
_SMALL = 256


class Weights:
    """What the large variables and functions of one shell weigh, in bytes."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._weights: dict[Hashable, int] = {}

    def note(self, key: Hashable, size: int) -> None:
        """Note the size of a variable or function, new or changed. Raise `Killed` if there is no memory for it."""
        before = self._weights.get(key, 0)
        if size < _SMALL and not before:
            return
        self._weights[key] = size
        self._process.hold(size - before)

    def forget(self, key: Hashable) -> None:
        """Note that a variable or function is gone."""
        if before := self._weights.pop(key, 0):
            self._process.hold(-before)
