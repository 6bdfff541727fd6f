"""The whole of a simulated cluster: its parts, and what makes them go."""

import json
from collections.abc import Collection, Sequence
from typing import Any, Protocol

from lab.cluster.base import Role
from lab.cluster.sim.api.etcd import Etcd
from lab.cluster.sim.api.store import Change
from lab.cluster.sim.control import namespaces
from lab.cluster.sim.control.manager import Controllers
from lab.cluster.sim.control.scheduler import Scheduler
from lab.cluster.sim.names import node_names
from lab.cluster.sim.network.flows import Network
from lab.cluster.sim.network.resolver import Resolver
from lab.cluster.sim.plane.control_plane import ControlPlane
from lab.cluster.sim.timing.clock import Clock
from lab.cluster.sim.world.node import NodeModel

__all__ = ["Part", "World"]

#: How soon a part notices what another has changed.
NOTICE = 0.02


class Part(Protocol):
    """A part of the world that does something by itself, now and then."""

    due: float

    def run(self, now: float) -> None:
        """Do what is due, and set `due` to the next time."""


class World:
    """One cluster."""

    def __init__(self, name: str, roles: Sequence[Role], clock: Clock, commands: Collection[str]) -> None:
        self.name = name
        self.clock = clock
        #: The commands that programs of a node run, beside those of the shell's library.
        self.commands = frozenset(commands)
        self.identity: dict[str, str] = {}
        #: Whether anything may have happened since it was written down.
        self.stirred = True
        #: Whether somebody else than the cluster itself may have done something since then.
        self.handled = True
        #: etcd's entries as text, and the index that they were written at.
        self._entries = (-1, "")
        self.nodes = {
            node: NodeModel(name, node, role, index, clock)
            for index, (node, role) in enumerate(node_names(name, roles))
        }
        #: The node that etcd and the API server run on.
        self.control_plane = next(node for node in self.nodes.values() if node.role == "control-plane")
        self.plane = ControlPlane(self.control_plane)
        self.network = Network(self.plane, self.nodes)
        self.resolver = Resolver(self.plane, self.nodes, self.network)
        for node in self.nodes.values():
            node.join(self.plane)
        self.controllers = Controllers(self.plane)
        self.parts: list[Part] = [self.controllers, Scheduler(self.plane)]
        self.parts += [part for node in self.nodes.values() for part in (node.kubelet, node.systemd)]
        self.plane.store.listeners.append(self._changed)
        self.plane.api.admission.equip = self._equip
        clock.attach(self)

    def now(self) -> float:
        """Return the time."""
        return self.clock.now()

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
        """Take note of what has changed by itself: whether the control plane answers, what nodes program."""
        self.plane.track()
        self.network.refresh()

    def _equip(self, namespace: str) -> None:
        if self.plane.leads("kube-controller-manager"):
            namespaces.equip(self.plane, namespace, self.now())

    def _changed(self, change: Change) -> None:
        soon = self.now() + NOTICE
        if change.kind in {"Pod", "Node"}:
            for part in self.parts:
                part.due = min(part.due, soon)
        elif change.kind not in {"Event", "Lease"}:
            self.controllers.due = min(self.controllers.due, soon)

    # Keeping

    def dump(self) -> dict[str, Any]:
        """Return everything as data that JSON can hold."""
        etcd = self.plane.etcd.dump()
        return {
            "entries": etcd.pop("entries"),
            "name": self.name,
            "now": self.now(),
            "identity": self.identity,
            "etcd": etcd,
            "admission": vars(self.plane.api.admission.pod_security),
            "nodes": {node.name: node.dump() for node in self.nodes.values()},
            "events": self.plane.events.dump(),
            "fails": [self.plane.writes_fail_since, self.plane.etcd_fails_since, self.plane.hang_count],
        }

    def load(self, data: dict[str, Any]) -> None:
        """Make the world what `dump` described."""
        restored = Etcd.restored({**data["etcd"], "entries": data["entries"]})
        for field in Etcd.__slots__:
            if field != "watchers":
                setattr(self.plane.etcd, field, getattr(restored, field))
        self.identity = dict(data["identity"])
        for key, value in data["admission"].items():
            setattr(self.plane.api.admission.pod_security, key, tuple(value) if isinstance(value, list) else value)
        for name, node in data["nodes"].items():
            self.nodes[name].load(node, self.commands)
        self.plane.events.load(data.get("events", {}))
        self.plane.writes_fail_since, self.plane.etcd_fails_since, self.plane.hang_count = data["fails"]
        self.poke()

    def as_json(self) -> str:
        """Return the dump as text. etcd's entries are megabytes: they are written anew only when one changed."""
        data = self.dump()
        entries = data.pop("entries")
        if self._entries[0] != self.plane.etcd.index:
            self._entries = self.plane.etcd.index, json.dumps(entries, separators=(",", ":"))
        rest = json.dumps(data, separators=(",", ":"))
        return f'{{"entries":{self._entries[1]},{rest.removeprefix("{")}'
