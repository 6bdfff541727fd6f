"""logger: writes a line to the journal."""

from datetime import UTC, datetime

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.node.gnu_options import options

__all__ = ["logger"]


async def logger(call: Call) -> int:
    """Write a line to the journal."""
    flags = options(
        call,
        {"-t": "tag", "--tag": "tag", "-p": "priority", "--priority": "priority"},
        {"-s": "too", "--stderr": "too"},
        lacking=("-f", "-i", "-n", "-P", "-T", "-d", "-u", "-e", "-S"),
    )
    text = " ".join(flags.words) or (await call.stdin()).decode(errors="replace").rstrip("\n")
    for line in text.splitlines():
        call.node.journal.write(call.now(), "", line, identifier=flags.get("tag", "root"), pid=39120)
        if flags.on("too"):
            at = datetime.fromtimestamp(call.now(), UTC)
            await call.err(f"<13>{at:%b %e %H:%M:%S} {flags.get('tag', 'root')}: {line}\n")
    return 0
