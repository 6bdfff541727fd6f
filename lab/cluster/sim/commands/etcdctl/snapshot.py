"""Snapshots of etcd in the node's files: `etcdctl snapshot save` writes them, etcdutl reads them."""

import json
import posixpath
import zlib
from dataclasses import asdict, dataclass

from lab.cluster.sim.api.etcd import Etcd
from lab.cluster.sim.bash.running.call import Exit
from lab.cluster.sim.commands.etcdctl.connection import BAD_ARGS, Client, connect
from lab.cluster.sim.commands.etcdctl.status import human_size
from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.text.times import iso
from lab.cluster.sim.timing.durations import parse_duration

__all__ = ["Snapshot", "read", "save", "taken"]

_MAGIC = "etcd snapshot "
_INTERRUPTED = 5


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The content of a snapshot's file."""

    hash: int
    revision: int
    keys: int
    size: int
    compacted: int
    leased: bool
    version: str = "3.6.0"


def taken(etcd: Etcd) -> Snapshot:
    """Return the content of a snapshot taken now."""
    entries = etcd.entries
    # API servers attach leases to events.
    leased = any(entry.lease for entry in entries.values()) or any(
        key.startswith("/registry/events") for key in entries
    )
    checksum = zlib.crc32(f"{etcd.revision} {etcd.index} {len(entries)}".encode())
    return Snapshot(
        checksum, etcd.revision, len(entries) + len(etcd.superseded), etcd.size, etcd.compacted, leased
    )


def read(files: Files, path: str) -> Snapshot | None:
    """Return the content of the snapshot at `path`, or None; raise `FileNotFoundError` without a file."""
    text = files.read(path)
    return Snapshot(**json.loads(text.removeprefix(_MAGIC))) if text.startswith(_MAGIC) else None


async def save(client: Client) -> int:
    """Write a snapshot into a file."""
    if len(client.words) != 1:
        raise Exit(BAD_ARGS, "Error: snapshot save expects one argument <filename>")
    await connect(client)
    call, path = client.call, client.words[0]
    where, part = client.endpoints[0], f"{path}.part"

    async def log(caller: str, message: str, more: str = "", *, logger: str = "") -> None:
        named = f'"logger":"{logger}",' if logger else ""
        stamp = iso(call.now())
        await call.err(f'{{"level":"info","ts":"{stamp}",{named}"caller":"{caller}","msg":"{message}"{more}}}\n')

    if call.files.exists(call.path(path)) and call.files.kind(call.path(path)) == "directory":
        told = f"could not rename {part} to {path} (rename {part} {path}: file exists)"
        raise Exit(_INTERRUPTED, f"Error: {told}")
    if not call.files.exists(posixpath.dirname(call.path(path))):
        told = f"could not open {part} (open {part}: no such file or directory)"
        raise Exit(_INTERRUPTED, f"Error: {told}")
    await log("snapshot/v3_snapshot.go:83", "created temporary db file", f',"path":"{part}"')
    if client.flags.given("command-timeout") and not client.answers():
        await call.sleep(parse_duration(client.flags.get("command-timeout")))
        raise Exit(_INTERRUPTED, "Error: context deadline exceeded")
    etcd = await client.etcd("Maintenance/Snapshot", patient=True)
    found = taken(etcd)
    await log("v3@v3.6.16/maintenance.go:236", "opened snapshot stream; downloading", logger="client")
    await log("snapshot/v3_snapshot.go:96", "fetching snapshot", f',"endpoint":"{where}"')
    await log("v3@v3.6.16/maintenance.go:302", "completed snapshot read; closing", logger="client")
    size = human_size(found.size)
    more = f',"endpoint":"{where}","size":"{size}","took":"46.427988ms","etcd-version":"{found.version}"'
    await log("snapshot/v3_snapshot.go:111", "fetched snapshot", more)
    call.files.write(call.path(path), _MAGIC + json.dumps(asdict(found)) + "\n", 0o600)
    await log("snapshot/v3_snapshot.go:121", "saved", f',"path":"{path}"')
    await call.out(f"Snapshot saved at {path}\nServer version {found.version}\n")
    return 0
