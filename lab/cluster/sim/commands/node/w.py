"""w: the logged-in users and their commands."""

from lab.cluster.sim.bash.running.call import Call, NotSimulated
from lab.cluster.sim.commands.node.load_figures import up_line

__all__ = ["w"]


async def w(call: Call) -> int:
    """Print that nobody is logged in: a shell in a node is not a login."""
    if call.argv not in ([], ["-h"], ["-s"], ["-f"]):
        return await call.fail(NotSimulated(f"w {' '.join(call.argv)}").message)
    if call.argv != ["-h"]:
        await call.line(f" {up_line(call)}\nUSER     TTY      FROM             LOGIN@   IDLE   JCPU   PCPU WHAT")
    return 0
