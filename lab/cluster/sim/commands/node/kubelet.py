"""kubelet, started from a shell: its version."""

from lab.cluster.sim.api.discovery import VERSION
from lab.cluster.sim.bash.running.call import Call, NotSimulated

__all__ = ["kubelet"]


async def kubelet(call: Call) -> int:
    """Print the kubelet's version; it runs as a service."""
    if call.argv != ["--version"]:
        return await call.fail(NotSimulated("kubelet by hand").message)
    await call.line(f"Kubernetes {VERSION}")
    return 0
