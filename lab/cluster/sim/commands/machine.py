"""Small programs of a node's system: who it is, what runs by name, and which programs it does not have."""

from lab.cluster.sim.call import Call, NotSimulated
from lab.cluster.sim.commands.processes import names_of
from lab.cluster.sim.discovery import VERSION

__all__ = ["absent", "hostnamectl", "kubelet", "pgrep", "pidof", "su"]


async def absent(call: Call) -> int:
    """Say that the node has no such program; the shell's library would have one."""
    return await call.fail(f"bash: line 1: {call.name}: command not found", 127)


async def hostnamectl(call: Call) -> int:
    """Print the node's name."""
    if call.argv not in (["hostname"], ["--static"]):
        return await call.fail(NotSimulated(f"hostnamectl {' '.join(call.argv)}".strip()).message)
    await call.line(call.node.name)
    return 0


async def kubelet(call: Call) -> int:
    """Print the kubelet's version; it runs as a service."""
    if call.argv != ["--version"]:
        return await call.fail(NotSimulated("kubelet by hand").message)
    await call.line(f"Kubernetes {VERSION}")
    return 0


async def pgrep(call: Call) -> int:
    """Print the numbers of processes by their names."""
    count = "-c" in call.argv
    words = [word for word in call.argv if not word.startswith("-")]
    if len(words) != 1 or set(call.argv) - {"-c", *words}:
        return await call.fail(NotSimulated(f"pgrep {' '.join(call.argv)}").message, 2)
    found = [str(pid) for pid, name in names_of(call) if words[0] in name]
    await call.out(f"{len(found)}\n" if count else "".join(f"{pid}\n" for pid in found))
    return 0 if found else 1


async def pidof(call: Call) -> int:
    """Print the numbers of the processes called so, in a line."""
    found = [str(pid) for pid, name in names_of(call) if name in call.argv]
    if found:
        await call.line(" ".join(reversed(found)))
    return 0 if found else 1


async def su(call: Call) -> int:
    """Run a command as root, who one is already."""
    words = [word for word in call.argv if word not in {"-", "-l", "root"}]
    if len(words) != 2 or words[0] != "-c":
        return await call.fail(NotSimulated(f"su {' '.join(call.argv)}".strip()).message)
    return await call.run(["bash", "-c", words[1]])
