"""conntrack: the number of flows that the kernel tracks."""

from lab.cluster.sim.bash.running.call import Call, NotSimulated

__all__ = ["conntrack"]

#: For how many seconds the kernel tracks a flow after its end.
_REMEMBERED = 120


async def conntrack(call: Call) -> int:
    """Print the number of tracked flows: those of the probes of the node's containers."""
    if call.argv not in (["-C"], ["--count"], ["-C", "conntrack"]):
        return await call.fail(NotSimulated(f"conntrack {' '.join(call.argv)}".strip()).message)
    flows = 0
    for container in call.node.runtime.containers.values():
        if container.running:
            up = min(call.now() - container.started, _REMEMBERED)
            probes = (container.spec.get(f"{kind}Probe") for kind in ("liveness", "readiness"))
            flows += sum(int(up // int(probe.get("periodSeconds") or 10)) for probe in probes if probe)
    await call.line(str(flows))
    return 0
