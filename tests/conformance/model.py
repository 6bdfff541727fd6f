"""The parts of the suite: commands, their answers, and the recordings."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from lab.cluster.sim.api import documents

__all__ = ["FOLDER", "RECORDINGS", "Answer", "Command", "Recording", "commands", "load", "recorded", "save"]

FOLDER = Path(__file__).parent
RECORDINGS = FOLDER / "recordings"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Command(_Model):
    """One command line. `timeout` and `at` in s; `at` counts from the beginning of the phase."""

    tool: str
    run: str
    node: str = "control-plane"
    phases: tuple[str, ...]
    timeout: float = 30
    at: float = 0
    before: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """The unique key of the command."""
        return self.node, self.before + self.run


class Answer(_Model):
    """An answer. `stdout` and `stderr` are lines; the last one is empty if a newline ended the text."""

    tool: str
    run: str
    node: str
    rc: int
    seconds: float
    stdout: tuple[str, ...]
    stderr: tuple[str, ...]


class Recording(_Model):
    """All answers of one phase on one cluster. Recordings from the same cluster have the same `run`."""

    phase: str
    run: str = ""
    backend: str
    versions: dict[str, str]
    answers: tuple[Answer, ...]


class _Line(_Model):
    run: str
    node: str | None = None
    timeout: float | None = None
    phases: str | list[str] | None = None
    at: float = 0


class _Group(_Model):
    tool: str
    phases: str | list[str]
    node: str = "control-plane"
    timeout: float = 30
    before: str = ""
    commands: Annotated[list[str | _Line], Field(min_length=1)]


class _File(_Model):
    sets: dict[str, list[str]]
    before: dict[str, str]
    groups: list[_Group]


def commands(path: Path = FOLDER / "commands.yaml") -> list[Command]:
    """Return the commands of `path`.

    A command with several entries has the phases of all of them, unless an entry has another time.
    """
    file = _File.model_validate(documents.load(path.read_text(encoding="utf-8")))
    found: dict[tuple[object, ...], Command] = {}
    for group in file.groups:
        for each in group.commands:
            line = _Line(run=each) if isinstance(each, str) else each
            made = Command(
                tool=group.tool,
                run=line.run.strip(),
                node=line.node or group.node,
                phases=_phases(line.phases or group.phases, file.sets),
                timeout=line.timeout or group.timeout,
                at=line.at,
                before=file.before[group.before] if group.before else "",
            )
            key = (*made.key, made.timeout, made.at)
            known = found.get(key)
            if known is not None:
                made = known.model_copy(update={"phases": (*known.phases, *made.phases)})
            found[key] = made
    return list(found.values())


def _phases(named: str | list[str], sets: Mapping[str, list[str]]) -> tuple[str, ...]:
    names = [named] if isinstance(named, str) else named
    return tuple(phase for name in names for phase in sets.get(name, [name]))


def save(recording: Recording, folder: Path = RECORDINGS) -> None:
    """Save `recording` as readable JSON: each line of output is a line of the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{recording.phase}.json"
    new = path.with_suffix(".new")
    new.write_text(json.dumps(_plain(recording), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    new.replace(path)


def _plain(recording: Recording) -> dict[str, Any]:
    return recording.model_dump(mode="json")


def load(phase: str, folder: Path = RECORDINGS) -> Recording:
    """Return the recording of `phase`."""
    return Recording.model_validate_json((folder / f"{phase}.json").read_bytes())


def recorded(phases: Sequence[str], folder: Path = RECORDINGS) -> list[str]:
    """Return those of `phases` that have a recording."""
    return [phase for phase in phases if (folder / f"{phase}.json").is_file()]
