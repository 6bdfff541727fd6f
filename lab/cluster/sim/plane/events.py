"""Events: reports of the cluster's parts about objects; repetitions are counted."""

from collections.abc import Callable
from dataclasses import dataclass

from lab.cluster.sim.api.objects import Object, meta, name_of, namespace_of, stamp
from lab.cluster.sim.plane.client import Client
from lab.cluster.sim.plane.correlator import Correlator
from lab.cluster.sim.state.declared import Derived, Given, stateful

__all__ = ["Events", "Recorder"]


@stateful
class Events:
    """Events of all programs; events that can't be written are lost, as in a real cluster."""

    _now: Given[Callable[[], float]]
    _answers: Given[Callable[[], bool]]
    #: Component and host -> its recorder; each program asks for its own at its start.
    _recorders: Derived[dict[tuple[str, str], "Recorder"]]
    _count: int
    #: A kubelet's host and its event, which waits until the API server answers.
    _kept: list[tuple[str, Object, str, str, str, str]]
    #: Component and host of a program -> the memory of its process.
    memory: dict[str, Correlator]

    def __init__(self, now: Callable[[], float], answers: Callable[[], bool]) -> None:
        self._now = now
        self._answers = answers
        self._recorders = {}
        self._count = 0
        self._kept = []
        self.memory = {}

    def recorder(
        self, client: Client, component: str, host: str = "", process: Callable[[], str] = str
    ) -> "Recorder":
        """Return the event recorder of the program with `client`, the same one for the same program.

        `process` returns the id of the program's process, a new one after each start.
        """
        return self._recorders.setdefault((component, host), Recorder(self, client, component, host, process))

    def write(  # noqa: PLR0917 -- the parts of an event
        self, recorder: "Recorder", item: Object, kind: str, reason: str, message: str, field: str
    ) -> None:
        """Write an event about `item`, or count it up."""
        if not self._answers():
            # A kubelet keeps its events until the API server answers.
            if recorder.component == "kubelet":
                self._kept = [*self._kept[-40:], (recorder.host, item, kind, reason, message, field)]
            return
        if self._kept:
            kept, self._kept = self._kept, []
            for host, *parts in kept:
                self.write(self._recorders["kubelet", host], *parts)  # type: ignore[arg-type]
        now = self._now()
        memory = self._memory(recorder)
        about = f"{item['kind']}/{namespace_of(item)}/{name_of(item)}/{meta(item).get('uid', '')}"
        told = memory.tell(about, f"{kind}/{reason}", message, field, now)
        if told.skipped:
            return
        namespace = namespace_of(item) or "default"
        old = recorder.client.get("Event", namespace, told.name) if told.name else None
        if old is not None:
            again = {"count": told.count, "message": told.message, "lastTimestamp": stamp(now)}
            recorder.client.update({**old, **again})
            return
        event = self._event(item, kind, reason, told.message, recorder.component, recorder.host, field)
        event["count"] = told.count
        if recorder.client.create(event).ok:
            memory.wrote(told, name_of(event))

    def _event(  # noqa: PLR0917 -- the parts of an event
        self, item: Object, kind: str, reason: str, message: str, component: str, host: str, field: str
    ) -> Object:
        now = self._now()
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

    def _memory(self, recorder: "Recorder") -> Correlator:
        """Return the memory of the recorder's program: an empty one if it has restarted."""
        who, process = f"{recorder.component}/{recorder.host}", recorder.process()
        found = self.memory.get(who)
        if found is None or found.process != process:
            found = self.memory[who] = Correlator(process)
        return found


@dataclass(frozen=True, slots=True)
class Recorder:
    """The event recorder of one program, `component` on `host`."""

    events: Events
    client: Client
    component: str
    host: str
    process: Callable[[], str]

    def record(self, item: Object, kind: str, reason: str, message: str, field: str = "") -> None:
        """Write an event about `item`, or count it up. `kind` is Normal or Warning, `field` a part of the item."""
        self.events.write(self, item, kind, reason, message, field)
