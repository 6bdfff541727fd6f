"""ICMP refusals, which the kernel limits for each address (net.ipv4.icmp_ratelimit).

A packet filter rejects by an ICMP message. Each address has a bucket of six tokens at most, and gains one token a
second. When the bucket is empty, the message is not sent, and the client waits as if nobody had answered.
"""

from lab.cluster.sim.state.declared import stateful

__all__ = ["Icmp"]

_BURST = 6.0


@stateful
class Icmp:
    """The buckets of all nodes."""

    #: (node, address) -> the tokens left, and the time of that count.
    _left: dict[tuple[str, str], tuple[float, float]]

    def __init__(self) -> None:
        self._left = {}

    def sends(self, node: str, address: str, now: float) -> bool:
        """Whether `node` sends `address` a refusal at `now`; it takes a token."""
        left, last = self._left.get((node, address), (_BURST, now))
        left = min(left + max(now - last, 0.0), _BURST)
        sent = left >= 1
        self._left[node, address] = left - sent, now
        return sent
