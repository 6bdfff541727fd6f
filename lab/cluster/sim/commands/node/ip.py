"""ip: addresses, links, routes, rules and neighbours of a node."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import takewhile

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.node.nsenter import netns
from lab.cluster.sim.machine.runtime import Sandbox

__all__ = ["ip", "link_names"]

_SHOW = {"show", "list", "ls", "lst", ""}
_OBJECTS = ("address", "route", "link", "rule", "neighbour", "neighbor", "netns")
_RULES = "0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n"


@dataclass(frozen=True, slots=True)
class _Link:
    number: int
    name: str
    address: str
    scope: str
    mac: str
    broadcast: str = ""
    peer: int = 0

    @property
    def shown(self) -> str:
        return f"{self.name}@if{self.peer}" if self.peer else self.name


def _veths(call: Call) -> list[tuple[int, Sandbox]]:
    pods = [s for s in call.node.runtime.sandboxes.values() if s.ready and not s.host_network]
    return [(index + 3, sandbox) for index, sandbox in enumerate(pods)]


def _mac(seed: str) -> str:
    return ":".join(["02", "42", *(seed[i : i + 2] for i in range(0, 8, 2))])


def _links(call: Call) -> list[_Link]:
    node, inside = call.node, call.place.sandbox
    lo = _Link(1, "lo", "127.0.0.1/8", "host", "00:00:00:00:00:00")
    if inside is not None and not inside.host_network:
        return [lo, _Link(2, "eth0", f"{inside.ip}/24", "global", _mac(inside.id), "10.244.255.255", 3)]
    gateway = node.cidr.replace(".0/24", ".1")
    pods = [_Link(n, f"veth{s.id[:8]}", f"{gateway}/32", "global", _mac(s.id), "", 2) for n, s in _veths(call)]
    outer = max([2, *(link.number for link in pods)]) + 1
    return [lo, *pods, _Link(outer, "eth0", f"{node.ip}/16", "global", _mac(node.id), "172.18.255.255", outer + 1)]


def link_names(call: Call) -> list[str]:
    """Return the names of a node's (or a pod's) links."""
    return [link.name for link in _links(call)]


_KNOWN = {"-4", "-6", "-br", "-brief", "-o", "-oneline", "-c", "-s", "-d"}
#: Options that are real and not modelled.
_REAL = {
    "-h", "-help", "-human", "-i", "-r", "-f", "-0", "-l", "-t", "-ts", "-rc", "-n", "-a", "-b", "-force", "-N",
    "-p", "-pretty", "-j", "-json", "-iec", "-echo", "-B", "-M", "-V", "-statistics", "-details", "-family",
}  # fmt: skip


async def ip(call: Call) -> int:
    """Print the requested objects."""
    # Options stand before the object; behind it, a word with a dash is a word.
    before = list(takewhile(lambda word: word.startswith("-"), call.argv))
    words, flags = call.argv[len(before) :], set(before)
    for flag in before:
        if flag in _REAL:
            return await call.fail(f"not simulated: ip {flag} (use --backend kind)")
        if flag not in _KNOWN:
            return await call.fail(
                f'Option "{flag[1:] if flag[:2] == "--" else flag}" is unknown, try "ip -help".', 255
            )
    if not words:
        return await call.fail("not simulated: ip without an object (use --backend kind)")
    found = next((name for name in _OBJECTS if name.startswith(words[0])), None)
    if found is None:
        return await call.fail(f'Object "{words[0]}" is unknown, try "ip help".')
    try:
        return await _SHOWN[found](call, words[1:], flags)
    except Exit as end:
        return await call.fail(end.message, end.code)


def _device(call: Call, words: list[str], what: str) -> list[_Link]:
    """Return the links that the words name: all, or one device's."""
    rest = words[1:] if words and words[0] in _SHOW else words
    if words and words[0] not in _SHOW and words[0] != "dev":
        raise Exit(255, f'Command "{words[0]}" is unknown, try "ip {what} help".')
    name = rest[1] if rest[:1] == ["dev"] and len(rest) > 1 else rest[0] if rest else ""
    links = _links(call)
    if not name:
        return links
    chosen = [link for link in links if link.name == name]
    if not chosen:
        raise Exit(1, f'Device "{name}" does not exist.')
    return chosen


async def _address(call: Call, words: list[str], flags: set[str]) -> int:
    links = _device(call, words, "address")
    if {"-br", "-brief"} & flags:
        await call.out("".join(f"{i.shown:<16} {_state(i):<14} {i.address} \n" for i in links))
        return 0
    six = "-6" in flags
    for link in links:
        if six:
            continue
        broadcast = f" brd {link.broadcast}" if link.broadcast else ""
        await call.out(_head(link, mode=""))
        await call.out("" if "-4" in flags else _mac_line(link))
        await call.out(f"    inet {link.address}{broadcast} scope {link.scope} {link.name}\n")
        await call.out("       valid_lft forever preferred_lft forever\n")
    return 0


def _state(link: _Link) -> str:
    return "UNKNOWN" if link.name == "lo" else "UP"


