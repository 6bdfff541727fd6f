"""The status of a seat for the boards: no causes, and nothing that the trainee may not see."""

from typing import Any

from lab.core.coach import patience
from lab.core.standing import of_session
from lab.serve.seats.desk import SeatDesk
from lab.serve.seats.results import results
from lab.serve.seats.seat import Seat

__all__ = ["status"]


def status(seat: Seat) -> dict[str, Any]:
    """Return the status of `seat` as JSON data."""
    drivers = [chair.driver for chair in seat.chairs if chair.driver]
    told: dict[str, Any] = {
        "phase": seat.phase,
        "problem": seat.problem,
        "seen": any(driver.watched for driver in drivers),
        "skips": sum(driver.skips for driver in drivers),
    }
    if seat.desk is None:
        return told
    desk, session = seat.desk, seat.desk.session
    standing = of_session(session)
    running = [_running(chair.desk) if chair.desk else [] for chair in seat.chairs]
    told |= {
        "points": round(standing.points, 1) if standing else None,
        "maximum": round(standing.maximum, 1) if standing else None,
        "hints": len(session.hints_taken),
        "given_up": len(session.viewed),
        "causes": desk.causes[0],
        "turns": desk.turns,
        "deadline": session.deadline.isoformat() if session.deadline else None,
        "running": sorted(each["command"] for runs in running for each in runs),
        # By chair, so that a board can show what each person waits for, and for how long.
        "runs": running,
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


def _running(desk: SeatDesk) -> list[dict[str, Any]]:
    """Return the running commands of a desk: each with its start, and the usual seconds for it."""
    return [
        {"command": command, "since": since, "patience": patience(command)}
        for command, since in sorted(desk.running.values())
    ]
