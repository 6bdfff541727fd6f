"""etcdutl: etcd's tool for files that no server has open."""

from collections.abc import Awaitable, Callable

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.etcdctl.connection import BAD_ARGS
from lab.cluster.sim.commands.etcdctl.printing import grid
from lab.cluster.sim.commands.etcdctl.snapshot import Snapshot, read, taken
from lab.cluster.sim.commands.etcdctl.status import VERSION, human_size
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.golang.cobra import Found, find, suggestions
from lab.cluster.sim.commands.golang.command_line import CommandLineError, HelpAsked, declared
from lab.cluster.sim.commands.golang.pflag import parse
from lab.cluster.sim.commands.node.help_pages import page
from lab.cluster.sim.text.times import iso

__all__ = ["etcdutl"]

#: The data folder of a lab's etcd.
_DATA = "/var/lib/etcd"
_DB = f"{_DATA}/member/snap/db"
_GLOBAL = declared(string="write-out/w")


async def etcdutl(call: Call) -> int:
    """Run etcdutl."""
    found = find(list(_COMMANDS), call.argv)
    name = f"etcdutl {found.name}".strip()
    if found.name == "help":
        named = find(list(_COMMANDS), found.words).name
        await call.out(page(f"etcdutl {named}".strip()))
        return 0
    try:
        return await _run(call, found)
    except CommandLineError as error:
        return await call.fail(f"Error: {error.message}\n{page(name)}\nError: {error.message}")
    except HelpAsked:
        await call.out(page(name))
        return 0
    except Exit as end:
        return await call.fail(end.message, end.code)


async def _run(call: Call, found: Found) -> int:
    run, kinds, required = _COMMANDS.get(found.name, (None, {}, ()))
    flags = parse(found.words, {**_GLOBAL, **kinds})
    flags.words += flags.rest or []
    missing = [flag for flag in required if not flags.given(flag)]
    if missing:
        raise CommandLineError("required flag(s) " + ", ".join(f'"{flag}"' for flag in missing) + " not set")
    if found.name in {"hashkv", "completion"} and len(flags.words) != 1:
        raise CommandLineError(f"accepts 1 arg(s), received {len(flags.words)}")
    if run is None and not found.name and flags.words:
        return await _unknown(call, flags.words[0])
    if run is None:
        raise HelpAsked
    return await run(call, flags)


async def _unknown(call: Call, word: str) -> int:
    told = f'Error: unknown command "{word}" for "etcdutl"'
    meant = suggestions([one for one in _COMMANDS if " " not in one], word)
    more = "\n\nDid you mean this?\n" + "".join(f"\t{one}\n" for one in meant) if meant else ""
    return await call.fail(f"{told}{more}\nRun 'etcdutl --help' for usage.\n{told}{more}")


async def _version(call: Call, _flags: Flags) -> int:
    await call.out(f"etcdutl version: {VERSION}\nAPI version: 3.6\n")
    return 0


async def _opened(call: Call, path: str) -> Snapshot:
    """Return the content of the file at `path`; wait while a server has it open."""
    where = call.path(path)
    if where == _DB and call.node.role == "control-plane":
        while call.plane.program("etcd") is not None:
            await call.sleep(1)
        return taken(call.plane.etcd)
    try:
        found = read(call.files, where)
    except FileNotFoundError:
        raise Exit(1, f"Error: stat {path}: no such file or directory") from None
    if found is None:
        raise Exit(1, "Error: invalid database")
    return found


async def _snapshot_status(call: Call, flags: Flags) -> int:
    if len(flags.words) != 1:
        raise Exit(BAD_ARGS, "Error: snapshot status requires exactly one argument")
    found = await _opened(call, flags.words[0])
    values: dict[str, object] = {
        "hash": found.hash, "revision": found.revision, "totalKey": found.keys, "totalSize": found.size,
        "version": found.version,
    }  # fmt: skip
    row = [f"{found.hash:x}", str(found.revision), str(found.keys), human_size(found.size), found.version]
    headers = ["HASH", "REVISION", "TOTAL KEYS", "TOTAL SIZE", "VERSION"]
    names = ["Hash", "Revision", "Keys", "Size", "Version"]
    return await _print(call, flags, values, row, headers, names)


async def _hashkv(call: Call, flags: Flags) -> int:
    found = await _opened(call, flags.words[0])
    if found.leased:
        raise NotSimulated("etcdutl hashkv of a file whose keys have leases, of which etcdutl 3.6 dies")
    revision = int(flags.get("rev", "0")) or found.revision
    values: dict[str, object] = {
        "hash": found.hash,
        "hashRevision": revision,
        "compactRevision": found.compacted or -1,
    }
    headers = ["HASH", "HASH REVISION", "COMPACT REVISION"]
    return await _print(call, flags, values, [str(value) for value in values.values()], headers, [
        "Hash", "Hash revision", "Compact revision",
    ])  # fmt: skip


async def _print(  # noqa: PLR0917 -- the parts of one answer
    call: Call, flags: Flags, values: dict[str, object], row: list[str], headers: list[str], names: list[str]
) -> int:  # fmt: skip
    import json  # noqa: PLC0415 -- used here alone

    form = flags.get("write-out", "simple")
    if form == "simple":
        await call.line(", ".join(row))
    elif form == "table":
        await call.out(grid(headers, [row]))
    elif form == "json":
        await call.line(json.dumps(values, separators=(",", ":")))
    elif form == "fields":
        await call.out("".join(f'"{n}" : {v}\n' for n, v in zip(names, values.values(), strict=True)))
    elif form == "protobuf":
        raise Exit(4, "Error: protobuf not supported as output format")
    else:
        raise Exit(4, "Error: unsupported output format")
    return 0


