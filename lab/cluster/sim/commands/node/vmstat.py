"""vmstat: one line about memory and processors."""

from lab.cluster.sim.bash.running.call import Call, NotSimulated
from lab.cluster.sim.commands.node.load_figures import BUFFERS, CACHED, USED
from lab.cluster.sim.machine.processes import MEMORY

__all__ = ["vmstat"]


async def vmstat(call: Call) -> int:
    """Print one line about memory and processors; repeated output needs a count."""
    if not all(word.isdigit() for word in call.argv) or len(call.argv) not in {0, 2}:
        return await call.fail(NotSimulated(f"vmstat {' '.join(call.argv)}").message)
    pause, times = (int(word) for word in (*call.argv, "0", "1")[:2])
    left = MEMORY - USED - CACHED - BUFFERS
    await call.line("procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----")
    await call.line(" r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st")
    for number in range(times):
        if number:
            await call.sleep(pause)
        await call.line(
            f" 1  0      0 {left} {BUFFERS:>6} {CACHED}    0    0    12   118  961 1942  7  3 90  0  0"
        )
    return 0
