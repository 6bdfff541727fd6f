"""etcdctl: a client of etcd, with the certificates it asks for."""

import base64
import json
import zlib
from collections.abc import Awaitable, Callable

from lab.cluster.sim.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags, UnknownFlag, parse
from lab.cluster.sim.commands.pages import has_page, page
from lab.cluster.sim.durations import parse_duration
from lab.cluster.sim.etcd import (
    CLUSTER_ID,
    MEMBER_ID,
    CompactedError,
    Entry,
    Etcd,
    FutureRevisionError,
    NoSpaceError,
)
from lab.cluster.sim.network import Source
from lab.cluster.sim.objects import Object, meta
from lab.cluster.sim.world import World

__all__ = ["etcdctl"]

_VERSION = "3.6.16"
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
_HEADERS = (
    "ENDPOINT",
    "ID",
    "VERSION",
    "STORAGE VERSION",
    "DB SIZE",
    "IN USE",
    "PERCENTAGE NOT IN USE",
    "QUOTA",
    "IS LEADER",
    "IS LEARNER",
    "RAFT TERM",
    "RAFT INDEX",
    "RAFT APPLIED INDEX",
    "ERRORS",
    "DOWNGRADE TARGET VERSION",
    "DOWNGRADE ENABLED",
)
#: What wrong use exits with.
_USAGE = 128
_NO_SPACE = "etcdserver: mvcc: database space exceeded"