async def _defrag(call: Call, flags: Flags) -> int:
    folder = call.path(flags.get("data-dir")).rstrip("/")
    db = f"{flags.get('data-dir').rstrip('/')}/member/snap/db"
    if not call.files.exists(call.path(db)):
        told = f"(stat {db}: no such file or directory)"
        raise Exit(1, f"Error: Failed to defragment etcd data[{flags.get('data-dir')}] {told}")
    if folder != _DATA or call.node.role != "control-plane":
        raise NotSimulated(f"etcdutl defrag --data-dir {flags.get('data-dir')}")
    options = (
        "{Timeout: 0s, NoGrowSync: false, NoFreelistSync: true, PreLoadFreelist: false, FreelistType: , "
        "ReadOnly: false, MmapFlags: 8000, InitialMmapSize: 10737418240, PageSize: 0, NoSync: false, "
        "OpenFile: 0x0, Mlock: false, Logger: 0xc000110040}"
    )
    opening = f"Opening db file ({db}) with mode -rw------- and with options: {options}"
    await _log(call, f"bbolt\tbackend/backend.go:203\t{opening}")
    if call.plane.program("etcd") is not None:
        await call.sleep(1)
        await call.err(
            f'waiting for etcd to close and release its lock on "{db}". To defrag a running etcd instance, '
            "use `etcdctl defrag` instead.\n"
        )
        while call.plane.program("etcd") is not None:
            await call.sleep(1)
    opened = f"bbolt\tbbolt@v1.4.3/db.go:322\tOpening bbolt db ({db}) successfully"
    await _log(call, opened)
    etcd = call.plane.etcd
    before, used = etcd.size, etcd.size_in_use
    told = _sizes({"current-db-size": before, "current-db-size-in-use": used})
    await _log(call, f'backend/backend.go:522\tdefragmenting\t{{"path": "{db}", {told}}}')
    await _log(call, f"bbolt\tbackend/backend.go:574\t{opening}")
    etcd.defragment()
    await _log(call, opened)
    told = (
        f'"current-db-size-bytes-diff": {etcd.size - before}, {_sizes({"current-db-size": etcd.size})}, '
        f'"current-db-size-in-use-bytes-diff": {etcd.size_in_use - used}, '
        f'{_sizes({"current-db-size-in-use": etcd.size_in_use})}, "took": "52.750937ms"'
    )
    await _log(call, f'backend/backend.go:592\tfinished defragmenting directory\t{{"path": "{db}", {told}}}')
    return 0


def _sizes(sizes: dict[str, int]) -> str:
    return ", ".join(f'"{name}-bytes": {size}, "{name}": "{human_size(size)}"' for name, size in sizes.items())


async def _log(call: Call, told: str) -> None:
    await call.err(f"{iso(call.now())[:19]}Z\tinfo\t{told}\n")


async def _restore(call: Call, flags: Flags) -> int:
    if len(flags.words) != 1:
        raise Exit(BAD_ARGS, "Error: snapshot restore requires exactly one argument")
    path = flags.words[0]
    folder = flags.get("data-dir") or f"{flags.get('name', 'default')}.etcd"
    if call.files.names(call.path(folder)):
        raise Exit(1, f'Error: data-dir "{folder}" not empty or could not be read')
    if not call.files.is_file(call.path(path)):
        told = {
            "path": path,
            "wal-dir": f"{folder}/member/wal",
            "data-dir": folder,
            "snap-dir": f"{folder}/member/snap",
        }
        more = ", ".join(f'"{name}": "{value}"' for name, value in told.items())
        await call.err(
            f"{iso(call.now())[:19]}Z\tinfo\tsnapshot/v3_snapshot.go:305\trestoring snapshot\t"
            f'{{{more}, "initial-memory-map-size": 10737418240}}\n'
        )
        raise Exit(1, f"Error: open {path}: no such file or directory")
    raise NotSimulated("etcdutl snapshot restore")


async def _migrate(call: Call, flags: Flags) -> int:
    db = f"{flags.get('data-dir').rstrip('/')}/member/snap/db"
    if not call.files.exists(call.path(db)):
        raise Exit(1, f"Error: stat {db}: no such file or directory")
    raise NotSimulated("etcdutl migrate")


async def _completion(call: Call, flags: Flags) -> int:
    del call
    raise NotSimulated(f"etcdutl completion {flags.words[0]}")


_Run = Callable[[Call, Flags], Awaitable[int]]
_RESTORE = {
    "--data-dir": "data-dir:string", "--name": "name:string", "--wal-dir": "wal-dir:string",
    "--initial-cluster": "initial-cluster:string", "--initial-cluster-token": "initial-cluster-token:string",
    "--initial-advertise-peer-urls": "initial-advertise-peer-urls:string", "--bump-revision": "bump-revision:uint",
    "--mark-compacted": "mark-compacted:bool", "--skip-hash-check": "skip-hash-check:bool",
    "--initial-memory-map-size": "initial-memory-map-size:uint",
}  # fmt: skip
_COMMANDS: dict[str, tuple[_Run | None, dict[str, str], tuple[str, ...]]] = {
    "completion": (_completion, {}, ()),
    "defrag": (_defrag, {"--data-dir": "data-dir:string"}, ("data-dir",)),
    "hashkv": (_hashkv, {"--rev": "rev:int"}, ()),
    "help": (None, {}, ()),
    "migrate": (
        _migrate,
        {"--data-dir": "data-dir:string", "--target-version": "target-version:string", "--force": "force:bool"},
        ("data-dir", "target-version"),
    ),
    "snapshot": (None, {}, ()),
    "snapshot restore": (_restore, _RESTORE, ()),
    "snapshot status": (_snapshot_status, {}, ()),
    "version": (_version, {}, ()),
}
