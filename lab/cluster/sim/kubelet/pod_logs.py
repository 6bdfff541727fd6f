"""Log files of containers under /var/log, and the lines that programs log over time."""

from collections.abc import Iterator

from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.machine.runtime import Container
from lab.cluster.sim.text.times import iso, klog_time

__all__ = ["probed", "sweep", "write"]

_PODS, _CONTAINERS = "/var/log/pods", "/var/log/containers"


def write(machine: Machine) -> None:
    """Write the log of each container that has no log file."""
    for container, folder, link in _places(machine):
        if not machine.files.exists(f"{_CONTAINERS}/{link}"):
            path = f"{_PODS}/{folder}/{container.name}/{container.attempt}.log"
            machine.files.write(path, _text(container), 0o640)
            machine.files.system.symlink(path, f"{_CONTAINERS}/{link}")


def sweep(machine: Machine) -> None:
    """Remove log files whose container no longer exists."""
    places = list(_places(machine))
    kept = {_PODS: {folder for _, folder, _ in places}, _CONTAINERS: {link for _, _, link in places}}
    for parent, names in kept.items():
        for name in machine.files.names(parent):
            if name not in names:
                machine.files.remove(f"{parent}/{name}")


def _places(machine: Machine) -> Iterator[tuple[Container, str, str]]:
    """Return each container with the log folder of its pod and the name of its own link."""
    for container in machine.runtime.containers.values():
        sandbox = machine.runtime.sandboxes.get(container.sandbox)
        if sandbox is not None:
            folder = f"{sandbox.namespace}_{sandbox.name}_{sandbox.source or sandbox.uid}"
            yield container, folder, f"{sandbox.name}_{sandbox.namespace}_{container.name}-{container.id}.log"


def _text(container: Container) -> str:
    return "".join(f"{iso(at)} {stream} F {line}\n" for at, stream, line in container.log)


def probed(container: Container, now: float, most: int) -> list[tuple[float, str, str]]:
    """Return a web server's log lines about its readiness probe: one for each probe, at most the last `most`."""
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
