"""Containers' logs as files of their node, where the kubelet keeps them, and what programs log as time goes by."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lab.cluster.sim.machine.runtime import Container

if TYPE_CHECKING:
    from lab.cluster.sim.world.node import NodeModel
    from lab.cluster.sim.world.world import World

__all__ = ["probed", "sweep", "write"]

_PODS, _CONTAINERS = "/var/log/pods", "/var/log/containers"


def write(node: "NodeModel") -> None:
    """Write the log of each container whose file is not there."""
    for container, folder, link in _places(node):
        if not node.files.exists(f"{_CONTAINERS}/{link}"):
            path = f"{_PODS}/{folder}/{container.name}/{container.attempt}.log"
            node.files.write(path, _text(container), 0o640)
            node.files.system.symlink(path, f"{_CONTAINERS}/{link}")


def sweep(node: "NodeModel") -> None:
    """Remove the logs of no container."""
    places = list(_places(node))
    kept = {_PODS: {folder for _, folder, _ in places}, _CONTAINERS: {link for _, _, link in places}}
    for parent, names in kept.items():
        for name in node.files.names(parent):
            if name not in names:
                node.files.remove(f"{parent}/{name}")


def _places(node: "NodeModel") -> Iterator[tuple[Container, str, str]]:
    """Return each container with its pod's folder of logs and the name of the link to its own."""
    for container in node.runtime.containers.values():
        sandbox = node.runtime.sandboxes.get(container.sandbox)
        if sandbox is not None:
            folder = f"{sandbox.namespace}_{sandbox.name}_{sandbox.source or sandbox.uid}"
            yield container, folder, f"{sandbox.name}_{sandbox.namespace}_{container.name}-{container.id}.log"


def _text(container: Container) -> str:
    from lab.cluster.sim.world.world import World  # noqa: PLC0415 -- the world knows its nodes

    return "".join(f"{World.iso(at)} {stream} F {line}\n" for at, stream, line in container.log)


def probed(world: "World", container: Container, most: int) -> list[tuple[float, str, str]]:
    """Return what a web server logs of its readiness probe: a line each time, the last `most` of them."""
    probe = container.spec.get("readinessProbe")
    if not probe or "agnhost" not in container.image or "httpGet" not in probe:
        return []
    period = float(probe.get("periodSeconds", 10))
    end = world.now() if container.running else container.finished
    count = int((end - container.started) / period)
    times = [container.started + period * number for number in range(max(count - most, 0), count)]
    path = probe["httpGet"]["path"]
    found = []
    for at in times:
        clock = world.iso(at)
        line = f"I{clock[5:7]}{clock[8:10]} {clock[11:26]}       1 log.go:244] GET {path}"
        found.append((at, "stderr", line))
    return found
