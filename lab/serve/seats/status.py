"""The status of a seat for the boards: no causes, and nothing that the trainee may not see."""

from typing import Any

from lab.core.standing import of_session
from lab.serve.seats.results import results
from lab.serve.seats.seat import Seat

__all__ = ["status"]


def status(seat: Seat) -> dict[str, Any]:
    """Return the status of `seat` in JSON's types."""
    driver = seat.driver
    told: dict[str, Any] = {
        "phase": seat.phase,
        "problem": seat.problem,
        "seen": bool(driver and driver.watched),
        "skips": driver.skips if driver else 0,
    }
    if seat.desk is None:
        return told
    desk, session = seat.desk, seat.desk.session
    standing = of_session(session)
    told |= {
        "points": round(standing.points, 1) if standing else None,
        "maximum": round(standing.maximum, 1) if standing else None,
        "hints": len(session.hints_taken),
        "given_up": len(session.viewed),
        "causes": desk.causes[0],
        "deadline": session.deadline.isoformat() if session.deadline else None,
        "running": sorted(desk.running.values()),
    }
    told |= results(session, desk.lab.loaded)
    if desk.seen:
        told["symptoms"] = {each.symptom: each.solved for each in desk.seen.symptoms}
        told["looked"] = desk.looked
    if session.final:
        told["final"] = {name: session.final.get(name) for name in ("points", "attempt", "maximum", "solved")}
        told["ending"] = session.ending
        told["ended"] = session.ended.isoformat() if session.ended else None
    return told
