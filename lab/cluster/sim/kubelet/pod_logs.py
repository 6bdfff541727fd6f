"""Containers' logs as files of their node, where the kubelet keeps them, and what programs log as time goes by."""

from collections.abc import Iterator

from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.machine.runtime import Container
from lab.cluster.sim.text.times import iso, klog_time

__all__ = ["probed", "sweep", "write"]

_PODS, _CONTAINERS = "/var/log/pods", "/var/log/containers"


def write(machine: Machine) -> None:
    """Write the log of each container whose file is not there."""
    for container, folder, link in _places(machine):
        if not machine.files.exists(f"{_CONTAINERS}/{link}"):
            path = f"{_PODS}/{folder}/{container.name}/{container.attempt}.log"
            machine.files.write(path, _text(container), 0o640)
            machine.files.system.symlink(path, f"{_CONTAINERS}/{link}")


def sweep(machine: Machine) -> None:
    """Remove the logs of no container."""
    places = list(_places(machine))
    kept = {_PODS: {folder for _, folder, _ in places}, _CONTAINERS: {link for _, _, link in places}}
    for parent, names in kept.items():
        for name in machine.files.names(parent):
            if name not in names:
                machine.files.remove(f"{parent}/{name}")


def _places(machine: Machine) -> Iterator[tuple[Container, str, str]]:
    """Return each container with its pod's folder of logs and the name of the link to its own."""
    for container in machine.runtime.containers.values():
        sandbox = machine.runtime.sandboxes.get(container.sandbox)
        if sandbox is not None:
            folder = f"{sandbox.namespace}_{sandbox.name}_{sandbox.source or sandbox.uid}"
            yield container, folder, f"{sandbox.name}_{sandbox.namespace}_{container.name}-{container.id}.log"


def _text(container: Container) -> str:
    return "".join(f"{iso(at)} {stream} F {line}\n" for at, stream, line in container.log)


def probed(container: Container, now: float, most: int) -> list[tuple[float, str, str]]:
    """Return what a web server logs of its readiness probe: a line each time, the last `most` of them."""
    probe = container.spec.get("readinessProbe")
    if not probe or "agnhost" not in container.image or "httpGet" not in probe:
        return []
    period = float(probe.get("periodSeconds", 10))
    end = now if container.running else container.finished
    count = int((end - container.started) / period)
    times = [container.started + period * number for number in range(max(count - most, 0), count)]
    path = probe["httpGet"]["path"]
    found = []
    for at in times:
        line = f"I{klog_time(at)}       1 log.go:244] GET {path}"
        found.append((at, "stderr", line))
    return found
