"""Functions shared by programs that ask name servers."""

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.network.resolver import DOMAIN

__all__ = ["full_name"]


def full_name(call: Call, name: str) -> str:
    """Return the full name under which a pod's resolver finds `name`; on a node, `name` itself."""
    sandbox = call.place.sandbox
    if sandbox is None:
        return name
    for suffix in (f".{sandbox.namespace}.svc.{DOMAIN}", f".svc.{DOMAIN}", f".{DOMAIN}", ""):
        if call.world.resolver.record(name + suffix):
            return name + suffix
    return name
