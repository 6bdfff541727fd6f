"""The board's texts about a seat. Pure."""

from datetime import datetime
from typing import Any

from lab.console import clock as minutes_and_seconds

__all__ = ["clock", "idle", "looked", "state", "symptom", "waits", "who"]

Told = dict[str, Any]


def clock(board: Told, now: datetime) -> str:
    """Return the state of the event's clock."""
    if board["stopped"]:
        return "the end"
    if not board["started"]:
        return "not started"
    if board["paused"]:
        return "paused"
    return f"{_minutes((datetime.fromisoformat(board['deadline']) - now).total_seconds())} left"


def who(seat: Told) -> str:
    """Return the person at a seat, or all members of a team."""
    if not seat["team"]:
        return f"{seat['number']} {seat['who']}"
    return f"{seat['number']} {seat['who']}: {', '.join(_person(person) for person in seat['people'])}"


def _person(person: Told) -> str:
    marks = [
        *(["captain"] if person["captain"] else []),
        *([] if person["connected"] else ["away"]),
        *(["hand up"] if person["hand"] else []),
    ]
    return f"{person['who']} ({', '.join(marks)})" if marks else str(person["who"])


def state(seat: Told) -> str:
    """Return the phase of a seat."""
    parts = [str(seat["problem"] or seat["phase"])]
    if not seat["connected"]:
        parts.append("not connected")
    if any(person["watched"] for person in seat["people"]):
        parts.append("being watched")
    if seat["hand"]:
        parts.append("HAND UP")
    return ", ".join(parts)


def symptom(seat: Told, name: str) -> str:
    """Return the state of a symptom."""
    solved = (seat["symptoms"] or {}).get(name)
    return "" if solved is None else "✓ repaired" if solved else "✗ open"


def looked(seat: Told, now: datetime) -> str:
    """Return the age of the last look."""
    return f"{_minutes(_since(seat['looked'], now))} ago" if seat["looked"] else ""


def idle(seat: Told, passed: float) -> str:
    """Return how long nothing has changed; `passed` are the seconds since the board's last news."""
    return f"{(seat['idle'] + passed) / 60:.0f} min" if seat["phase"] == "playing" else ""


def waits(seat: Told, now: datetime) -> str:
    """Return the running command at a seat, and for how long it has run: "kubectl: 34 of 60 s"."""
    parts = []
    for person in seat["people"]:
        for run in person["runs"]:
            seconds = max(0, int(_since(run["since"], now)))
            command = str(run["command"])
            whose = f"{person['who']}: " if seat["team"] else ""
            if run["patience"]:
                parts.append(f"{whose}{command.split(maxsplit=1)[0]}: {seconds} of {run['patience']:.0f} s")
            else:
                parts.append(f"{whose}{command}: {seconds} s")
    return "; ".join(parts)


def _since(time: str, now: datetime) -> float:
    return (now - datetime.fromisoformat(time)).total_seconds()


def _minutes(seconds: float) -> str:
    return minutes_and_seconds(max(0.0, seconds))
