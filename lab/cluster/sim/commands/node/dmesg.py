"""dmesg: the kernel's messages."""

from datetime import UTC, datetime

from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.node.gnu_options import options

__all__ = ["dmesg"]


async def dmesg(call: Call) -> int:
    """Print the kernel's messages: about the boot, and later ones."""
    try:
        flags = options(
            call,
            {},
            {
                "-T": "times",
                "--ctime": "times",
                "-x": "levels",
                "-L": "colour",
                "-P": "plain",
                "--nopager": "plain",
            },
            lacking=(
                "-w",
                "-W",
                "-H",
                "-l",
                "-f",
                "-C",
                "-c",
                "-n",
                "-k",
                "-u",
                "-r",
                "-t",
                "-d",
                "-e",
                "-E",
                "-D",
                "-J",
                "--level",
                "--follow",
                "--human",
                "--since",
                "--until",
                "--facility",
                "--clear",
                "--read-clear",
                "--notime",
                "--reltime",
            ),
        )
    except Exit as end:
        return await call.fail(end.message, end.code)
    journald = call.node.systemd.state("systemd-journald.service").pid
    for after, text in (
        (0.0, call.files.get("/proc/version").strip()),
        (0.66, f"systemd-journald[{journald}]: Received client request to flush runtime journal."),
    ):
        at = datetime.fromtimestamp(call.node.boot_time + after, UTC)
        await call.line(f"[{at:%a %b %e %H:%M:%S %Y}] {text}" if flags.on("times") else f"[{after:12.6f}] {text}")
    return 0
