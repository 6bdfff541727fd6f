"""Whether files or objects were written since the parts of a cluster were woken last."""

from collections.abc import Iterable

from lab.cluster.sim.api.etcd import Etcd
from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.state.declared import Opaque

__all__ = ["Writes"]


class Writes(Opaque):
    """The writes to a cluster's files and to etcd."""

    def __init__(self, etcd: Etcd, machines: Iterable[Machine]) -> None:
        self._etcd = etcd
        self._machines = tuple(machines)
        self._noticed: tuple[int, ...] = ()

    def unnoticed(self) -> bool:
        """Whether there were any since `notice`."""
        return self._noticed != self._counts()

    def notice(self) -> None:
        """Take note of all writes."""
        self._noticed = self._counts()

    def _counts(self) -> tuple[int, ...]:
        return (self._etcd.revision, *(machine.files.system.writes for machine in self._machines))

    def state(self) -> bool:
        """Return whether there are writes that nobody has noticed."""
        return self.unnoticed()

    def restore(self, data: bool) -> None:  # noqa: FBT001 -- the state
        """Make `data` the answer of `unnoticed` until the next write. The files must be complete."""
        self._noticed = () if data else self._counts()
