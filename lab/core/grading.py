"""The score from the checks' outcomes: what earns, what is masked, what is void. Pure rules, no cluster."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from lab.core.scenario import END_TO_END, Answer, CheckSpec, FaultSpec, Scenario

__all__ = ["FaultScore", "GateFinding", "Outcome", "Score", "Status", "Verdict", "grade", "kept", "most_points"]

#: The share of a fault's award that all hints up to a tier cost together.
HINT_COST = {0: 0.0, 1: 0.1, 2: 0.2, 3: 0.4}

ATTEMPT = "attempt"


class Status(StrEnum):
    """The verdict of a check."""

    PASS = "pass"  # noqa: S105 -- no password
    FAIL = "fail"
    BLOCKED = "blocked"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One check's observation of the cluster.

    `share` is the part of its points that the state earns, 0 to 1 (a check that is split by node gives parts).
    `blocked_by` names the fault that hides the answer.
    """

    status: Status
    found: str
    expected: str = ""
    share: float = 0.0
    blocked_by: str = ""
    seconds: float = 0.0

    @classmethod
    def passed(cls, found: str) -> "Outcome":
        """The state is right."""
        return cls(Status.PASS, found, share=1.0)

    @classmethod
    def failed(cls, found: str, expected: str, share: float = 0.0) -> "Outcome":
        """The state is wrong, except `share` of it."""
        return cls(Status.FAIL, found, expected, share)

    @classmethod
    def blocked(cls, fault: str, found: str, expected: str = "") -> "Outcome":
        """Another fault hides the state."""
        return cls(Status.BLOCKED, found, expected, blocked_by=fault)

    @classmethod
    def unreadable(cls, found: str, expected: str = "") -> "Outcome":
        """The state could not be read."""
        return cls(Status.UNREADABLE, found, expected)


