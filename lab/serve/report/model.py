"""A report as data: a row for each attempt."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

__all__ = ["HintTaken", "Report", "Row"]


@dataclass(frozen=True, slots=True)
class HintTaken:
    """A hint, at a time in seconds of the clock. `tier` is 0 to 3; None for a hint of the instructor."""

    seconds: float
    symptom: str
    tier: int | None


@dataclass(slots=True)
class Row:
    """One attempt. Times are seconds of the clock, without pauses."""

    seat: str
    who: str
    #: The name and the learner's id of everybody who played; a team has several.
    people: tuple[tuple[str, str], ...] = ()
    scenario: str = ""
    backend: str = "sim"
    #: The seed of the variant that was played; 0 without one.
    seed: int = 0
    place: int = 0
    points: float = 0.0
    maximum: float = 0.0
    ended: bool = False
    #: submitted, time-over, withdrawn; empty while it runs.
    ending: str = ""
    passed: bool | None = None
    #: The time of the last gain, and of the end or the last line.
    gained: float = 0.0
    seconds: float = 0.0
    hints: int = 0
    given_up: int = 0
    #: Symptom -> its points and their maximum.
    by_symptom: dict[str, tuple[float, float]] = field(default_factory=dict)
    #: Symptom -> whether it is repaired.
    symptoms: dict[str, bool] = field(default_factory=dict)
    #: Symptom -> the time of the first look that found it repaired.
    repaired: dict[str, float] = field(default_factory=dict)
    hints_taken: list[HintTaken] = field(default_factory=list)
    #: The times of all gains.
    progress: list[float] = field(default_factory=list)
    commands: int = 0
    #: The verdict on the file: whether it is unchanged, how far it can be trusted, its gaps, its last hash.
    whole: bool = True
    trust: str = "self-reported"
    gaps: tuple[str, ...] = ()
    head: str = ""
    #: Whether its data was removed.
    forgotten: bool = False

    @property
    def order(self) -> list[str]:
        """The names of all its known symptoms."""
        return list(dict.fromkeys([*self.by_symptom, *self.symptoms, *self.repaired]))


@dataclass(frozen=True, slots=True)
class Report:
    """The results of an event, or of the attempts in a folder."""

    title: str
    started: str
    stopped: str
    pauses: int
    paused_seconds: float
    rows: tuple[Row, ...]

    @property
    def scenarios(self) -> list[str]:
        """The names of the scenarios, in the order of the rows."""
        return list(dict.fromkeys(row.scenario for row in self.rows))

    def of(self, scenario: str) -> list[Row]:
        """Return the rows of a scenario that have data."""
        return [row for row in self.rows if row.scenario == scenario and not row.forgotten]

    @property
    def anonymous(self) -> "Report":
        """The same report without names and learners' ids."""
        numbers = {seat: number for number, seat in enumerate(sorted(row.seat for row in self.rows), start=1)}
        rows = [
            replace(row, seat=f"{numbers[row.seat]:03}", who=f"No. {numbers[row.seat]}", people=())
            for row in self.rows
        ]
        return replace(self, rows=tuple(rows))

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)
