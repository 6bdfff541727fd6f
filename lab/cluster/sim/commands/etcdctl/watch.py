"""etcdctl watch, lock, elect: commands that keep running."""

from collections import deque
from contextlib import suppress
from dataclasses import replace
from typing import Any

from lab.cluster.sim.api.etcd import CompactedError, Entry, Etcd, Lease, NoSpaceError
from lab.cluster.sim.bash.running.call import Exit, NotSimulated
from lab.cluster.sim.commands.etcdctl.connection import NO_SPACE, Client, connect
from lab.cluster.sim.commands.etcdctl.keys import answer
from lab.cluster.sim.commands.etcdctl.printing import (  # fmt: skip
    fields_header,
    header,
    key_fields,
    key_json,
    key_lines,
    show,
    stored,
)

__all__ = ["elect", "lock", "watch"]

_INVALID_INPUT = 3
#: Seconds between two looks of a command that keeps running.
_LOOK = 0.1
_ELECTION_TTL = 60

#: A change: the key, its new entry, its old entry, the revision.
_Event = tuple[str, Entry | None, Entry | None, int]


async def watch(client: Client) -> int:
    """Print changes of keys as they happen, or from a revision on; run a command for each."""
    call, flags, program = client.call, client.flags, client.flags.rest
    first, last = await _watched(client)
    etcd = await client.etcd("Watch", patient=True)
    seen: deque[_Event] = deque()

    def changed(name: str, entry: Entry | None, old: Entry | None) -> None:
        if first <= name < last:
            seen.append((name, replace(entry) if entry else None, old, etcd.revision))

    revision = int(flags.get("rev", "0"))
    if revision > 0:
        seen.extend(await _since(etcd, revision, first, last, client))
    etcd.watchers.append(changed)
    try:
        while True:
            while seen:
                await _print(client, etcd, seen.popleft())
                code = await call.run(program) if program else 0
                if code:
                    return code
            await call.sleep(_LOOK)
    finally:
        with suppress(ValueError):
            etcd.watchers.remove(changed)


async def _watched(client: Client) -> tuple[str, str]:
    """Return the first watched key, and the key after the last."""
    call, flags = client.call, client.flags
    key, end = call.env.get("ETCDCTL_WATCH_KEY", ""), call.env.get("ETCDCTL_WATCH_RANGE_END", "")
    if end and not key:
        raise client.usage(f'ETCDCTL_WATCH_KEY is empty but got ETCDCTL_WATCH_RANGE_END="{end}"')
    if flags.on("interactive"):
        await connect(client)
        if await call.stdin():
            raise NotSimulated("etcdctl watch -i")
        raise Exit(_INVALID_INPUT, "Error: error reading watch request line: EOF")
    program = flags.rest
    words = client.words[: len(client.words) - len(program)] if program else client.words
    if program is not None and not program:
        raise client.usage("bad number of arguments (found separator --, but no commands)")
    words = [*filter(None, (key, end)), *words]
    if not 0 < len(words) < 3:
        raise client.usage("bad number of arguments")
    if len(words) == 2 and flags.on("prefix"):
        await connect(client)
        raise client.usage("`range_end` and `--prefix` are mutually exclusive")
    if flags.on("prefix"):
        return words[0], words[0] + "\U0010ffff"
    return words[0], words[1] if len(words) > 1 else f"{words[0]}\0"


async def _since(etcd: Etcd, revision: int, first: str, last: str, client: Client) -> list[_Event]:
    """Return the changes from `revision` on."""
    if revision <= etcd.compacted:
        await client.call.err("watch was canceled (etcdserver: mvcc: required revision has been compacted)\n")
        raise Exit(5, "Error: watch is canceled by the server")
    held: dict[str, Entry] = {}
    found: list[_Event] = []
    for _, entry in etcd.span(first, last):
        if not isinstance(entry.value, str) and entry.modified >= revision:
            raise NotSimulated("etcdctl watch --rev, of objects that changed since")
    for past in etcd.past:
        if not first <= past.key < last:
            continue
        if past.revision >= revision and past.entry is None and not past.kept:
            raise NotSimulated("etcdctl watch --rev, of objects that were deleted since")
        if past.revision >= revision:
            found.append((past.key, past.entry, held.get(past.key), past.revision))
        if past.entry:
            held[past.key] = past.entry
        else:
            held.pop(past.key, None)
    return found


