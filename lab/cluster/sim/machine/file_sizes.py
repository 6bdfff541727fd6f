"""Sizes of files whose contents are not modelled: those of etcd, which grow with its data."""

import zlib

from lab.cluster.sim.machine.machine import Machine

__all__ = ["DB", "WAL", "blocks_of", "inode", "size_of"]

DB = "/var/lib/etcd/member/snap/db"
#: etcd allocates its log in files of this size.
WAL = {f"/var/lib/etcd/member/wal/{name}": 64_000_000 for name in ("0.tmp", f"{0:016}-{0:016}.wal")}
_BLOCK = 4096


def size_of(machine: Machine, path: str, size: int) -> int:
    """Return the size of the file at `path` in bytes; `size` is the size in the model."""
    if path in machine.sizes:
        return max(machine.sizes[path](), size)
    return WAL.get(path, size)


def inode(path: str) -> int:
    """Return the inode number of the file at `path`."""
    return 262_144 + zlib.crc32(path.encode()) % 900_000


def blocks_of(size: int) -> int:
    """Return the KiB of disk that a file of that size takes."""
    return -(-size // _BLOCK) * (_BLOCK // 1024)
