"""Listening ports: those of the control plane, and those of pods."""

from dataclasses import dataclass
from typing import Literal

from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.machine.runtime import Container, Sandbox
from lab.cluster.sim.plane.control_plane import ControlPlane
from lab.cluster.sim.plane.programs import flags

__all__ = ["Listener", "listening_ports", "node_listener", "pod_listener"]

Kind = Literal[
    "apiserver", "etcd", "etcd-metrics", "kubelet", "kubelet-healthz", "healthz", "dns", "agnhost", "other"
]


@dataclass(frozen=True, slots=True)
class Listener:
    """A program that accepts connections."""

    kind: Kind
    node: Machine
    tls: bool = False
    container: Container | None = None
    sandbox: Sandbox | None = None


#: Port -> (program, kind, whether it speaks TLS, whether it listens on loopback only).
_CONTROL_PLANE: dict[int, tuple[str, Kind, bool, bool]] = {
    6443: ("kube-apiserver", "apiserver", True, False),
    2379: ("etcd", "etcd", True, False),
    2380: ("etcd", "etcd", True, False),
    2381: ("etcd", "etcd-metrics", False, True),
    10257: ("kube-controller-manager", "healthz", True, True),
    10259: ("kube-scheduler", "healthz", True, True),
    10249: ("kube-proxy", "healthz", False, True),
    10256: ("kube-proxy", "healthz", False, False),
}


_ETCD_CLIENTS = 2379


def listening_ports(plane: ControlPlane, machine: Machine) -> list[tuple[str, int, str]]:
    """Return (address, port, program) of each listener on a node's host network."""
    found = [(address, port, "kubelet") for address, port in machine.served.values()]
    for port, (program, _, _, loopback) in _CONTROL_PLANE.items():
        if node_listener(plane, machine, port, loopback=True):
            own = ["127.0.0.1"] if loopback else ["*"] if program != "etcd" else [machine.ip]
            own += ["127.0.0.1"] if port == _ETCD_CLIENTS else []
            found += [(address, port, program) for address in own]
    return sorted(found, key=lambda entry: (entry[0] == "*", entry[1]))


def node_listener(plane: ControlPlane, machine: Machine, port: int, *, loopback: bool) -> Listener | None:
    """Return the program that listens on a node's address or its loopback address."""
    for what, (address, number) in machine.served.items():
        if port == number and (loopback or not address.startswith("127.")):
            return Listener("kubelet-healthz" if what == "healthz" else "kubelet", machine, tls=what == "api")
    entry = _CONTROL_PLANE.get(port)
    if entry is None:
        return None
    program, kind, tls, only_loopback = entry
    container = machine.runtime.running_named(program)
    if container is None or (only_loopback and not loopback):
        return None
    if plane.api_state() == "refused" if kind == "apiserver" else container.ready_at > plane.now():
        return None
    return Listener(kind, machine, tls, container)


def pod_listener(plane: ControlPlane, machine: Machine, sandbox: Sandbox, port: int) -> Listener | None:
    """Return the container of a pod that listens on `port`."""
    for container in machine.runtime.of(sandbox):
        if container.running and container.ready_at <= plane.now() and port in ports_of(container):
            kind: Kind = "dns" if container.name == "coredns" and port == 53 else "other"
            if container.name == "coredns" and port != 53:
                kind = "healthz"
            if "agnhost" in container.image:
                kind = "agnhost"
            return Listener(kind, machine, container=container, sandbox=sandbox)
    return None


def ports_of(container: Container) -> set[int]:
    """Return the ports on which a container's program listens."""
    if "agnhost" in container.image:
        argv = [argument for argument in container.argv if argument not in {"/agnhost", "agnhost"}]
        if not argv or argv[0] != "netexec":
            return {80} if argv[:1] == ["test-webserver"] else set()
        return {int(flags(argv).get("http-port") or 8080)}
    if container.name == "coredns":
        return {53, 8080, 8181, 9153}
    return {int(port["containerPort"]) for port in container.spec.get("ports") or []}
