"""The contents of the boards: the instructor's shows everything, the projector's is for everybody in the room."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from lab.errors import LabError, UsageProblem
from lab.serve.event.ranking import Standing, ranked
from lab.serve.server.hall import Hall, Place

__all__ = ["act", "for_instructor", "for_projector", "stream"]

#: The least time between two updates of a board, in s.
_PAUSE = 0.5


def for_instructor(hall: Hall) -> dict[str, Any]:
    """Return everything about the event."""
    places = sorted(hall.places.values(), key=lambda place: place.number)
    return {
        **_about(hall),
        "seats": [_seat(hall, place) for place in places],
        "symptoms": [
            {"name": fault.symptom.name, "title": fault.symptom.title}
            for fault in hall.folder.invited.loaded.scenario.faults
        ],
        "ranking": _ranking(hall),
        "refused": hall.guests.refused,
        "workers": [
            {name: each[name] for name in ("memory", "processor", "looks", "looks_waiting", "jobs_waiting")}
            for each in hall.figures.values()
        ],
    }


def for_projector(hall: Hall) -> dict[str, Any]:
    """Return the public part: no causes, no hints, and points and names as event.yaml allows."""
    event = hall.folder.invited.event
    over = all(place.status.get("phase") == "over" for place in hall.places.values())
    seats = []
    for place in sorted(hall.places.values(), key=lambda each: each.number):
        symptoms = place.status.get("symptoms") or {}
        seats.append(
            {
                "number": place.number,
                "who": place.who if event.board.names == "people" else f"Seat {place.number}",
                "phase": place.status.get("phase"),
                "repaired": sum(bool(solved) for solved in symptoms.values()),
                "symptoms": len(symptoms),
                "points": _points(place) if event.board.points or over else None,
            }
        )
    return {**_about(hall), "seats": seats, "ranking": _ranking(hall) if event.board.points or over else []}


def _about(hall: Hall) -> dict[str, Any]:
    state, deadline = hall.state, hall.deadline
    return {
        "title": hall.folder.invited.event.title,
        "minutes": hall.folder.invited.minutes,
        "now": hall._clock().isoformat(),  # noqa: SLF001 -- one clock for all
        "started": state.started.isoformat() if state.started else None,
        "stopped": state.stopped.isoformat() if state.stopped else None,
        "paused": state.pause.why or "paused" if state.pause else None,
        "deadline": deadline.isoformat() if deadline else None,
        "elapsed": round(hall.elapsed().total_seconds()),
    }


def _seat(hall: Hall, place: Place) -> dict[str, Any]:
    kept = hall.state.seats[place.name]
    status = place.status
    return {
        "name": place.name,
        "number": place.number,
        "who": place.who,
        "code": kept.code,
        "connected": place.browser is not None,
        "hand": kept.hand.isoformat() if kept.hand else None,
        "points": _points(place),
        "gained": place.record.gained,
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


def _points(place: Place) -> float | None:
    final = place.status.get("final")
    found = final.get("attempt") if isinstance(final, dict) else place.status.get("points")
    return None if found is None else round(float(found), 1)


def _ranking(hall: Hall) -> list[dict[str, Any]]:
    standings = [
        Standing(place.name, _points(place) or 0.0, place.record.gained) for place in hall.places.values()
    ]
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


def act(hall: Hall, said: dict[str, Any]) -> dict[str, Any]:
    """Carry out an instructor's request; return the result.

    Raises:
        LabError: the request can't be carried out.
    """
    do = str(said.get("do"))
    if do in _FOR_ALL:
        _FOR_ALL[do](hall, said)
    elif do in _FOR_ONE:
        return _FOR_ONE[do](hall, _place(hall, said), said) or {}
    else:
        raise UsageProblem("There is no such thing to do.")
    return {}


def _say(hall: Hall, said: dict[str, Any]) -> None:
    for place in _places(hall, said):
        hall.say(place, _INSTRUCTOR, str(said.get("words", "")))


def _nudge(hall: Hall, said: dict[str, Any]) -> None:
    for place in _places(hall, said):
        hall.say(place, _INSTRUCTOR, "How is it going? F4 has hints, and a raised hand is seen.")


_INSTRUCTOR = "The instructor"
_FOR_ALL: dict[str, Callable[[Hall, dict[str, Any]], None]] = {
    "start": lambda hall, _said: hall.start(),
    "pause": lambda hall, said: hall.pause(str(said.get("words", ""))[:80]),
    "resume": lambda hall, _said: hall.go_on(),
    "stop": lambda hall, _said: hall.stop(),
    "say": _say,
    "nudge": _nudge,
}
_FOR_ONE: dict[str, Callable[[Hall, Place, dict[str, Any]], dict[str, Any] | None]] = {
    "gift": lambda hall, place, said: hall.gift(place, _symptom(hall, said)),
    "submit": lambda hall, place, _said: hall.submit(place),
    "lower-hand": lambda hall, place, _said: hall.raise_hand(place, up=False),
    "reissue": lambda hall, place, _said: {"code": hall.reissue(place)},
}


def _places(hall: Hall, said: dict[str, Any]) -> list[Place]:
    """Return the named seat, or all seats."""
    return [_place(hall, said)] if said.get("seat") else list(hall.places.values())


def _place(hall: Hall, said: dict[str, Any]) -> Place:
    try:
        return hall.places[str(said.get("seat"))]
    except KeyError:
        raise UsageProblem("There is no such seat.") from None


def _symptom(hall: Hall, said: dict[str, Any]) -> str:
    known = [fault.symptom.name for fault in hall.folder.invited.loaded.scenario.faults]
    if said.get("symptom") not in known:
        raise LabError("There is no such symptom.", remedy=f"The symptoms are: {', '.join(known)}.")
    return str(said["symptom"])
