"""containerd, started from a shell."""

from lab.cluster.sim.bash.running.call import Call, NotSimulated

__all__ = ["containerd"]


async def containerd(call: Call) -> int:
    """Fail: containerd runs as a service."""
    return await call.fail(NotSimulated(f"containerd {' '.join(call.argv)}".strip()).message)
