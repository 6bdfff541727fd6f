"""The actions of `kluster event`."""

import json
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from lab import chain
from lab.commands.invocation import Invocation
from lab.core.load import find, names
from lab.errors import ExitCode, LabError, UsageProblem
from lab.lab import CATALOG
from lab.places import hints_folder, scenarios_folder
from lab.serve.event import report as reports
from lab.serve.event.folder import EventFolder
from lab.serve.event.model import EVENT, load_event

__all__ = ["ask", "check", "codes", "new", "opened", "report", "served", "verify"]

_NEW = """\
# An event of Kluster 005. `kluster event check {folder}` says what is wrong here.
schema: 1
title: Kluster 005
scenario: kluster005
# Only some of the symptoms:
# faults: [silence, distance]

# training: states, hints and solutions; game-day: the same clock for all; exam: neither states nor hints.
mode: game-day

# How many can play. Those who have a name here are shown by it.
seats: 25
people:
  - name: Ada
    # An id of a learning platform, for its import.
    # learner: "4711"

# Without it: as long as the scenario says.
minutes: 90
# key: when you start it. Or a time with its zone: start: "2026-05-04T10:00+02:00"
start: key
# Points that pass, for the report.
pass: 60

# What the projector shows.
board:
  names: people
  points: true
"""
_SECONDS = 10


def new(run: Invocation, folder: Path) -> None:
    """Write an event.yaml as a starting point."""
    path = folder / EVENT
    if path.exists():
        raise UsageProblem(f"{path} exists.", remedy="Choose another folder, or change that file.")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(_NEW.format(folder=folder), encoding="utf-8")
    run.console.text(f"{path}\nChange it as you like; then: kluster event check {folder}; kluster serve {folder}")


def opened(folder: Path) -> EventFolder:
    """Return the event in `folder`; raise `LabError` if there is none or if it is invalid."""
    if not EventFolder.is_event(folder):
        raise UsageProblem(
            f"There is no event in {folder}.", f"It has no {EVENT}.", f"Make one: kluster event new {folder}"
        )
    return EventFolder(folder.resolve(), load_event(folder, scenarios_folder(), hints_folder(), CATALOG))


def check(run: Invocation, folder: EventFolder) -> None:
    """Report that an event is valid."""
    event = folder.invited.event
    known = names(scenarios_folder())
    what = (
        event.scenario if event.scenario in known else find(str(folder.path / event.scenario), scenarios_folder())
    )
    start = "when you start it" if event.start == "key" else f"at {event.start}"
    run.console.text(
        f"{event.title}: {event.count} seats, {what}, {event.mode}, {folder.invited.minutes} minutes, {start}"
    )


def codes(run: Invocation, folder: EventFolder, *, as_json: bool) -> None:
    """List the codes and who joins by each."""
    state, event = folder.load_state(), folder.invited.event
    seats = [
        {"seat": name, "who": event.who(seat.number), "code": seat.code}
        for name, seat in sorted(state.seats.items())
    ]
    if as_json:
        run.console.data({"instructor": state.code, "seats": seats})
        return
    run.console.text(f"{state.code}  the instructor, with the board")
    for each in seats:
        run.console.text(f"{each['code']}  {each['seat']}  {each['who']}")


def verify(run: Invocation, folder: EventFolder, *, as_json: bool) -> None:
    """Report whether the attempts are unchanged."""
    found = {name: chain.verify(folder.attempt(name)) for name in sorted(folder.load_state().seats)}
    if as_json:
        run.console.data(
            {
                name: {"whole": each.whole, "lines": each.lines, "head": each.head, "wrong": each.wrong}
                for name, each in found.items()
            }
        )
    else:
        for name, each in found.items():
            run.console.text(
                f"{name}: {f'{each.lines} lines, whole, {each.head[:16]}' if each.whole else each.wrong}"
            )
    if broken := [name for name, each in found.items() if not each.whole]:
        raise LabError(
            f"{len(broken)} of {len(found)} attempts are not as they were written.",
            ", ".join(broken),
            "Lines before the one that is named are as they were.",
            code=ExitCode.UNSOLVED,
        )


def report(run: Invocation, folder: EventFolder, output: Path, *, as_json: bool) -> None:
    """Write the report's files, and print their paths."""
    told = reports.collected(folder)
    if as_json:
        run.console.data(told.as_data())
        return
    written = reports.write(told, output)
    for path in written:
        run.console.text(str(path))


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
            f"{folder.path} is not being served.", remedy=f"Open its doors: kluster serve {folder.path}"
        ) from None
    run.console.text(f"{folder.invited.event.title}: {what}")


def _asked(folder: EventFolder, said: dict[str, Any]) -> dict[str, Any]:
    where = json.loads((folder.path / "server.json").read_text(encoding="utf-8"))
    request = urllib.request.Request(  # noqa: S310 -- written by our own server: http or https, on the loopback
        f"{where['url']}/board/act",
        data=json.dumps(said).encode(),
        headers={
            "Content-Type": "application/json",
            "Origin": where["url"],
            "Cookie": f"kluster_seat={where['secret']}",
        },
    )
    try:
        trusted = _trusted(where.get("cert"))
        with urllib.request.urlopen(request, timeout=_SECONDS, context=trusted) as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        told = json.loads(error.read() or b"{}")
        raise LabError(str(told.get("problem", error.reason)), code=ExitCode.REFUSED) from None


def _trusted(cert: str | None) -> ssl.SSLContext | None:
    """Return an SSL context that trusts only the server's own certificate, whatever host name it has."""
    if cert is None:
        return None
    context = ssl.create_default_context(cafile=cert)
    context.check_hostname = False
    return context
