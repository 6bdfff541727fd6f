"""agnhost, the test image's own program: `connect` tries a connection."""

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.timing.durations import parse_duration

__all__ = ["agnhost"]


async def agnhost(call: Call) -> int:
    """The image's own program: `connect HOST:PORT` tries a connection."""
    words = [word for word in call.argv if not word.startswith("-")]
    limits = [word.partition("=")[2] for word in call.argv if word.startswith("--timeout=")]
    if words[:1] != ["connect"] or len(words) != 2:
        return await call.fail(f"not simulated: agnhost {' '.join(call.argv)} (use --backend kind)")
    host, _, port = words[1].rpartition(":")
    limit = parse_duration(limits[0]) if limits else 1.0
    found = call.world.resolver.resolve(call.place.source, host)
    await call.sleep(min(found.seconds, limit))
    if not found.address or found.seconds > limit:
        return await call.fail("DNS: lookup " + host)
    verdict = call.world.network.connect(call.place.source, found.address, int(port))
    if verdict.open:
        return 0
    if verdict.kind == "refused":
        return await call.fail("REFUSED")
    await call.sleep(limit)
    return await call.fail("TIMEOUT")