def _head(link: _Link, mode: str) -> str:
    kind = "<LOOPBACK,UP,LOWER_UP>" if link.name == "lo" else "<BROADCAST,MULTICAST,UP,LOWER_UP>"
    mtu = 65536 if link.name == "lo" else 1500
    queue = "" if link.peer else " qlen 1000"
    state = f"state {_state(link)} {mode}group default{queue}"
    return f"{link.number}: {link.shown}: {kind} mtu {mtu} qdisc noqueue {state} \n"


def _mac_line(link: _Link) -> str:
    if link.name == "lo":
        return f"    link/loopback {link.mac} brd 00:00:00:00:00:00\n"
    return f"    link/ether {link.mac} brd ff:ff:ff:ff:ff:ff link-netnsid 0\n"


async def _link(call: Call, words: list[str], flags: set[str]) -> int:
    links = _device(call, words, "link")
    if {"-br", "-brief"} & flags:
        shown = "<BROADCAST,MULTICAST,UP,LOWER_UP>"
        rows = ((i, "<LOOPBACK,UP,LOWER_UP>" if i.name == "lo" else shown) for i in links)
        await call.out("".join(f"{i.shown:<16} {_state(i):<14} {i.mac} {kind} \n" for i, kind in rows))
        return 0
    for link in links:
        await call.out(_head(link, mode="mode DEFAULT ") + _mac_line(link))
    return 0


async def _route(call: Call, words: list[str], flags: set[str]) -> int:
    if "-6" in flags:
        return 0
    if words[:1] == ["get"]:
        return await _route_to(call, words[1:])
    if words and words[0] not in _SHOW:
        if words[0] in {"add", "del", "delete", "replace", "change", "append", "flush"}:
            raise NotSimulated(f"ip route {words[0]}")
        raise Exit(255, f'Command "{words[0]}" is unknown, try "ip route help".')
    shown = _routes(call)
    if words[1:2] == ["default"]:
        shown = [line for line in shown if line.startswith("default")]
    await call.out("".join(f"{line} \n" for line in shown))
    return 0


def _routes(call: Call) -> list[str]:
    node, inside = call.node, call.place.sandbox
    gateway = node.cidr.replace(".0/24", ".1")
    if inside is not None and not inside.host_network:
        return [
            f"default via {gateway} dev eth0",
            f"{node.cidr} via {gateway} dev eth0 src {inside.ip}",
            f"{gateway} dev eth0 scope link src {inside.ip}",
        ]
    lines = ["default via 172.18.0.1 dev eth0"]
    lines += [f"{s.ip} dev veth{s.id[:8]} scope host" for _, s in _veths(call)]
    others = [other for other in call.world.nodes.values() if other is not node]
    lines += [f"{other.cidr} via {other.ip} dev eth0" for other in others]
    lines.append(f"172.18.0.0/16 dev eth0 proto kernel scope link src {node.ip}")
    return sorted(lines, key=lambda line: (not line.startswith("default"), _numbers(line)))


def _numbers(line: str) -> list[int]:
    return [int(part) for part in re.split(r"\D+", line.split(maxsplit=1)[0]) if part]


async def _route_to(call: Call, words: list[str]) -> int:
    node = call.node
    target = words[0] if words else ""
    if not re.fullmatch(r"\d+\.\d+\.\d+\.\d+", target):
        raise Exit(1, f'Error: any valid prefix is expected rather than "{target}".')
    if target in {node.ip, "127.0.0.1"}:
        await call.out(f"local {target} dev lo src {target} uid 0 \n    cache <local> \n")
        return 0
    for _, sandbox in _veths(call):
        if sandbox.ip == target:
            own = node.cidr.replace(".0/24", ".1")
            await call.out(f"{target} dev veth{sandbox.id[:8]} src {own} uid 0 \n    cache \n")
            return 0
    for other in call.world.nodes.values():
        if target.startswith(other.cidr.rsplit(".", 1)[0] + ".") and other is not node:
            await call.out(f"{target} via {other.ip} dev eth0 src {node.ip} uid 0 \n    cache \n")
            return 0
    via = "" if target.startswith("172.18.") else "via 172.18.0.1 "
    await call.out(f"{target} {via}dev eth0 src {node.ip} uid 0 \n    cache \n")
    return 0


async def _rule(call: Call, words: list[str], flags: set[str]) -> int:
    del flags
    if words and words[0] not in _SHOW:
        raise NotSimulated(f"ip rule {words[0]}")
    await call.out(_RULES)
    return 0


async def _neighbour(call: Call, words: list[str], flags: set[str]) -> int:
    del words, flags
    others = [other for other in call.world.nodes.values() if other is not call.node]
    lines = [f"{s.ip} dev veth{s.id[:8]} lladdr {_mac(s.id[8:])} REACHABLE" for _, s in _veths(call)]
    lines += [f"{other.ip} dev eth0 lladdr {_mac(other.id)} REACHABLE" for other in others]
    lines.append("172.18.0.1 dev eth0 lladdr 02:42:ac:12:00:01 REACHABLE")
    await call.out("".join(f"{line} \n" for line in lines))
    return 0


_SHOWN: dict[str, Callable[[Call, list[str], set[str]], Awaitable[int]]] = {
    "address": _address,
    "link": _link,
    "route": _route,
    "rule": _rule,
    "neighbour": _neighbour,
    "neighbor": _neighbour,
    "netns": lambda call, words, _: netns(call, words),
}
