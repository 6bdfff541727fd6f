"""The whole of a simulated cluster: its parts, and what makes them go."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

from lab.cluster.base import Role
from lab.cluster.sim.api.apiserver import ApiServer, Request, Response
from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.etcd import Etcd, NoSpaceError
from lab.cluster.sim.api.store import Change, Store
from lab.cluster.sim.control import namespaces
from lab.cluster.sim.control.events import Events
from lab.cluster.sim.control.manager import Controllers
from lab.cluster.sim.control.scheduler import Scheduler
from lab.cluster.sim.kubelet.probes import LINGERS
from lab.cluster.sim.machine.runtime import Container
from lab.cluster.sim.network.flows import Network
from lab.cluster.sim.network.resolver import Resolver
from lab.cluster.sim.timing.clock import Clock
from lab.cluster.sim.world.node import NodeModel

__all__ = ["ApiState", "Part", "World"]

#: `starting`: connections are taken, but nobody answers on them before etcd does.
ApiState = Literal["up", "refused", "hangs", "warming", "starting"]
#: Between the API server's first answer and its full RBAC cache.
WARMING = 1.5
#: Between the start of the API server and the moment from which it takes connections.
_LISTENS = 0.4
#: How soon a part notices what another has changed.
NOTICE = 0.02


class Part(Protocol):
    """A part of the world that does something by itself, now and then."""

    due: float

    def run(self, now: float) -> None:
        """Do what is due, and set `due` to the next time."""


class World:
    """One cluster."""

    def __init__(self, name: str, roles: Sequence[Role], clock: Clock) -> None:
        self.name = name
        self.clock = clock
        self.etcd = Etcd()
        self.store = Store(self.etcd)
        self.api = ApiServer(self.store, self.now)
        self.events = Events(self)
        self.network = Network(self)
        self.resolver = Resolver(self, self.network)
        self.identity: dict[str, str] = {}
        self.hang_count = 0
        self.writes_fail_since = 0.0
        self.etcd_fails_since = 0.0
        self.nodes: dict[str, NodeModel] = {}
        #: Whether anything may have happened since it was written down.
        self.stirred = True
        #: Whether somebody else than the cluster itself may have done something since then.
        self.handled = True
        #: etcd's entries as text, and the index that they were written at.
        self._entries = (-1, "")
        workers = 0
        for index, role in enumerate(roles):
            suffix = "control-plane" if role == "control-plane" else f"worker{workers + 1 if workers else ''}"
            workers += role == "worker"
            node = NodeModel(self, f"{name}-{suffix}", role, index)
            self.nodes[node.name] = node
        #: The node that etcd and the API server run on.
        self.control_plane = next(node for node in self.nodes.values() if node.role == "control-plane")
        self.controllers = Controllers(self)
        self.scheduler = Scheduler(self)
        self.parts: list[Part] = [self.controllers, self.scheduler]
        self.parts += [part for node in self.nodes.values() for part in (node.kubelet, node.systemd)]
        self.store.listeners.append(self._changed)
        self.api.admission.equip = self._equip
        clock.attach(self)

    def now(self) -> float:
        """Return the time."""
        return self.clock.now()

    @staticmethod
    def iso(now: float) -> str:
        """Return a time as logs have it."""
        return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    # Time

    def next_due(self) -> float:
        """Return when the next part has something to do."""
        return min(part.due for part in self.parts)

    def run_due(self, now: float) -> None:
        """Run the parts that are due."""
        self.stirred = True
        for part in self.parts:
            if part.due <= now:
                part.due = float("inf")
                part.run(now)
        self.track()

    def poke(self) -> None:
        """Somebody did something on a node: let all parts look."""
        self.stirred = True
        soon = self.now() + NOTICE
        for part in self.parts:
            part.due = min(part.due, soon)
        self.track()

    def track(self) -> None:
        """Keep account of how long the control plane has been in trouble."""
        now = self.now()
        self.writes_fail_since = 0.0 if self.writable() else self.writes_fail_since or now
        self.etcd_fails_since = 0.0 if self.etcd_answers() else self.etcd_fails_since or now
        self.network.refresh()

    def _equip(self, namespace: str) -> None:
        if self.leads("kube-controller-manager"):
            namespaces.equip(self, namespace, self.now())

    def _changed(self, change: Change) -> None:
        soon = self.now() + NOTICE
        if change.kind in {"Pod", "Node"}:
            for part in self.parts:
                part.due = min(part.due, soon)
        elif change.kind not in {"Event", "Lease"}:
            self.controllers.due = min(self.controllers.due, soon)

    # The control plane

    def program(self, name: str) -> Container | None:
        """Return the running container of a control-plane program."""
        return self.control_plane.runtime.running_named(name)

    def etcd_answers(self) -> bool:
        """Whether etcd serves clients."""
        container = self.program("etcd")
        return container is not None and container.ready_at <= self.now()

    def api_state(self) -> ApiState:
        """Return what a client of the API server meets."""
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
        return self.api_state() in {"up", "warming"}

    def writable(self) -> bool:
        """Whether objects can be written."""
        return self.api_answers() and not self.etcd.alarm

    def leads(self, program: str) -> bool:
        """Whether a controller program runs and can do its work."""
        container = self.program(program)
        return container is not None and container.leads and self.api_answers()

    def ask(self, request: Request) -> Response:
        """Pass a request of one of the cluster's own programs to the API server."""
        return self.api.handle(request)

    def attempt(self, action: Callable[[], object]) -> bool:
        """Do something to objects; return whether the API server let it happen."""
        try:
            action()
        except (NoSpaceError, ApiError):
            return False
        return True

    # Keeping

    def dump(self) -> dict[str, Any]:
        """Return everything as data that JSON can hold."""
        etcd = self.etcd.dump()
        return {
            "entries": etcd.pop("entries"),
            "name": self.name,
            "now": self.now(),
            "identity": self.identity,
            "etcd": etcd,
            "admission": vars(self.api.admission.pod_security),
            "nodes": {node.name: node.dump() for node in self.nodes.values()},
            "events": self.events.dump(),
            "fails": [self.writes_fail_since, self.etcd_fails_since, self.hang_count],
        }

    def load(self, data: dict[str, Any]) -> None:
        """Make the world what `dump` described."""
        restored = Etcd.restored({**data["etcd"], "entries": data["entries"]})
        for field in Etcd.__slots__:
            if field != "watchers":
                setattr(self.etcd, field, getattr(restored, field))
        self.identity = dict(data["identity"])
        for key, value in data["admission"].items():
            setattr(self.api.admission.pod_security, key, tuple(value) if isinstance(value, list) else value)
        for name, node in data["nodes"].items():
            self.nodes[name].load(node)
        self.events.load(data.get("events", {}))
        self.writes_fail_since, self.etcd_fails_since, self.hang_count = data["fails"]
        self.poke()

    def as_json(self) -> str:
        """Return the dump as text. etcd's entries are megabytes: they are written anew only when one changed."""
        data = self.dump()
        entries = data.pop("entries")
        if self._entries[0] != self.etcd.index:
            self._entries = self.etcd.index, json.dumps(entries, separators=(",", ":"))
        rest = json.dumps(data, separators=(",", ":"))
        return f'{{"entries":{self._entries[1]},{rest.removeprefix("{")}'
