"""etcdctl txn: comparisons, and requests for success and failure, read from stdin."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from lab.cluster.sim.api.etcd import Etcd, NoSpaceError
from lab.cluster.sim.bash.running.call import Exit, NotSimulated
from lab.cluster.sim.commands.etcdctl.connection import NO_SPACE, Client, connect
from lab.cluster.sim.commands.etcdctl.flags import OWN
from lab.cluster.sim.commands.etcdctl.keys import answer, deleted, ranged, selected, wanted, written
from lab.cluster.sim.commands.etcdctl.printing import fields_header, header, show, stored
from lab.cluster.sim.commands.golang.command_line import CommandLineError, HelpAsked
from lab.cluster.sim.commands.golang.pflag import parse

__all__ = ["txn"]

_INVALID_INPUT = 3
_WORD = re.compile(r"""("(?:[^"\\]|\\.)*"|'[^']*'|[^'"\s]\S*[^'"\s]?)""")
_COMPARISON = re.compile(r'\s*("(?:[^"\\]|\\.)*")\)\s*(\S+)\s+("(?:[^"\\]|\\.)*")')
_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    ">": lambda one, other: one > other,
}
_TARGETS = {
    **dict.fromkeys(("ver", "version"), "version"),
    **dict.fromkeys(("c", "create"), "created"),
    **dict.fromkeys(("m", "mod"), "modified"),
    **dict.fromkeys(("val", "value"), "value"),
    "lease": "lease",
}

_REQUESTS = {"get", "put", "del"}


class Comparison:
    """A condition on a key in a transaction."""

    def __init__(self, line: str) -> None:
        target, paren, rest = line.partition("(")
        if not paren:
            raise _wrong(f"malformed comparison: {line}")
        match = _COMPARISON.match(rest)
        if match is None:
            key = re.match(r'\s*"((?:[^"\\]|\\.)*)"', rest)
            raise _wrong(f'malformed comparison: {line}; got {target}("{key.group(1) if key else ""}")  ""')
        if target not in _TARGETS:
            raise _wrong(f"malformed comparison: {line} (unknown target {target})")
        self.key, self.operator, text = json.loads(match.group(1)), match.group(2), json.loads(match.group(3))
        self.attribute = _TARGETS[target]
        self.value: object = text
        if self.attribute != "value":
            base = 16 if self.attribute == "lease" else 10
            try:
                self.value = int(text, base)
            except ValueError:
                raise _wrong(f"invalid txn compare request: {line}") from None
        if self.operator not in _HOLDS:
            raise NotSimulated(f"etcdctl txn with {self.operator}, of which etcdctl 3.6 dies")

    def holds(self, etcd: Etcd) -> bool:
        """Whether the condition holds."""
        entry = etcd.get(self.key)
        if self.attribute == "value":
            return entry is not None and _HOLDS[self.operator](stored(entry), self.value)
        return _HOLDS[self.operator](getattr(entry, self.attribute) if entry else 0, self.value)


def _wrong(told: str) -> Exit:
    return Exit(_INVALID_INPUT, f"Error: {told}")


