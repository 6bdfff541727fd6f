"""A node's load and up time: figures that several programs print."""

from datetime import UTC, datetime

from lab.cluster.sim.bash.running.call import Call

__all__ = ["BUFFERS", "CACHED", "SHARED", "USED", "load", "up_line"]

#: In KiB: used by the system, in buffers and caches, shared.
USED, CACHED, BUFFERS, SHARED = 1468152, 3134176, 75976, 10552


def load(call: Call) -> str:
    """Return the three load averages."""
    del call
    return "0.42, 0.37, 0.31"


def up_line(call: Call) -> str:
    """Return the node's up time, as uptime and top print it."""
    seconds = int(call.now() - call.node.boot_time)
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    span = f"{hours:2d}:{minutes:02d}" if hours else f"{minutes} min"
    lead = f"{days} day{'s' if days > 1 else ''}, " if days else ""
    at = datetime.fromtimestamp(call.now(), UTC).strftime("%H:%M:%S")
    return f"{at} up {lead}{span},  0 user,  load average: {load(call)}"
