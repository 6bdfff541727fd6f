"""whereis: finds programs, regardless of the shell's PATH."""

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.node.which import find_programs

__all__ = ["whereis"]

_SHELVES = ("/usr/bin", "/usr/sbin", "/usr/local/sbin", "/usr/local/bin")


async def whereis(call: Call) -> int:
    """Print the paths of programs, regardless of the shell's PATH."""
    for word in call.argv:
        if word not in {"-b", "-m", "-s"}:
            found = [] if "-m" in call.argv or "-s" in call.argv else find_programs(call, word, _SHELVES)
            await call.line(" ".join([f"{word}:", *found]))
    return 0
