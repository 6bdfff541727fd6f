"""Programs that a real node has and the simulator has not: they say so."""

from lab.cluster.sim.call import Call, NotSimulated
from lab.cluster.sim.discovery import VERSION

__all__ = ["MISSING", "missing"]

#: What a kind node has besides the programs that are modelled.
MISSING = ("kubeadm", "ip6tables", "nft", "ctr", "conntrack", "top", "systemd-run", "dmesg", "busctl")


async def missing(call: Call) -> int:
    """Say that this program is not there; kubeadm says its version."""
    if call.name == "kubeadm" and call.argv == ["version", "-o", "short"]:
        await call.line(VERSION)
        return 0
    return await call.fail(NotSimulated(call.name).message)
