"""free: the memory usage."""

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import parse
from lab.cluster.sim.commands.node.load_figures import BUFFERS, CACHED, SHARED, USED
from lab.cluster.sim.commands.node.standard_options import help_page
from lab.cluster.sim.machine.processes import MEMORY

__all__ = ["free"]

_UNITS = {"-b": 1, "--bytes": 1, "-k": 1024, "--kibi": 1024, "-m": 1024**2, "--mebi": 1024**2, "-g": 1024**3,
          "--gibi": 1024**3, "--kilo": 1000, "--mega": 1000**2, "--giga": 1000**3}  # fmt: skip
_SHOWN = (*_UNITS, "-h", "--human")


async def free(call: Call) -> int:
    """Print the memory usage."""
    try:
        flags = parse(
            call.argv,
            {"-s": "seconds", "--seconds": "seconds", "-c": "count", "--count": "count"},
            {**{name: name for name in _SHOWN}, "-t": "total", "--total": "total", "-w": "wide", "--wide": "wide",
             "--si": "si", **dict.fromkeys(("-l", "--lohi", "-v", "--committed"), "more")},
            program="free",
        )  # fmt: skip
    except Exit as end:
        return await call.fail(end.message)
    if flags.words:
        await call.err(help_page("free"))
        return 1
    if flags.on("si") or flags.on("more") or (flags.given("seconds") and not flags.given("count")):
        return await call.fail(NotSimulated(f"free {' '.join(call.argv)}").message)
    unit = next((name for name in _SHOWN if flags.on(name)), "-k")
    left = MEMORY - USED - CACHED - BUFFERS
    caches = (BUFFERS, CACHED) if flags.on("wide") else (BUFFERS + CACHED,)
    names = ("buffers", "cache") if flags.on("wide") else ("buff/cache",)
    rows = {"Mem:": (MEMORY, USED, left, SHARED, *caches, MEMORY - USED), "Swap:": (0, 0, 0)}
    if flags.on("total"):
        rows["Total:"] = (MEMORY, USED, left)
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
