"""who, users, last: who is and was logged in on a node. A shell in a node is no login, so there are boots only."""

from datetime import UTC, datetime

from lab.cluster.sim.commands.node.gnu_options import options
from lab.cluster.sim.shell.call import Call, Exit

__all__ = ["last", "users", "who"]


def _boot(call: Call) -> datetime:
    return datetime.fromtimestamp(call.node.boot_time, UTC)


async def who(call: Call) -> int:
    """Tell who is logged in, and when the node was booted if that is asked for."""
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
    at, lead = _boot(call).strftime("%b %e %H:%M"), "  " if flags.on("all") else ""
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


async def users(call: Call) -> int:
    """Print nobody's name."""
    del call
    return 0


async def last(call: Call) -> int:
    """Tell who was logged in (last) or tried to (lastb): the boots."""
    try:
        flags = options(
            call,
            {"-n": "lines", "--limit": "lines", "-f": "file"},
            {
                "-F": "full",
                "--fulltimes": "full",
                "-x": "system",
                "-R": "no-host",
                "-a": "last",
                "-w": "wide",
                "-i": "ip",
            },
            lacking=("-d", "-s", "-t", "-p"),
        )
    except Exit as end:
        return await call.fail(end.message, end.code)
    at, file = _boot(call), "btmp" if call.name == "lastb" else "wtmp"
    asked = [word for word in flags.words if word in {"reboot", "system"}]
    if file == "wtmp" and (asked or not flags.words) and flags.get("lines") != "0":
        kernel = (call.node.sysctls.get("kernel.osrelease") or "")[:16]
        shown = at.strftime("%a %b %e %H:%M:%S %Y" if flags.on("full") else "%a %b %e %H:%M")
        await call.line(f"reboot   system boot  {kernel:<16} {shown}   still running")
    await call.line(f"\n{file} begins {at:%a %b %e %H:%M:%S %Y}")
    return 0
