"""The contents of the boards: the instructor's shows everything, the projector's is for everybody in the room."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from lab.serve.event.ranking import Result, Standing, ranked
from lab.serve.server.hall import Hall
from lab.serve.server.places import Chair, Place

__all__ = ["for_instructor", "for_projector", "stream"]

#: The least time between two updates of a board, in s.
_PAUSE = 0.5


def for_instructor(hall: Hall) -> dict[str, Any]:
    """Return everything about the event."""
    places = sorted(hall.places.values(), key=lambda place: place.number)
    return {
        **_about(hall),
        "seats": [_seat(hall, place) for place in places],
        "symptoms": [{"name": fault.symptom.name, "title": fault.symptom.title} for fault in hall.symptoms],
        "boards": hall.boards,
        "ranking": _ranking(hall, {name: place.result for name, place in hall.places.items()}),
        "refused": hall.guests.refused,
        "address": hall.address,
        "fingerprint": hall.fingerprint,
        "log": list(hall.log),
        "workers": [
            {name: each[name] for name in ("memory", "processor", "looks", "looks_waiting", "jobs_waiting")}
            for _, _, each in hall.crew.loads
            if each
        ],
    }


def for_projector(hall: Hall) -> dict[str, Any]:
    """Return the public part: no causes, no hints, and points and names as event.yaml allows."""
    event = hall.folder.invited.event
    points = event.board.points or hall.state.revealed is not None
    results = hall.standings.public()
    seats = []
    for place in sorted(hall.places.values(), key=lambda each: each.number):
        result = results[place.name]
        seats.append(
            {
                "number": place.number,
                "who": place.who if event.board.names == "people" else f"Seat {place.number}",
                "people": place.members if place.is_team and event.board.names == "people" else [],
                "phase": place.status.get("phase"),
                "repaired": result.repaired,
                "symptoms": result.symptoms,
                "points": result.points if points else None,
            }
        )
    return {
        **_about(hall),
        "address": hall.address,
        "fingerprint": hall.fingerprint,
        "seats": seats,
        "ranking": _ranking(hall, results) if points else [],
    }


def _about(hall: Hall) -> dict[str, Any]:
    state, deadline = hall.state, hall.time.deadline
    return {
        "title": hall.folder.invited.event.title,
        "minutes": hall.folder.invited.minutes,
        "now": hall.time.now().isoformat(),
        "started": state.started.isoformat() if state.started else None,
        "stopped": state.stopped.isoformat() if state.stopped else None,
        "paused": state.pause.why or "paused" if state.pause else None,
        "deadline": deadline.isoformat() if deadline else None,
        "frozen": state.frozen.at.isoformat() if state.frozen else None,
        "revealed": state.revealed.isoformat() if state.revealed else None,
        "elapsed": round(hall.time.elapsed().total_seconds()),
    }


def _seat(hall: Hall, place: Place) -> dict[str, Any]:
    status = place.status
    hands = [chair.state.hand for chair in place.chairs if chair.state.hand]
    return {
        "name": place.name,
        "number": place.number,
        "who": place.who,
        "team": place.is_team,
        "code": place.kept.code,
        "connected": place.connected,
        "hand": min(hands).isoformat() if hands else None,
        "points": place.result.points,
        "gained": place.record.gained,
        "idle": round(max(0.0, hall.time.elapsed().total_seconds() - place.progressed)),
        "notes": len(place.record.notes),
        "people": [_person(chair) for chair in place.chairs],
        **{
            name: status.get(name)
            for name in (
                "phase",
                "problem",
                "maximum",
                "symptoms",
                "looked",
                "hints",
                "given_up",
                "causes",
                "running",
                "skips",
                "final",
            )
        },
    }


def _person(chair: Chair) -> dict[str, Any]:
    runs = chair.place.status.get("runs") or []
    return {
        "chair": chair.name,
        "who": chair.who,
        "code": chair.state.code,
        "connected": chair.browser is not None,
        "hand": chair.state.hand.isoformat() if chair.state.hand else None,
        "captain": chair.place.is_team and chair.place.kept.captain == chair.person,
        "watched": len(chair.watchers),
        "runs": runs[chair.person - 1] if chair.person <= len(runs) else [],
    }


def _ranking(hall: Hall, results: dict[str, Result]) -> list[dict[str, Any]]:
    standings = [Standing(name, each.points or 0.0, each.gained) for name, each in results.items()]
    return [{"place": each.place, "number": hall.places[each.standing.name].number} for each in ranked(standings)]


async def stream(hall: Hall, *, projector: bool) -> AsyncIterator[str]:
    """Yield a board's content as server-sent events, whenever it changes."""
    seen = -1
    while True:
        show = for_projector if projector else for_instructor
        seen = hall.version
        yield f"data: {json.dumps(show(hall))}\n\n"
        await asyncio.sleep(_PAUSE)
        try:
            await asyncio.wait_for(hall.news(seen), 15)
        except TimeoutError:
            continue
