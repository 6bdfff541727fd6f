"""Where a room was stuck: people without a gain for a while, and their open symptoms. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from lab.serve.report.model import Row

__all__ = ["PATIENCE", "Slice", "slices"]

#: A person without a gain for this many seconds is stuck.
PATIENCE = 600.0
#: The possible widths of a slice of time, in minutes, and the most slices.
_WIDTHS = (1, 2, 5, 10, 15, 20, 30, 60)
_MOST = 14


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice of time, in seconds: how many were stuck at its end, in all and for each open symptom."""

    begin: float
    end: float
    playing: int
    stuck: int
    by_symptom: dict[str, int]


def slices(rows: Sequence[Row], symptoms: Sequence[str]) -> list[Slice]:
    """Return the slices from the start to the last end."""
    longest = max((row.seconds for row in rows), default=0.0)
    if longest <= 0:
        return []
    width = 60.0 * next((each for each in _WIDTHS if longest <= 60 * each * _MOST), _WIDTHS[-1])
    found = []
    begin = 0.0
    while begin < longest:
        end = begin + width
        playing = [row for row in rows if row.seconds >= min(end, longest)]
        stuck = [row for row in playing if _stuck(row, min(end, longest))]
        by_symptom = {name: sum(_open(row, name, min(end, longest)) for row in stuck) for name in symptoms}
        found.append(Slice(begin, min(end, longest), len(playing), len(stuck), by_symptom))
        begin = end
    return found


def _stuck(row: Row, at: float) -> bool:
    """Whether a person has gained nothing for `PATIENCE` at the time `at`."""
    before = bisect_right(row.progress, at)
    last = row.progress[before - 1] if before else 0.0
    return at - last >= PATIENCE and any(_open(row, name, at) for name in row.order)


def _open(row: Row, symptom: str, at: float) -> bool:
    return symptom in row.order and row.repaired.get(symptom, float("inf")) > at
