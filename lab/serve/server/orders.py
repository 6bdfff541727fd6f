"""The instructor's actions on seats and chairs. The attempts record all of them."""

from collections.abc import Iterable

from lab.errors import UsageProblem
from lab.serve.event.folder import ChairState, SeatState, seat_name
from lab.serve.event.model import MOST_AT_A_SEAT, MOST_SEATS
from lab.serve.server.hall import Hall
from lab.serve.server.places import Chair, Place, plain

__all__ = ["add_person", "add_seat", "choose_name", "gift", "raise_hand", "reissue", "rename", "say", "submit"]

_LONGEST_NAME = 40


def say(hall: Hall, chairs: Iterable[Chair], title: str, words: str) -> None:
    """Display a message on the screens of chairs."""
    words = plain(words)
    told: set[str] = set()
    for chair in chairs:
        hall.order(chair, do="say", title=title, words=words)
        if chair.place.name not in told:
            told.add(chair.place.name)
            chair.place.record.note("told", title=title, words=words)


def gift(hall: Hall, place: Place, symptom: str) -> None:
    """Give a seat the next hint for a symptom, without a cost."""
    hall.order(place, do="gift", symptom=symptom)
    place.record.note("gift", symptom=symptom)


def submit(hall: Hall, place: Place) -> None:
    """Submit for somebody."""
    hall.order(place, do="submit")
    place.record.note("submitted-for")


def raise_hand(hall: Hall, chair: Chair, *, up: bool) -> None:
    """Raise a hand, or lower it."""
    if (chair.state.hand is not None) != up:
        chair.state.hand = hall.time.now() if up else None
        hall.save()
        chair.note("hand", up=up)
        hall.tell_page(chair)
        hall.touch()


def reissue(hall: Hall, chair: Chair) -> str:
    """Return a new code for a chair; browsers that joined by the old code are disconnected."""
    code = hall.guests.reissue(chair.name)
    if chair.browser:
        chair.browser.leave(4003, "this seat has a new code")
        hall.detach(chair.name, chair.view)
    chair.note("reissued")
    hall.touch()
    return code


def add_seat(hall: Hall, name: str) -> Chair:
    """Return the chair of a late person at a new seat, or of a late team's first member."""
    _check_room(hall)
    number = max((kept.number for kept in hall.state.seats.values()), default=0) + 1
    seat = SeatState(number=number, code=hall.state.fresh_code())
    if hall.folder.invited.event.teams:
        seat.team = _free_name(name, f"Team {number}", {place.who for place in hall.places.values()})
    elif name.strip():
        seat.name = _free_name(name, f"Seat {number}", {place.who for place in hall.places.values()})
    hall.state.seats[seat_name(number)] = seat
    place = hall.seat(seat_name(number), seat)
    hall.save()
    _open(hall, place.first)
    return place.first


def add_person(hall: Hall, place: Place, name: str) -> Chair:
    """Return the chair of a person who joins a team late."""
    _check_room(hall)
    if not place.is_team:
        raise UsageProblem("This seat is for one person.", remedy="Add a seat.")
    if len(place.chairs) >= MOST_AT_A_SEAT:
        raise UsageProblem(f"A team has at most {MOST_AT_A_SEAT} people.")
    if name.strip():
        name = _free_name(name, f"{place.who} {len(place.chairs) + 1}", set(place.members))
    place.kept.mates.append(ChairState(code=hall.state.fresh_code(), name=name.strip()))
    hall.save()
    chair = hall.put_chair(place)
    _open(hall, chair)
    return chair


def rename(hall: Hall, chair: Chair, name: str) -> None:
    """Give a person another name on boards; earlier records stay unchanged."""
    others = {each.who for each in hall.chairs.values() if each is not chair}
    chair.state.name = _free_name(name, chair.who, others)
    hall.save()
    chair.place.members = hall.folder.members(chair.place.kept)
    chair.place.who = hall.folder.who(chair.place.kept)
    chair.note("renamed", name=chair.state.name)
    hall.tell_page(chair)
    hall.tell_team(chair.place)


def choose_name(hall: Hall, chair: Chair, name: str) -> None:
    """Use the name that a person typed at the door, unless the person already has a name."""
    event, seat = hall.folder.invited.event, chair.place.kept
    named = event.teams[seat.number - 1].people if event.teams and not seat.team else event.people
    number = chair.person if event.teams else seat.number
    if not chair.state.name and (number > len(named) or (event.teams and seat.team)):
        rename(hall, chair, name)


def _open(hall: Hall, chair: Chair) -> None:
    hall.open(chair)
    chair.note("came-late")
    hall.tell_team(chair.place)


def _check_room(hall: Hall) -> None:
    if len(hall.chairs) >= MOST_SEATS:
        raise UsageProblem(f"An event has at most {MOST_SEATS} seats.")
    if hall.state.stopped:
        raise UsageProblem("The event is over.")


def _free_name(wanted: str, otherwise: str, taken: set[str]) -> str:
    """Return a name that is not in use."""
    name = plain(wanted)[:_LONGEST_NAME] or otherwise
    if name not in taken:
        return name
    return next(each for number in range(2, len(taken) + 3) if (each := f"{name} ({number})") not in taken)
