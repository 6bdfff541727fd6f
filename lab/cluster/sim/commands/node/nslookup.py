"""nslookup: a name server's answer."""

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.node.name_servers import full_name
from lab.cluster.sim.network.resolver import DNS_ADDRESS, DOMAIN
from lab.cluster.sim.text.addresses import is_address

__all__ = ["nslookup"]


async def nslookup(call: Call) -> int:
    """Ask a name server."""
    words = [word for word in call.argv if not word.startswith("-")]
    if not words or len(words) != len(call.argv):
        return await call.fail(f"not simulated: nslookup {' '.join(call.argv)} (use --backend kind)")
    server = words[1] if len(words) > 1 else DNS_ADDRESS if call.place.sandbox else "172.18.0.1"
    reach = (
        call.world.network.connect(call.place.source, server, 53, "UDP").kind if is_address(server) else "silent"
    )
    if server != DNS_ADDRESS:
        reach = "silent" if reach != "open" else reach
    if reach != "open":
        await call.sleep(15.0 if reach == "silent" else 0.05)
        why = "timed out" if reach == "silent" else "connection refused"
        await call.out(
            f";; communications error to {server}#53: {why}\n" * 3 + ";; no servers could be reached\n\n\n"
        )
        return 1
    namespace = call.place.sandbox.namespace if call.place.sandbox else "default"
    address = call.world.resolver.lookup(words[0], namespace)
    # The cluster's DNS server answers the cluster's names itself, and its answer says so.
    no_recursion = f";; Got recursion not available from {server}\n"
    full = full_name(call, words[0])
    tried = [f".{namespace}.svc.{DOMAIN}", f".svc.{DOMAIN}", f".{DOMAIN}"]
    count = next((n for n, suffix in enumerate(tried, 1) if full == words[0] + suffix), len(tried))
    if server == DNS_ADDRESS:
        await call.out(no_recursion * (1 if full == words[0] and address else count))
    await call.out(f"Server:\t\t{server}\nAddress:\t{server}#53\n\n")
    if not address:
        await call.out(f"** server can't find {words[0]}: NXDOMAIN\n\n")
        return 1
    await call.out(f"Name:\t{full}\nAddress: {address}\n")
    await call.out((no_recursion if server == DNS_ADDRESS else "") + "\n")
    return 0
