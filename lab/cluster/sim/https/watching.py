"""A watch: the events of the objects that a client has asked for, a line of JSON each."""

from collections.abc import Callable

from pydantic_core import to_json

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.objects import Object, meta, name_of, namespace_of
from lab.cluster.sim.api.requests import Target
from lab.cluster.sim.api.selectors import check_selectors, field_matches, label_matches
from lab.cluster.sim.api.store import Change
from lab.cluster.sim.api.tables import table
from lab.cluster.sim.https.asked import Asked
from lab.cluster.sim.https.changes import ChangeLog, as_of
from lab.cluster.sim.https.pages import partial, shown_table

__all__ = ["Watch"]

_INITIAL = "k8s.io/initial-events-end"


class Watch:
    """One watch. `send` takes each line; calls are on the simulator's loop."""

    def __init__(
        self, log: ChangeLog, target: Target, asked: Asked, send: Callable[[bytes], None], now: Callable[[], float]
    ) -> None:
        self._log = log
        self._target = target
        self._asked = asked
        self._send = send
        self._now = now
        self._labels = asked.query.get("labelSelector", "")
        self._fields = asked.query.get("fieldSelector", "")
        check_selectors(target.kind, self._labels, self._fields)
        #: The objects that the client knows: (namespace, name).
        self._known: set[tuple[str, str]] = set()
        self._end: Callable[[], None] = lambda: None

    def begin(self) -> None:
        """Send the events so far, and the others as they come; raise `ApiError` 410 for a time long ago."""
        query = self._asked.query
        revision = query.get("resourceVersion", "")
        initial = self._asked.on("sendInitialEvents") or revision in {"", "0"}
        present = self._log.store.list(self._target.kind, self._target.namespace)
        if initial and (self._asked.on("sendInitialEvents") or "sendInitialEvents" not in query):
            for item in present:
                if self._fits(item):
                    self._tell("ADDED", item)
            if self._asked.on("sendInitialEvents"):
                self.bookmark(initial=True)
        else:
            past = self._log.since(int(revision)) if revision.isdigit() else []
            if past is None:
                message = f"too old resource version: {revision} ({self._log.store.revision()})"
                raise ApiError(410, "Expired", message)
            self._known = self._known_before(present, past)
            for change in past:
                self._notice(change)
        self._end = self._log.watch(self._notice)

    def _known_before(self, present: list[Object], past: list[Change]) -> set[tuple[str, str]]:
        """Return the objects that the client knows from before the changes of `past`."""
        first: dict[tuple[str, str], Change] = {}
        for change in past:
            if change.kind == self._target.kind.kind:
                first.setdefault(_key(change.item), change)
        known = {key for item in present if (key := _key(item)) not in first and self._fits(item)}
        return known | {key for key, change in first.items() if change.type != "ADDED" and self._fits(change.item)}

    def end(self) -> None:
        """Send nothing more."""
        self._end()

    def bookmark(self, *, initial: bool = False) -> None:
        """Tell the client up to which revision it knows everything."""
        metadata: Object = {"resourceVersion": self._log.store.revision(), "creationTimestamp": None}
        if initial:
            metadata["annotations"] = {_INITIAL: "true"}
        kind = self._target.kind
        item: Object = {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": metadata}
        if self._asked.accepts("Table"):
            item |= {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "columnDefinitions": None, "rows": []}
        self._send(to_json({"type": "BOOKMARK", "object": item}) + b"\n")

    def _notice(self, change: Change) -> None:
        item = change.item
        if change.kind != self._target.kind.kind:
            return
        key, fits = _key(item), change.type != "DELETED" and self._fits(item)
        if fits:
            self._tell("MODIFIED" if key in self._known else "ADDED", item)
        elif key in self._known:
            self._tell("DELETED", as_of(change))

    def _fits(self, item: Object) -> bool:
        target = self._target
        if target.namespace and namespace_of(item) != target.namespace:
            return False
        if target.name and name_of(item) != target.name:
            return False
        return (not self._labels or label_matches(self._labels, item)) and (
            not self._fields or field_matches(self._fields, item)
        )

    def _tell(self, how: str, item: Object) -> None:
        if how == "DELETED":
            self._known.discard(_key(item))
        else:
            self._known.add(_key(item))
        if self._asked.accepts("Table"):
            shown = table(self._target.kind, [item], self._now())
            item = shown_table(shown, self._asked.query.get("includeObject", ""), meta(item)["resourceVersion"])
        elif self._asked.accepts("PartialObjectMetadata"):
            item = partial(item)
        self._send(to_json({"type": how, "object": item}) + b"\n")


def _key(item: Object) -> tuple[str, str]:
    return namespace_of(item), name_of(item)
