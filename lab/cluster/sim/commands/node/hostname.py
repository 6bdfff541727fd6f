"""hostname: the name of the node or the pod, and its addresses."""

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import parse
from lab.cluster.sim.commands.node.standard_options import help_page

__all__ = ["hostname"]

_SWITCHES = {
    "-a": "alias",
    "--alias": "alias",
    "-A": "all-names",
    "--all-fqdns": "all-names",
    "-d": "domain",
    "--domain": "domain",
    "-f": "name",
    "--fqdn": "name",
    "--long": "name",
    "-s": "name",
    "--short": "name",
    "-b": "name",
    "--boot": "name",
    "-i": "address",
    "--ip-address": "address",
    "-I": "addresses",
    "--all-ip-addresses": "addresses",
    "-y": "nis",
    "--yp": "nis",
    "--nis": "nis",
}


async def hostname(call: Call) -> int:
    """Print the node's (or the pod's) name, or what is asked for in its place."""
    sandbox = call.place.sandbox
    name = sandbox.name if sandbox and not sandbox.host_network else call.node.name
    address = sandbox.ip if sandbox else call.node.ip
    try:
        flags = parse(call.argv, {"-F": "file", "--file": "file"}, _SWITCHES, program="hostname")
    except Exit as end:
        return await call.fail(end.message)
    words = [*flags.words, *(flags.rest or [])]
    if len(words) > 1 or (words and flags.values):
        await call.err(help_page("hostname"))
        return 255
    if words or flags.given("file"):
        return await call.fail(NotSimulated("hostname that sets a name").message)
    asked = next(reversed(flags.values), "name")
    if asked == "nis":
        await call.line("hostname: Local domain name not set")
        return 1
    texts = {"name": name, "alias": "", "all-names": f"{name} ", "address": address, "addresses": f"{address} "}
    if asked in texts:
        await call.line(texts[asked])
    return 0
