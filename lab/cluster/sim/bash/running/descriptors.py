"""The descriptors of a process: numbers for its open files."""

from collections.abc import Mapping

from lab.cluster.sim.bash.running.open_files import OpenFile

__all__ = ["Descriptors"]


class Descriptors:
    """Number -> open file description. It owns one use of each description."""

    def __init__(self, inherited: Mapping[int, OpenFile]) -> None:
        self.descriptors = {number: file.used() for number, file in inherited.items()}

    def file(self, descriptor: int) -> OpenFile:
        """Return an open file; raise `OSError` if the descriptor is closed."""
        try:
            return self.descriptors[descriptor]
        except KeyError:
            raise OSError(9, "Bad file descriptor") from None

    def put(self, number: int, file: OpenFile) -> None:
        """Make `file` the descriptor `number`; close the previous file. The caller's use becomes its own."""
        self.close(number)
        self.descriptors[number] = file

    def close(self, number: int) -> None:
        """Close a descriptor, if it is open."""
        file = self.descriptors.pop(number, None)
        if file is not None:
            file.release()

    def close_all(self) -> None:
        """Close all descriptors."""
        for number in list(self.descriptors):
            self.close(number)

    def free_descriptor(self, lowest: int = 10) -> int:
        """Return the lowest unused number from `lowest` on."""
        while lowest in self.descriptors:
            lowest += 1
        return lowest
