"""getent, nslookup, dig, ping, wget."""

import ipaddress

from lab.cluster.sim.commands.deferred import Deferred
from lab.cluster.sim.commands.node.identity import database
from lab.cluster.sim.network.resolver import DNS_ADDRESS, DOMAIN
from lab.cluster.sim.shell.call import Call
from lab.cluster.sim.timing.durations import parse_duration

__all__ = ["agnhost", "dig", "getent", "nslookup", "ping", "wget"]

_CURL = Deferred("node.curl", "curl")


async def getent(call: Call) -> int:
    """Look a name up as programs do."""
    if call.argv and call.argv[0] in {"passwd", "group"}:
        return await database(call)
    if len(call.argv) < 2 or call.argv[0] not in {"hosts", "ahosts", "ahostsv4"}:
        return await call.fail(f"not simulated: getent {' '.join(call.argv)} (use --backend kind)")
    found = call.world.resolver.resolve(call.session.source, call.argv[1])
    # Both families are asked for, one after the other.
    await call.sleep(found.seconds * (2 if found.how == "silent" else 1))
    if not found.address:
        return 2
    name = call.argv[1]
    full = (
        name if found.address == name or ("." not in name and call.session.sandbox is None) else _full(call, name)
    )
    await call.line(f"{found.address:<15} {full}")
    return 0


def _full(call: Call, name: str) -> str:
    sandbox = call.session.sandbox
    if sandbox is None:
        return name
    for suffix in (f".{sandbox.namespace}.svc.{DOMAIN}", f".svc.{DOMAIN}", f".{DOMAIN}", ""):
        if call.world.resolver._record(name + suffix):  # noqa: SLF001 -- the same resolver
            return name + suffix
    return name


async def nslookup(call: Call) -> int:
    """Ask a name server."""
    words = [word for word in call.argv if not word.startswith("-")]
    if not words or len(words) != len(call.argv):
        return await call.fail(f"not simulated: nslookup {' '.join(call.argv)} (use --backend kind)")
    server = words[1] if len(words) > 1 else DNS_ADDRESS if call.session.sandbox else "172.18.0.1"
    reach = (
        call.world.network.connect(call.session.source, server, 53, "UDP").kind if _address(server) else "silent"
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
    namespace = call.session.sandbox.namespace if call.session.sandbox else "default"
    address = call.world.resolver.lookup(words[0], namespace)
    # The cluster's own server answers for the cluster's names without asking others, and says so.
    no_recursion = f";; Got recursion not available from {server}\n"
    full = _full(call, words[0])
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


def _address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


async def dig(call: Call) -> int:
    """Ask a name server, tersely with +short."""
    words = [word for word in call.argv if not word.startswith(("+", "-", "@"))]
    servers = [word[1:] for word in call.argv if word.startswith("@")]
    server = servers[0] if servers else DNS_ADDRESS if call.session.sandbox else "172.18.0.1"
    name = words[0] if words else "."
    verdict = call.world.network.connect(call.session.source, server, 53, "UDP") if _address(server) else None
    if verdict is None or not verdict.open:
        await call.sleep(15.0 if verdict is None or verdict.kind == "silent" else 0.05)
        why = "timed out" if verdict is None or verdict.kind == "silent" else "connection refused"
        await call.out(f";; communications error to {server}#53: {why}\n" * 3 + ";; no servers could be reached\n")
        return 9
    address = call.world.resolver._record(name.rstrip("."))  # noqa: SLF001 -- a name as it is, without a search
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


async def ping(call: Call) -> int:
    """Send echo requests."""
    count, wait, target = 0, 10.0, ""
    argv = list(call.argv)
    while argv:
        word = argv.pop(0)
        if word[:2] in {"-c", "-W", "-i", "-w"}:
            value = word[2:] or (argv.pop(0) if argv else "1")
            count = int(value) if word.startswith("-c") else count
            wait = float(value) if word.startswith("-W") else wait
        elif word.startswith("-"):
            return await call.fail(f"not simulated: ping {word} (use --backend kind)")
        else:
            target = word
    found = call.world.resolver.resolve(call.session.source, target)
    await call.sleep(found.seconds)
    if not found.address:
        how = "Temporary failure in name resolution" if found.how != "nxdomain" else "Name or service not known"
        return await call.fail(f"ping: {target}: {how}", 2)
    return await _echo(call, target, found.address, count, wait)


async def _echo(call: Call, target: str, address: str, count: int, wait: float) -> int:
    if call.session.sandbox is not None and not call.session.sandbox.host_network:
        # The app's pods have dropped what it takes.
        await call.line(f"PING {target} ({address}): 56 data bytes")
        return await call.fail("ping: permission denied (are you root?)")
    await call.line(f"PING {target} ({address}) 56(84) bytes of data.")
    # A Service's address answers no echo: kube-proxy translates its ports alone.
    reached = (
        not address.startswith("10.96.")
        and call.world.network.connect(call.session.source, address, 1).kind != "silent"
    )
    sent = received = 0
    while not count or sent < count:
        sent += 1
        if reached:
            received += 1
            await call.line(f"64 bytes from {address}: icmp_seq={sent} ttl=63 time=0.071 ms")
        if not count or sent < count:
            await call.sleep(1.0)
        elif not reached:
            await call.sleep(wait)
    loss = 100 * (sent - received) // sent
    await call.out(
        f"\n--- {target} ping statistics ---\n{sent} packets transmitted, {received} received, {loss}% packet loss, "  # noqa: E501 -- as it is printed
        f"time {(sent - 1) * 1000}ms\n"
    )
    return 0 if received else 1


async def wget(call: Call) -> int:
    """Fetch a page to stdout."""
    words = [word for word in call.argv if not word.startswith("-")]
    flags = [word for word in call.argv if word.startswith("-")]
    known = {"-qO-", "-q", "-O-", "--no-check-certificate"}
    waits = [word for word in flags if word.startswith(("-T", "--timeout="))]
    if len(words) != 1 or set(flags) - known - set(waits):
        return await call.fail(f"not simulated: wget {' '.join(call.argv)} (use --backend kind)")
    limit = waits[0].removeprefix("-T").removeprefix("--timeout=") if waits else "60"
    call.argv = ["-s", "-f", "-m", limit or "60", *(["-k"] if "--no-check-certificate" in flags else []), words[0]]
    return 1 if await _CURL(call) else 0


async def agnhost(call: Call) -> int:
    """The image's own program: `connect HOST:PORT` tries a connection."""
    words = [word for word in call.argv if not word.startswith("-")]
    limits = [word.partition("=")[2] for word in call.argv if word.startswith("--timeout=")]
    if words[:1] != ["connect"] or len(words) != 2:
        return await call.fail(f"not simulated: agnhost {' '.join(call.argv)} (use --backend kind)")
    host, _, port = words[1].rpartition(":")
    limit = parse_duration(limits[0]) if limits else 1.0
    found = call.world.resolver.resolve(call.session.source, host)
    await call.sleep(min(found.seconds, limit))
    if not found.address or found.seconds > limit:
        return await call.fail("DNS: lookup " + host)
    verdict = call.world.network.connect(call.session.source, found.address, int(port))
    if verdict.open:
        return 0
    if verdict.kind == "refused":
        return await call.fail("REFUSED")
    await call.sleep(limit)
    return await call.fail("TIMEOUT")
