"""containerd, as somebody types it."""

from lab.cluster.sim.bash.running.call import Call, NotSimulated

__all__ = ["containerd"]


async def containerd(call: Call) -> int:
    """It runs as a service."""
    return await call.fail(NotSimulated(f"containerd {' '.join(call.argv)}".strip()).message)
