"""The memory of a process: what it reads and makes. The processes of a node share what there is."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Protocol

from lab.cluster.sim.bash.running.endings import Killed
from lab.cluster.sim.machine.signals import Signal

__all__ = ["Memory"]

#: The memory of all processes of a node, in bytes. A real node has more; here all clusters share the host's.
_MOST = 64 << 20
#: A process with less is not looked at.
_LITTLE = 1 << 20


class _Node(Protocol):
    """The processes that share the memory: number -> process."""

    @property
    def processes(self) -> Mapping[int, "Memory"]: ...


class Memory:
    """The bytes that one process holds; `node` has those of its node."""

    def __init__(self, node: _Node) -> None:
        self._node = node
        self.held = 0

    def hold(self, size: int) -> None:
        """Take `size` bytes of the node's memory. Raise `Killed` if there is none, as the kernel would."""
        self.held += size
        if self.held > _LITTLE and sum(each.held for each in self._node.processes.values()) > _MOST:
            raise Killed(Signal.SIGKILL)

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """Give back at the end what the body takes of the node's memory."""
        before = self.held
        try:
            yield
        finally:
            self.held = before
