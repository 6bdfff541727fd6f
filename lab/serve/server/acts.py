"""The actions of boards, by name: for the whole event, for a seat, or for a chair at a seat."""

from collections.abc import Callable
from typing import Any

from lab.errors import LabError, UsageProblem
from lab.serve.server import orders
from lab.serve.server.hall import Hall
from lab.serve.server.places import Chair, Place

__all__ = ["act"]

Said = dict[str, Any]
_INSTRUCTOR = "The instructor"
_NUDGE = "How is it going? F4 shows hints. Raise your hand if you need help."


def act(hall: Hall, said: Said, by: str) -> Said:
    """Carry out an action of the instructor called `by`; return the result. Other boards show it in the log."""
    do = str(said.get("do"))
    if do == "hello":
        return {}
    answer: Said | None = None
    whom = ""
    if do in _FOR_ALL:
        _FOR_ALL[do](hall, said)
    elif do in _TO_SOME:
        chairs = _chairs(hall, said)
        whom = _names(hall, chairs)
        _TO_SOME[do](hall, chairs, said)
    elif do in _FOR_SEATS:
        place = _place(hall, said)
        whom = place.who
        answer = _FOR_SEATS[do](hall, place, said)
    elif do in _FOR_CHAIRS:
        chair = _chair(hall, said)
        whom = chair.who
        answer = _FOR_CHAIRS[do](hall, chair, said)
    elif do == "add-seat":
        answer = _joining(hall, orders.add_seat(hall, str(said.get("name", ""))))
        whom = answer["who"]
    else:
        raise UsageProblem("There is no such action.")
    hall.log.append({"at": hall.time.now().isoformat(), "by": by, "do": do, "whom": whom})
    hall.touch()
    return answer or {}


_FOR_ALL: dict[str, Callable[[Hall, Said], None]] = {
    "start": lambda hall, _said: hall.time.start(),
    "pause": lambda hall, said: hall.time.pause(str(said.get("words", ""))[:80]),
    "resume": lambda hall, _said: hall.time.resume(),
    "stop": lambda hall, _said: hall.time.stop(),
    "reveal": lambda hall, _said: hall.standings.reveal(hall.time.now(), hall.time.deadline),
}
_TO_SOME: dict[str, Callable[[Hall, list[Chair], Said], None]] = {
    "say": lambda hall, chairs, said: orders.say(hall, chairs, _INSTRUCTOR, str(said.get("words", ""))),
    "nudge": lambda hall, chairs, _said: orders.say(hall, chairs, _INSTRUCTOR, _NUDGE),
}
_FOR_SEATS: dict[str, Callable[[Hall, Place, Said], Said | None]] = {
    "gift": lambda hall, place, said: orders.gift(hall, place, _symptom(hall, said)),
    "submit": lambda hall, place, _said: orders.submit(hall, place),
    "add-person": lambda hall, place, said: _joining(
        hall, orders.add_person(hall, place, str(said.get("name", "")))
    ),
}
_FOR_CHAIRS: dict[str, Callable[[Hall, Chair, Said], Said | None]] = {
    "lower-hand": lambda hall, chair, _said: orders.raise_hand(hall, chair, up=False),
    "reissue": lambda hall, chair, _said: {**_joining(hall, chair), "code": orders.reissue(hall, chair)},
    "move": lambda hall, chair, _said: _joining(hall, chair),
    "captain": lambda hall, chair, _said: hall.make_captain(chair.place, chair.person),
    "rename": lambda hall, chair, said: orders.rename(hall, chair, str(said.get("name", ""))),
}


def _joining(hall: Hall, chair: Chair) -> Said:
    """Return how a person joins."""
    return {"chair": chair.name, "who": chair.who, "code": chair.state.code, "address": hall.address}


def _names(hall: Hall, chairs: list[Chair]) -> str:
    return "all" if len(chairs) == len(hall.chairs) else ", ".join(chair.who for chair in chairs)


def _chairs(hall: Hall, said: Said) -> list[Chair]:
    """Return the named chair, the chairs of the named seat, or all."""
    if said.get("chair"):
        return [_chair(hall, said)]
    return _place(hall, said).chairs if said.get("seat") else list(hall.chairs.values())


def _chair(hall: Hall, said: Said) -> Chair:
    """Return the named chair, or the first chair of the named seat."""
    try:
        return hall.chairs[str(said.get("chair") or said.get("seat"))]
    except KeyError:
        raise UsageProblem("There is no such seat.") from None


def _place(hall: Hall, said: Said) -> Place:
    try:
        return hall.places[str(said.get("seat"))]
    except KeyError:
        raise UsageProblem("There is no such seat.") from None


def _symptom(hall: Hall, said: Said) -> str:
    known = [fault.symptom.name for fault in hall.symptoms]
    if said.get("symptom") not in known:
        raise LabError("There is no such symptom.", remedy=f"The symptoms are: {', '.join(known)}.")
    return str(said["symptom"])
