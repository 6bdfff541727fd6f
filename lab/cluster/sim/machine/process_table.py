"""The table of the processes that shells and services have started on a node, or in a container."""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from lab.cluster.sim.machine.signals import Signal
from lab.cluster.sim.state.declared import Opaque

__all__ = ["ProcessTable", "Running"]

#: Numbers of processes end here, and begin again behind the kernel's own.
_LAST, _AGAIN = 4_194_304, 300


class Running(Protocol):
    """A process of a shell as the rest of the node sees it."""

    pid: int
    group: int
    started: float

    @property
    def arguments(self) -> Sequence[str]:
        """Its words."""

    @property
    def parent_pid(self) -> int:
        """The number of its parent."""

    @property
    def letters(self) -> str:
        """Its state as ps shows it."""

    @property
    def tty(self) -> str:
        """The name of its terminal, `?` where it has none."""

    def send(self, signal: Signal | int) -> None:
        """Let it have a signal."""


T = TypeVar("T", bound=Running)


class ProcessTable(Opaque, Generic[T]):
    """Processes by number. Numbers go up from `first`, as in a kernel. Only the next number is saved."""

    def __init__(self, first: int) -> None:
        self._next = first
        self.processes: dict[int, T] = {}

    def state(self) -> int:
        """Return the next number."""
        return self._next

    def restore(self, data: int) -> None:
        """Restore the next number from `data`."""
        self._next = data

    def __reduce__(self) -> tuple[type["ProcessTable[T]"], tuple[int]]:
        """Return how a copy is made: processes are not copied."""
        return ProcessTable, (self._next,)

    def new_pid(self) -> int:
        """Return the next free number."""
        while self._next in self.processes:
            self._next += 1
        number, self._next = self._next, self._next + 1
        if self._next > _LAST:
            self._next = _AGAIN
        return number

    def add(self, process: T) -> None:
        """Take note of a process that begins."""
        self.processes[process.pid] = process

    def remove(self, process: T) -> None:
        """Forget a process that has ended."""
        if self.processes.get(process.pid) is process:
            del self.processes[process.pid]

    def get(self, pid: int) -> T | None:
        """Return the process with that number."""
        return self.processes.get(pid)

    def group(self, number: int) -> list[T]:
        """Return the processes of a group."""
        return [process for process in self.processes.values() if process.group == number]

    def send_to_group(self, number: int, signal: Signal | int) -> bool:
        """Let all processes of a group have a signal; return whether there are any."""
        found = self.group(number)
        for process in found:
            process.send(signal)
        return bool(found)
