"""A model of etcd: revisions, a file that grows with history, a quota and the alarm it raises."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lab.cluster.sim.api.etcd_access import Access
from lab.cluster.sim.state.declared import Derived, Settled, stateful

__all__ = [
    "CLUSTER_ID",
    "DEFAULT_QUOTA",
    "MEMBER_ID",
    "CompactedError",
    "Entry",
    "Etcd",
    "FutureRevisionError",
    "Lease",
    "NoSpaceError",
    "Past",
]

DEFAULT_QUOTA = 2 * 1024**3
MEMBER_ID = 0xE69A8F5D3D1B0A64 & 0x7FFFFFFFFFFFFFFF
CLUSTER_ID = 0x6A3F2B1C9D8E7F05
PAGE = 4096
#: Bytes of a stored revision beside key and value (protobuf fields, bbolt element).
OVERHEAD = 96
#: How many bytes of values there is room for: less than a quota may allow, since all clusters share one memory.
_ROOM = 128 << 20
#: The shortest lease in s: longer than an election.
SHORTEST_LEASE = 2


class NoSpaceError(Exception):
    """The quota is exceeded: every write fails until the alarm is disarmed."""


class CompactedError(Exception):
    """The requested revision is compacted."""


class FutureRevisionError(Exception):
    """The requested revision does not exist yet."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The newest value of a key."""

    value: Any
    created: int
    modified: int
    version: int
    size: int
    lease: int = 0


@dataclass(slots=True)
class Past:
    """A revision's change to a key. For objects of the API server only the deletion is kept, without a value."""

    revision: int
    key: str
    #: None: the revision deleted the key.
    entry: Entry | None
    #: For a deleted key: the revision that created it.
    created: int = 0
    #: For a deleted key: whether history keeps its values.
    kept: bool = True


@dataclass(slots=True)
class Lease:
    """A lease: time granted to the keys that are attached to it."""

    id: int
    ttl: int
    expires: float


#: Called with each change: the key, its new entry, its old entry.
Watcher = Callable[[str, Entry | None, Entry | None], None]