async def txn(client: Client) -> int:
    """Run one of two lists of requests as a whole."""
    if client.words:
        raise client.usage("txn command does not accept argument")
    await connect(client)
    lines = iter((await client.call.stdin()).decode(errors="replace").split("\n")[:-1])
    asked = client.flags.on("interactive")
    compares = [Comparison(line) for line in await _block(client, lines, "compares:" if asked else "")]
    branches = []
    for name in ("success", "failure"):
        told = await _block(client, lines, f"{name} requests (get, put, del):" if asked else "")
        branches.append([await _request(client, line) for line in told])
    etcd = await client.etcd("KV/Txn", patient=True)
    if etcd.alarm and any(request.command == "put" for branch in branches for request in branch):
        raise await client.refused("KV/Txn", *NO_SPACE)
    await _unique(client, branches)
    succeeded = all(compare.holds(etcd) for compare in compares)
    try:
        answers = [await _done(request, etcd) for request in branches[not succeeded]]
    except NoSpaceError:
        raise await client.refused("KV/Txn", *NO_SPACE) from None
    client.call.world.poke()
    data: dict[str, Any] = {"header": header(etcd)}
    if succeeded:
        data["succeeded"] = True
    if answers:
        data["responses"] = [{"Response": {f"response_{name}": told["data"]}} for name, told in answers]
    await show(
        client,
        simple=[
            "SUCCESS" if succeeded else "FAILURE",
            *(line for _, told in answers for line in ("", *told["simple"])),
        ],
        fields=[
            *fields_header(client, etcd),
            f'"Succeeded" : {str(succeeded).lower()}',
            *(line for _, told in answers for line in told["fields"]),
        ],
        data=data,
    )
    return 0


async def _unique(client: Client, branches: list[list[Client]]) -> None:
    """End the command if a branch changes a key twice."""
    for branch in branches:
        put = [request.words[0] for request in branch if request.command == "put"]
        spans = [ranged(request) for request in branch if request.command == "del"]
        gone = any(first <= key and (end is None or key < end) for key in put for first, end in spans)
        if gone or len(set(put)) < len(put):
            told = "etcdserver: duplicate key given in txn request"
            raise await client.refused("KV/Txn", "InvalidArgument", told)


async def _block(client: Client, lines: Iterator[str], prompt: str) -> list[str]:
    """Return lines up to an empty one."""
    if prompt:
        await client.call.line(prompt)
    found: list[str] = []
    for line in lines:
        if not line.strip():
            return found
        found.append(line.strip())
    raise _wrong("EOF")


def arguments(line: str) -> list[str]:
    """Return the words of a line without quotation marks."""
    return [
        word[1:-1] if word[0] == "'" else json.loads(word) if word[0] == '"' else word
        for word in _WORD.findall(line)
    ]


async def _request(client: Client, line: str) -> Client:
    """Return the request in a line."""
    words = arguments(line)
    if len(words) < 2:
        raise _wrong(f"invalid txn compare request: {line}")
    if words[0] not in _REQUESTS:
        raise _wrong(f"invalid txn request: {line}")
    try:
        flags = parse(words[1:], OWN[words[0]])
    except (CommandLineError, HelpAsked):
        raise _wrong(f"invalid txn request: {line}") from None
    flags.values["write-out"] = [client.form]
    request = Client(client.call, flags, words[0])
    if words[0] == "get":
        wanted(request)
    elif words[0] == "put":
        await written(request)
    return request


async def _done(request: Client, etcd: Etcd) -> tuple[str, dict[str, Any]]:
    """Run one request; return its kind and its printed form."""
    if request.command == "get":
        found, count = selected(request, etcd)
        told = answer(request, etcd, found, count)
        return "range", _within(told, etcd)
    if request.command == "put":
        key, value = await written(request)
        etcd.put(key, value, len(value), int(request.flags.get("lease", "0"), 16))
        return "put", _within({"simple": ["OK"], "fields": [""] * 4, "data": {}}, etcd)
    gone = etcd.span(*ranged(request))
    for key, _ in gone:
        etcd.delete(key)
    return "delete_range", _within(deleted(request, etcd, gone), etcd)


def _within(told: dict[str, Any], etcd: Etcd) -> dict[str, Any]:
    """Return an answer with its header inside a transaction: only the revision."""
    header_ = ['"ClusterID" : 0', '"MemberID" : 0', f'"Revision" : {etcd.revision}', '"RaftTerm" : 0']
    data = {**told["data"], "header": {"revision": etcd.revision}}
    ordered = {"header": data.pop("header"), **data}
    return {"simple": told["simple"], "fields": [*header_, *told["fields"][4:]], "data": ordered}
