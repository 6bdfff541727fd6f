"""Remove a person's data from an event. The chains of the attempts remain verifiable.

The lines of an attempt keep number, time, kind and the salted sum of their data; data and salt are removed. So
hashes and receipts remain valid, and nobody can find the contents by guessing (`lab.chain`).
"""

import json
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
    #: The number at the seat, counted from 1, and the name.
    number: int
    name: str

    @property
    def alone(self) -> bool:
        return len(self.kept.chairs) == 1


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
            "Not everything could be removed.", str(error), "Make room on the disk, then run the same again."
        ) from error
    person.chair.code, person.chair.name = "", ""
    person.chair.sessions, person.chair.hand = [], None
    person.kept.forgotten = person.alone
    folder.save(state)
    return Forgotten(person.seat, lines, tuple(files))


def _find(folder: EventFolder, state: EventState, who: str) -> _Person:
    code = normal(who)
    for seat, kept in state.seats.items():
        for number, (chair, name) in enumerate(zip(kept.chairs, folder.members(kept), strict=True), start=1):
            if who in {name, chair_name(seat, number)} or (code and check(code, chair.code)):
                return _Person(seat, kept, chair, number, name)
    raise UsageProblem(
        "There is no such name, code or seat in this event.",
        remedy=f"Codes and names: kluster event codes {folder.path}",
    )


def _empty(path: Path, person: _Person) -> int:
    """Remove the data from the person's lines; return the number of these lines."""
    if not path.is_file():
        return 0
    text, count = chain.forgotten(path, lambda told: person.alone or _names(told["data"], person.name))
    if count:
        write_durably(path, text)
    return count


def _names(data: Any, name: str) -> bool:  # noqa: ANN401 -- JSON
    """Return whether `name` is a value anywhere in `data`."""
    if isinstance(data, dict):
        return any(_names(each, name) for each in data.values())
    if isinstance(data, list):
        return any(_names(each, name) for each in data)
    return bool(data == name)


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
        _blank(lab / "timeline.jsonl", person.name)
    for name in FILES:
        file = folder.path / name
        if file.is_file():
            file.unlink()
            yield file


def _blank(path: Path, name: str) -> None:
    """Replace the lines of a lab's timeline that name the person by blanks: others are found by their offsets."""
    if not path.is_file():
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [" " * (len(line.encode()) - 1) + "\n" if _in_line(line, name) else line for line in lines]
    if kept != lines:
        write_durably(path, "".join(kept))


def _in_line(line: str, name: str) -> bool:
    try:
        return _names(json.loads(line), name)
    except ValueError:
        return name in line


def _rename(path: Path, person: _Person) -> None:
    """Replace the person's name in event.yaml, and remove the learner's id; keep the rest of the text."""
    text = path.read_text(encoding="utf-8")
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    changes: list[tuple[int, int, str]] = []
    for entry in _people(root):
        keys = {key.value: value for key, value in entry.value}
        if "name" not in keys or keys["name"].value != person.name:
            continue
        number = f"{person.kept.number}" if person.alone else f"{person.kept.number}.{person.number}"
        changes.append((keys["name"].start_mark.index, keys["name"].end_mark.index, f'"Forgotten {number}"'))
        if "learner" in keys:
            changes.append((keys["learner"].start_mark.index, keys["learner"].end_mark.index, "null"))
    for start, end, new in sorted(changes, reverse=True):
        text = f"{text[:start]}{new}{text[end:]}"
    if changes:
        write_durably(path, text)


def _people(root: Any) -> Iterator[yaml.MappingNode]:  # noqa: ANN401 -- a node of any kind
    """Yield the entries of people, including those of teams."""
    top = {key.value: value for key, value in root.value}
    teams = [{key.value: value for key, value in team.value} for team in getattr(top.get("teams"), "value", [])]
    for people in (each.get("people") for each in (top, *teams)):
        yield from getattr(people, "value", [])
