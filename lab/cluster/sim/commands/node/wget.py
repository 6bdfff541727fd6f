"""wget: a page to stdout."""

from lab.cluster.sim.commands.deferred import Deferred
from lab.cluster.sim.shell.call import Call

__all__ = ["wget"]

_CURL = Deferred("node.curl", "curl")


async def wget(call: Call) -> int:
    """Fetch a page to stdout."""
    words = [word for word in call.argv if not word.startswith("-")]
    flags = [word for word in call.argv if word.startswith("-")]
    known = {"-qO-", "-q", "-O-", "--no-check-certificate"}
    waits = [word for word in flags if word.startswith(("-T", "--timeout="))]
    if len(words) != 1 or set(flags) - known - set(waits):
        return await call.fail(f"not simulated: wget {' '.join(call.argv)} (use --backend kind)")
    limit = waits[0].removeprefix("-T").removeprefix("--timeout=") if waits else "60"
    call.argv = ["-s", "-f", "-m", limit or "60", *(["-k"] if "--no-check-certificate" in flags else []), words[0]]
    return 1 if await _CURL(call) else 0
