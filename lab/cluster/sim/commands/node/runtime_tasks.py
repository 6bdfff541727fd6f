"""Sandboxes and containers, as the programs below the CRI list them."""

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.machine.runtime import Container, Sandbox

__all__ = ["is_running", "sandboxes_and_containers"]

_PAUSE = "registry.k8s.io/pause:3.10.1"


def sandboxes_and_containers(call: Call) -> list[tuple[str, Sandbox | Container, str]]:
    """Return (id, sandbox or container, image) of everything in containerd, by id."""
    runtime = call.node.runtime
    found: list[tuple[str, Sandbox | Container, str]] = [
        (key, one, _PAUSE) for key, one in runtime.sandboxes.items()
    ]
    return sorted(
        [*found, *((key, one, one.image) for key, one in runtime.containers.items())], key=lambda e: e[0]
    )


def is_running(one: Sandbox | Container) -> bool:
    """Whether its process is running."""
    return one.running if isinstance(one, Container) else one.ready
