"""Who is where: by points, then by who gained the last of them first. Ties are shared. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Place", "Standing", "ranked"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a seat has; `gained` are the seconds until its last point, without pauses."""

    name: str
    points: float
    gained: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """A seat's place, from 1 on."""

    place: int
    standing: Standing


def ranked(standings: Iterable[Standing]) -> list[Place]:
    """Return all places, the best first. Whoever has as many points in the same second has the same place.

    The time counts only between those who have points.
    """

    def key(each: Standing) -> tuple[float, int]:
        return -round(each.points, 1), int(each.gained) if each.points > 0 else 0

    found: list[Place] = []
    for count, each in enumerate(sorted(standings, key=lambda one: (*key(one), one.name)), start=1):
        same = found and key(found[-1].standing) == key(each)
        found.append(Place(found[-1].place if same else count, each))
    return found