async def _print(client: Client, etcd: Etcd, event: _Event) -> None:
    key, entry, old, revision = event
    shown, value = (entry, stored(entry)) if entry else (Entry("", 0, revision, 0, 0), "")
    before = stored(old) if old and client.flags.on("prev-kv") else None
    lead: list[str] = []
    fields: list[str] = []
    told: dict[str, Any] = {} if entry else {"type": 1}
    told["kv"] = key_json(key, shown, value)
    if old and before is not None:
        lead = key_lines(client, key, before)
        fields = key_fields(client, key, old, before, "Prev")
        told["prev_kv"] = key_json(key, old, before)
    kind = "PUT" if entry else "DELETE"
    await show(
        client,
        simple=[kind, *lead, *key_lines(client, key, value)],
        fields=[
            *fields_header(client, etcd), f'"Type" : {kind}', *fields, *key_fields(client, key, shown, value),
        ],
        data={
            "Header": header(etcd), "Events": [told], "CompactRevision": 0, "Canceled": False, "Created": False,
        },
    )  # fmt: skip


async def lock(client: Client) -> int:
    """Hold a lock while a command runs, or until the end."""
    if not client.words:
        raise client.usage("lock takes a lock name argument and an optional command to execute")
    etcd = await client.etcd("Lease/LeaseGrant", patient=True)
    lease = await _session(client, etcd, int(client.flags.get("ttl", "10")))
    name = f"{client.words[0]}/"
    key = f"{name}{lease.id:x}"
    try:
        await _write(client, etcd, key, "", lease)
        await _turn(client, etcd, name, key)
        if client.words[1:]:
            return await _guarded(client, client.words[1:], key, etcd)
        await _show(client, etcd, key)
        await _hold(client, lease)
    finally:
        etcd.revoke(lease.id)
    return 0


async def _guarded(client: Client, words: list[str], key: str, etcd: Etcd) -> int:
    call = client.call
    program = words[0]
    if program not in call.place.programs and call.has_program(program) is None:
        raise Exit(1, f'Error: exec: "{program}": executable file not found in $PATH')
    entry = etcd.get(key)
    call.env |= {"ETCD_LOCK_KEY": key, "ETCD_LOCK_REV": str(entry.modified if entry else 0)}
    code = await call.run(words)
    return await call.fail(f"Error: exit status {code}", code) if code else 0


async def elect(client: Client) -> int:
    """Join an election, or observe one."""
    words, listen = client.words, client.flags.on("listen")
    if not 0 < len(words) < 3:
        raise client.usage("elect takes one election name argument and an optional proposal argument")
    etcd = await client.etcd("Lease/LeaseGrant", patient=True)
    if len(words) == 1 and not listen:
        raise client.usage("no proposal argument but -l not set")
    if len(words) == 2 and listen:
        raise client.usage("proposal given but -l is set")
    lease = await _session(client, etcd, _ELECTION_TTL)
    name = f"{words[0]}/"
    key = f"{name}{lease.id:x}"
    try:
        if listen:
            await _observe(client, etcd, lease, name)
        await _write(client, etcd, key, words[1], lease)
        await _turn(client, etcd, name, key)
        await _show(client, etcd, key)
        await _hold(client, lease)
    finally:
        etcd.revoke(lease.id)
    return 0


async def _observe(client: Client, etcd: Etcd, lease: Lease, name: str) -> None:
    """Print the leader each time that it changes."""
    told = ""
    while True:
        found = sorted(etcd.scan(name), key=lambda pair: pair[1].created)
        if found and found[0][0] != told:
            told = found[0][0]
            await _show(client, etcd, told)
        lease.expires = client.call.now() + lease.ttl
        await client.call.sleep(_LOOK)


async def _session(client: Client, etcd: Etcd, ttl: int) -> Lease:
    try:
        return etcd.grant(ttl, client.call.now())
    except NoSpaceError:
        raise await client.refused("Lease/LeaseGrant", *NO_SPACE) from None


async def _write(client: Client, etcd: Etcd, key: str, value: str, lease: Lease) -> None:
    try:
        etcd.put(key, value, len(value), lease.id)
    except (NoSpaceError, CompactedError):
        raise await client.refused("KV/Txn", *NO_SPACE) from None


async def _turn(client: Client, etcd: Etcd, name: str, key: str) -> None:
    """Wait until `key` is the oldest with its prefix."""
    while min(etcd.scan(name), key=lambda pair: pair[1].created)[0] != key:
        await client.call.sleep(_LOOK)
        etcd.expire(client.call.now())


async def _show(client: Client, etcd: Etcd, key: str) -> None:
    entry = etcd.get(key)
    if entry is not None:
        await show(client, **answer(client, etcd, [(key, entry, stored(entry))], 1))


async def _hold(client: Client, lease: Lease) -> None:
    """Keep a lease alive until the command ends."""
    while True:
        lease.expires = client.call.now() + lease.ttl
        await client.call.sleep(lease.ttl / 3)
