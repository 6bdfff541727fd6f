"""iptables: the rules that kube-proxy and the policy engine wrote, read only."""

import hashlib

from lab.cluster.sim.call import Call
from lab.cluster.sim.firewall import Rule
from lab.cluster.sim.objects import Object, dig, name_of, namespace_of

__all__ = ["iptables", "iptables_save"]

_FILTER = (
    "-P INPUT ACCEPT",
    "-P FORWARD ACCEPT",
    "-P OUTPUT ACCEPT",
    "-N KUBE-EXTERNAL-SERVICES",
    "-N KUBE-FIREWALL",
    "-N KUBE-FORWARD",
    "-N KUBE-PROXY-FIREWALL",
    "-N KUBE-SERVICES",
    '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
    '-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    "-A KUBE-FORWARD -m conntrack --ctstate INVALID -m nfacct --nfacct-name  ct_state_invalid_dropped_pkts -j DROP",  # noqa: E501 -- as it is printed
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT',
)


async def iptables(call: Call) -> int:
    """Show rules with -S or -L."""
    argv = list(call.argv)
    table = "filter"
    if "-t" in argv:
        table = argv[argv.index("-t") + 1]
        del argv[argv.index("-t") : argv.index("-t") + 2]
    argv = [word for word in argv if word not in {"-w", "--wait"}]
    if argv[:1] and argv[0] in {"-I", "-A", "-D", "-C"} and table == "filter":
        return await _change(call, argv)
    if argv in (["-S"], ["--list-rules"]):
        await call.out("\n".join(rules(call, table)) + "\n")
        return 0
    if set(argv) <= {"-L", "-n", "-nL", "--list", "-v"} and argv and table == "filter":
        await call.out(_listed(call))
        return 0
    return await call.fail(f"not simulated: iptables {' '.join(call.argv)} (use --backend kind)")


async def _change(call: Call, argv: list[str]) -> int:
    """Insert, append, check or delete a rule of a built-in chain."""
    verb, chain, *words = argv
    if verb == "-I" and words and words[0].isdigit():
        words = words[1:]
    try:
        rule = Rule.parsed(chain, words)
    except ValueError as error:
        return await call.fail(f"not simulated: iptables {error} (use --backend kind)")
    firewall = call.node.firewall
    if verb in {"-D", "-C"}:
        if rule not in firewall:
            return await call.fail("iptables: Bad rule (does a matching rule exist in that chain?).")
        if verb == "-D":
            firewall.remove(rule)
    else:
        firewall.insert(0 if verb == "-I" else len(firewall), rule)
    return 0


def _chain(service: Object, port: Object) -> str:
    seed = f"{namespace_of(service)}/{name_of(service)}:{port.get('name', '')}"
    return "KUBE-SVC-" + hashlib.sha256(seed.encode()).hexdigest()[:16].upper()


def rules(call: Call, table: str) -> list[str]:
    """Return the rules of a table as -S prints them."""
    if table == "filter":
        found = [*_FILTER[:8], *(str(rule) for rule in call.node.firewall), *_FILTER[8:]]
        network = call.world.network
        for service in network.proxy.get(call.node.name, []):
            found += [
                _reject(service, port)
                for port in dig(service, "spec", "ports", default=[])
                if name_of(service) != "kubernetes" and not network.backends(call.node, service, port)
            ]
        return found
    if table == "nat":
        return _nat(call)
    return [
        "-P PREROUTING ACCEPT",
        "-P INPUT ACCEPT",
        "-P FORWARD ACCEPT",
        "-P OUTPUT ACCEPT",
        "-P POSTROUTING ACCEPT",
    ]


def _label(service: Object, port: Object) -> str:
    name = f"{namespace_of(service)}/{name_of(service)}"
    return f"{name}:{port['name']}" if port.get("name") else name


def _reject(service: Object, port: Object) -> str:
    protocol = port["protocol"].lower()
    return (
        f'-A KUBE-SERVICES -d {service["spec"]["clusterIP"]}/32 -p {protocol} -m comment --comment "{_label(service, port)} has no '  # noqa: E501 -- as it is printed
        f'endpoints" -m {protocol} --dport {port["port"]} -j REJECT --reject-with icmp-port-unreachable'
    )


def _nat(call: Call) -> list[str]:
    network = call.world.network
    found = [
        "-P PREROUTING ACCEPT",
        "-P INPUT ACCEPT",
        "-P OUTPUT ACCEPT",
        "-P POSTROUTING ACCEPT",
        "-N KUBE-SERVICES",
    ]
    found += ['-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
              '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES']  # fmt: skip
    for service in network.proxy.get(call.node.name, []):
        for port in dig(service, "spec", "ports", default=[]):
            backends = network.backends(call.node, service, port)
            if not backends:
                continue
            chain, protocol, label = _chain(service, port), port["protocol"].lower(), _label(service, port)
            found.append(
                f'-A KUBE-SERVICES -d {service["spec"]["clusterIP"]}/32 -p {protocol} -m comment --comment "{label} cluster IP" '  # noqa: E501 -- as it is printed
                f"-m {protocol} --dport {port['port']} -j {chain}"
            )
            found += [
                f'-A {chain} -m comment --comment "{label} -> {address}:{number}" -j KUBE-SEP-{chain[9:]}'
                for address, number in backends
            ]
    return found


def _listed(call: Call) -> str:
    text = ""
    for chain in ("INPUT", "FORWARD", "OUTPUT"):
        text += f"Chain {chain} (policy ACCEPT)\ntarget     prot opt source               destination         \n"
        if chain == "FORWARD":
            text += "KUBE-FORWARD  0    --  0.0.0.0/0            0.0.0.0/0            /* kubernetes forwarding rules */\n"  # noqa: E501 -- as it is printed
        text += "\n"
    rejects = [rule for rule in rules(call, "filter") if "REJECT" in rule]
    text += "Chain KUBE-SERVICES (1 references)\ntarget     prot opt source               destination         \n"
    for rule in rejects:
        words = rule.split()
        comment = rule.split('"')[1]
        text += f"REJECT     {words[5]:<4} --  0.0.0.0/0            {words[3].removesuffix('/32'):<20} /* {comment} */\n"  # noqa: E501 -- as it is printed
    return text


async def iptables_save(call: Call) -> int:
    """Show all rules."""
    if call.argv:
        return await call.fail(f"not simulated: iptables-save {' '.join(call.argv)} (use --backend kind)")
    for table in ("nat", "filter"):
        lines = rules(call, table)
        heads = [f":{line[3:].replace(' ', ' ')} [0:0]" for line in lines if line.startswith("-P")]
        heads += [f":{line[3:]} - [0:0]" for line in lines if line.startswith("-N")]
        body = [line for line in lines if line.startswith("-A")]
        await call.out("\n".join([f"*{table}", *heads, *body, "COMMIT"]) + "\n")
    return 0
