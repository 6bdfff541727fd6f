"""mountpoint: whether a folder is a mount point."""

from lab.cluster.sim.bash.running.call import Call, NotSimulated
from lab.cluster.sim.machine.mounts import mounts

__all__ = ["mountpoint"]


async def mountpoint(call: Call) -> int:
    """Report whether a folder is a mount point."""
    words = [word for word in call.argv if word not in {"-q", "--quiet"}]
    quiet = len(words) < len(call.argv)
    if len(words) != 1 or words[0].startswith("-"):
        return await call.fail(NotSimulated(f"mountpoint {' '.join(call.argv)}").message)
    path = call.path(words[0])
    there = any(one.target == path for one in mounts(call.node))
    if not there and not call.files.exists(path):
        return await call.fail("" if quiet else f"mountpoint: {words[0]}: No such file or directory")
    if not quiet:
        await call.line(f"{words[0]} is {'' if there else 'not '}a mountpoint")
    return 0 if there else 32
