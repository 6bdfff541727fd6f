"""etcdctl: a client of etcd, with the certificates it asks for."""

import base64
import json
import zlib
from collections.abc import Awaitable, Callable

from lab.cluster.sim.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.etcdctl_connection import endpoint, reach, retry_warning, warn
from lab.cluster.sim.commands.etcdctl_status import VERSION, grid, header, health, status
from lab.cluster.sim.commands.flags import Flags, UnknownFlag, parse
from lab.cluster.sim.commands.pages import has_page, page
from lab.cluster.sim.etcd import (
    MEMBER_ID,
    CompactedError,
    Entry,
    FutureRevisionError,
    NoSpaceError,
)
from lab.cluster.sim.objects import Object, meta

__all__ = ["etcdctl"]

_GLOBAL = {
    "--endpoints": "endpoints", "--cacert": "cacert", "--cert": "cert", "--key": "key", "-w": "write-out",
    "--write-out": "write-out", "--command-timeout": "command-timeout", "--dial-timeout": "dial-timeout",
    "--rev": "rev", "--limit": "limit", "--order": "order", "--sort-by": "sort-by", "--lease": "lease",
}  # fmt: skip
_SWITCHES = {
    "--prefix": "prefix",
    "--keys-only": "keys-only",
    "--count-only": "count-only",
    "--print-value-only": "print-value-only",
    "--from-key": "from-key",
    "--physical": "physical",
    "--cluster": "cluster",
    "--hex": "hex",
    "--debug": "debug",
    "--insecure-skip-tls-verify": "insecure",
    "--prev-kv": "prev-kv",
    "--insecure-transport": "insecure-transport",
}
#: What wrong use exits with.
_USAGE = 128
_NO_SPACE = "etcdserver: mvcc: database space exceeded"


async def etcdctl(call: Call) -> int:
    """Run etcdctl."""
    try:
        flags = parse(call.argv, _GLOBAL, _SWITCHES, program="etcdctl")
        if call.env.get("ETCDCTL_API"):
            await warn(
                call,
                "unrecognized environment variable",
                f'"environment-variable":"ETCDCTL_API={call.env["ETCDCTL_API"]}"',
            )
        for name in ("cacert", "cert", "key", "endpoints", "write-out"):
            variable = f"ETCDCTL_{name.upper().replace('-', '_')}"
            if call.env.get(variable) and not flags.given(name):
                flags.values[name] = [call.env[variable]]
        if not flags.words:
            await call.out(page("etcdctl"))
            return 0
        return await _dispatch(call, flags)
    except UnknownFlag as unknown:
        return await _unknown_flag(call, unknown)
    except Exit as end:
        return await call.fail(end.message, end.code)


async def _dispatch(call: Call, flags: Flags) -> int:
    words = flags.words
    for length in (2, 1):
        function = _COMMANDS.get(" ".join(words[:length]))
        if function is not None:
            flags.words = words[length:]
            return await function(call, flags)
    if has_page(f"etcdctl {words[0]}") and len(words) == 1 and words[0] in _GROUPS:
        await call.out(page(f"etcdctl {words[0]}"))
        return 0
    if words[0] in {"endpoint", "alarm", "member"}:
        raise NotSimulated(f"etcdctl {' '.join(words[:2])}")
    if words[0] in _REAL:
        raise NotSimulated(f"etcdctl {words[0]}")
    raise Exit(1, f'Error: unknown command "{words[0]}" for "etcdctl"\nRun \'etcdctl --help\' for usage.')


_GROUPS = {"endpoint", "alarm", "member", "check", "lease", "user", "role", "auth", "snapshot"}


async def _unknown_flag(call: Call, unknown: UnknownFlag) -> int:
    words = [word for word in call.argv if not word.startswith("-")]
    about = next((n for n in (f"etcdctl {' '.join(words[:k])}" for k in (2, 1)) if has_page(n)), "etcdctl")
    flag = unknown.word.partition("=")[0]
    if flag in {"-h", "--help"}:
        await call.out(page(about))
        return 0
    if f"{flag}=" in page(about) or f"{flag}[" in page(about) or not flag.startswith("--"):
        return await call.fail(unknown.message, unknown.code)
    await call.out(page(about))
    return await call.fail(f"Error: unknown flag: {flag}\n")


_REAL = {
    "snapshot",
    "lease",
    "lock",
    "elect",
    "user",
    "role",
    "auth",
    "txn",
    "watch",
    "make-mirror",
    "move-leader",
    "check",
    "downgrade",
    "hashkv",
}


async def _alarm_list(call: Call, flags: Flags) -> int:
    etcd = await reach(call, flags, "Maintenance/Alarm")
    if etcd.alarm:
        await call.line(f"memberID:{MEMBER_ID} alarm:NOSPACE ")
    return 0


async def _alarm_disarm(call: Call, flags: Flags) -> int:
    etcd = await reach(call, flags, "Maintenance/Alarm")
    if etcd.disarm():
        await call.line(f"memberID:{MEMBER_ID} alarm:NOSPACE ")
    return 0


async def _compact(call: Call, flags: Flags) -> int:
    if not flags.words:
        raise Exit(_USAGE, "Error: compaction command needs 1 argument")
    if not flags.words[0].isdigit():
        raise Exit(1, f'Error: strconv.ParseInt: parsing "{flags.words[0]}": invalid syntax')
    etcd = await reach(call, flags)
    try:
        etcd.compact(int(flags.words[0]))
    except (CompactedError, FutureRevisionError) as error:
        which = "has been compacted" if isinstance(error, CompactedError) else "is a future revision"
        told = f"etcdserver: mvcc: required revision {which}"
        problem = f"code = OutOfRange desc = {told}"
        await call.err(retry_warning(call, flags, "KV/Compact", problem, connected=True, logger="etcd-client"))
        raise Exit(1, f"Error: {told}") from None
    await call.line(f"compacted revision {flags.words[0]}")
    return 0


