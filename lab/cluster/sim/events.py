"""Events: what the cluster's parts say happened to objects, counted when it happens again."""

from typing import TYPE_CHECKING

from lab.cluster.sim.kinds import KINDS
from lab.cluster.sim.objects import Object, clone, meta, name_of, namespace_of, parse_time, stamp, uid

if TYPE_CHECKING:
    from lab.cluster.sim.world import World

__all__ = ["Events"]

_KIND = next(kind for kind in KINDS if kind.kind == "Event")
#: How long an event is kept (seconds).
_TTL = 3600
#: So many events that differ in their message only are written within ten minutes; then one stands for all others.
_MOST_ALIKE = 10
_ALIKE_FOR = 600.0
_COMBINED = "(combined from similar events): "


class Events:
    """Writes events; where they can't be written they are lost, as in a real cluster."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self._count = 0
        self._kept: list[tuple[Object, str, str, str, str, str, str]] = []

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
        store, now = self.world.store, self.world.now()
        namespace = namespace_of(item) or "default"
        involved = {
            "kind": item["kind"],
            "namespace": namespace_of(item),
            "name": name_of(item),
            "uid": meta(item).get("uid", ""),
            "apiVersion": item.get("apiVersion", "v1"),
            "resourceVersion": meta(item).get("resourceVersion", ""),
            "fieldPath": field,
        }
        involved = {key: value for key, value in involved.items() if value}
        known = store.list(_KIND, namespace)
        since = max(now - _ALIKE_FOR, self._remembers(component))
        message = self._combined(known, involved, reason, message, field, since)
        for old in known:
            same = old["involvedObject"].get("uid") == involved.get("uid") and old["reason"] == reason
            alike = old["message"] == message or (
                message.startswith(_COMBINED) and old["message"].startswith(_COMBINED)
            )
            if same and alike and old["involvedObject"].get("fieldPath", "") == field:
                again = clone(old)
                again["count"] += 1
                again["message"] = message
                again["lastTimestamp"] = stamp(now)
                self.world.attempt(lambda again=again: store.update(_KIND, again))  # type: ignore[misc]
                return
        self._count += 1
        source = {"component": component, **({"host": host} if host else {})}
        event: Object = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": f"{name_of(item)}.{int(now * 1e6) + self._count:016x}",
                "namespace": namespace,
                "uid": uid(),
                "creationTimestamp": stamp(now),
            },
            "involvedObject": involved,
            "reason": reason,
            "message": message,
            "source": source,
            "firstTimestamp": stamp(now),
            "lastTimestamp": stamp(now),
            "count": 1,
            "type": kind,
            "eventTime": None,
            "reportingComponent": component,
            "reportingInstance": host,
        }
        if store.get(_KIND, namespace, event["metadata"]["name"]) is None:
            self.world.attempt(lambda: store.create(_KIND, event))

    def _remembers(self, component: str) -> float:
        """Return since when the program that tells remembers what it has told."""
        program = self.world.program("kube-controller-manager") if component.endswith("-controller") else None
        return program.started if program else 0.0

    @staticmethod
    def _combined(  # noqa: PLR0917 -- the parts of an event
        known: list[Object], involved: Object, reason: str, message: str, field: str, since: float
    ) -> str:  # fmt: skip
        """Return the message, marked as one for many where there have been many alike of late."""
        alike = {
            old["message"]
            for old in known
            if old["involvedObject"].get("uid") == involved.get("uid")
            and old["reason"] == reason
            and old["involvedObject"].get("fieldPath", "") == field
            and parse_time(old["lastTimestamp"]) > since
        }
        full = len(alike) >= _MOST_ALIKE - 1 and message not in alike
        return _COMBINED + message if full else message
