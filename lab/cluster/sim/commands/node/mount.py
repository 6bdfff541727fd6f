"""mount: the mounts."""

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.node.gnu_options import options
from lab.cluster.sim.machine.mounts import mounts

__all__ = ["mount"]


async def mount(call: Call) -> int:
    """List the mounts; mounting is not possible."""
    try:
        flags = options(
            call,
            {"-t": "type", "--types": "type", "-o": "options"},
            {"-l": "labels", "-v": "verbose", "-n": "no mtab"},
            lacking=("-a", "-r", "-w", "-f", "-B", "-R", "-M", "--bind", "--make-shared"),
        )
    except Exit as end:
        return await call.fail(end.message, end.code)
    if len(flags.words) == 1:
        return await call.fail(f"mount: {flags.words[0]}: can't find in /etc/fstab.")
    if len(flags.words) == 2 and not call.files.exists(call.path(flags.words[1])):
        told = "       dmesg(1) may have more information after failed mount system call."
        return await call.fail(f"mount: {flags.words[1]}: mount point does not exist.\n{told}", 32)
    if flags.words or flags.given("options"):
        return await call.fail(NotSimulated(f"mount {' '.join(call.argv)}").message)
    kinds = set(flags.get("type").split(",")) - {""}
    for one in mounts(call.node):
        if not kinds or one.kind in kinds:
            await call.line(f"{one.source} on {one.target} type {one.kind} ({one.options})")
    return 0
