"""The actions of `kluster event`."""

from pathlib import Path
from typing import Any

from lab.commands.invocation import Invocation
from lab.commands.steps import steps
from lab.core.load import find, names
from lab.errors import LabError, UsageProblem
from lab.places import scenarios_folder
from lab.serve.event.folder import EventFolder, chair_name
from lab.serve.event.model import EVENT
from lab.serve.forgetting import forget as forget_person
from lab.serve.opening import opened
from lab.serve.post import post, running

__all__ = ["ask", "check", "codes", "forget", "new", "opened", "regrade", "served"]

_NEW = """\
# An event of Kluster 005. `kluster event check {folder}` lists its errors.
schema: 1
title: Kluster 005
scenario: kluster005
# Only some of the symptoms:
# faults: [silence, distance]
# A variant: other names and details than in the documents. In an exam each seat has its own.
# seed: 7

# training: states, hints and solutions; game-day: the same clock for all; exam: neither states nor hints.
mode: game-day

# The number of seats, and the names that the boards show.
seats: 25
people:
  - name: Ada
    # An id of a learning platform, for its import.
    # learner: "4711"

# Or teams, in place of seats and people: one cluster for each. The first of its people is the captain.
# teams:
#   - name: Red
#     people: [{{name: Ada}}, {{name: Grace}}]
#     size: 5

# The event's length. The default is the scenario's.
minutes: 90
# key: you start the clock. Or a time with its zone: start: "2026-05-04T10:00+02:00"
start: key
# When hints that cost points are sold, and how many to each seat:
# hints: {{after: 20, most: 3}}
# How many points pass, for the report.
pass: 60

# The projector's board.
board:
  names: people
  points: true
"""


def new(run: Invocation, folder: Path) -> None:
    """Write an event.yaml as a starting point."""
    path = folder / EVENT
    if path.exists():
        raise UsageProblem(f"{path} exists.", remedy="Choose another folder, or change that file.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(_NEW.format(folder=folder), encoding="utf-8")
    except OSError as error:
        raise LabError(f"{path} can't be written.", error.strerror or "", "Choose another folder.") from None
    run.console.text(f"{path}\nChange it as you like; then: kluster event check {folder}; kluster serve {folder}")


def check(run: Invocation, folder: EventFolder) -> None:
    """Report that an event is valid."""
    event = folder.invited.event
    known = names(scenarios_folder())
    what = (
        event.scenario if event.scenario in known else find(str(folder.path / event.scenario), scenarios_folder())
    )
    seed = f", seed {event.seed}" if event.seed else ""
    start = "when you start it" if event.start == "key" else f"at {event.start}"
    minutes = f"{folder.invited.minutes} minutes"
    run.console.text(f"{event.title}: {event.count} seats, {what}{seed}, {event.mode}, {minutes}, {start}")


def codes(run: Invocation, folder: EventFolder, *, as_json: bool) -> None:
    """List each code with the person who joins with it."""
    state, event = folder.load_state(), folder.invited.event
    seats = [
        {"seat": chair_name(name, person), "team": folder.who(seat), "who": who, "code": chair.code}
        for name, seat in sorted(state.seats.items())
        for person, (who, chair) in enumerate(zip(folder.members(seat), seat.chairs, strict=True), start=1)
        if chair.code  # nothing is left of a person who was forgotten
    ]
    if not event.teams:
        for each in seats:
            del each["team"]
    if as_json:
        run.console.data({"instructor": state.code, "seats": seats})
        return
    run.console.text(f"{state.code}  the instructor, with the board")
    for each in seats:
        of = f"  of {each['team']}" if event.teams else ""
        run.console.text(f"{each['code']}  {each['seat']}  {each['who']}{of}")


def forget(run: Invocation, folder: EventFolder, who: str) -> None:
    """Remove the data of a person.

    Raises:
        LabError: the event is being served, or there is no such person.

    """
    if served(folder):
        raise LabError(
            "Nobody can be forgotten while the event is being served.", remedy="End its server first, with Ctrl-C."
        )
    gone = forget_person(folder, who)
    run.console.text(
        f"The data of {gone.seat}: {gone.lines} lines of its attempt are empty now. The chain is still valid."
    )
    for path in gone.files:
        run.console.text(f"removed: {path}")
    run.console.say(
        "Not removed: what you copied elsewhere, backups, comments in event.yaml. A new report: kluster report"
    )


def regrade(run: Invocation, folder: EventFolder, who: str, *, accept: bool, as_json: bool) -> None:
    """Grade a submitted cluster again; with `accept`, the new result counts.

    Raises:
        LabError: the event is being served, or nothing that can be graded was kept.

    """
    from lab.serve import regrading  # noqa: PLC0415 -- it loads the simulator

    if accept and served(folder):
        raise LabError("The event is being served.", remedy="End its server first, with Ctrl-C.")
    found = regrading.regrade(folder, who, steps(run.console))
    if accept:
        regrading.accept(folder, found)
    if as_json:
        run.console.data({**found.as_data(), "accepted": accept})
        return
    run.console.text(
        f"{found.who} ({found.seat}): {found.before:g} points at the submission, {found.now:g} now, "
        f"of {found.maximum:g}, graded by kluster {found.kluster}"
    )
    for each in found.changed:
        run.console.text(f"  {each.check}: {each.was or 'not graded'}, now {each.now}: {each.reason}")
    if not found.changed:
        run.console.text("  All checks have the same result.")
    if accept:
        run.console.say("The new result counts. New files: kluster report, kluster event certify")
    elif found.before != found.now:
        run.console.say(
            f"The old result counts. To change that: kluster event regrade {folder.path} {found.seat} --accept"
        )


# --- the server of an event ---


def served(folder: EventFolder) -> bool:
    """Return whether a server serves the event now."""
    try:
        _asked(folder, {"do": "hello"})
    except (OSError, ValueError):
        return False
    except LabError:
        return True  # the server answers
    return True


def ask(run: Invocation, folder: EventFolder, what: str) -> None:
    """Have the event's server do `what`."""
    try:
        _asked(folder, {"do": what})
    except (OSError, ValueError):
        raise LabError(
            f"{folder.path} is not being served.", remedy=f"Start its server: kluster serve {folder.path}"
        ) from None
    run.console.text(f"{folder.invited.event.title}: {what}")


def _asked(folder: EventFolder, said: dict[str, Any]) -> dict[str, Any]:
    url, secret, cert = running(folder.path)
    return post(url, "/board/act", said, secret=secret, cert=cert)[0]
