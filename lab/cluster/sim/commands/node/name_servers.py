"""What programs that ask name servers share."""

import ipaddress

from lab.cluster.sim.network.resolver import DOMAIN
from lab.cluster.sim.shell.call import Call

__all__ = ["full_name", "is_address"]


def full_name(call: Call, name: str) -> str:
    """Return the full name that the resolver of a pod finds `name` by; on a node, the name itself."""
    sandbox = call.session.sandbox
    if sandbox is None:
        return name
    for suffix in (f".{sandbox.namespace}.svc.{DOMAIN}", f".svc.{DOMAIN}", f".{DOMAIN}", ""):
        if call.world.resolver.record(name + suffix):
            return name + suffix
    return name


def is_address(text: str) -> bool:
    """Whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
