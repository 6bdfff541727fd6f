"""etcdctl get, put, del, compaction: keys and their history."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lab.cluster.sim.api.etcd import CompactedError, Entry, Etcd, FutureRevisionError, NoSpaceError
from lab.cluster.sim.bash.running.call import Exit, NotSimulated
from lab.cluster.sim.commands.etcdctl.connection import BAD_FEATURE, NO_SPACE, Client, number
from lab.cluster.sim.commands.etcdctl.printing import (
    fields_header,
    header,
    key_fields,
    key_json,
    key_lines,
    quoted,
    show,
    stored,
)

__all__ = ["compaction", "delete", "get", "put", "ranged", "wanted", "written"]

_BOTH = "`--prefix` and `--from-key` cannot be set at the same time, choose one"
_TOO_MANY = "too many arguments, only accept one argument when `--prefix` or `--from-key` is set"
_NO_KEY = "InvalidArgument", "etcdserver: key is not provided"
#: Fields to sort keys by.
_TARGETS: dict[str, Callable[[str, Entry], Any]] = {
    "CREATE": lambda _, entry: entry.created,
    "KEY": lambda key, _: key,
    "MODIFY": lambda _, entry: entry.modified,
    "VALUE": lambda _, entry: stored(entry),
    "VERSION": lambda _, entry: entry.version,
}


def ranged(client: Client) -> tuple[str, str | None]:
    """Return the first key of the requested range, and the key after its last; None: the range has no end."""
    key, prefix, onward = client.words[0], client.flags.on("prefix"), client.flags.on("from-key")
    if prefix and onward:
        raise client.usage(_BOTH)
    if len(client.words) > 1:
        if prefix or onward:
            raise client.usage(_TOO_MANY)
        return key, client.words[1]
    if onward or (prefix and not key):
        return key or "\0", None
    return (key, key + "\U0010ffff") if prefix else (key, f"{key}\0")


def wanted(client: Client) -> list[str]:
    """Check the arguments of `get`; return the message of an error, if any."""
    flags = client.flags
    if not client.words:
        raise client.usage("get command needs one argument as key and an optional argument as range_end")
    if flags.on("prefix") and flags.on("from-key"):
        raise client.usage(_BOTH)
    if flags.on("keys-only") and flags.on("count-only"):
        raise client.usage("`--keys-only` and `--count-only` cannot be set at the same time, choose one")
    if flags.get("consistency", "l") not in {"l", "s"}:
        raise Exit(BAD_FEATURE, f'Error: unknown consistency flag "{flags.get("consistency")}"')
    ranged(client)
    if flags.get("order").upper() not in {"", "ASCEND", "DESCEND"}:
        raise Exit(BAD_FEATURE, f"Error: bad sort order {flags.get('order')}")
    if flags.get("sort-by").upper() not in {"", *_TARGETS}:
        raise Exit(BAD_FEATURE, f"Error: bad sort target {flags.get('sort-by')}")
    for what in ("create", "mod"):
        least, most = (int(flags.get(f"{bound}-{what}-rev", "0")) for bound in ("min", "max"))
        if most > 0 and least > most:
            name = what.capitalize()
            raise Exit(BAD_FEATURE, f"Error: getMin{name}Rev(={least}) > getMax{name}Rev(={most})")
    return list(client.words)


async def get(client: Client) -> int:
    """Print keys of a range."""
    wanted(client)
    etcd = await client.etcd("KV/Range")
    if not client.words[0] and not client.flags.on("prefix") and not client.flags.on("from-key"):
        raise await client.refused("KV/Range", *_NO_KEY)
    try:
        found, count = selected(client, etcd)
    except (CompactedError, FutureRevisionError) as error:
        raise await client.refused("KV/Range", "OutOfRange", _revision(error)) from None
    if client.flags.on("count-only") and client.form != "fields":
        raise client.usage("--count-only is only for `--write-out=fields`")
    if client.flags.on("print-value-only") and client.form != "simple":
        raise client.usage("print-value-only is only for `--write-out=simple`")
    await show(client, **answer(client, etcd, found, count))
    return 0


def selected(client: Client, etcd: Etcd) -> tuple[list[tuple[str, Entry, str]], int]:
    """Return the keys and values that `get` asks for, and the number of keys in the range."""
    flags = client.flags
    first, end = ranged(client)
    revision = int(flags.get("rev", "0"))
    held = etcd.at(revision, first, end) if revision > 0 else etcd.span(first, end)
    pairs = [(key, entry) for key, entry in held if entry is not None]
    if len(pairs) < len(held):
        raise NotSimulated("etcdctl get --rev, of objects that changed since")
    count = len(pairs)
    for what, attribute in (("create", "created"), ("mod", "modified")):
        least, most = (int(flags.get(f"{bound}-{what}-rev", "0")) for bound in ("min", "max"))
        pairs = [
            (key, entry)
            for key, entry in pairs
            if (least <= 0 or getattr(entry, attribute) >= least)
            and (most <= 0 or getattr(entry, attribute) <= most)
        ]
    order, target = flags.get("order").upper(), flags.get("sort-by").upper() or "KEY"
    if order or target != "KEY":
        pairs.sort(key=lambda pair: _TARGETS[target](*pair), reverse=order == "DESCEND")
    pairs = pairs[: max(int(flags.get("limit", "0")), 0) or None]
    if flags.on("count-only"):
        return [], count
    bare = flags.on("keys-only")
    return [(key, entry, "" if bare else stored(entry)) for key, entry in pairs], count


def answer(client: Client, etcd: Etcd, found: list[tuple[str, Entry, str]], count: int) -> dict[str, Any]:
    """Return the printed form of a range for each format."""
    value_only = client.flags.on("print-value-only")
    data: dict[str, Any] = {"header": header(etcd)}
    if found:
        data["kvs"] = [key_json(*one) for one in found]
    more = bool(found) and len(found) < count
    if more:
        data["more"] = True
    if count:
        data["count"] = count
    return {
        "simple": [
            line for key, _, value in found for line in key_lines(client, key, value, value_only=value_only)
        ],
        "fields": [
            *fields_header(client, etcd),
            *(line for one in found for line in key_fields(client, *one)),
            f'"More" : {str(more).lower()}',
            f'"Count" : {count}',
        ],
        "data": data,
    }


async def written(client: Client) -> tuple[str, str]:
    """Return the key and value of `put`; the value may come from stdin."""
    missing = "put command needs 1 argument and input from stdin or 2 arguments"
    words = client.words
    if not words:
        raise client.usage(missing)
    keep = client.flags.on("ignore-value")
    if keep and len(words) > 1:
        raise client.usage("put command needs only 1 argument when 'ignore-value' is set")
    value = ""
    if not keep:
        value = words[1] if len(words) > 1 else (await client.call.stdin()).decode(errors="replace")
        if len(words) == 1 and not value:
            raise client.usage(missing)
    number(client.flags.get("lease", "0"), 16, lead="bad lease ID ", tail=", expecting ID in Hex")
    return words[0], value


async def put(client: Client) -> int:
    """Write a key."""
    key, value = await written(client)
    etcd = await client.etcd("KV/Put")
    if not key:
        raise await client.refused("KV/Put", *_NO_KEY)
    old = etcd.get(key)
    lease = int(client.flags.get("lease", "0"), 16)
    if (client.flags.on("ignore-value") or client.flags.on("ignore-lease")) and old is None:
        raise await client.refused("KV/Put", "InvalidArgument", "etcdserver: key not found")
    if lease and lease not in etcd.leases:
        raise await client.refused("KV/Put", "NotFound", "etcdserver: requested lease not found")
    held: object = value
    if old is not None:
        held = old.value if client.flags.on("ignore-value") else value
        lease = old.lease if client.flags.on("ignore-lease") else lease
    before = replace(old) if old else None
    try:
        etcd.put(key, held, len(value), lease)
    except NoSpaceError:
        raise await client.refused("KV/Put", *NO_SPACE) from None
    client.call.world.poke()
    data: dict[str, Any] = {"header": header(etcd)}
    simple, fields = ["OK"], fields_header(client, etcd)
    if before and client.flags.on("prev-kv"):
        data["prev_kv"] = key_json(key, before, stored(before))
        simple += key_lines(client, key, stored(before))
        fields += key_fields(client, key, before, stored(before), "Prev")
    await show(client, simple=simple, fields=fields, data=data)
    return 0


async def delete(client: Client) -> int:
    """Remove keys of a range."""
    words = client.words
    if not 0 < len(words) < 3:
        raise client.usage("del command needs one argument as key and an optional argument as range_end")
    first, end = ranged(client)
    if len(words) > 1 and not client.flags.on("range"):
        await client.call.err(
            f"Warning: Keys between {quoted(words[0])} and {quoted(words[1])} will be deleted. Please interrupt "
            "the command within next 2 seconds to cancel. You can provide `--range` flag to avoid the delay.\n"
        )
        await client.call.sleep(2)
    etcd = await client.etcd("KV/DeleteRange")
    if not words[0] and not client.flags.on("prefix") and not client.flags.on("from-key"):
        raise await client.refused("KV/DeleteRange", *_NO_KEY)
    found = etcd.span(first, end)
    for key, _ in found:
        etcd.delete(key)
    client.call.world.poke()
    await show(client, **deleted(client, etcd, found))
    return 0


def deleted(client: Client, etcd: Etcd, found: list[tuple[str, Entry]]) -> dict[str, Any]:
    """Return the printed form of a deletion for each format."""
    told = [(key, entry, stored(entry)) for key, entry in found] if client.flags.on("prev-kv") else []
    data: dict[str, Any] = {"header": header(etcd)}
    if found:
        data["deleted"] = len(found)
    if told:
        data["prev_kvs"] = [key_json(*one) for one in told]
    return {
        "simple": [str(len(found)), *(line for key, _, value in told for line in key_lines(client, key, value))],
        "fields": [
            *fields_header(client, etcd),
            f'"Deleted" : {len(found)}',
            *(line for one in told for line in key_fields(client, *one, "Prev")),
        ],
        "data": data,
    }


async def compaction(client: Client) -> int:
    """Drop history up to a revision."""
    if len(client.words) != 1:
        raise client.usage("compaction command needs 1 argument")
    try:
        revision = number(client.words[0], 10)
    except Exit as end:
        raise Exit(1, end.message) from None
    etcd = await client.etcd("KV/Compact")
    try:
        etcd.compact(revision)
    except (CompactedError, FutureRevisionError) as error:
        raise await client.refused("KV/Compact", "OutOfRange", _revision(error)) from None
    await client.call.line(f"compacted revision {revision}")
    return 0


def _revision(error: Exception) -> str:
    what = "has been compacted" if isinstance(error, CompactedError) else "is a future revision"
    return f"etcdserver: mvcc: required revision {what}"
