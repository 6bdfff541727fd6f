"""The scores of the 16 subsets of unrepaired faults, worked out by hand, for all backends.

While etcd is down, only forwarding can be repaired. So the score is then forwarding's, whatever else is left. A
repaired fault brings 20 points, minus the points that others mask, plus 2 for its diagnosis. The end to end (12)
comes with the last repair.
"""

E, F, P, A = "etcd-quota", "forwarding", "policy", "admission"

ALL = (E, F, P, A)

SCORES: dict[frozenset[str], float] = {
    frozenset(): 100,
    frozenset({F}): 46,  # DNS and the shop's flows are masked
    frozenset({P}): 66,
    frozenset({A}): 46,  # no CoreDNS; without a CNI pod flows say nothing
    frozenset({F, P}): 44,
    frozenset({F, A}): 24,
    frozenset({P, A}): 44,
    frozenset({F, P, A}): 22,
    frozenset({E}): 22,
    frozenset({E, P}): 22,
    frozenset({E, A}): 22,
    frozenset({E, P, A}): 22,
    frozenset({E, F}): 0,
    frozenset({E, F, P}): 0,
    frozenset({E, F, A}): 0,
    frozenset({E, F, P, A}): 0,
}

#: Three orders of repair; on the way they pass nine of the subsets. The last one is followed by the tests after a
#: repair.
ORDERS = ((E, A, P, F), (F, E, P, A), (E, F, A, P))
