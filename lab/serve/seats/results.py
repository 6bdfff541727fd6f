"""The results of a seat by symptom, for the report; boards don't show them."""

from typing import Any

from lab.core.grading import kept
from lab.core.modes import Act
from lab.core.scenario import END_TO_END, Loaded
from lab.core.session import Session

__all__ = ["results"]


def results(session: Session, loaded: Loaded) -> dict[str, Any]:
    """Return the points and the maximum of each symptom, and the time of each repair, by symptom.

    Points are those after hints and solutions. There are none while the mode shows no states.
    """
    names = {END_TO_END: END_TO_END} | {fault.name: fault.symptom.name for fault in loaded.scenario.faults}
    told: dict[str, Any] = {
        "repaired": {names[name]: at.isoformat() for name, at in session.repaired.items() if name in names}
    }
    final = session.final.get("symptoms") if session.final else None
    if isinstance(final, list | tuple):
        told["by_symptom"] = {each["symptom"]: [each["attempt"], each["maximum"]] for each in final}
    elif session.may(Act.SEE_STATES):
        told["by_symptom"] = {
            names[name]: [_points(session, name, earned.points), earned.maximum]
            for name, earned in session.earned.items()
            if name in names
        }
    return told


def _points(session: Session, fault: str, points: float) -> float:
    left = kept(tier=session.hint_tiers.get(fault, 0), viewed=fault in session.viewed)
    return round(points * left, 1)
