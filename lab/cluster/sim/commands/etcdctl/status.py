"""etcdctl endpoint status and health, in all their formats."""

import zlib

from lab.cluster.sim.api.etcd import MEMBER_ID, Etcd
from lab.cluster.sim.bash.running.call import Exit
from lab.cluster.sim.commands.etcdctl.connection import Client, connect
from lab.cluster.sim.commands.etcdctl.printing import fields_header, grid, header, show

__all__ = ["VERSION", "hashkv", "health", "human_size", "status"]

VERSION = "3.6.16"
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


async def _endpoints(client: Client) -> list[str]:
    """Return the servers to ask: the named ones, or all members."""
    await connect(client)
    if not client.flags.on("cluster"):
        return client.endpoints
    try:
        await client.etcd("Cluster/MemberList")
    except Exit as end:
        told = f"failed to fetch endpoints from etcd cluster member list: {end.message.removeprefix('Error: ')}"
        raise Exit(end.code, f"Error: {told}") from None
    return [f"https://{client.call.world.control_plane.ip}:2379"]


async def status(client: Client) -> int:
    """Print the status of servers."""
    found: list[tuple[str, Etcd]] = []
    code = 0
    for where in await _endpoints(client):
        try:
            found.append((where, await client.etcd("Maintenance/Status", where)))
        except Exit as end:
            told = end.message.removeprefix("Error: ")
            await client.call.err(f"Failed to get the status of endpoint {where} ({told})\n")
            code = 1
    rows = [_row(where, etcd) for where, etcd in found]
    await show(
        client,
        simple=[", ".join(row) for row in rows],
        fields=[line for where, etcd in found for line in _fields(client, where, etcd)],
        data=[{"Endpoint": where, "Status": _json(etcd)} for where, etcd in found],
        table=grid(_HEADERS, _wrapped(rows)),
    )
    return code


def _errors(etcd: Etcd) -> list[str]:
    return [f"memberID:{MEMBER_ID} alarm:NOSPACE "] if etcd.alarm else []


def _json(etcd: Etcd) -> dict[str, object]:
    return {
        "header": header(etcd),
        "version": VERSION,
        "dbSize": etcd.size,
        "leader": MEMBER_ID,
        "raftIndex": etcd.index,
        "raftTerm": etcd.term,
        "raftAppliedIndex": etcd.index,
        **({"errors": _errors(etcd)} if etcd.alarm else {}),
        "dbSizeInUse": etcd.size_in_use,
        "storageVersion": "3.6.0",
        "dbSizeQuota": etcd.quota,
        "downgradeInfo": {},
    }


def _row(where: str, etcd: Etcd) -> list[str]:
    return [
        where,
        f"{MEMBER_ID:x}",
        VERSION,
        "3.6.0",
        human_size(etcd.size),
        human_size(etcd.size_in_use),
        f"{100 - etcd.size_in_use * 100 // etcd.size}%",
        human_size(etcd.quota),
        "true",
        "false",
        str(etcd.term),
        str(etcd.index),
        str(etcd.index),
        ", ".join(_errors(etcd)),
        "",
        "false",
    ]


def _wrapped(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows of the table; long words continue in the next line of the column of errors."""
    found = []
    for row in rows:
        first, *more = row[13].split() or [""]
        found += [[*row[:13], first, *row[14:]], *([""] * 13 + [word, "", ""] for word in more)]
    return found


def _fields(client: Client, where: str, etcd: Etcd) -> list[str]:
    return [
        *fields_header(client, etcd),
        f'"Version" : "{VERSION}"',
        '"StorageVersion" : "3.6.0"',
        f'"DBSize" : {etcd.size}',
        f'"DBSizeInUse" : {etcd.size_in_use}',
        f'"DBSizeQuota" : {etcd.quota}',
        f'"Leader" : {MEMBER_ID}',
        '"IsLearner" : false',
        f'"RaftIndex" : {etcd.index}',
        f'"RaftAppliedIndex" : {etcd.index}',
        f'"Errors" : [{" ".join(_errors(etcd))}]',
        f'"Endpoint" : "{where}"',
        '"DowngradeTargetVersion" : ""',
        '"DowngradeEnabled" : false',
        "",
    ]


async def health(client: Client) -> int:
    """Print whether servers commit proposals."""
    found: list[tuple[str, str, str]] = []
    for where in await _endpoints(client):
        problem, took = "", "5.000925ms"
        try:
            etcd = await client.etcd("KV/Range", where, logger="client")
            problem = "Active Alarm(s): NOSPACE " if etcd.alarm else ""
        except Exit as end:
            problem = end.message.removeprefix("Error: ")
            took = f"{client.flags.get('command-timeout', '5s').removesuffix('s')}.001823934s"
        found.append((where, took, problem))
    rows = [[where, str(not problem).lower(), took, problem] for where, took, problem in found]
    told = [
        f"{w} is healthy: successfully committed proposal: took = {t}" for w, t, problem in found if not problem
    ]
    wrong = [f"{w} is unhealthy: failed to commit proposal: {problem}\n" for w, _, problem in found if problem]
    if client.form == "simple":
        await client.call.err("".join(wrong))
    fields = [
        line
        for where, took, problem in found
        for line in (
            f'"Endpoint" : "{where}"', f'"Health" : {str(not problem).lower()}', f'"Took" : {took}',
            f'"Error" : {problem}', "",
        )
    ]  # fmt: skip
    data = [
        {"endpoint": where, "health": not problem, "took": took, **({"error": problem} if problem else {})}
        for where, took, problem in found
    ]
    table = grid(("ENDPOINT", "HEALTH", "TOOK", "ERROR"), rows)
    await show(client, simple=told, fields=fields, data=data, table=table)
    return await client.call.fail("Error: unhealthy cluster") if wrong else 0


async def hashkv(client: Client) -> int:
    """Print a hash of keys and history."""
    found: list[tuple[str, Etcd, int]] = []
    wrong = ""
    asked = int(client.flags.get("rev", "0"))
    for where in await _endpoints(client):
        try:
            etcd = await client.etcd("Maintenance/HashKV", where)
            if asked > etcd.revision:
                told = "etcdserver: mvcc: required revision is a future revision"
                raise await client.refused("Maintenance/HashKV", "OutOfRange", told)
            if 0 < asked < etcd.compacted:
                told = "etcdserver: mvcc: required revision has been compacted"
                raise await client.refused("Maintenance/HashKV", "OutOfRange", told)
            found.append((where, etcd, asked if asked > 0 else etcd.revision))
        except Exit as end:
            wrong = end.message
            told = wrong.removeprefix("Error: ")
            await client.call.err(f"Failed to get the hash of endpoint {where} ({told})\n")
    rows = [[where, str(zlib.crc32(str(revision).encode())), str(revision)] for where, _, revision in found]
    fields = [
        line
        for (where, etcd, _), row in zip(found, rows, strict=True)
        for line in (
            *fields_header(client, etcd), f'"Endpoint" : "{where}"', f'"Hash" : {row[1]}',
            f'"HashRevision" : {row[2]}', "",
        )
    ]  # fmt: skip
    data = [
        {
            "Endpoint": where,
            "HashKV": {
                "header": header(etcd), "hash": int(row[1]), "compact_revision": etcd.compacted or -1,
                "hash_revision": revision,
            },
        }
        for (where, etcd, revision), row in zip(found, rows, strict=True)
    ]  # fmt: skip
    table = grid(("ENDPOINT", "HASH", "HASH REVISION"), rows)
    await show(client, simple=[", ".join(row) for row in rows], fields=fields, data=data, table=table)
    return await client.call.fail(wrong) if wrong else 0
