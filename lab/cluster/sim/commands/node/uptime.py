"""uptime: the node's up time."""

from datetime import UTC, datetime

from lab.cluster.sim.bash.running.call import Call, NotSimulated
from lab.cluster.sim.commands.node.load_figures import up_line

__all__ = ["uptime"]


async def uptime(call: Call) -> int:
    """Print the node's up time."""
    seconds = int(call.now() - call.node.boot_time)
    if call.argv in (["-p"], ["--pretty"]):
        parts = ((seconds // 86400, "day"), (seconds // 3600 % 24, "hour"), (seconds // 60 % 60, "minute"))
        await call.line(
            "up " + (", ".join(f"{n} {what}{'s' if n > 1 else ''}" for n, what in parts if n) or "0 minutes")
        )
    elif call.argv in (["-s"], ["--since"]):
        await call.line(datetime.fromtimestamp(call.node.boot_time, UTC).strftime("%Y-%m-%d %H:%M:%S"))
    elif call.argv in (["-V"], ["--version"]):
        await call.line("uptime from procps-ng 4.0.2")
    elif call.argv:
        return await call.fail(NotSimulated(f"uptime {' '.join(call.argv)}").message)
    else:
        await call.line(f" {up_line(call)}")
    return 0
