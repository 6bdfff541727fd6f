"""ICMP refusals: the kernel sends only so many to one address (net.ipv4.icmp_ratelimit).

A packet filter that rejects says so by ICMP. For each address there is a bucket of tokens, one a second and six at
most; a refusal that finds it empty is not sent, and who asked waits as if nobody had answered.
"""

from lab.cluster.sim.state.declared import stateful

__all__ = ["Icmp"]

_BURST = 6.0


@stateful
class Icmp:
    """The refusals that the nodes may send."""

    #: (node, address) -> tokens that were left, and when that was.
    _left: dict[tuple[str, str], tuple[float, float]]

    def __init__(self) -> None:
        self._left = {}

    def sends(self, node: str, address: str, now: float) -> bool:
        """Whether `node` tells `address` of a refusal at `now`."""
        left, last = self._left.get((node, address), (_BURST, now))
        left = min(left + max(now - last, 0.0), _BURST)
        sent = left >= 1
        self._left[node, address] = left - sent, now
        return sent
