"""free, top, vmstat, uptime, w: how much of a node is used, and since when it has been up."""

from datetime import UTC, datetime

from lab.cluster.sim.commands.golang.flags import Flags, parse
from lab.cluster.sim.commands.node.visible_processes import visible_processes
from lab.cluster.sim.machine.processes import MEMORY, Process
from lab.cluster.sim.shell.call import Call, Exit, NotSimulated

__all__ = ["free", "load", "top", "uptime", "vmstat", "w"]

#: In KiB: used by the system, in buffers and caches, shared.
_USED, _CACHED, _BUFFERS, _SHARED = 1468152, 3134176, 75976, 10552
_UNITS = {"-b": 1, "--bytes": 1, "-k": 1024, "--kibi": 1024, "-m": 1024**2, "--mebi": 1024**2, "-g": 1024**3,
          "--gibi": 1024**3, "--kilo": 1000, "--mega": 1000**2, "--giga": 1000**3}  # fmt: skip
_SHOWN = (*_UNITS, "-h", "--human")


def load(call: Call) -> str:
    """Return the three averages of how many processes want to run."""
    del call
    return "0.42, 0.37, 0.31"


async def free(call: Call) -> int:
    """Tell how much memory there is."""
    try:
        flags = parse(
            call.argv,
            {"-s": "seconds", "--seconds": "seconds", "-c": "count", "--count": "count"},
            {**{name: name for name in _SHOWN}, "-t": "total", "--total": "total", "-w": "wide", "--wide": "wide",
             "--si": "si"},
            program="free",
        )  # fmt: skip
    except Exit as end:
        return await call.fail(end.message)
    if flags.on("si") or flags.words or (flags.given("seconds") and not flags.given("count")):
        return await call.fail(NotSimulated(f"free {' '.join(call.argv)}").message)
    unit = next((name for name in _SHOWN if flags.on(name)), "-k")
    left = MEMORY - _USED - _CACHED - _BUFFERS
    caches = (_BUFFERS, _CACHED) if flags.on("wide") else (_BUFFERS + _CACHED,)
    names = ("buffers", "cache") if flags.on("wide") else ("buff/cache",)
    rows = {"Mem:": (MEMORY, _USED, left, _SHARED, *caches, MEMORY - _USED), "Swap:": (0, 0, 0)}
    if flags.on("total"):
        rows["Total:"] = (MEMORY, _USED, left)
    for _ in range(max(int(flags.get("count", "1")), 1) if flags.get("count", "1").isdigit() else 1):
        await call.line(
            " " * 8 + "".join(f"{name:>12}" for name in ("total", "used", "free", "shared", *names, "available"))
        )
        for name, figures in rows.items():
            await call.line(f"{name:<8}" + "".join(f"{_amount(number, unit):>12}" for number in figures))
    return 0


def _amount(kibibytes: int, unit: str) -> str:
    if unit not in {"-h", "--human"}:
        return str(kibibytes * 1024 // _UNITS[unit])
    number, name = float(kibibytes), "Ki"
    if not kibibytes:
        return "0B"
    for name in ("Ki", "Mi", "Gi"):
        if number < 1024 or name == "Gi":
            break
        number /= 1024
    return f"{number:.1f}{name}" if number < 10 else f"{int(number)}{name}"


def _up(call: Call) -> str:
    """Return how long the node has been up, as uptime and top say it."""
    seconds = int(call.now() - call.node.boot_time)
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    span = f"{hours:2d}:{minutes:02d}" if hours else f"{minutes} min"
    lead = f"{days} day{'s' if days > 1 else ''}, " if days else ""
    at = datetime.fromtimestamp(call.now(), UTC).strftime("%H:%M:%S")
    return f"{at} up {lead}{span},  0 user,  load average: {load(call)}"


async def uptime(call: Call) -> int:
    """Print how long the node has been up."""
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
        await call.line(f" {_up(call)}")
    return 0


async def w(call: Call) -> int:
    """Tell who is logged in: nobody, since a shell in a node is no login."""
    if call.argv not in ([], ["-h"], ["-s"], ["-f"]):
        return await call.fail(NotSimulated(f"w {' '.join(call.argv)}").message)
    if call.argv != ["-h"]:
        await call.line(f" {_up(call)}\nUSER     TTY      FROM             LOGIN@   IDLE   JCPU   PCPU WHAT")
    return 0


async def vmstat(call: Call) -> int:
    """Print a line about memory and processors; it needs a count where it would go on for ever."""
    if not all(word.isdigit() for word in call.argv) or len(call.argv) not in {0, 2}:
        return await call.fail(NotSimulated(f"vmstat {' '.join(call.argv)}").message)
    pause, times = (int(word) for word in (*call.argv, "0", "1")[:2])
    left = MEMORY - _USED - _CACHED - _BUFFERS
    await call.line("procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----")
    await call.line(" r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st")
    for number in range(times):
        if number:
            await call.sleep(pause)
        await call.line(
            f" 1  0      0 {left} {_BUFFERS:>6} {_CACHED}    0    0    12   118  961 1942  7  3 90  0  0"
        )
    return 0


async def top(call: Call) -> int:
    """Print once what uses the processors (`-b`, with `-n` 1); the live display is not there."""
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
    if not flags.on("batch") and call.session.terminal is None:
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
    cached = _CACHED + _BUFFERS
    mebi = [f"{number / 1024:.1f}" for number in (MEMORY, MEMORY - _USED - cached, _USED, cached)]
    lines = [
        f"top - {_up(call)}",
        f"Tasks: {len(rows):3d} total,   1 running, {len(rows) - 1:3d} sleeping,   0 stopped,   0 zombie",
        "%Cpu(s):  7.1 us,  3.0 sy,  0.0 ni, 89.9 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st ",
        f"MiB Mem : {mebi[0]:>8} total, {mebi[1]:>8} free, {mebi[2]:>8} used, {mebi[3]:>8} buff/cache     ",
        f"MiB Swap:      0.0 total,      0.0 free,      0.0 used. {(MEMORY - _USED) / 1024:>8.1f} avail Mem ",
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
