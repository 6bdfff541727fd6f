"""etcdctl's output formats for an answer."""

import base64
import json
from collections.abc import Sequence

from lab.cluster.sim.api.etcd import CLUSTER_ID, MEMBER_ID, Entry, Etcd
from lab.cluster.sim.api.objects import Object, meta
from lab.cluster.sim.bash.running.call import Exit, NotSimulated
from lab.cluster.sim.commands.etcdctl.connection import BAD_FEATURE, Client

__all__ = ["coded", "fields_header", "grid", "header", "hexed", "identity", "key_fields", "key_json", "key_lines", "quoted", "show", "stored"]  # fmt: skip  # noqa: E501

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\x00"}


def quoted(text: str) -> str:
    """Return `text` in quotation marks, as Go's %q prints it."""
    shown = (_ESCAPES.get(c) or (c if c.isprintable() else f"\\x{ord(c):02x}") for c in text)
    return f'"{"".join(shown)}"'


def coded(text: str) -> str:
    """Return `text` as bytes in JSON."""
    return base64.b64encode(text.encode()).decode()


def hexed(text: str) -> str:
    """Return the bytes of `text` as `--hex` shows them."""
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def identity(client: Client, number: int) -> str:
    """Return a cluster's or member's id as a field."""
    return f"{number:x}" if client.hex else str(number)


def stored(entry: Entry) -> str:
    """Return a value as stored. Objects are protobuf, of which the readable part is shown."""
    if isinstance(entry.value, str):
        return entry.value
    item: Object = entry.value
    head = f"k8s\x00\n\x0f\n\x02{item.get('apiVersion', '')}\x12\t{item.get('kind', '')}\x12"
    return head + json.dumps({**item, "metadata": {k: v for k, v in meta(item).items() if k != "resourceVersion"}})


def header(etcd: Etcd, *, revision: bool = True) -> Object:
    """Return the header of an answer."""
    found = {"cluster_id": CLUSTER_ID, "member_id": MEMBER_ID}
    return {**found, **({"revision": etcd.revision} if revision else {}), "raft_term": etcd.term}


def fields_header(client: Client, etcd: Etcd, *, revision: bool = True) -> list[str]:
    """Return the header of an answer as fields."""
    return [
        f'"ClusterID" : {identity(client, CLUSTER_ID)}',
        f'"MemberID" : {identity(client, MEMBER_ID)}',
        *([f'"Revision" : {etcd.revision}'] if revision else []),
        f'"RaftTerm" : {etcd.term}',
    ]


def key_lines(client: Client, key: str, value: str, *, value_only: bool = False) -> list[str]:
    """Return a key and its value as plain lines."""
    lines = [value] if value_only else [key, value]
    return [hexed(line) for line in lines] if client.hex else lines


def key_fields(client: Client, key: str, entry: Entry, value: str, lead: str = "") -> list[str]:
    """Return a key and its value as fields."""
    lease = f"{entry.lease:016x}" if client.hex else str(entry.lease)
    return [
        f'"{lead}Key" : {quoted(key)}',
        f'"{lead}CreateRevision" : {entry.created}',
        f'"{lead}ModRevision" : {entry.modified}',
        f'"{lead}Version" : {entry.version}',
        f'"{lead}Value" : {quoted(value)}',
        f'"{lead}Lease" : {lease}',
    ]


def key_json(key: str, entry: Entry, value: str) -> Object:
    """Return a key and its value as JSON has them."""
    found: Object = {"key": coded(key), "create_revision": entry.created, "mod_revision": entry.modified}
    found["version"] = entry.version
    if value:
        found["value"] = coded(value)
    if entry.lease:
        found["lease"] = entry.lease
    return found


async def show(
    client: Client, *, simple: Sequence[str], fields: Sequence[str] | None = None, data: object = None,
    table: str = "",
) -> None:  # fmt: skip
    """Print an answer in the requested format; end the command if it does not have the format."""
    form = client.form
    if form == "simple":
        await client.call.out("".join(f"{line}\n" for line in simple))
    elif form == "fields" and fields is not None:
        await client.call.out("".join(f"{line}\n" for line in fields))
    elif form == "json" and data is not None:
        await client.call.line(json.dumps(data or None, separators=(",", ":")) if data != {} else "{}")
    elif form == "table" and table:
        await client.call.out(table)
    elif form == "protobuf" and data is not None and not isinstance(data, list):
        raise NotSimulated("etcdctl -w protobuf")
    else:
        raise Exit(BAD_FEATURE, f"Error: {form} not supported as output format")


def grid(headers: Sequence[str], rows: list[list[str]]) -> str:
    """Return a framed table, as -w table prints it."""
    widths = [max([len(headers[i]), *(len(row[i]) for row in rows)]) for i in range(len(headers))]
    frame = "+" + "+".join("-" * (width + 2) for width in widths) + "+\n"
    head = "|" + "|".join(f" {h.center(w)} " for h, w in zip(headers, widths, strict=True)) + "|\n"
    body = "".join(
        "|" + "|".join(f" {c.rjust(w)} " for c, w in zip(row, widths, strict=True)) + "|\n" for row in rows
    )
    return frame + head + frame + body + frame
