"""The rules of a node's packet filter: kube-proxy's, the policy engine's, and rules added by hand.

The chains of policies are not spelled out rule by rule. `flows` decides what a policy allows.
"""

import hashlib

from lab.cluster.sim.api.objects import Object, dig, name_of, namespace_of
from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.network.flows import Network

__all__ = ["BUILT_IN", "chains"]

BUILT_IN = {
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "raw": ("PREROUTING", "OUTPUT"),
    "security": ("INPUT", "FORWARD", "OUTPUT"),
}
_NEW = "-m conntrack --ctstate NEW "
_BALANCER = f'{_NEW}-m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL'
_PORTALS = f'{_NEW}-m comment --comment "kubernetes service portals" -j KUBE-SERVICES'
_EXTERNAL = f'{_NEW}-m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES'
_FILTER = {
    "INPUT": [
        '-m comment --comment "kube-router netpol - 4IA2OSFRMVNDXBVV" -j KUBE-ROUTER-INPUT',
        _BALANCER,
        '-m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS',
        _EXTERNAL,
        "-j KUBE-FIREWALL",
    ],
    "FORWARD": [
        '-m comment --comment "kube-router netpol - TEMCG2JMHZYE7H7T" -j KUBE-ROUTER-FORWARD',
        _BALANCER,
        '-m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
        _PORTALS,
        _EXTERNAL,
    ],
    "OUTPUT": [
        '-m comment --comment "kube-router netpol - VEAAIY32XVBHCSCY" -j KUBE-ROUTER-OUTPUT',
        _BALANCER,
        _PORTALS,
        "-j KUBE-FIREWALL",
    ],
    "KUBE-EXTERNAL-SERVICES": [],
    "KUBE-FIREWALL": [
        (
            '! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" '
            "-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP"
        )
    ],
    "KUBE-FORWARD": [
        "-m conntrack --ctstate INVALID -m nfacct --nfacct-name  ct_state_invalid_dropped_pkts -j DROP",
        '-m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT',
        (
            '-m comment --comment "kubernetes forwarding conntrack rule" '
            "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
        ),
    ],
    "KUBE-KUBELET-CANARY": [],
    "KUBE-NODEPORTS": [],
    "KUBE-NWPLCY-DEFAULT": [
        '-m comment --comment "rule to mark traffic matching a network policy" -j MARK --set-xmark 0x10000/0x10000'
    ],
    "KUBE-PROXY-FIREWALL": [],
    "KUBE-ROUTER-FORWARD": [],
    "KUBE-ROUTER-INPUT": [],
    "KUBE-ROUTER-OUTPUT": [],
    "KUBE-SERVICES": [],
}
_RULE = '-m comment --comment "rule'
_UNMARKED = "-m mark ! --mark 0x10000/0x10000 -j REJECT --reject-with icmp-port-unreachable"
_JUMPS = (
    ("FORWARD", "destined to", "-d"),
    ("FORWARD", "from", "-s"),
    ("INPUT", "from", "-s"),
    ("OUTPUT", "destined to", "-d"),
    ("OUTPUT", "from", "-s"),
)
_SERVICE_PORTALS = '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES'
_LAST = (
    '-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" '
    "-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS"
)


def chains(network: Network, machine: Machine, table: str) -> dict[str, list[str]]:
    """Return chain -> rules of a table, as `-S` prints them without `-A CHAIN`. Built-in chains come first."""
    if table == "filter":
        return _filter(network, machine)
    if table == "nat":
        return _nat(network, machine)
    found: dict[str, list[str]] = {chain: [] for chain in BUILT_IN[table]}
    if table == "mangle":
        found |= {chain: [] for chain in ("KUBE-IPTABLES-HINT", "KUBE-KUBELET-CANARY", "KUBE-PROXY-CANARY")}
    return found


def _filter(network: Network, machine: Machine) -> dict[str, list[str]]:
    found = {chain: list(rules) for chain, rules in _FILTER.items()}
    for rule in reversed(machine.firewall):
        found[rule.chain].insert(0, str(rule).removeprefix(f"-A {rule.chain} "))
    for service in network.proxy.get(machine.name, []):
        found["KUBE-SERVICES"] += [
            _reject(service, port)
            for port in dig(service, "spec", "ports", default=[])
            if name_of(service) != "kubernetes" and not network.backends(machine, service, port)
        ]
    for sandbox in machine.runtime.sandboxes.values():
        if sandbox.ready and not sandbox.host_network:
            pod = f"POD name:{sandbox.name} namespace: {sandbox.namespace}"
            chain = f"KUBE-POD-FW-{_digest(sandbox.id)}"
            found[chain] = [
                f'{_RULE} for stateful firewall for pod" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
                f'{_RULE} to REJECT traffic destined for {pod}" {_UNMARKED}',
            ]
            for side, way, flag in _JUMPS:
                comment = f'{_RULE} to jump traffic {way} {pod} to chain {chain}"'
                found[f"KUBE-ROUTER-{side}"].append(f"{flag} {sandbox.ip}/32 {comment} -j {chain}")
    return found


