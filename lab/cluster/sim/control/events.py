"""Events: what the cluster's parts say happened to objects, counted when it happens again."""

from typing import TYPE_CHECKING, Any

from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object, clone, meta, name_of, namespace_of, stamp, uid
from lab.cluster.sim.control.correlator import Correlator

if TYPE_CHECKING:
    from lab.cluster.sim.world.world import World

__all__ = ["Events"]


class Events:
    """Writes events; where they can't be written they are lost, as in a real cluster."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self._count = 0
        self._kept: list[tuple[Object, str, str, str, str, str, str]] = []
        #: Who tells -> what its process remembers.
        self.memory: dict[str, Correlator] = {}

    def record(  # noqa: PLR0917 -- the parts of an event
        self, item: Object, kind: str, reason: str, message: str, component: str, host: str = "", field: str = ""
    ) -> None:
        """Write an event about `item`, or count it up."""
        if not self.world.api_answers():
            # A kubelet keeps what it has to tell until somebody listens.
            if component == "kubelet":
                self._kept = [*self._kept[-40:], (item, kind, reason, message, component, host, field)]
            return
        if self._kept:
            kept, self._kept = self._kept, []
            for each in kept:
                self.record(*each)
        now = self.world.now()
        memory = self._memory(component, host)
        about = f"{item['kind']}/{namespace_of(item)}/{name_of(item)}/{meta(item).get('uid', '')}"
        told = memory.tell(about, f"{kind}/{reason}", message, field, now)
        if told.skipped:
            return
        store, namespace = self.world.store, namespace_of(item) or "default"
        old = store.get(KIND["Event"], namespace, told.name) if told.name else None
        if old is not None:
            again = clone(old)
            again |= {"count": told.count, "message": told.message, "lastTimestamp": stamp(now)}
            self.world.attempt(lambda: store.update(KIND["Event"], again))
            return
        event = self._event(item, kind, reason, told.message, component, host, field)
        event["count"] = told.count
        if store.get(KIND["Event"], namespace, name_of(event)) is None and self.world.attempt(
            lambda: store.create(KIND["Event"], event)
        ):
            memory.wrote(told, name_of(event))

    def _event(  # noqa: PLR0917 -- the parts of an event
        self, item: Object, kind: str, reason: str, message: str, component: str, host: str, field: str
    ) -> Object:
        now = self.world.now()
        self._count += 1
        involved = {
            "kind": item["kind"],
            "namespace": namespace_of(item),
            "name": name_of(item),
            "uid": meta(item).get("uid", ""),
            "apiVersion": item.get("apiVersion", "v1"),
            "resourceVersion": meta(item).get("resourceVersion", ""),
            "fieldPath": field,
        }
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": f"{name_of(item)}.{int(now * 1e6) + self._count:016x}",
                "namespace": namespace_of(item) or "default",
                "uid": uid(),
                "creationTimestamp": stamp(now),
            },
            "involvedObject": {key: value for key, value in involved.items() if value},
            "reason": reason,
            "message": message,
            "source": {"component": component, **({"host": host} if host else {})},
            "firstTimestamp": stamp(now),
            "lastTimestamp": stamp(now),
            "count": 1,
            "type": kind,
            "eventTime": None,
            "reportingComponent": component,
            "reportingInstance": host,
        }

    def _memory(self, component: str, host: str) -> Correlator:
        """Return what the program that tells remembers: nothing, if it has started anew."""
        who, process = f"{component}/{host}", self._process(component, host)
        found = self.memory.get(who)
        if found is None or found.process != process:
            found = self.memory[who] = Correlator(process)
        return found

    def _process(self, component: str, host: str) -> str:
        if component.endswith("-controller"):
            container = self.world.program("kube-controller-manager")
        elif component == "default-scheduler":
            container = self.world.program("kube-scheduler")
        else:
            return str(self.world.nodes[host].kubelet.began) if host in self.world.nodes else ""
        return container.id if container else ""

    def dump(self) -> dict[str, Any]:
        """Return what is remembered as data."""
        return {who: memory.dump() for who, memory in self.memory.items()}

    def load(self, data: dict[str, Any]) -> None:
        """Make it what `dump` described."""
        self.memory = {who: Correlator(**each) for who, each in data.items()}
