"""dig: a name server's answer, in dig's own format."""

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.network.resolver import DNS_ADDRESS
from lab.cluster.sim.text.addresses import is_address

__all__ = ["dig"]


async def dig(call: Call) -> int:
    """Ask a name server; with +short, print only the answer."""
    words = [word for word in call.argv if not word.startswith(("+", "-", "@"))]
    servers = [word[1:] for word in call.argv if word.startswith("@")]
    server = servers[0] if servers else DNS_ADDRESS if call.place.sandbox else "172.18.0.1"
    name = words[0] if words else "."
    verdict = call.world.network.connect(call.place.source, server, 53, "UDP") if is_address(server) else None
    if verdict is None or not verdict.open:
        await call.sleep(15.0 if verdict is None or verdict.kind == "silent" else 0.05)
        why = "timed out" if verdict is None or verdict.kind == "silent" else "connection refused"
        await call.out(f";; communications error to {server}#53: {why}\n" * 3 + ";; no servers could be reached\n")
        return 9
    address = call.world.resolver.record(name.rstrip("."))
    if "+short" in call.argv:
        await call.out(f"{address}\n" if address else "")
        return 0
    status = "NOERROR" if address else "NXDOMAIN"
    await call.out(
        f";; ->>HEADER<<- opcode: QUERY, status: {status}, id: 4711\n;; QUESTION SECTION:\n;{name}.\t\tIN\tA\n\n"
    )
    if address:
        await call.out(f";; ANSWER SECTION:\n{name}.\t30\tIN\tA\t{address}\n\n")
    await call.out(f";; Query time: 1 msec\n;; SERVER: {server}#53({server}) (UDP)\n")
    return 0
