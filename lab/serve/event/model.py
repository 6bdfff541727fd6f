"""event.yaml as data. Each error has its line and column, as in a scenario."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from lab.core.grading import most_points
from lab.core.load import Catalog, find, load, names
from lab.core.names import LARGEST_SEED
from lab.core.problems import Problem, nearest, quoted
from lab.core.scenario import NAME_LENGTH, NAME_PATTERN, Loaded, Scenario
from lab.core.scenario_files import read_yaml
from lab.core.shape import validate
from lab.core.variants import seat_seeds
from lab.core.yaml_marks import Document
from lab.errors import LabError, UsageProblem

__all__ = [
    "EVENT",
    "MOST_AT_A_SEAT",
    "MOST_SEATS",
    "Event",
    "EventInvalid",
    "Invited",
    "Person",
    "Team",
    "load_event",
]

#: The name of the file in an event's folder.
EVENT = "event.yaml"
#: The most seats of an event; more would need more than one machine.
MOST_SEATS = 250
#: The most people at one cluster: more would not get to type.
MOST_AT_A_SEAT = 12

Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=NAME_LENGTH)]
Text = Annotated[str, Field(min_length=1, max_length=80)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Person(_Model):
    """The person at a seat."""

    name: Text = Field(description="The name on the boards; a pseudonym will do.")
    learner: Text | None = Field(default=None, description="The learner's id in another system, for the report.")


class Team(_Model):
    """Several people at one seat: one cluster, and shells for each person."""

    name: Text
    people: list[Person] = Field(default=[], description="Who plays; the first one is the captain.")
    size: Annotated[int, Field(ge=1, le=MOST_AT_A_SEAT)] | None = Field(
        default=None, description="How many can play, if that is more than the people."
    )

    @property
    def count(self) -> int:
        """The number of people who can play."""
        return max(self.size or 0, len(self.people))

    @property
    def members(self) -> tuple[str, ...]:
        """Their names; people without a name are named after the team."""
        names = [person.name for person in self.people]
        return (*names, *(f"{self.name} {number}" for number in range(len(names) + 1, self.count + 1)))


class Board(_Model):
    """The contents of the projector's board, which everybody sees."""

    names: Literal["people", "seats"] = "people"
    points: bool = Field(default=True, description="Whether points are shown before the ranking is revealed.")
    freeze: Annotated[int, Field(ge=0, le=600)] = Field(
        default=0, description="Minutes before the end at which the ranking is frozen, until it is revealed."
    )


class HintRules(_Model):
    """When hints that cost points are sold, and how many. Free hints are not limited."""

    after: Annotated[int, Field(ge=0, le=600)] = Field(
        default=0, description="Minutes of the event's clock before the first one is sold."
    )
    most: Annotated[int, Field(ge=0, le=100)] | None = Field(
        default=None, description="How many a seat may buy; default: all there are."
    )


class Event(_Model):
    """The content of event.yaml."""

    schema_version: Literal[1] = Field(alias="schema")
    title: Text
    scenario: Text = Field(default="kluster005", description="A scenario's name, or a folder beside event.yaml.")
    faults: list[Name] = Field(default=[], description="Only these symptoms; default: all of the scenario.")
    mode: Literal["training", "exam", "game-day"] = "game-day"
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] = Field(
        default=0,
        description="The variant: the same at all seats; in an exam, each seat has its own. 0: none.",
    )
    seats: Annotated[int, Field(ge=1, le=MOST_SEATS)] | None = None
    people: list[Person] = Field(default=[], description="Who sits at the first seats, in order.")
    teams: list[Team] = Field(default=[], description="Several people at each seat, in place of seats and people.")
    minutes: Annotated[int, Field(ge=1, le=600)] | None = Field(
        default=None, description="The length in minutes; default: the scenario's."
    )
    start: Text = Field(default="key", description="key: the instructor starts it; or a time with its zone.")
    pass_mark: Annotated[int, Field(ge=0, le=100)] | None = Field(default=None, alias="pass")
    hints: HintRules = HintRules()
    theme: Literal["dark", "light", "contrast"] = "dark"
    board: Board = Board()

    @property
    def count(self) -> int:
        """How many seats there are."""
        return len(self.teams) if self.teams else max(self.seats or 0, len(self.people))

    @property
    def starts_at(self) -> datetime | None:
        """The time of an automatic start; None if the instructor starts the event."""
        return None if self.start == "key" else datetime.fromisoformat(self.start)

    def who(self, number: int) -> str:
        """Return the person or the team at seat `number`, counted from 1."""
        if self.teams:
            return self.teams[number - 1].name if number <= len(self.teams) else f"Team {number}"
        return self.people[number - 1].name if number <= len(self.people) else f"Seat {number}"

    def members(self, number: int) -> tuple[str, ...]:
        """Return the names of the people at seat `number`: one person, or a team's members."""
        if self.teams and number <= len(self.teams):
            return self.teams[number - 1].members
        return (self.who(number),)

    def learners(self, number: int) -> tuple[str, ...]:
        """Return the learners' ids of the people at seat `number`, in the order of `members`; empty if none."""
        if self.teams:
            people = self.teams[number - 1].people if number <= len(self.teams) else []
        else:
            people = self.people[number - 1 : number]
        known = [person.learner or "" for person in people]
        return (*known, *("" for _ in range(len(self.members(number)) - len(known))))


class EventInvalid(UsageProblem):
    """An invalid event.yaml, with all its errors."""

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        count = "one error" if len(problems) == 1 else f"{len(problems)} errors"
        super().__init__(f"{path} is not a valid event: {count}", "\n".join(map(str, problems)))
        self.problems = tuple(problems)


