"""etcd as a model: revisions, a file that grows with history, a quota and the alarm it raises."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "CLUSTER_ID",
    "DEFAULT_QUOTA",
    "MEMBER_ID",
    "CompactedError",
    "Entry",
    "Etcd",
    "FutureRevisionError",
    "NoSpaceError",
]

DEFAULT_QUOTA = 2 * 1024**3
MEMBER_ID = 0xE69A8F5D3D1B0A64 & 0x7FFFFFFFFFFFFFFF
CLUSTER_ID = 0x6A3F2B1C9D8E7F05
PAGE = 4096
#: What a stored revision takes beyond key and value (protobuf fields, bbolt element).
OVERHEAD = 96


class NoSpaceError(Exception):
    """The quota is exceeded: no write until the alarm is disarmed."""


class CompactedError(Exception):
    """The revision asked for is gone."""


class FutureRevisionError(Exception):
    """The revision asked for is not there yet."""


@dataclass(slots=True)
class Entry:
    """A key's newest value."""

    value: Any
    created: int
    modified: int
    version: int
    size: int


@dataclass(slots=True)
class Etcd:
    """The database; whether its process runs is the runtime's business."""

    revision: int = 1
    compacted: int = 0
    term: int = 2
    index: int = 10
    quota: int = DEFAULT_QUOTA
    alarm: bool = False
    allocated: int = 20 * PAGE
    used: int = 16 * PAGE
    entries: dict[str, Entry] = field(default_factory=dict)
    #: Sizes of revisions that a compaction may drop: (revision that replaced it, size).
    superseded: list[tuple[int, int]] = field(default_factory=list)
    puts: int = 0
    deletes: int = 0
    put_bytes: int = 0
    #: When the server process came up, and what it asked for.
    started: float = 0.0
    _keys: list[str] | None = field(default=None, repr=False, compare=False)

    def get(self, key: str) -> Entry | None:
        """Return the entry of `key`."""
        return self.entries.get(key)

    def scan(self, prefix: str) -> Iterator[tuple[str, Entry]]:
        """Return all entries whose keys begin with `prefix`, in order."""
        keys = self._ordered()
        # No key has a character as high as the one behind the range.
        first, last = bisect_left(keys, prefix), bisect_left(keys, prefix + "\U0010ffff")
        return ((key, self.entries[key]) for key in keys[first:last])

    def _ordered(self) -> list[str]:
        """Return all keys in order; they are sorted anew only when some came or went."""
        if self._keys is None:
            self._keys = sorted(self.entries)
        return self._keys

    def put(self, key: str, value: object, size: int) -> int:
        """Write `key`; return the new revision.

        Raises:
            NoSpaceError: the alarm is on, or this write raised it.

        """
        cost = size + len(key) + OVERHEAD
        self.index += 1
        if self.alarm:
            raise NoSpaceError
        if self.allocated + cost > self.quota:
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
            self._keys = None
        created, version = (old.created, old.version + 1) if old else (self.revision, 1)
        self.entries[key] = Entry(value, created, self.revision, version, cost)
        return self.revision

    def delete(self, key: str) -> bool:
        """Remove `key`, leaving a tombstone in history; return whether it was there."""
        old = self.entries.pop(key, None)
        self.index += 1
        if old is None:
            return False
        self._keys = None
        self.revision += 1
        self.deletes += 1
        tombstone = len(key) + OVERHEAD
        self._grow(tombstone)
        self.superseded += [(self.revision, old.size), (self.revision, tombstone)]
        return True

    def compact(self, revision: int) -> None:
        """Drop history up to `revision`; the file keeps its size, with free pages in it.

        Raises:
            CompactedError: it was dropped before.
            FutureRevisionError: there is no such revision yet.

        """
        if revision <= self.compacted:
            raise CompactedError
        if revision > self.revision:
            raise FutureRevisionError
        self.used -= sum(size for replaced, size in self.superseded if replaced <= revision)
        self.superseded = [item for item in self.superseded if item[0] > revision]
        self.compacted = revision
        self.index += 1

    def defragment(self) -> None:
        """Give free pages back: the file becomes as small as its content."""
        self.allocated = self._pages(self.used) + 4 * PAGE

    def disarm(self) -> bool:
        """Clear the alarm; return whether there was one."""
        was, self.alarm = self.alarm, False
        self.index += 1
        return was

    @property
    def size(self) -> int:
        """The database's size, free pages included (dbSize)."""
        return self._pages(self.allocated)

    @property
    def size_in_use(self) -> int:
        """What of the size is content (dbSizeInUse)."""
        return min(self._pages(self.used), self.size)

    def dump(self) -> dict[str, Any]:
        """Return the database as data."""
        # Not dataclasses.asdict: it copies every object, each second.
        data = {name: getattr(self, name) for name in self.__slots__ if name != "_keys"}
        data["entries"] = {
            key: {name: getattr(entry, name) for name in Entry.__slots__} for key, entry in self.entries.items()
        }
        return data

    @classmethod
    def restored(cls, data: dict[str, Any]) -> "Etcd":
        """Return the database that `dump` described."""
        entries = {key: Entry(**entry) for key, entry in data.pop("entries").items()}
        superseded = [(revision, size) for revision, size in data.pop("superseded")]
        return cls(**data, entries=entries, superseded=superseded)

    def _grow(self, cost: int) -> None:
        self.used += cost
        self.allocated = max(self.allocated, self._pages(self.used))

    @staticmethod
    def _pages(size: int) -> int:
        return -(-size // PAGE) * PAGE