async def _defrag(call: Call, flags: Flags) -> int:
    etcd = await reach(call, flags)
    etcd.defragment()
    await call.line(f"Finished defragmenting etcd member[{endpoint(flags)}]. took 41.839161ms")
    return 0


async def _put(call: Call, flags: Flags) -> int:
    value = flags.words[1] if len(flags.words) > 1 else (await call.stdin()).decode(errors="replace")
    if not flags.words or (len(flags.words) == 1 and not value):
        raise Exit(_USAGE, "Error: put command needs 1 argument and input from stdin or 2 arguments")
    etcd = await reach(call, flags, "KV/Put")
    try:
        etcd.put(flags.words[0], value, len(value))
    except NoSpaceError:
        problem = f"code = ResourceExhausted desc = {_NO_SPACE}"
        await call.err(retry_warning(call, flags, "KV/Put", problem, connected=True, logger="etcd-client"))
        raise Exit(1, f"Error: {_NO_SPACE}") from None
    await call.line("OK")
    return 0


async def _del(call: Call, flags: Flags) -> int:
    if not flags.words:
        raise Exit(_USAGE, "Error: del command needs one argument as key and an optional argument as range_end")
    etcd = await reach(call, flags)
    keys = [key for key, _ in etcd.scan(flags.words[0])] if flags.on("prefix") else flags.words[:1]
    await call.line(str(sum(etcd.delete(key) for key in keys)))
    call.world.poke()
    return 0


def stored(entry: Entry) -> str:
    """Return a value as it is stored: objects are protobuf, of which the readable part is shown."""
    if isinstance(entry.value, str):
        return entry.value
    item: Object = entry.value
    head = f"k8s\x00\n\x0f\n\x02{item.get('apiVersion', '')}\x12\t{item.get('kind', '')}\x12"
    return head + json.dumps({**item, "metadata": {k: v for k, v in meta(item).items() if k != "resourceVersion"}})


async def _get(call: Call, flags: Flags) -> int:  # noqa: C901 -- one case after the other
    if not flags.words:
        raise Exit(_USAGE, "Error: get command needs one argument as key and an optional argument as range_end")
    etcd = await reach(call, flags)
    key = flags.words[0]
    if flags.on("prefix"):
        found = list(etcd.scan(key))
    elif flags.on("from-key"):
        found = [(name, entry) for name, entry in etcd.scan("") if name >= key]
    else:
        entry = etcd.get(key)
        found = [(key, entry)] if entry else []
    count = len(found)
    found = found[: int(flags.get("limit", "0")) or None]
    if flags.get("write-out") == "json":

        def coded(text: str) -> str:
            return base64.b64encode(text.encode()).decode()

        entries = [
            {"key": coded(name), "create_revision": e.created, "mod_revision": e.modified, "version": e.version,
             **({} if flags.on("keys-only") else {"value": coded(stored(e))})}
            for name, e in found
        ]  # fmt: skip
        data: Object = {"header": header(etcd)}
        if entries:
            data["kvs"] = entries
        if count:
            data["count"] = count
        await call.line(json.dumps(data, separators=(",", ":")))
        return 0
    if flags.on("count-only"):
        if flags.get("write-out") == "fields":
            await call.out(f'"More" : false\n"Count" : {count}\n')
        return 0
    for name, each in found:
        if not flags.on("print-value-only"):
            await call.line(name)
        await call.line("" if flags.on("keys-only") else stored(each))
    return 0


async def _members(call: Call, flags: Flags) -> int:
    await reach(call, flags, "Cluster/MemberList")
    node = call.world.control_plane
    row = [f"{MEMBER_ID:x}", "started", node.name, f"https://{node.ip}:2380", f"https://{node.ip}:2379", "false"]
    if flags.get("write-out") == "table":
        await call.out(grid(("ID", "STATUS", "NAME", "PEER ADDRS", "CLIENT ADDRS", "IS LEARNER"), [row]))
    else:
        await call.line(", ".join(row))
    return 0


async def _hash(call: Call, flags: Flags) -> int:
    etcd = await reach(call, flags, "Maintenance/HashKV")
    await call.line(f"{endpoint(flags)}, {zlib.crc32(str(etcd.revision).encode())}, {etcd.revision}")
    return 0


async def _leases(call: Call, flags: Flags) -> int:
    """Print leases: the API server has one for each minute in which it wrote events, and one for masters."""
    etcd = await reach(call, flags, "Lease/LeaseLeases")
    found = [f"{MEMBER_ID ^ number:016x}" for number in range(1, 3)] if etcd.revision > 1 else []
    await call.out("".join(f"{line}\n" for line in (f"found {len(found)} leases", *found)))
    return 0


async def _none(call: Call, flags: Flags) -> int:
    await reach(call, flags, "Auth/List")
    return 0


async def _version(call: Call, _flags: Flags) -> int:
    await call.out(f"etcdctl version: {VERSION}\nAPI version: 3.6\n")
    return 0


_COMMANDS: dict[str, Callable[[Call, Flags], Awaitable[int]]] = {
    "endpoint status": status,
    "endpoint health": health,
    "alarm list": _alarm_list,
    "alarm disarm": _alarm_disarm,
    "compact": _compact,
    "compaction": _compact,
    "defrag": _defrag,
    "put": _put,
    "del": _del,
    "get": _get,
    "member list": _members,
    "endpoint hashkv": _hash,
    "lease list": _leases,
    "user list": _none,
    "role list": _none,
    "version": _version,
}
