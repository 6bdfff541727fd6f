"""The ranking: by points, then by the time of the last gain. Ties share a place. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

__all__ = ["Frozen", "Place", "Result", "Standing", "ranked"]


class Result(BaseModel):
    """The public result of a seat."""

    points: float | None = None
    gained: float = 0.0
    #: The number of repaired symptoms, and of all.
    repaired: int = 0
    symptoms: int = 0


class Frozen(BaseModel):
    """The results of all seats at one time, by the seat's name."""

    at: datetime
    results: dict[str, Result]


@dataclass(frozen=True, slots=True)
class Standing:
    """The result of a seat; `gained` are the seconds until its last point, without pauses."""

    name: str
    points: float
    gained: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """A seat's place, counted from 1."""

    place: int
    standing: Standing


def ranked(standings: Iterable[Standing]) -> list[Place]:
    """Return all places, the best first. Equal points in the same second share a place.

    The time counts only between seats that have points.
    """

    def key(each: Standing) -> tuple[float, int]:
        return -round(each.points, 1), int(each.gained) if each.points > 0 else 0

    found: list[Place] = []
    for count, each in enumerate(sorted(standings, key=lambda one: (*key(one), one.name)), start=1):
        same = found and key(found[-1].standing) == key(each)
        found.append(Place(found[-1].place if same else count, each))
    return found
