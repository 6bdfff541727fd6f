"""who: the logged-in users. A shell in a node is not a login."""

from datetime import UTC, datetime

from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.node.gnu_options import options

__all__ = ["who"]


async def who(call: Call) -> int:
    """Print the logged-in users, and the time of the boot if requested."""
    try:
        flags = options(
            call,
            {},
            {
                "-b": "boot",
                "--boot": "boot",
                "-r": "level",
                "--runlevel": "level",
                "-a": "all",
                "--all": "all",
                "-q": "count",
                "--count": "count",
                "-H": "heading",
                "--heading": "heading",
                "-u": "users",
                "-m": "me",
            },
            lacking=("-d", "-l", "-p", "-s", "-t", "-T", "-w", "--lookup", "--ips"),
        )
    except Exit as end:
        return await call.fail(end.message, end.code)
    at, lead = (
        datetime.fromtimestamp(call.node.boot_time, UTC).strftime("%b %e %H:%M"),
        "  " if flags.on("all") else "",
    )
    if flags.on("count"):
        await call.line("\n# users=0")
        return 0
    if flags.on("heading"):
        await call.line("NAME     LINE         TIME             COMMENT")
    if flags.on("boot") or flags.on("all"):
        await call.line(f"{lead}         system boot  {at}")
    if flags.on("level") or flags.on("all"):
        await call.line(f"{lead}         run-level 3  {at}")
    return 0
