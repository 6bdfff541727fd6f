"""Small programs of a node's system: who it is, what runs by name."""

from lab.cluster.sim.call import Call, NotSimulated
from lab.cluster.sim.discovery import VERSION

__all__ = ["hostnamectl", "kubelet", "service", "su"]


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


async def su(call: Call) -> int:
    """Run a command as root, who one is already."""
    words = [word for word in call.argv if word not in {"-", "-l", "root"}]
    if len(words) != 2 or words[0] != "-c":
        return await call.fail(NotSimulated(f"su {' '.join(call.argv)}".strip()).message)
    return await call.run(["bash", "-c", words[1]])


async def service(call: Call) -> int:
    """Do to a service what systemctl does."""
    if len(call.argv) != 2:
        return await call.fail(
            "Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]"
        )
    name, verb = call.argv
    return await call.run(["systemctl", "--no-pager", verb, name])
