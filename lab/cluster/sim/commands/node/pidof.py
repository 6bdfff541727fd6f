"""pidof: the numbers of a program's processes."""

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.node.visible_processes import visible_processes

__all__ = ["pidof"]


async def pidof(call: Call) -> int:
    """Print the numbers of the processes with this name, on one line."""
    names = {word for word in call.argv if not word.startswith("-")}
    found = [str(p.pid) for p in visible_processes(call) if names & {p.program, p.args.split()[0]}]
    if "-s" in call.argv:
        found = found[-1:]
    if found:
        await call.line(" ".join(reversed(found)))
    return 0 if found else 1
