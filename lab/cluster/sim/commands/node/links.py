"""tc, ethtool, conntrack, nft: what the kernel does with a node's links and flows, as far as it is modelled."""

from collections.abc import Sequence

from lab.cluster.sim.commands.node.ip import link_names
from lab.cluster.sim.shell.call import Call, NotSimulated

__all__ = ["conntrack", "ethtool", "nft", "tc"]

_SETTINGS = """\
Settings for {name}:
\tSupported ports: [  ]
\tSupported link modes:   Not reported
\tSupported pause frame use: No
\tSupports auto-negotiation: No
\tSupported FEC modes: Not reported
\tAdvertised link modes:  Not reported
\tAdvertised pause frame use: No
\tAdvertised auto-negotiation: No
\tAdvertised FEC modes: Not reported
\tSpeed: 10000Mb/s
\tDuplex: Full
\tAuto-negotiation: off
\tPort: Twisted Pair
\tPHYAD: 0
\tTransceiver: internal
\tMDI-X: Unknown
\tLink detected: yes
"""
_DRIVER = """\
driver: veth
version: 1.0
firmware-version: \n\
expansion-rom-version: \n\
bus-info: \n\
supports-statistics: yes
supports-test: no
supports-eeprom-access: no
supports-register-dump: no
supports-priv-flags: no
"""
_NO_DEVICE = "netlink error: no device matches name (offset 24)\nnetlink error: No such device"
#: For how long the kernel remembers a flow that has ended, in s.
_REMEMBERED = 120


def _fits(word: str, *names: str) -> bool:
    """Whether a word is the beginning of one of the names, as iproute2 takes them."""
    return bool(word) and any(name.startswith(word) for name in names)


async def tc(call: Call) -> int:
    """Show queues of links: none has any, and none has filters or classes."""
    words = [word for word in call.argv if not word.startswith("-")]
    options = {word for word in call.argv if word.startswith("-")}
    if not words or options - {"-s", "-d"}:
        return await call.fail(NotSimulated(f"tc {' '.join(call.argv)}".strip()).message)
    what, *rest = words
    if not _fits(what, "qdisc", "class", "filter"):
        known = _fits(what, "chain", "action", "monitor", "exec", "help")
        if known:
            return await call.fail(NotSimulated(f"tc {what}").message)
        return await call.fail(f'Object "{what}" is unknown, try "tc help".', 255)
    name = next(full for full in ("qdisc", "class", "filter") if full.startswith(what))
    if rest and not _fits(rest[0], "show", "list", "ls"):
        if _fits(rest[0], "add", "delete", "replace", "change", "link", "get", "help"):
            return await call.fail(NotSimulated(f"tc {name} {rest[0]}").message)
        return await call.fail(f'Command "{rest[0]}" is unknown, try "tc {name} help".', 255)
    return await _queues(call, name, rest[1:], statistics="-s" in options)


async def _queues(call: Call, what: str, rest: Sequence[str], *, statistics: bool) -> int:
    links = link_names(call)
    if rest[:1] == ["dev"]:
        if len(rest) < 2:
            return await call.fail('Command line is not complete. Try option "help"', 255)
        if rest[1] not in links:
            return await call.fail(f'Cannot find device "{rest[1]}"')
    more = " Sent 0 bytes 0 pkt (dropped 0, overlimits 0 requeues 0) \n backlog 0b 0p requeues 0\n"
    for link in [rest[1]] if rest[:1] == ["dev"] else links:
        if what == "qdisc":
            named = "" if rest[:1] == ["dev"] else f"dev {link} "
            await call.out(f"qdisc noqueue 0: {named}root refcnt 2 \n{more if statistics else ''}")
    return 0


async def ethtool(call: Call) -> int:
    """Show the settings or the driver of a link."""
    words = [word for word in call.argv if not word.startswith("-")]
    flags = [word for word in call.argv if word.startswith("-")]
    if flags not in ([], ["-i"], ["--driver"]):
        return await call.fail(NotSimulated(f"ethtool {' '.join(call.argv)}").message)
    if len(words) != 1:
        return await call.fail("ethtool: bad command line argument(s)\nFor more information run ethtool -h")
    name = words[0]
    if flags:
        if name not in link_names(call):
            return await call.fail("Cannot get driver information: No such device", 71)
        if name == "lo":
            return await call.fail("Cannot get driver information: Operation not supported", 71)
        await call.out(_DRIVER)
    elif name not in link_names(call):
        await call.line("No data available")
        return await call.fail("\n".join([_NO_DEVICE] * 5), 75)
    else:
        await call.out("Settings for lo:\n\tLink detected: yes\n" if name == "lo" else _SETTINGS.format(name=name))
    return 0


async def conntrack(call: Call) -> int:
    """Tell how many flows the kernel remembers: those that ask the node's containers how they are."""
    if call.argv not in (["-C"], ["--count"], ["-C", "conntrack"]):
        return await call.fail(NotSimulated(f"conntrack {' '.join(call.argv)}".strip()).message)
    flows = 0
    for container in call.node.runtime.containers.values():
        if container.running:
            up = min(call.now() - container.started, _REMEMBERED)
            probes = (container.spec.get(f"{kind}Probe") for kind in ("liveness", "readiness"))
            flows += sum(int(up // int(probe.get("periodSeconds") or 10)) for probe in probes if probe)
    await call.line(str(flows))
    return 0


async def nft(call: Call) -> int:
    """List the tables, which are those of iptables; what is in them, iptables shows."""
    words = [word for word in call.argv if word not in {"-a", "-n"}]
    if not words:
        return await call.fail("nft: no command specified")
    families = ("ip", "ip6")
    if words[:2] != ["list", "tables"] or words[2:] not in ([], ["ip"], ["ip6"]):
        return await call.fail(NotSimulated(f"nft {' '.join(call.argv)}").message)
    for table in ("nat", "mangle", "filter"):
        for family in words[2:] or families:
            await call.line(f"table {family} {table}")
    return 0