class Invited(BaseModel):
    """An event with its scenario."""

    model_config = ConfigDict(frozen=True)

    event: Event
    loaded: Loaded
    #: The seed of each seat of an exam that has a seed, also of seats that come late; empty otherwise.
    seeds: tuple[int, ...] = ()

    def seed(self, number: int) -> int:
        """Return the seed of seat `number`, counted from 1; 0 without a variant."""
        return self.seeds[number - 1] if self.seeds else self.event.seed

    @property
    def minutes(self) -> int:
        """The event's length in minutes."""
        return self.event.minutes or self.loaded.scenario.minutes


def load_event(path: Path, scenarios_folder: Path, hints_folder: Path, catalog: Catalog) -> Invited:
    """Read the event in the folder `path`.

    Raises:
        EventInvalid: with all errors of event.yaml.
        LabError: its scenario can't be used.

    """
    document = read_yaml(path / EVENT if path.is_dir() else path)
    event = validate(document, Event) if document.readable else None
    if event:
        _check_seats(event, document)
        _check_start(event, document)
        loaded = _scenario(event, document, path, (scenarios_folder, hints_folder), catalog)
        if loaded and not document.problems:
            return Invited(event=event, loaded=loaded, seeds=_seeds(event, loaded))
    raise EventInvalid(document.file, document.problems)


def _seeds(event: Event, loaded: Loaded) -> tuple[int, ...]:
    """Return the seeds of the seats of an exam: neighbours get labs that differ in every part."""
    if event.mode != "exam" or not event.seed or not loaded.parts:
        return ()
    return tuple(seat_seeds(loaded.parts, loaded.scenario.name, event.seed, MOST_SEATS))


def _check_seats(event: Event, document: Document) -> None:
    if event.teams and (event.seats is not None or event.people):
        document.report(("teams",), "an event has teams, or seats and people, but not both")
    elif not event.count:
        document.report((), "the key 'seats' is missing: how many there are")
    if event.seats is not None and len(event.people) > event.seats:
        document.report(("people",), f"{len(event.people)} people for {event.seats} seats")
    _check_teams(event, document)
    everybody = sum(team.count for team in event.teams) if event.teams else len(event.people)
    if everybody > MOST_SEATS:
        document.report(("teams" if event.teams else "people",), f"more than {MOST_SEATS} people")
    if not event.title.isprintable():
        document.report(("title",), f"{quoted(event.title)} has characters that can't be displayed")
    _check_names(event.people, ("people",), document, {})


def _check_teams(event: Event, document: Document) -> None:
    teams: dict[str, int] = {}
    people: dict[str, str] = {}
    for i, team in enumerate(event.teams):
        if team.name in teams:
            document.report(("teams", i, "name"), f"{quoted(team.name)} is team {teams[team.name]} already")
        teams.setdefault(team.name, i + 1)
        if not team.name.isprintable():
            document.report(("teams", i, "name"), f"{quoted(team.name)} has characters that can't be displayed")
        if not team.count:
            document.report(("teams", i), "the team has nobody: give it people, or a size")
        if team.size is not None and len(team.people) > team.size:
            document.report(("teams", i, "people"), f"{len(team.people)} people in a team of {team.size}")
        _check_names(team.people, ("teams", i, "people"), document, people)


def _check_names(
    people: Sequence[Person], place: tuple[str | int, ...], document: Document, seen: dict[str, str]
) -> None:
    """Report duplicate names, and names that can't be displayed; `seen` has the names of other teams."""
    for i, person in enumerate(people):
        if person.name in seen:
            document.report((*place, i, "name"), f"{quoted(person.name)} sits at {seen[person.name]} already")
        if not person.name.isprintable():
            document.report((*place, i, "name"), f"{quoted(person.name)} has characters that can't be displayed")
        where = f"seat {i + 1}" if place == ("people",) else "a seat of a team"
        seen.setdefault(person.name, where)


def _check_start(event: Event, document: Document) -> None:
    if event.start == "key":
        return
    try:
        at = datetime.fromisoformat(event.start)
    except ValueError:
        document.report(
            ("start",), f"must be 'key' or a time such as \"2026-05-04T10:00+02:00\", not {event.start!r}"
        )
        return
    if at.tzinfo is None:
        document.report(("start",), "the time has no zone: add +02:00, or Z for UTC")


def _scenario(
    event: Event, document: Document, path: Path, folders: tuple[Path, Path], catalog: Catalog
) -> Loaded | None:
    beside = (path if path.is_dir() else path.parent) / event.scenario
    try:
        found = beside if (beside / "scenario.yaml").is_file() else find(event.scenario, folders[0])
    except UsageProblem as problem:
        document.report(("scenario",), problem.title, nearest(event.scenario, names(folders[0])))
        return None
    try:
        loaded = load(found, folders[1], catalog)
        if event.seed and loaded.parts:
            loaded = load(found, folders[1], catalog, seed=0 if event.mode == "exam" else event.seed)
    except LabError as problem:
        document.report(("scenario",), problem.title)
        return None
    if event.seed and not loaded.parts:
        document.report(("seed",), f"{quoted(loaded.scenario.name)} has no variants: leave out the seed")
    known = [fault.symptom.name for fault in loaded.scenario.faults]
    for i, name in enumerate(event.faults):
        if name not in known:
            document.report(("faults", i), f"there is no symptom {quoted(name)}", nearest(name, known))
    _check_pass(event, loaded.scenario, document)
    return loaded


def _check_pass(event: Event, scenario: Scenario, document: Document) -> None:
    chosen = [fault.name for fault in scenario.faults if fault.symptom.name in event.faults]
    if event.pass_mark is None or not chosen:
        return
    most = most_points(scenario, chosen)
    if event.pass_mark > most:
        document.report(
            ("pass",), f"{event.pass_mark} points can't be earned: these symptoms earn at most {most:g}"
        )
