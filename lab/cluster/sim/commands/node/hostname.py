"""hostname: the name of the node or the pod."""

from lab.cluster.sim.bash.running.call import Call

__all__ = ["hostname"]


async def hostname(call: Call) -> int:
    """Print the node's (or the pod's) name."""
    sandbox = call.place.sandbox
    name = sandbox.name if sandbox and not sandbox.host_network else call.node.name
    if call.argv[:1] in (["-i"], ["-I"]):
        await call.line(sandbox.ip if sandbox else call.node.ip)
    elif not call.argv or call.argv[0] in {"-s", "-f"}:
        await call.line(name)
    else:
        return await call.fail("not simulated: hostname with arguments (use --backend kind)")
    return 0
