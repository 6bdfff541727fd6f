"""Step *rights*: nobody may have more rights than in the healthy cluster, by any binding, role, mode or flag."""

from lab.cluster.tools.rights import rights
from lab.core.drill import Tripped
from lab.drill.base import Ground, Kind, Shown

__all__ = ["KIND"]


def _rights(ground: Ground) -> Shown:
    """Ask the API server who may do what; return the rights that the baseline did not have."""
    before = ground.baseline.rights
    if before is None:
        return Shown.nothing("this lab was created by a version that did not record rights")
    now = rights(ground.node, ground.scenario.namespaces)
    added = [question for question, allowed in now.items() if allowed and not before.get(question, False)]
    if not added:
        return Shown(f"{len(now)} questions about rights: all answered as before")
    more = f", and {len(added) - 3} more" if len(added) > 3 else ""
    found = f"allowed now, and not before: {'; '.join(added[:3])}{more}"
    return Shown(found, tripped=[Tripped("access-control", found)])


KIND = Kind(_rights, "Check who may do what")
