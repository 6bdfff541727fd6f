"""The control plane: etcd, its store, the API server, and when each of them answers."""

from collections.abc import Callable
from typing import Literal

from lab.cluster.sim.api.apiserver import ApiServer
from lab.cluster.sim.api.etcd import Etcd
from lab.cluster.sim.api.store import Store
from lab.cluster.sim.machine.file_sizes import DB
from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.machine.runtime import Container
from lab.cluster.sim.plane.client import Client
from lab.cluster.sim.plane.events import Events
from lab.cluster.sim.state.declared import Given, stateful

__all__ = ["LINGERS", "ApiState", "ControlPlane"]

#: `starting`: connections are accepted, but not answered before etcd answers.
ApiState = Literal["up", "refused", "hangs", "warming", "starting"]
#: Between the API server's first answer and its full RBAC cache.
WARMING = 1.5
#: Between the start of the API server and the first accepted connection.
_LISTENS = 0.4
#: How long a stopped API server still answers while it leaves an etcd that is gone.
LINGERS = 20.3
#: States in which the API server answers its administrators.
_ANSWERS = frozenset({"up", "warming"})


@stateful
class ControlPlane:
    """The programs of one control plane, which run as containers on `machine`."""

    machine: Given[Machine]
    now: Given[Callable[[], float]]
    etcd: Etcd
    store: Store
    api: ApiServer
    events: Events
    #: How many commands have waited for a hanging API server: its answers alternate.
    hang_count: int
    #: Since when writes are impossible and etcd is silent, in s since the epoch; 0: they are possible.
    writes_fail_since: float
    etcd_fails_since: float

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.now = machine.clock.now
        self.etcd = Etcd()
        self.store = Store(self.etcd)
        self.api = ApiServer(self.store, self.now, machine.clock.chance)
        self.events = Events(self.now, self.api_answers)
        self.hang_count = 0
        self.writes_fail_since = 0.0
        self.etcd_fails_since = 0.0
        machine.sizes[DB] = self._size

    def _size(self) -> int:
        return self.etcd.size

    def program(self, name: str) -> Container | None:
        """Return the running container of a control-plane program."""
        return self.machine.runtime.running_named(name)

    def process(self, name: str) -> str:
        """Return the id of a program's container, a new one after each start; empty while it is not running."""
        container = self.program(name)
        return container.id if container else ""

    def etcd_answers(self) -> bool:
        """Whether etcd serves clients."""
        container = self.program("etcd")
        return container is not None and container.ready_at <= self.now()

    def api_state(self) -> ApiState:
        """Return the state of the API server for a client."""
        container = self.program("kube-apiserver")
        now = self.now()
        if container is None or (container.ending and now - container.ending > LINGERS):
            return "refused"
        if container.ready_at > now:
            return "starting" if now - container.started > _LISTENS else "refused"
        if not self.etcd_answers():
            return "hangs"
        return "warming" if now - container.ready_at < WARMING else "up"

    def api_answers(self) -> bool:
        """Whether the API server answers its administrators."""
        return self.api_state() in _ANSWERS

    def writable(self) -> bool:
        """Whether objects can be written."""
        return self.api_answers() and not self.etcd.alarm

    def leads(self, program: str) -> bool:
        """Whether a controller program is running and can do its work."""
        container = self.program(program)
        return container is not None and container.leads and self.api_answers()

    def track(self) -> ApiState:
        """Record how long the control plane has been in trouble; return the state of the API server."""
        now, state = self.now(), self.api_state()
        writable = state in _ANSWERS and not self.etcd.alarm
        self.writes_fail_since = 0.0 if writable else self.writes_fail_since or now
        # An API server that answers its administrators has just asked etcd.
        answers = state in _ANSWERS or self.etcd_answers()
        self.etcd_fails_since = 0.0 if answers else self.etcd_fails_since or now
        return state

    def client(self, user: str) -> Client:
        """Return the API client of the program with the account `user`."""
        return Client(self.api, self.api_answers, user)
