"""nft: tables of the packet filter."""

from lab.cluster.sim.bash.running.call import Call, NotSimulated

__all__ = ["nft"]


async def nft(call: Call) -> int:
    """List the tables, which are iptables' own; iptables shows their contents."""
    words = [word for word in call.argv if word not in {"-a", "-n"}]
    if not words:
        return await call.fail("nft: no command specified")
    families = ("ip", "ip6")
    if words[:2] != ["list", "tables"] or words[2:] not in ([], ["ip"], ["ip6"]):
        return await call.fail(NotSimulated(f"nft {' '.join(call.argv)}").message)
    for table in ("nat", "mangle", "filter"):
        for family in words[2:] or families:
            await call.line(f"table {family} {table}")
    return 0
