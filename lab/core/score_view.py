"""A score as a trainee may see it: symptoms by neutral names, causes only once they are public."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from lab.core.grading import HINT_COST, FaultScore, Score, Status, Verdict
from lab.core.modes import Act, Mode
from lab.core.scenario import END_TO_END, Answer, CheckSpec, Scenario, Solution
from lab.core.session import Session
from lab.core.standing import Standing
from lab.errors import ExitCode

__all__ = [
    "CheckView",
    "DiagnosisView",
    "DrillStepView",
    "ScoreView",
    "SymptomView",
    "exit_code",
    "open_book",
    "revealed",
    "view",
]

#: From this tier on a hint names the cause.
NAMING_TIER = 2


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check. `name`, `found`, `expected` and `why` are present once its cause is public."""

    id: str
    title: str
    status: str
    points: float
    maximum: float
    seconds: float
    #: The symptom that hides the answer.
    blocked_by: str | None
    #: The reason why a passing check earns nothing yet.
    note: str
    name: str | None
    found: str | None
    expected: str | None
    why: str | None


@dataclass(frozen=True, slots=True)
class DiagnosisView:
    """The trainee's diagnosis of a symptom; the right one is present once the attempt is over."""

    component: str | None
    cause: str | None
    right: bool | None = None
    right_component: str | None = None
    right_cause: str | None = None


@dataclass(frozen=True, slots=True)
class SymptomView:
    """One symptom with its checks; the end to end counts as one."""

    symptom: str
    title: str
    fault: str | None
    culprit: str | None
    solved: bool
    points: float
    maximum: float
    attempt: float
    void: str
    #: The highest tier of hints taken, and the cost of hints in percent.
    hint_tier: int | None
    hint_cost: int
    solution_seen: bool
    diagnosis: DiagnosisView | None
    checks: tuple[CheckView, ...]


@dataclass(frozen=True, slots=True)
class DrillStepView:
    """One step of the drill: `status` is held, failed or skipped."""

    step: str
    title: str
    status: str
    shown: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ScoreView:
    """The whole score. Until the attempt is over, `points` and `attempt` do not contain the diagnosis."""

    lab: str
    scenario: str
    mode: str
    over: bool
    solved: bool
    points: float
    attempt: float
    maximum: float
    #: None until the attempt is over.
    diagnosis_points: float | None
    diagnosis_maximum: float
    seconds: float | None
    #: The reasons that void the whole attempt.
    void: tuple[str, ...]
    symptoms: tuple[SymptomView, ...]
    #: What each step of the drill has shown; empty until the attempt is over.
    drill: tuple[DrillStepView, ...] = ()
    #: How long the attempt's clock stood still, in all.
    paused_seconds: float = 0.0

    @property
    def standing(self) -> Standing:
        """The points that are left, and what help took."""
        took = {True: 0.0, False: 0.0}
        for symptom in self.symptoms:
            took[symptom.solution_seen] += symptom.points - symptom.attempt
        return Standing(self.attempt, self.maximum, hints=took[False], solutions=took[True])

    def as_data(self) -> dict[str, Any]:
        """Return the score as JSON has it."""
        return asdict(self)


def exit_code(score: Score) -> ExitCode:
    """Return the exit code of `check` and `submit`: *unreadable* only if nothing else is known to be wrong."""
    if score.solved:
        return ExitCode.DONE
    missing = [v.outcome.status for f in score.faults for v in f.verdicts if v.outcome.status is not Status.PASS]
    void = any(fault.void for fault in score.faults)
    if missing and not void and all(status is Status.UNREADABLE for status in missing):
        return ExitCode.UNREADABLE
    return ExitCode.UNSOLVED


def open_book(session: Session) -> bool:
    """Whether nothing in this lab is secret any more."""
    return session.may(Act.SEE_ALL)


def revealed(session: Session, fault: str) -> bool:
    """Whether the cause `fault` is public: repaired, over, seen in the solution, or named by a hint."""
    if not session.may(Act.SEE_FINDINGS):
        return False
    return (
        open_book(session)
        or fault in session.repaired
        or fault in session.viewed
        or session.hint_tiers.get(fault, 0) >= NAMING_TIER
    )


def view(
    scenario: Scenario, solution: Solution, session: Session, score: Score, at: datetime | None = None
) -> ScoreView:
    """Return `score` as the trainee of `session` may see it now. A pause that lasts counts up to the time `at`.

    Raises:
        LabError: the mode shows no states now.

    """
    session.require(Act.SEE_STATES)
    told = open_book(session)
    early = 0.0 if told else score.diagnosis
    return ScoreView(
        lab=session.name,
        scenario=scenario.name,
        mode=session.mode.value,
        over=session.over,
        solved=score.solved,
        points=score.state - early,
        attempt=score.attempt - early,
        maximum=score.maximum,
        diagnosis_points=score.diagnosis if told else None,
        diagnosis_maximum=score.diagnosis_maximum,
        seconds=session.played(session.ended).total_seconds() if session.started and session.ended else None,
        void=tuple(
            f"{gate.title}: {gate.found}" for gate in score.gates if gate.tripped and gate.voids == "attempt"
        ),
        symptoms=tuple(_symptom(scenario, solution, session, score, fault) for fault in score.faults),
        drill=tuple(
            DrillStepView(each.name, each.title, each.status, each.shown, each.seconds)
            for each in (session.drill if session.over else ())
        ),
        paused_seconds=_paused(session, session.ended or at),
    )


