"""top: the processes by their processor use, printed once."""

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags, parse
from lab.cluster.sim.commands.node.load_figures import BUFFERS, CACHED, USED, up_line
from lab.cluster.sim.commands.node.visible_processes import visible_processes
from lab.cluster.sim.machine.processes import MEMORY, Process

__all__ = ["top"]


async def top(call: Call) -> int:
    """Print once the processes by their processor use (`-b`, with `-n` 1); the live display is missing."""
    try:
        flags = parse(
            call.argv,
            {"-n": "times", "-o": "order", "-d": "pause", "-p": "pids", "-u": "user"},
            {"-b": "batch", "-c": "lines", "-i": "idle", "-H": "threads", "-w": "wide", "-E": "unit"},
            program="top",
        )
    except Exit as end:
        return await call.fail(end.message)
    order = _ORDERS.get(flags.get("order").lstrip("+"))
    if not flags.on("batch") and call.controlling is None:
        return await call.fail("top: failed tty get")
    if not flags.on("batch") or flags.get("times", "") != "1" or flags.on("threads") or order is None:
        return await call.fail(NotSimulated(f"top {' '.join(call.argv)}".strip()).message)
    await call.out(_top(call, flags, order))
    return 0


_ORDERS = {"": "share", "%CPU": "share", "%MEM": "resident", "RES": "resident", "PID": "pid"}


def _top(call: Call, flags: Flags, order: str) -> str:
    wanted = set(flags.get("pids").split(",")) - {""}
    rows = [p for p in visible_processes(call) if not wanted or str(p.pid) in wanted]
    rows = [p for p in rows if flags.get("user") in {"", p.user} and not (flags.on("idle") and not p.share)]
    rows.sort(key=lambda p: (-float(getattr(p, order)), p.pid))
    cached = CACHED + BUFFERS
    mebi = [f"{number / 1024:.1f}" for number in (MEMORY, MEMORY - USED - cached, USED, cached)]
    lines = [
        f"top - {up_line(call)}",
        f"Tasks: {len(rows):3d} total,   1 running, {len(rows) - 1:3d} sleeping,   0 stopped,   0 zombie",
        "%Cpu(s):  7.1 us,  3.0 sy,  0.0 ni, 89.9 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st ",
        f"MiB Mem : {mebi[0]:>8} total, {mebi[1]:>8} free, {mebi[2]:>8} used, {mebi[3]:>8} buff/cache     ",
        f"MiB Swap:      0.0 total,      0.0 free,      0.0 used. {(MEMORY - USED) / 1024:>8.1f} avail Mem ",
        "",
        "    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND",
        *(_top_row(process, call.now(), lines=flags.on("lines")) for process in rows),
    ]
    return "\n".join(lines) + "\n"


def _top_row(process: Process, now: float, *, lines: bool) -> str:
    used = (now - process.started) * process.share / 100
    name = process.program if len(process.program) < 9 else f"{process.program[:7]}+"
    virtual = process.virtual
    size = str(virtual) if virtual < 10_000_000 else f"{virtual / 1048576:.1f}g"
    return (
        f"{process.pid:>7} {process.user:<8}  20   0 {size:>7} {process.resident:>6} "
        f"{process.resident * 2 // 5:>6} S "
        f"{process.share:>5.1f} {int(1000 * process.resident / MEMORY) / 10:>5.1f} "
        f"{int(used // 60):>3d}:{used % 60:05.2f} {process.args if lines else name}"
    )
