"""getent: host names as programs resolve them, users and groups."""

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.node.accounts import database
from lab.cluster.sim.commands.node.name_servers import full_name

__all__ = ["getent"]


async def getent(call: Call) -> int:
    """Look up an entry, or resolve a host name as programs do."""
    if call.argv and call.argv[0] in {"passwd", "group"}:
        return await database(call)
    if len(call.argv) < 2 or call.argv[0] not in {"hosts", "ahosts", "ahostsv4"}:
        return await call.fail(f"not simulated: getent {' '.join(call.argv)} (use --backend kind)")
    found = call.world.resolver.resolve(call.place.source, call.argv[1])
    # Programs ask for both families, one after the other.
    await call.sleep(found.seconds * (2 if found.how == "silent" else 1))
    if not found.address:
        return 2
    name = call.argv[1]
    full = (
        name
        if found.address == name or ("." not in name and call.place.sandbox is None)
        else full_name(call, name)
    )
    await call.line(f"{found.address:<15} {full}")
    return 0
