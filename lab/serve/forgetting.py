"""Remove a person's data from an event. The chains of the attempts remain verifiable.

The lines of an attempt keep number, time, kind and the salted sum of their data; data and salt are removed. So
hashes and receipts remain valid, and nobody can find the contents by guessing (`lab.chain`).
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab import chain
from lab.errors import LabError, UsageProblem
from lab.serve.event.codes import check, normal
from lab.serve.event.folder import ChairState, EventFolder, EventState, SeatState, chair_name
from lab.serve.event.model import EVENT
from lab.serve.report import FILES
from lab.serve.report.certificate import FOLDER as CERTIFICATES
from lab.store import TIMELINE
from lab.untrusted_json import parsed
from lab.writing import write_durably

__all__ = ["Forgotten", "forget"]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The removed data: lines of the attempt `seat`, and files."""

    seat: str
    lines: int
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class _Person:
    seat: str
    kept: SeatState
    chair: ChairState
    #: The number at the seat, counted from 1, and the names: as given at the door, and as in event.yaml.
    number: int
    names: frozenset[str]

    @property
    def alone(self) -> bool:
        return len(self.kept.chairs) == 1

    @property
    def chair_name(self) -> str:
        return chair_name(self.seat, self.number)


def forget(folder: EventFolder, who: str) -> Forgotten:
    """Remove the data of a person, given by name, code or seat; call it while nobody serves the event.

    It can be repeated if it was interrupted.

    Raises:
        UsageProblem: there is no such person.
        LabError: something can't be written.

    """
    state = folder.load_state()
    person = _find(folder, state, who)
    try:
        lines = _empty(folder.attempt(person.seat), person)
        files = list(_remove(folder, person))
        _rename(folder.path / EVENT, person)
    except OSError as error:
        raise LabError(
            "Not everything could be removed.",
            str(error),
            f"Make room on the disk, then: kluster event forget {folder.path} {person.chair_name}",
        ) from error
    person.chair.code, person.chair.name = "", ""
    person.chair.sessions, person.chair.hand = [], None
    person.kept.forgotten = person.alone
    folder.save(state)
    return Forgotten(person.seat, lines, tuple(files))


def _find(folder: EventFolder, state: EventState, who: str) -> _Person:
    code = normal(who)
    for seat, kept in state.seats.items():
        known = () if kept.team else folder.invited.event.members(kept.number)
        for number, (chair, name) in enumerate(zip(kept.chairs, folder.members(kept), strict=True), start=1):
            names = frozenset({name, *known[number - 1 : number]})
            if who in {*names, chair_name(seat, number)} or (code and check(code, chair.code)):
                return _Person(seat, kept, chair, number, names)
    raise UsageProblem(
        "There is no such name, code or seat in this event.",
        remedy=f"Codes and names: kluster event codes {folder.path}",
    )


def _empty(path: Path, person: _Person) -> int:
    """Remove the data from the person's lines; return the number of these lines."""
    if not path.is_file():
        return 0
    text, count = chain.forgotten(path, lambda told: person.alone or _named(told["data"], person.names))
    if count:
        write_durably(path, text)
    return count


def _named(data: Any, names: frozenset[str]) -> bool:  # noqa: ANN401 -- JSON
    """Return whether one of `names` is a value anywhere in `data`."""
    if isinstance(data, dict):
        return any(_named(each, names) for each in data.values())
    if isinstance(data, list):
        return any(_named(each, names) for each in data)
    return isinstance(data, str) and data in names


def _remove(folder: EventFolder, person: _Person) -> Iterator[Path]:
    """Remove the files with data of the person; if nobody else plays there, all files of the seat."""
    lab = folder.home / "labs" / person.seat
    if person.alone:
        if lab.is_dir():
            shutil.rmtree(lab)
            yield lab
    else:
        for recording in sorted(lab.rglob(f"*.{person.number}.cast")):
            recording.unlink()
            yield recording
        _blank(lab / TIMELINE, person.names)
    certificate = f"{CERTIFICATES}/{person.chair_name}"
    for name in (*FILES, f"{certificate}.json", f"{certificate}.html"):
        file = folder.path / name
        if file.is_file():
            file.unlink()
            yield file


def _blank(path: Path, names: frozenset[str]) -> None:
    """Replace the lines of a lab's timeline that name the person by blanks: others are found by their offsets."""
    if not path.is_file():
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [" " * (len(line.encode()) - 1) + "\n" if _in_line(line, names) else line for line in lines]
    if kept != lines:
        write_durably(path, "".join(kept))


def _in_line(line: str, names: frozenset[str]) -> bool:
    try:
        return _named(parsed(line), names)
    except ValueError:
        return any(name in line for name in names)


def _rename(path: Path, person: _Person) -> None:
    """Replace the person's name in event.yaml, and remove the learner's id; keep the rest of the text."""
    text = path.read_text(encoding="utf-8")
    entry = _entry(yaml.compose(text, Loader=yaml.SafeLoader), person)
    number = f"{person.kept.number}" if person.alone else f"{person.kept.number}.{person.number}"
    changes = [("name", f'"Forgotten {number}"'), ("learner", "null")]
    places = [
        (entry[key].start_mark.index, entry[key].end_mark.index, new) for key, new in changes if key in entry
    ]
    for start, end, new in sorted(places, reverse=True):
        text = f"{text[:start]}{new}{text[end:]}"
    if places:
        write_durably(path, text)


def _entry(root: yaml.Node | None, person: _Person) -> dict[str, yaml.Node]:
    """Return the values of the person's entry in event.yaml by their keys; empty for somebody who came late."""
    top = _keys(root)
    if person.kept.team:
        return {}
    if "teams" in top:
        return _nth(_nth(top.get("teams"), person.kept.number).get("people"), person.number)
    return _nth(top.get("people"), person.kept.number)


def _nth(node: yaml.Node | None, number: int) -> dict[str, yaml.Node]:
    """Return the values of an entry of a list, counted from 1, by their keys; empty if there is no such entry."""
    entries = node.value if isinstance(node, yaml.SequenceNode) else []
    return _keys(entries[number - 1]) if number <= len(entries) else {}


def _keys(node: yaml.Node | None) -> dict[str, yaml.Node]:
    return {key.value: value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}
