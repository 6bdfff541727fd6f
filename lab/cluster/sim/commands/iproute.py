"""ip and ss: addresses, routes and listeners of a node."""

from lab.cluster.sim.call import Call
from lab.cluster.sim.listeners import listening_ports
from lab.cluster.sim.runtime import Sandbox

__all__ = ["ip", "ss"]


def _veths(call: Call) -> list[tuple[int, Sandbox]]:
    pods = [s for s in call.node.runtime.sandboxes.values() if s.ready and not s.host_network]
    return [(index + 3, sandbox) for index, sandbox in enumerate(pods)]


def _mac(seed: str) -> str:
    return ":".join(["02", "42", *(seed[i : i + 2] for i in range(0, 8, 2))])


async def ip(call: Call) -> int:
    """Show addresses and routes."""
    words = [word for word in call.argv if not word.startswith("-")]
    flags = [word for word in call.argv if word.startswith("-")]
    what = words[0] if words else ""
    verb = words[1] if len(words) > 1 else "show"
    if verb not in {"show", "list", "ls"} or set(flags) - {"-4", "-br", "-brief", "-o"} or len(words) > 2:
        return await call.fail(f"not simulated: ip {' '.join(call.argv)} (use --backend kind)")
    brief = bool({"-br", "-brief"} & set(flags))
    if what in {"a", "addr", "address"}:
        await call.out(_addresses(call, brief=brief))
    elif what in {"r", "route", "ro"}:
        await call.out(_routes(call))
    elif what in {"l", "link"} and not brief:
        await call.out(_addresses(call, brief=False, links=True))
    else:
        return await call.fail(f"not simulated: ip {' '.join(call.argv)} (use --backend kind)")
    return 0


def _addresses(call: Call, *, brief: bool, links: bool = False) -> str:
    node = call.node
    gateway = node.cidr.replace(".0/24", ".1")
    entries = [(1, "lo", "127.0.0.1/8", "host", "00:00:00:00:00:00", "UNKNOWN")]
    entries += [(2, "eth0", f"{node.ip}/16", "global", _mac(node.id), "UP")]
    entries += [(n, f"veth{s.id[:8]}", f"{gateway}/32", "global", _mac(s.id), "UP") for n, s in _veths(call)]
    if brief:
        return "".join(f"{name:<16} {state:<14} {address} \n" for _, name, address, _, _, state in entries)
    text = ""
    for number, name, address, scope, mac, state in entries:
        shown = name if name in {"lo", "eth0"} else f"{name}@if2"
        kind = "<LOOPBACK,UP,LOWER_UP>" if name == "lo" else "<BROADCAST,MULTICAST,UP,LOWER_UP>"
        mtu = 65536 if name == "lo" else 1500
        text += f"{number}: {shown}: {kind} mtu {mtu} qdisc noqueue state {state} group default qlen 1000\n"
        text += (
            f"    link/{'loopback' if name == 'lo' else 'ether'} {mac} brd {'00:' * 5}00\n"
            if name == "lo"
            else (f"    link/ether {mac} brd ff:ff:ff:ff:ff:ff link-netnsid 0\n")
        )
        if not links:
            text += f"    inet {address} scope {scope} {name}\n       valid_lft forever preferred_lft forever\n"
    return text


def _routes(call: Call) -> str:
    node = call.node
    lines = ["default via 172.18.0.1 dev eth0 "]
    gateway = node.cidr.replace(".0/24", ".1")
    lines += [f"{s.ip} dev veth{s.id[:8]} scope host src {gateway} " for _, s in _veths(call)]
    others = [other for other in call.world.nodes.values() if other is not node]
    lines += [f"{other.cidr} via {other.ip} dev eth0 " for other in others]
    lines.append(f"172.18.0.0/16 dev eth0 proto kernel scope link src {node.ip} ")
    return "\n".join(lines) + "\n"


async def ss(call: Call) -> int:
    """Show who listens."""
    letters = {letter for word in call.argv if word.startswith("-") for letter in word[1:]}
    if letters - set("tlnp4") or not {"t", "l"} <= letters:
        return await call.fail(f"not simulated: ss {' '.join(call.argv)} (use --backend kind)")
    rows = ["State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess                                  "]
    for address, port, program in listening_ports(call.world, call.node):
        process = f'users:(("{program}",pid={800 + port % 997},fd=7))' if "p" in letters else ""
        rows.append(f"LISTEN 0      4096   {address + ':' + str(port):>18}       0.0.0.0:*    {process}")
    await call.out("\n".join(rows) + "\n")
    return 0
