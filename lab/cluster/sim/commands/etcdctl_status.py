"""etcdctl endpoint status and health, in all their formats."""

import json

from lab.cluster.sim.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.etcdctl_connection import endpoint, reach
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.etcd import (
    CLUSTER_ID,
    MEMBER_ID,
    Etcd,
)
from lab.cluster.sim.objects import Object

__all__ = ["VERSION", "grid", "header", "health", "status"]

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


def grid(headers: tuple[str, ...], rows: list[list[str]]) -> str:
    """Return a table with a frame, as -w table has it."""
    widths = [max([len(headers[i]), *(len(row[i]) for row in rows)]) for i in range(len(headers))]
    frame = "+" + "+".join("-" * (width + 2) for width in widths) + "+\n"
    head = "|" + "|".join(f" {h.center(w)} " for h, w in zip(headers, widths, strict=True)) + "|\n"
    body = "".join(
        "|" + "|".join(f" {c.rjust(w)} " for c, w in zip(row, widths, strict=True)) + "|\n" for row in rows
    )
    return frame + head + frame + body + frame


def header(etcd: Etcd) -> Object:
    """Return the header of an answer."""
    return {"cluster_id": CLUSTER_ID, "member_id": MEMBER_ID, "revision": etcd.revision, "raft_term": etcd.term}


async def status(call: Call, flags: Flags) -> int:
    """Endpoint status, in all its formats."""
    try:
        etcd = await reach(call, flags, "Maintenance/Status")
    except Exit as end:
        await call.err(f"Failed to get the status of endpoint {endpoint(flags)} (context deadline exceeded)\n")
        if flags.get("write-out") == "table":
            await call.out(grid(_HEADERS, []))
        return end.code if flags.get("write-out") != "json" else await call.fail("", end.code)
    errors = [f"memberID:{MEMBER_ID} alarm:NOSPACE "] if etcd.alarm else []
    form = flags.get("write-out", "simple")
    if form == "json":
        status = {
            "header": header(etcd),
            "version": VERSION,
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
        VERSION,
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


async def health(call: Call, flags: Flags) -> int:
    """Endpoint health."""
    where = endpoint(flags)
    try:
        etcd = await reach(call, flags, health=True)
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