@stateful
@dataclass(slots=True)
class Etcd:
    """The database. The runtime decides whether its process runs."""

    revision: int = 1
    compacted: int = 0
    term: int = 2
    index: int = 10
    quota: int = DEFAULT_QUOTA
    alarm: bool = False
    allocated: int = 20 * PAGE
    used: int = 16 * PAGE
    entries: Settled[dict[str, Entry]] = field(default_factory=dict)
    #: Sizes of revisions that a compaction may drop: (revision that replaced it, size).
    superseded: list[tuple[int, int]] = field(default_factory=list)
    puts: int = 0
    deletes: int = 0
    put_bytes: int = 0
    #: The start time of the server process, and its requested quota.
    started: float = 0.0
    past: list[Past] = field(default_factory=list)
    leases: dict[int, Lease] = field(default_factory=dict)
    #: The peer addresses after `member update`.
    peer_urls: list[str] = field(default_factory=list)
    access: Access = field(default_factory=Access)
    #: The store, which is there again, and shells, which end with their process.
    watchers: Derived[list[Watcher]] = field(default_factory=list, repr=False, compare=False)
    #: The keys in order: a cache.
    _keys: Derived[list[str] | None] = field(default=None, repr=False, compare=False)

    def get(self, key: str) -> Entry | None:
        """Return the entry of `key`."""
        return self.entries.get(key)

    def span(self, first: str, end: str | None) -> list[tuple[str, Entry]]:
        """Return the entries from key `first` up to, but without, `end`; without `end`, all the rest."""
        keys = self._ordered()
        return [(key, self.entries[key]) for key in keys[bisect_left(keys, first) :] if end is None or key < end]

    def at(self, revision: int, first: str, end: str | None) -> list[tuple[str, Entry | None]]:
        """Return the values of the keys of a span at `revision`; None for values that are not kept.

        Raises:
            CompactedError: the revision was compacted.
            FutureRevisionError: the revision does not exist yet.

        """
        if revision < self.compacted:
            raise CompactedError
        if revision > self.revision:
            raise FutureRevisionError
        held: dict[str, Entry | None] = {}
        for key, entry in self.span(first, end):
            if entry.created <= revision:
                held[key] = entry if entry.modified <= revision else None
        for past in self.past:
            if past.key < first or (end is not None and past.key >= end):
                continue
            if past.revision <= revision:
                held[past.key] = past.entry
                if past.entry is None:
                    del held[past.key]
            elif past.entry is None and not past.kept and past.created <= revision:
                held.setdefault(past.key, None)
        return sorted(held.items())

    def scan(self, prefix: str) -> Iterator[tuple[str, Entry]]:
        """Return all entries whose keys begin with `prefix`, in order."""
        keys = self._ordered()
        # No key contains a character as high as the end of the range.
        first, last = bisect_left(keys, prefix), bisect_left(keys, prefix + "\U0010ffff")
        return ((key, self.entries[key]) for key in keys[first:last])

    def _ordered(self) -> list[str]:
        """Return all keys in order."""
        if self._keys is None:
            self._keys = sorted(self.entries)
        return self._keys

    def put(self, key: str, value: object, size: int, lease: int = 0) -> int:
        """Write `key`; return the new revision.

        Raises:
            NoSpaceError: the alarm is on, or this write raised it.

        """
        cost = size + len(key) + OVERHEAD
        self.index += 1
        if self.alarm:
            raise NoSpaceError
        if self.allocated + cost > self.quota or self.used + cost > _ROOM < self._held() + cost:
            self.alarm = True
            raise NoSpaceError
        self._grow(cost)
        self.revision += 1
        self.puts += 1
        self.put_bytes += cost
        old = self.entries.get(key)
        if old:
            self.superseded.append((self.revision, old.size))
        else:
            insort(self._ordered(), key)
        created, version = (old.created, old.version + 1) if old else (self.revision, 1)
        entry = self.entries[key] = Entry(value, created, self.revision, version, cost, lease)
        if isinstance(value, str):
            self.past.append(Past(self.revision, key, entry))
        for watcher in list(self.watchers):
            watcher(key, entry, old)
        return self.revision

    def _held(self) -> int:
        """Return how many bytes of values are kept: of objects of the API server, only the newest."""
        kept = (past.entry.size for past in self.past if past.entry is not None)
        return sum(entry.size for entry in self.entries.values()) + sum(kept)

    def delete(self, key: str) -> bool:
        """Remove `key` and leave a tombstone in history; return whether the key existed."""
        old = self.entries.pop(key, None)
        self.index += 1
        if old is None:
            return False
        if self._keys is not None:
            del self._keys[bisect_left(self._keys, key)]
        self.revision += 1
        self.deletes += 1
        tombstone = len(key) + OVERHEAD
        self._grow(tombstone)
        self.superseded += [(self.revision, old.size), (self.revision, tombstone)]
        self.past.append(Past(self.revision, key, None, old.created, isinstance(old.value, str)))
        for watcher in list(self.watchers):
            watcher(key, None, old)
        return True

    def grant(self, ttl: int, now: float) -> Lease:
        """Grant a lease of `ttl` s, or of the shortest possible duration.

        Raises:
            NoSpaceError: the alarm is on.

        """
        self.index += 1
        if self.alarm:
            raise NoSpaceError
        ttl = max(ttl, SHORTEST_LEASE)
        # As in etcd: from the member's id, the time, and a counter.
        number = (MEMBER_ID & 0x7FFF) << 48 | (int(now * 1000) & 0xFFFFFFFF) << 16 | (self.index & 0xFFFF)
        lease = self.leases[number] = Lease(number, ttl, now + ttl)
        return lease

    def revoke(self, number: int) -> bool:
        """End a lease and its keys; return whether the lease existed."""
        self.index += 1
        if self.leases.pop(number, None) is None:
            return False
        for key in self.attached(number):
            self.delete(key)
        return True

    def attached(self, number: int) -> list[str]:
        """Return the keys attached to a lease."""
        return [key for key, entry in self.entries.items() if entry.lease == number and number]

    def expire(self, now: float) -> None:
        """End the expired leases."""
        for lease in [lease for lease in self.leases.values() if lease.expires <= now]:
            self.revoke(lease.id)

    def compact(self, revision: int) -> None:
        """Drop history up to `revision`. The file keeps its size and gains free pages.

        Raises:
            CompactedError: the revision was compacted before.
            FutureRevisionError: the revision does not exist yet.

        """
        if revision <= self.compacted:
            raise CompactedError
        if revision > self.revision:
            raise FutureRevisionError
        self.used -= sum(size for replaced, size in self.superseded if replaced <= revision)
        self.superseded = [item for item in self.superseded if item[0] > revision]
        newest = {past.key: past for past in self.past if past.revision <= revision}
        self.past = [
            past
            for past in self.past
            if past.revision > revision or (newest[past.key] is past and past.entry is not None)
        ]
        self.compacted = revision
        self.index += 1

    def defragment(self) -> None:
        """Free the empty pages: the file becomes as small as its content."""
        self.allocated = self._pages(self.used) + 4 * PAGE

    def disarm(self) -> bool:
        """Clear the alarm; return whether it was on."""
        was, self.alarm = self.alarm, False
        self.index += 1
        return was

    @property
    def size(self) -> int:
        """The database's size with free pages (dbSize)."""
        return self._pages(self.allocated)

    @property
    def size_in_use(self) -> int:
        """The size of the content (dbSizeInUse)."""
        return min(self._pages(self.used), self.size)

    def _grow(self, cost: int) -> None:
        self.used += cost
        self.allocated = max(self.allocated, self._pages(self.used))

    @staticmethod
    def _pages(size: int) -> int:
        return -(-size // PAGE) * PAGE
