"""Name resolution: pods ask the cluster's DNS, nodes their own resolver."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import dig, name_of, namespace_of
from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.network.flows import Network, Source
from lab.cluster.sim.plane.control_plane import ControlPlane
from lab.cluster.sim.state.declared import Given, stateful

__all__ = ["DNS_ADDRESS", "Answer", "Resolver"]

DNS_ADDRESS = "10.96.0.10"
DOMAIN = "cluster.local"
#: Seconds that a resolver waits for a DNS that does not answer: two tries of 5 s for the first searched name, and
#: the same again for the name as it was given.
_ROUNDS, _TRIES, _TRY = 2, 2, 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of resolving a name: an address or none, and the seconds it took."""

    address: str
    seconds: float
    #: `found`, `nxdomain`, `refused` or `silent`.
    how: str


@stateful
class Resolver:
    """Resolves names as programs on nodes and in pods do."""

    _plane: Given[ControlPlane]
    _machines: Given[Mapping[str, Machine]]
    network: Given[Network]

    def __init__(self, plane: ControlPlane, machines: Mapping[str, Machine], network: Network) -> None:
        self._plane = plane
        self._machines = machines
        self.network = network

    def resolve(self, source: Source, name: str) -> Answer:
        """Resolve `name` from `source`."""
        try:
            return Answer(str(ipaddress.ip_address(name)), 0.0, "found")
        except ValueError:
            pass
        if name == "localhost":
            return Answer("127.0.0.1", 0.0, "found")
        if source.sandbox is None or source.sandbox.host_network:
            return self._on_node(source, name)
        if name == source.sandbox.name:
            return Answer(source.sandbox.ip, 0.0, "found")
        reach, waited = self._reach(source)
        if reach != "open":
            return Answer("", waited, reach)
        address = self.lookup(name, source.sandbox.namespace)
        return Answer(address, waited, "found" if address else "nxdomain")

    def _reach(self, source: Source) -> tuple[str, float]:
        """Ask the cluster's DNS as the C library does; return the outcome and the seconds it took.

        Each try may reach another DNS pod. The library asks for both address families at once. It hears of a
        refusal on another node after both questions are sent, and of one on its own node after the first.
        """
        waited = 0.01
        for _ in range(_ROUNDS):
            silent = False
            for _ in range(_TRIES):
                verdict = self.network.connect(source, DNS_ADDRESS, 53, "UDP")
                if verdict.open:
                    return "open", waited
                packets = 1 if verdict.by == source.node.name else 2
                if verdict.kind == "refused" and self.network.told(
                    source, verdict, self._plane.now() + waited, packets
                ):
                    continue
                silent = True
                waited += _TRY
            if not silent:
                return "refused", waited
        return "silent", waited

    def _on_node(self, source: Source, name: str) -> Answer:
        for node in self._machines.values():
            if name in {node.name, f"{node.name}.kind"}:
                return Answer(node.ip, 0.0, "found")
        for line in source.node.files.get("/etc/hosts").splitlines():
            words = line.partition("#")[0].split()
            if name in words[1:]:
                return Answer(words[0], 0.0, "found")
        return Answer("", 0.05, "nxdomain")

    def lookup(self, name: str, namespace: str) -> str:
        """Return the DNS address of `name`, with the search domains of pods."""
        name = name.rstrip(".").lower()
        for suffix in (f".{namespace}.svc.{DOMAIN}", f".svc.{DOMAIN}", f".{DOMAIN}", ""):
            address = self.record(name + suffix)
            if address:
                return address
        return ""

    def record(self, full: str) -> str:
        """Return the address of a full name, without search domains; empty if there is none."""
        parts = full.removesuffix(f".{DOMAIN}").split(".")
        if not full.endswith(f".svc.{DOMAIN}") or len(parts) != 3:
            return ""
        for service in self._plane.store.list(KIND["Service"], parts[1]):
            if (name_of(service), namespace_of(service)) == (parts[0], parts[1]):
                return str(dig(service, "spec", "clusterIP", default=""))
        return ""