def _paused(session: Session, at: datetime | None) -> float:
    """Return for how many seconds the clock stood still before `at`; with None: in the pauses that are over."""
    over = [pause.until for pause in session.pauses if pause.until]
    at = at or max(over, default=None)
    return round(session.paused(at).total_seconds(), 1) if at else 0.0


def _symptom(
    scenario: Scenario, solution: Solution, session: Session, score: Score, fault: FaultScore
) -> SymptomView:
    known = revealed(session, fault.name) or fault.solved
    end_to_end = fault.name == END_TO_END
    spec = None if end_to_end else scenario.fault(fault.name)
    tier = session.hint_tiers.get(fault.name)
    name = spec.symptom.name if spec else END_TO_END
    return SymptomView(
        symptom=name,
        title=spec.symptom.title if spec else "In the end",
        fault=fault.name if known and spec else None,
        culprit=spec.culprit if known and spec else None,
        solved=fault.solved,
        points=fault.points,
        maximum=fault.maximum,
        attempt=fault.attempt,
        void=fault.void,
        hint_tier=tier,
        hint_cost=round(100 * HINT_COST[tier]) if tier else 0,
        solution_seen=fault.name in session.viewed and session.mode is not Mode.REHEARSAL,
        diagnosis=_diagnosis(solution, session, score, fault.name) if spec else None,
        checks=tuple(
            _check(
                scenario,
                score,
                verdict,
                f"{name}-{_number(scenario, verdict.check)}",
                known=known,
                void=bool(fault.void),
            )
            for verdict in fault.verdicts
        ),
    )


def _number(scenario: Scenario, check: CheckSpec) -> int:
    """A check's position among those of its fault: its own name may say too much."""
    return scenario.checks_of(check.fault).index(check) + 1


def _check(
    scenario: Scenario, score: Score, verdict: Verdict, ident: str, *, known: bool, void: bool
) -> CheckView:
    check, outcome = verdict.check, verdict.outcome
    # The end to end shows what the user sees. An unreadable answer quotes the failing parts instead.
    shown = known or (check.fault == END_TO_END and outcome.status is Status.FAIL)
    return CheckView(
        id=ident,
        title=check.title,
        status=outcome.status.value,
        points=verdict.points,
        maximum=float(check.points),
        seconds=round(outcome.seconds, 1),
        blocked_by=scenario.fault(outcome.blocked_by).symptom.name if outcome.blocked_by else None,
        note=_note(score, verdict, void=void),
        name=check.name if known else None,
        found=outcome.found if shown else None,
        expected=outcome.expected if shown else None,
        why=check.why if shown else None,
    )


def _note(score: Score, verdict: Verdict, *, void: bool) -> str:
    """Return why it can't be read or earns nothing yet.

    The core's own reasons name checks. Reasons that void are listed once, above.
    """
    if verdict.outcome.status is Status.UNREADABLE and (first := _failed_milestones(score, verdict.check.fault)):
        return f"waits for: {'; '.join(first)}"
    if void or not verdict.withheld:
        return ""
    unmet = _titles(score, verdict.check.after)
    return f"counts once this holds: {'; '.join(unmet)}" if unmet else "counts once the rest of it is repaired"


def _failed_milestones(score: Score, fault: str) -> list[str]:
    """Return the titles of the fault's checks without points that fail: the others can't be read before."""
    verdicts = [v for each in score.faults if each.name == fault for v in each.verdicts]
    return [v.check.title for v in verdicts if not v.check.points and v.outcome.status is Status.FAIL]


def _titles(score: Score, checks: Sequence[str]) -> list[str]:
    """Return the titles of the `checks` that do not pass."""
    verdicts = [v for fault in score.faults for v in fault.verdicts if v.check.name in checks]
    return [v.check.title for v in verdicts if v.outcome.status is not Status.PASS]


def _diagnosis(solution: Solution, session: Session, score: Score, fault: str) -> DiagnosisView:
    said = session.diagnosis.get(fault, None)
    right: Answer | None = solution.diagnosis.get(fault) if open_book(session) else None
    return DiagnosisView(
        component=said.component if said else None,
        cause=said.cause if said else None,
        right=score.diagnosed.get(fault, False) if right else None,
        right_component=right.component if right else None,
        right_cause=right.cause if right else None,
    )
