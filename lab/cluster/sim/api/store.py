"""Objects in etcd: keys, resource versions, watches."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.etcd import Entry, Etcd, NoSpaceError
from lab.cluster.sim.api.kinds import Kind
from lab.cluster.sim.api.objects import Object, meta, name_of, namespace_of
from lab.cluster.sim.state.declared import Derived, Given, stateful
from lab.cluster.sim.state.large import LARGE, shared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Change", "Store"]

_PREFIX = {
    "services": "services/specs",
    "endpoints": "services/endpoints",
    "nodes": "minions",
    "ingresses": "ingress",
}
_REGISTRY = "/registry/"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an object."""

    revision: int
    kind: str
    type: str
    item: Object


@stateful
class Store:
    """The API server's view of etcd.

    Objects that came out of it, or went in, must not be changed: copy them first.
    """

    etcd: Given[Etcd]
    #: Parts of the world, which are there again, and shells, which end with their process.
    listeners: Derived["list[Callable[[Change], None]]"]
    #: Folder under /registry -> the last revision that changed it.
    _changed: dict[str, int]
    #: Prefix of keys -> the version of their kind, and the objects as of that: a cache.
    _current: Derived[dict[str, tuple[int, tuple[Object, ...]]]]
    #: Kind -> all its objects, and those of them that each UID owns: a cache.
    _owned: Derived[dict[str, tuple[tuple[Object, ...], dict[str, list[Object]]]]]

    def __init__(self, etcd: Etcd) -> None:
        self.etcd = etcd
        self.listeners = []
        self._changed = {}
        self._current = {}
        self._owned = {}
        etcd.watchers.append(self._notice)

    @staticmethod
    def prefix(kind: Kind, namespace: str = "") -> str:
        """Return the prefix of the keys of `kind` in `namespace`."""
        root = _root(kind.plural, kind.group)
        return f"{root}{namespace}/" if namespace else root

    def key(self, kind: Kind, namespace: str, name: str) -> str:
        """Return the key of one object."""
        return self.prefix(kind, namespace if kind.namespaced else "") + name

    def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """Return an object, or None."""
        entry = self.etcd.get(self.key(kind, namespace, name))
        found: Object | None = entry.value if entry else None
        return found

    def current(self, kind: Kind, namespace: str = "") -> tuple[Object, ...]:
        """Return all objects of `kind`, ordered by namespace and name: the same tuple until one changes."""
        version = self.version(kind)
        prefix = self.prefix(kind, namespace if kind.namespaced else "")
        known = self._current.get(prefix)
        if known is None or known[0] != version:
            known = self._current[prefix] = version, tuple(entry.value for _, entry in self.etcd.scan(prefix))
        return known[1]

    def owned(self, kind: Kind, owner: Object) -> list[Object]:
        """Return the objects of a kind that `owner` controls, ordered by name."""
        every = self.current(kind)
        known = self._owned.get(kind.kind)
        if known is None or known[0] is not every:
            known = self._owned[kind.kind] = every, _by_owner(every)
        found, namespace = known[1].get(meta(owner)["uid"], []), namespace_of(owner)
        if not namespace or not kind.namespaced:
            return list(found)
        return [item for item in found if namespace_of(item) == namespace]

    def list(self, kind: Kind, namespace: str = "") -> list[Object]:
        """Return all objects of a kind, ordered by namespace and name."""
        return list(self.current(kind, namespace))

    def create(self, kind: Kind, item: Object) -> Object:
        """Write a new object; raise `ApiError` 409 if one of that name exists."""
        name, namespace = name_of(item), namespace_of(item)
        if self.get(kind, namespace, name) is not None:
            raise ApiError.already_exists(kind, name)
        return self._put(kind, item, "ADDED")

    def update(self, kind: Kind, item: Object) -> Object:
        """Write an existing object; raise `ApiError` if it is gone or was changed in between."""
        name, namespace = name_of(item), namespace_of(item)
        old = self.get(kind, namespace, name)
        if old is None:
            raise ApiError.not_found(kind, name)
        wanted = item["metadata"].get("resourceVersion")
        if wanted and wanted != old["metadata"]["resourceVersion"]:
            raise ApiError.conflict(kind, name)
        if _same(old, item):
            return old
        return self._put(kind, item, "MODIFIED")

    def delete(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """Remove an object; return its last state."""
        old = self.get(kind, namespace, name)
        if old is None or not self.etcd.delete(self.key(kind, namespace, name)):
            return None
        self._tell(Change(self.etcd.revision, kind.kind, "DELETED", old))
        return old

    def revision(self) -> str:
        """Return the resource version of the whole store."""
        return str(self.etcd.revision)

    def version(self, kind: Kind) -> int:
        """Return a number that changes when an object of `kind` changes, whoever changes it."""
        return self._changed.get(_folder_of(kind.plural, kind.group), 0)

    def _notice(self, key: str, _now: Entry | None, _before: Entry | None) -> None:
        if key.startswith(_REGISTRY):
            self._changed[_folder(key)] = self.etcd.revision

    def _put(self, kind: Kind, item: Object, how: str) -> Object:
        version = meta(item).pop("resourceVersion", None)
        size = int(_length(item) * 0.85) + 40
        try:
            revision = self.etcd.put(self.key(kind, namespace_of(item), name_of(item)), item, size)
        except NoSpaceError:
            if version:
                meta(item)["resourceVersion"] = version
            raise
        if size > LARGE:
            shared(item)
        meta(item)["resourceVersion"] = str(revision)
        self._tell(Change(revision, kind.kind, how, item))
        return item

    def _tell(self, change: Change) -> None:
        for listener in self.listeners:
            listener(change)


def _by_owner(items: "Iterable[Object]") -> dict[str, list[Object]]:
    found: dict[str, list[Object]] = {}
    for item in items:
        for uid in {reference["uid"] for reference in meta(item).get("ownerReferences") or []}:
            found.setdefault(uid, []).append(item)
    return found


@cache
def _root(plural: str, group: str) -> str:
    """Return the prefix of all keys of a kind."""
    if group in {"apiextensions.k8s.io", "apiregistration.k8s.io"}:
        return f"{_REGISTRY}{group}/{plural}/"
    return f"{_REGISTRY}{_PREFIX.get(plural, plural)}/"


@cache
def _folder_of(plural: str, group: str) -> str:
    return _folder(_root(plural, group))


def _folder(key: str) -> str:
    return key[len(_REGISTRY) :].partition("/")[0]


def _length(value: object) -> int:
    """Return the approximate length of a value as JSON."""
    if isinstance(value, str):
        return len(value) + 2
    length = 0
    if isinstance(value, dict):
        for key, part in value.items():
            length += len(key) + 4 + (len(part) + 2 if part.__class__ is str else _length(part))
    elif isinstance(value, list):
        for part in value:
            length += 1 + _length(part)
    else:
        length = 4
    return length


def _same(old: Object, new: Object) -> bool:
    def bare(item: Object) -> dict[str, Any]:
        metadata = {key: value for key, value in item["metadata"].items() if key != "resourceVersion"}
        return {**item, "metadata": metadata}

    return bare(old) == bare(new)
