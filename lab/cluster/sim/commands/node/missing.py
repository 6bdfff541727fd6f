"""Programs that a real node has and the simulator has not, and those that only the shell's library has."""

from lab.cluster.sim.shell.call import Call, NotSimulated

__all__ = ["absent", "unmodelled"]


async def unmodelled(call: Call) -> int:
    """Say that this program of a node is not modelled; its name is the first word."""
    return await call.fail(NotSimulated(call.argv[0]).message)


async def absent(call: Call) -> int:
    """Say that the node has no such program; the shell's library would have one."""
    return await call.fail(f"bash: line {call.session.line_of(call.name)}: {call.name}: command not found", 127)
