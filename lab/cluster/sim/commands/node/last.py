"""last, lastb: logins, or failed logins. Here the log has only boots."""

from datetime import UTC, datetime

from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.node.gnu_options import options

__all__ = ["last"]


async def last(call: Call) -> int:
    """Print the logins (last) or failed logins (lastb): only boots are logged."""
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
    at, file = datetime.fromtimestamp(call.node.boot_time, UTC), "btmp" if call.name == "lastb" else "wtmp"
    asked = [word for word in flags.words if word in {"reboot", "system"}]
    if file == "wtmp" and (asked or not flags.words) and flags.get("lines") != "0":
        kernel = (call.node.sysctls.get("kernel.osrelease") or "")[:16]
        shown = at.strftime("%a %b %e %H:%M:%S %Y" if flags.on("full") else "%a %b %e %H:%M")
        await call.line(f"reboot   system boot  {kernel:<16} {shown}   still running")
    await call.line(f"\n{file} begins {at:%a %b %e %H:%M:%S %Y}")
    return 0