@dataclass(frozen=True, slots=True)
class GateFinding:
    """One gate's observation: whether it is tripped, and by what."""

    name: str
    title: str
    voids: str
    tripped: bool
    found: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check with its outcome and its points."""

    check: CheckSpec
    outcome: Outcome
    points: float
    #: The reason why a passed check earns nothing (a control failed, a gate voids it); otherwise empty.
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class FaultScore:
    """The points of one fault or of the end to end."""

    name: str
    points: float
    maximum: float
    verdicts: tuple[Verdict, ...]
    solved: bool
    void: str = ""
    #: The points after hints and a viewed solution.
    attempt: float = 0.0


@dataclass(frozen=True, slots=True)
class Score:
    """The whole score, out of `maximum` points."""

    state: float
    attempt: float
    maximum: float
    diagnosis: float
    diagnosis_maximum: float
    faults: tuple[FaultScore, ...]
    gates: tuple[GateFinding, ...] = ()
    #: Name of the fault -> whether its diagnosis is right; faults without a diagnosis are absent.
    diagnosed: Mapping[str, bool] = field(default_factory=dict)

    @property
    def solved(self) -> bool:
        """Whether every check with points passes, apart from the diagnosis."""
        return all(fault.solved for fault in self.faults)

    @property
    def unreadable(self) -> bool:
        """Whether the answer of some check could not be judged."""
        return any(v.outcome.status is Status.UNREADABLE for fault in self.faults for v in fault.verdicts)

    def verdict(self, check: str) -> Verdict:
        """Return the verdict of the check called `check`; raise `KeyError` if it was not graded."""
        for fault in self.faults:
            for verdict in fault.verdicts:
                if verdict.check.name == check:
                    return verdict
        raise KeyError(check)


def grade(
    scenario: Scenario,
    outcomes: Mapping[str, Outcome],
    *,
    injected: Collection[str],
    gates: Sequence[GateFinding] = (),
    diagnosis: Mapping[str, Answer] | None = None,
    answers: Mapping[str, Answer] | None = None,
    left_out: Collection[str] = (),
    hint_tiers: Mapping[str, int] | None = None,
    viewed: Collection[str] = (),
) -> Score:
    """Turn `outcomes` (check name -> observation) into a score.

    Only faults in `injected` count. Checks in `left_out`, which held at injection although they should have
    failed, leave the maximum. `diagnosis` is the trainee's, `answers` the right one, both by fault. `hint_tiers`
    (highest tier taken) and `viewed` (solutions seen), by fault, lower only the attempt score.
    """
    tripped = {gate.voids: gate for gate in reversed(gates) if gate.tripped}
    everything = tripped.get(ATTEMPT)
    scores = []
    for name in [*(fault.name for fault in scenario.faults if fault.name in injected), END_TO_END]:
        specs = [spec for spec in scenario.checks_of(name) if spec.name not in left_out and spec.name in outcomes]
        if not specs:
            continue
        gate = everything or tripped.get(name)
        scores.append(
            _grade_fault(
                name,
                specs,
                outcomes,
                void=f"{gate.title}: {gate.found}" if gate else "",
                tier=(hint_tiers or {}).get(name, 0),
                viewed=name in viewed,
            )
        )
    present = [fault for fault in scenario.faults if fault.name in injected]
    diagnosed, earned, possible = _grade_diagnosis(scenario, present, diagnosis or {}, answers or {})
    if everything:
        earned = 0.0
    return Score(
        state=sum(score.points for score in scores) + earned,
        attempt=sum(score.attempt for score in scores) + earned,
        maximum=sum(score.maximum for score in scores) + possible,
        diagnosis=earned,
        diagnosis_maximum=possible,
        faults=tuple(scores),
        gates=tuple(gates),
        diagnosed=diagnosed,
    )


def most_points(scenario: Scenario, injected: Collection[str]) -> float:
    """Return the most that an attempt with the faults `injected` can earn; less if a check holds at injection."""
    checks = [check for name in (*injected, END_TO_END) for check in scenario.checks_of(name)]
    return sum(check.points for check in checks) + scenario.diagnosis.points * len(injected) / len(scenario.faults)


def _grade_fault(
    name: str, specs: Sequence[CheckSpec], outcomes: Mapping[str, Outcome], *, void: str, tier: int, viewed: bool
) -> FaultScore:
    repairs = [spec for spec in specs if spec.type == "repair" and not spec.milestone]
    repaired = all(outcomes[spec.name].status is Status.PASS for spec in repairs)
    verdicts = tuple(_verdict(spec, outcomes, repaired=repaired, void=void) for spec in specs)
    points = sum(verdict.points for verdict in verdicts)
    maximum = float(sum(spec.points for spec in specs))
    solved = points == maximum
    left = points * kept(tier=tier, viewed=viewed)
    return FaultScore(name, points, maximum, verdicts, solved, void, attempt=left)


def kept(*, tier: int, viewed: bool) -> float:
    """Return the part of a fault's points that hints up to `tier`, or its solution if `viewed`, leave: 0 to 1.

    It is the same before and after the last check passes: otherwise the last one could take more than it brings.
    """
    return 0.0 if viewed else 1.0 - HINT_COST[tier]


def _verdict(spec: CheckSpec, outcomes: Mapping[str, Outcome], *, repaired: bool, void: str) -> Verdict:
    outcome = outcomes[spec.name]
    withheld = void
    if not withheld and outcome.share:
        unmet = [other for other in spec.after if other in outcomes and outcomes[other].status is not Status.PASS]
        if unmet:
            withheld = f"it counts once {', '.join(unmet)} passes"
        elif spec.type == "keep" and not repaired:
            withheld = "it counts once the repair is complete"
    return Verdict(spec, outcome, 0.0 if withheld else spec.points * outcome.share, withheld)


def _grade_diagnosis(
    scenario: Scenario,
    present: Sequence[FaultSpec],
    said: Mapping[str, Answer],
    right: Mapping[str, Answer],
) -> tuple[dict[str, bool], float, float]:
    worth = scenario.diagnosis.points / len(scenario.faults)
    diagnosed = {fault.name: said[fault.name] == right.get(fault.name) for fault in present if fault.name in said}
    return diagnosed, worth * sum(diagnosed.values()), worth * len(present)
