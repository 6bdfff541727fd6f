"""systemd-detect-virt: a node is a container."""

from lab.cluster.sim.bash.running.call import Call, NotSimulated

__all__ = ["virtualization"]


async def virtualization(call: Call) -> int:
    """Report that a node is a container."""
    if call.argv not in ([], ["-c"], ["--container"]):
        return await call.fail(NotSimulated(f"systemd-detect-virt {' '.join(call.argv)}").message)
    await call.line("docker")
    return 0
