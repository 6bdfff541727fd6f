"""The number of visible changes of a cluster, which only grows."""

from collections.abc import Callable, Iterable
from typing import Any

from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.machine.systemd import State
from lab.cluster.sim.plane.control_plane import ControlPlane

__all__ = ["Changes"]

#: Kinds of objects that describe the cluster's activity, and change all the time.
_OF_LIFE = {"Event", "Lease"}
#: Folders whose files have no effect.
_OF_NO_ACCOUNT = ("/tmp/", "/var/log/", "/var/tmp/")  # noqa: S108 -- of a simulated node

#: How long a service may run without counting as a change, in s.
_MOMENT = 4.0


class Changes:
    """The counted changes of one cluster. Files are compared only if they may have been written."""

    def __init__(self, plane: ControlPlane, machines: Iterable[Machine]) -> None:
        self._plane = plane
        self._machines = tuple(machines)
        self.count = 0
        #: Whether the count is used. It is not in a copy.
        self.counted = True
        #: Whether files may have been written since the last comparison.
        self.touched = False
        #: Called after the count has grown, and after files may have been written.
        self.heard: Callable[[], None] | None = None
        self._writes = 0
        self._state: object = None
        self._files: object = None

    def wrote(self, kind: str) -> None:
        """Note that an object of `kind` was written or removed."""
        self._writes += kind not in _OF_LIFE

    def touch(self) -> None:
        """Note a command on a node."""
        self.touched = True
        self._tell()

    def note(self) -> None:
        """Compare the state with the last one."""
        if not self.counted:
            return
        state = self._visible()
        if state != self._state:
            self._state = state
            self.count += 1
            self._tell()

    def note_files(self) -> None:
        """Compare the files with the last ones. Any thread may call this."""
        self.touched = False
        files = [_counting(machine.files) for machine in self._machines]
        if files != self._files:
            self._files = files
            self.count += 1

    def _tell(self) -> None:
        if self.heard is not None:
            self.heard()

    def _visible(self) -> object:
        plane, now = self._plane, self._plane.now()
        return (
            self._writes,
            plane.api_state(),
            plane.etcd.alarm,
            *(
                (
                    machine.forwards,
                    [(each.id, each.state, each.ready_at) for each in machine.runtime.containers.values()],
                    [(name, *_standing(unit, now)) for name, unit in machine.systemd.states.items()],
                    list(machine.firewall),
                )
                for machine in self._machines
            ),
        )

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "heard": None}


def _standing(unit: State, now: float) -> tuple[str, str]:
    """Return the state of a unit. A service that a timer starts again and again for a moment is at rest."""
    if unit.active == "activating" and unit.sub == "start" and now - unit.since < _MOMENT:
        return "inactive", "dead"
    return unit.active, unit.sub


def _counting(files: Files) -> dict[str, object]:
    """Return the data of each relevant file. A folder's date changes with its content."""
    return {
        path: about if about.kind != "directory" else about[:2]
        for path, about in files.system.entries().items()
        if not path.startswith(_OF_NO_ACCOUNT)
    }