async def etcdctl(call: Call) -> int:
    """Run etcdctl."""
    try:
        flags = parse(call.argv, _GLOBAL, _SWITCHES, program="etcdctl")
        if call.env.get("ETCDCTL_API"):
            await _warn(
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


def retry_warning(call: Call, flags: Flags, method: str, error: str, *, connected: bool, logger: str) -> str:
    """Return the line that etcd's client logs when a request fails."""
    target = endpoint(flags).removeprefix("https://").removeprefix("http://")
    peer = "Addr: <nil>, LocalAddr: <nil>, AuthInfo: <nil>"
    if connected:
        peer = f"Addr: '{target}', LocalAddr: '127.0.0.1:{40000 + int(call.now()) % 20000}', AuthInfo: 'tls'"
    return (
        f'{{"level":"warn","ts":"{World.iso(call.now())}","logger":"{logger}",'
        '"caller":"v3@v3.6.16/retry_interceptor.go:68","msg":"retrying of unary invoker failed",'
        f'"target":"etcd-endpoints://0xc000404000/{target}","peer":"Peer{{{peer}}}",'
        f'"method":"/etcdserverpb.{method}","attempt":0,"error":"rpc error: {error}"}}\n'
    )


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


async def _warn(call: Call, message: str, more: str) -> None:
    stamp = World.iso(call.now())
    await call.err(f'{{"level":"warn","ts":"{stamp}","caller":"flags/flag.go:94","msg":"{message}",{more}}}\n')


def endpoint(flags: Flags) -> str:
    """Return the endpoint that is asked."""
    return flags.get("endpoints", "127.0.0.1:2379").split(",")[0]


async def _connect(call: Call, flags: Flags, method: str = "KV/Range", *, health: bool = False) -> Etcd:
    """Return etcd, or end the command as etcdctl does where it does not answer."""
    problem = await _problem(call, flags)
    if problem:
        limit = parse_duration(flags.get("command-timeout", "5s"))
        await call.sleep(limit)
        error = f"code = DeadlineExceeded desc = latest balancer error: {problem}"
        logger = "client" if method == "KV/Range" and health else "etcd-client"
        await call.err(retry_warning(call, flags, method, error, connected=False, logger=logger))
        raise Exit(1, "Error: context deadline exceeded")
    return call.world.etcd


async def _problem(call: Call, flags: Flags) -> str:
    where = endpoint(flags)
    host, _, port = where.removeprefix("https://").removeprefix("http://").rpartition(":")
    for name in ("cacert", "cert", "key"):
        path = flags.get(name)
        if path and not call.files.is_file(call.path(path)):
            raise Exit(1, f"Error: open {path}: no such file or directory")
    host = "127.0.0.1" if host == "localhost" else host
    try:
        verdict = call.world.network.connect(Source(call.node, call.session.sandbox), host, int(port))
    except ValueError:
        verdict = None
    if verdict is None or not verdict.open or verdict.listener is None or verdict.listener.kind != "etcd":
        return f'connection error: desc = \\"transport: Error while dialing: dial tcp {host}:{port}: connect: connection refused\\"'  # noqa: E501 -- as it is printed
    if not where.startswith("https://") and not flags.get("cacert"):
        return 'connection error: desc = \\"error reading server preface: EOF\\"'
    if not flags.on("insecure") and not _certified(call, flags):
        return (
            'connection error: desc = \\"transport: authentication handshake failed: tls: failed to verify certificate: '  # noqa: E501 -- as it is printed
            'x509: certificate signed by unknown authority\\"'
        )
    return ""


def _certified(call: Call, flags: Flags) -> bool:
    """Whether the certificates given are ones that this etcd takes."""
    pki = "/etc/kubernetes/pki"
    cp = call.world.control_plane.files
    given = {
        name: call.files.get(call.path(flags.get(name))) if flags.get(name) else ""
        for name in ("cacert", "cert", "key")
    }
    good = any(
        given["cert"] == cp.get(f"{pki}/{name}.crt") and given["key"] == cp.get(f"{pki}/{name}.key")
        for name in ("etcd/server", "etcd/peer", "etcd/healthcheck-client", "apiserver-etcd-client")
    )
    return good and given["cacert"] == cp.get(f"{pki}/etcd/ca.crt") != ""


def human_size(size: int) -> str:
    """Return a size as etcdctl prints it."""
    number, unit = float(size), "B"
    for unit in ("B", "kB", "MB", "GB"):  # noqa: B007 -- the last one is the result
        if number < 1000:
            break
        number /= 1000
    if unit == "B":
        return f"{size} B"
    return f"{number:.0f} {unit}" if number >= 10 else f"{number:.1f} {unit}"


def grid(headers: tuple[str, ...], rows: list[list[str]]) -> str:
    """Return a table with a frame, as -w table has it."""
    widths = [max([len(headers[i]), *(len(row[i]) for row in rows)]) for i in range(len(headers))]
    frame = "+" + "+".join("-" * (width + 2) for width in widths) + "+\n"
    head = "|" + "|".join(f" {h.center(w)} " for h, w in zip(headers, widths, strict=True)) + "|\n"
    body = "".join(
        "|" + "|".join(f" {c.rjust(w)} " for c, w in zip(row, widths, strict=True)) + "|\n" for row in rows
    )
    return frame + head + frame + body + frame


def _header(etcd: Etcd) -> Object:
    return {"cluster_id": CLUSTER_ID, "member_id": MEMBER_ID, "revision": etcd.revision, "raft_term": etcd.term}


async def _status(call: Call, flags: Flags) -> int:
    try:
        etcd = await _connect(call, flags, "Maintenance/Status")
    except Exit as end:
        await call.err(f"Failed to get the status of endpoint {endpoint(flags)} (context deadline exceeded)\n")
        if flags.get("write-out") == "table":
            await call.out(grid(_HEADERS, []))
        return end.code if flags.get("write-out") != "json" else await call.fail("", end.code)
    errors = [f"memberID:{MEMBER_ID} alarm:NOSPACE "] if etcd.alarm else []
    form = flags.get("write-out", "simple")
    if form == "json":
        status = {
            "header": _header(etcd),
            "version": _VERSION,
            "dbSize": etcd.size,
            "leader": MEMBER_ID,
            "raftIndex": etcd.index,
            "raftTerm": etcd.term,
            "raftAppliedIndex": etcd.index,
            "dbSizeInUse": etcd.size_in_use,
            "storageVersion": "3.6.0",
            "dbSizeQuota": etcd.quota,
            "downgradeInfo": {},
        }
        if errors:
            status["errors"] = errors
        await call.line(json.dumps([{"Endpoint": endpoint(flags), "Status": status}], separators=(",", ":")))
        return 0
    unused = f"{100 * (etcd.size - etcd.size_in_use) / etcd.size:.0f}%"
    row = [
        endpoint(flags),
        f"{MEMBER_ID:x}",
        _VERSION,
        "3.6.0",
        human_size(etcd.size),
        human_size(etcd.size_in_use),
        unused,
        human_size(etcd.quota),
        "true",
        "false",
        str(etcd.term),
        str(etcd.index),
        str(etcd.index),
        ", ".join(errors),
        "",
        "false",
    ]
    if form == "table":
        # Words too long for the column go on in the next line.
        first, *more = row[13].split() or [""]
        rows = [[*row[:13], first, *row[14:]], *([""] * 13 + [word, "", ""] for word in more)]
        await call.out(grid(_HEADERS, rows))
    elif form == "fields":
        await call.out(_fields(call, etcd, errors, row))
    elif form == "simple":
        await call.line(", ".join(row))
    else:
        raise NotSimulated(f"etcdctl -w {form}")
    return 0


def _fields(call: Call, etcd: Etcd, errors: list[str], row: list[str]) -> str:
    del call
    found: dict[str, object] = {
        "ClusterID": CLUSTER_ID,
        "MemberID": MEMBER_ID,
        "Revision": etcd.revision,
        "RaftTerm": etcd.term,
    }
    lines = [f'"{name}" : {value}' for name, value in found.items()]
    lines += [f'"Version" : "{row[2]}"', f'"StorageVersion" : "{row[3]}"', f'"DBSize" : {etcd.size}']
    lines += [f'"DBSizeInUse" : {etcd.size_in_use}', f'"DBSizeQuota" : {etcd.quota}', f'"Leader" : {MEMBER_ID}']
    lines += ['"IsLearner" : false', f'"RaftIndex" : {etcd.index}', f'"RaftTerm" : {etcd.term}']
    lines += [f'"RaftAppliedIndex" : {etcd.index}', f'"Errors" : [{" ".join(errors)}]', f'"Endpoint" : "{row[0]}"']
    return "\n".join(lines) + "\n\n"


async def _health(call: Call, flags: Flags) -> int:
    where = endpoint(flags)
    try:
        etcd = await _connect(call, flags, health=True)
        problem = "Active Alarm(s): NOSPACE " if etcd.alarm else ""
    except Exit as end:
        if end.message.startswith("Error: open"):
            raise
        problem = "context deadline exceeded"
    took = "5.000925ms" if not problem else "5.001823934s"
    form = flags.get("write-out", "simple")
    if form == "json":
        entry = {"endpoint": where, "health": not problem, "took": took}
        await call.line(json.dumps([{**entry, "error": problem} if problem else entry], separators=(",", ":")))
    elif form == "table":
        await call.out(
            grid(("ENDPOINT", "HEALTH", "TOOK", "ERROR"), [[where, str(not problem).lower(), took, problem]])
        )
    elif problem:
        await call.err(f"{where} is unhealthy: failed to commit proposal: {problem}\n")
    else:
        await call.line(f"{where} is healthy: successfully committed proposal: took = {took}")
    return 0 if not problem else await call.fail("Error: unhealthy cluster")


async def _alarm_list(call: Call, flags: Flags) -> int:
    etcd = await _connect(call, flags, "Maintenance/Alarm")
    if etcd.alarm:
        await call.line(f"memberID:{MEMBER_ID} alarm:NOSPACE ")
    return 0


async def _alarm_disarm(call: Call, flags: Flags) -> int:
    etcd = await _connect(call, flags, "Maintenance/Alarm")
    if etcd.disarm():
        await call.line(f"memberID:{MEMBER_ID} alarm:NOSPACE ")
    return 0


async def _compact(call: Call, flags: Flags) -> int:
    if not flags.words:
        raise Exit(_USAGE, "Error: compaction command needs 1 argument")
    if not flags.words[0].isdigit():
        raise Exit(1, f'Error: strconv.ParseInt: parsing "{flags.words[0]}": invalid syntax')
    etcd = await _connect(call, flags)
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
    etcd = await _connect(call, flags)
    etcd.defragment()
    await call.line(f"Finished defragmenting etcd member[{endpoint(flags)}]. took 41.839161ms")
    return 0


async def _put(call: Call, flags: Flags) -> int:
    value = flags.words[1] if len(flags.words) > 1 else (await call.stdin()).decode(errors="replace")
    if not flags.words or (len(flags.words) == 1 and not value):
        raise Exit(_USAGE, "Error: put command needs 1 argument and input from stdin or 2 arguments")
    etcd = await _connect(call, flags, "KV/Put")
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
    etcd = await _connect(call, flags)
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
    etcd = await _connect(call, flags)
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
        data: Object = {"header": _header(etcd)}
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
    await _connect(call, flags, "Cluster/MemberList")
    node = call.world.control_plane
    row = [f"{MEMBER_ID:x}", "started", node.name, f"https://{node.ip}:2380", f"https://{node.ip}:2379", "false"]
    if flags.get("write-out") == "table":
        await call.out(grid(("ID", "STATUS", "NAME", "PEER ADDRS", "CLIENT ADDRS", "IS LEARNER"), [row]))
    else:
        await call.line(", ".join(row))
    return 0


async def _hash(call: Call, flags: Flags) -> int:
    etcd = await _connect(call, flags, "Maintenance/HashKV")
    await call.line(f"{endpoint(flags)}, {zlib.crc32(str(etcd.revision).encode())}, {etcd.revision}")
    return 0


async def _leases(call: Call, flags: Flags) -> int:
    """Print leases: the API server has one for each minute in which it wrote events, and one for masters."""
    etcd = await _connect(call, flags, "Lease/LeaseLeases")
    found = [f"{MEMBER_ID ^ number:016x}" for number in range(1, 3)] if etcd.revision > 1 else []
    await call.out("".join(f"{line}\n" for line in (f"found {len(found)} leases", *found)))
    return 0


async def _none(call: Call, flags: Flags) -> int:
    await _connect(call, flags, "Auth/List")
    return 0


async def _version(call: Call, _flags: Flags) -> int:
    await call.out(f"etcdctl version: {_VERSION}\nAPI version: 3.6\n")
    return 0


_COMMANDS: dict[str, Callable[[Call, Flags], Awaitable[int]]] = {
    "endpoint status": _status,
    "endpoint health": _health,
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