def _digest(seed: str) -> str:
    digest = hashlib.sha256(seed.encode()).digest()
    return "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte % 32] for byte in digest[:16])


def _label(service: Object, port: Object) -> str:
    name = f"{namespace_of(service)}/{name_of(service)}"
    return f"{name}:{port['name']}" if port.get("name") else name


def _reject(service: Object, port: Object) -> str:
    protocol = port["protocol"].lower()
    return (
        f"-d {service['spec']['clusterIP']}/32 -p {protocol} -m comment --comment "
        f'"{_label(service, port)} has no endpoints" -m {protocol} --dport {port["port"]} '
        "-j REJECT --reject-with icmp-port-unreachable"
    )


def _nat(network: Network, machine: Machine) -> dict[str, list[str]]:
    docker = "172.18.0.1/32"
    found: dict[str, list[str]] = {
        "PREROUTING": [_SERVICE_PORTALS, f"-d {docker} -j DOCKER_OUTPUT"],
        "INPUT": [],
        "OUTPUT": [_SERVICE_PORTALS, f"-d {docker} -j DOCKER_OUTPUT"],
        "POSTROUTING": [
            '-m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
            f"-d {docker} -j DOCKER_POSTROUTING",
            f"-s {machine.cidr} ! -d 10.244.0.0/16 -j MASQUERADE",
        ],
        "DOCKER_OUTPUT": [
            f"-d {docker} -p {p} -m {p} --dport 53 -j DNAT --to-destination 127.0.0.11:4{n}791"
            for n, p in enumerate(("tcp", "udp"))
        ],
        "DOCKER_POSTROUTING": [
            f"-s 127.0.0.11/32 -p {p} -m {p} --sport 4{n}791 -j SNAT --to-source 172.18.0.1:53"
            for n, p in enumerate(("tcp", "udp"))
        ],
        "KUBE-KUBELET-CANARY": [],
        "KUBE-MARK-MASQ": ["-j MARK --set-xmark 0x4000/0x4000"],
        "KUBE-NODEPORTS": [],
        "KUBE-POSTROUTING": [
            "-m mark ! --mark 0x4000/0x4000 -j RETURN",
            "-j MARK --set-xmark 0x4000/0x0",
            '-m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
        ],
        "KUBE-PROXY-CANARY": [],
        "KUBE-SERVICES": [],
    }
    for service in network.proxy.get(machine.name, []):
        for port in dig(service, "spec", "ports", default=[]):
            _service(network, machine, service, port, found)
    found["KUBE-SERVICES"].append(_LAST)
    return found


def _service(
    network: Network, machine: Machine, service: Object, port: Object, found: dict[str, list[str]]
) -> None:  # fmt: skip
    backends = network.backends(machine, service, port)
    if not backends:
        return
    protocol, label = port["protocol"].lower(), _label(service, port)
    chain = f"KUBE-SVC-{_digest(label + protocol)}"
    address = f"{service['spec']['clusterIP']}/32"
    matched = f'-p {protocol} -m comment --comment "{label} cluster IP" -m {protocol} --dport {port["port"]}'
    found["KUBE-SERVICES"].append(f"-d {address} {matched} -j {chain}")
    found[chain] = [f"! -s 10.244.0.0/16 -d {address} {matched} -j KUBE-MARK-MASQ"]
    for index, (target, number) in enumerate(backends):
        end = f"KUBE-SEP-{_digest(f'{label}{target}:{number}')}"
        left = len(backends) - index
        share = f"-m statistic --mode random --probability {1 / left:.11f} " if left > 1 else ""
        found[chain].append(f'-m comment --comment "{label} -> {target}:{number}" {share}-j {end}')
        dnat = f"-j DNAT --to-destination {target}:{number}"
        found[end] = [
            f'-s {target}/32 -m comment --comment "{label}" -j KUBE-MARK-MASQ',
            f'-p {protocol} -m comment --comment "{label}" -m {protocol} {dnat}',
        ]
