"""hostnamectl: the node's name and its system."""

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.node.bus_services import ask_service, unknown_verb

__all__ = ["hostnamectl"]


async def hostnamectl(call: Call) -> int:
    """Print the node's name and its system."""
    try:
        flags = ask_service(call, "hostnamed", ("--static", "--transient", "--pretty"))
        verb = flags.words[0] if flags.words else "status"
        if verb not in {"status", "hostname"} or len(flags.words) > 1:
            known = ("icon-name", "chassis", "deployment", "location", "hostname", "set-hostname")
            raise unknown_verb(verb, known, "hostnamectl")
        if flags.given("json"):
            raise NotSimulated("hostnamectl --json")
    except Exit as end:
        return await call.fail(end.message, end.code)
    name = call.node.name
    if flags.on("--pretty"):
        await call.line()
    elif verb == "hostname" or flags.on("--static") or flags.on("--transient"):
        await call.line(name)
    else:
        await call.out(
            f" Static hostname: {name}\n       Icon name: computer-container\n         Chassis: container ☐\n"
            f"      Machine ID: {call.node.machine_id}\n         Boot ID: {call.node.boot_id}\n"
            "  Virtualization: docker\nOperating System: Debian GNU/Linux 12 (bookworm)\n"
            f"          Kernel: Linux {call.node.sysctls.get('kernel.osrelease')}\n    Architecture: x86-64\n"
        )
    return 0
