"""A round of checks and gates, run in parallel. Each has its own outcome, even if another fails."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from lab.baseline import Baseline
from lab.catalog import CHECKS, GATES
from lab.checks.round import Round
from lab.cluster.base import Cluster
from lab.core.grading import GateFinding, Outcome
from lab.core.scenario import END_TO_END, CheckSpec, GateSpec, Scenario
from lab.errors import LabError
from lab.flows import Flow

__all__ = ["Observed", "Told", "look"]

#: Called with each check as its outcome comes.
Told = Callable[[CheckSpec, Outcome], None]


class Observed:
    """The results of a round: outcomes by check name, and the findings of the gates."""

    def __init__(self, outcomes: dict[str, Outcome], gates: list[GateFinding]) -> None:
        self.outcomes = outcomes
        self.gates = gates


def look(
    cluster: Cluster,
    baseline: Baseline,
    scenario: Scenario,
    injected: Collection[str],
    *,
    thorough: bool = False,
    told: Told = lambda _check, _outcome: None,
) -> Observed:
    """Run the checks of `injected` faults and of the end to end, and all gates.

    A quick round changes nothing. A `thorough` one samples longer. Where no drill follows, it finally deletes a
    pod, which must return.
    `told` is called with each outcome, from other threads.
    """
    specs = [spec for spec in scenario.checks if spec.fault in {*injected, END_TO_END}]
    around = Round(
        cluster,
        baseline,
        scenario,
        frozenset(injected),
        thorough=thorough,
        plan=lambda around: [flow for spec in specs for flow in _flows(spec, around)],
        addressed=list(dict.fromkeys(name for spec in specs for name in _addressed(spec))),
    )
    last = [spec for spec in specs if around.last and CHECKS[spec.kind].last]
    outcomes: dict[str, Outcome] = {}

    def run(spec: CheckSpec) -> None:
        outcome = _checked(spec, around)
        outcomes[spec.name] = outcome
        told(spec, outcome)

    with around.node.time.side_by_side(max(len(specs) + len(scenario.gates), 1)) as pool:
        gates = [pool.submit(_gate, gate, around) for gate in scenario.gates]
        list(pool.map(run, [spec for spec in specs if spec not in last]))
        findings = [gate.result() for gate in gates]
    for spec in last:
        run(spec)
    return Observed({spec.name: outcomes[spec.name] for spec in specs}, findings)


def _flows(spec: CheckSpec, around: Round) -> Sequence[Flow]:
    kind = CHECKS[spec.kind]
    return kind.flows(around, kind.parameter_model.model_validate(spec.parameters))


def _addressed(spec: CheckSpec) -> Sequence[str]:
    kind = CHECKS[spec.kind]
    return kind.addressed(kind.parameter_model.model_validate(spec.parameters))


def _checked(spec: CheckSpec, around: Round) -> Outcome:
    kind = CHECKS[spec.kind]
    time = around.node.time
    began = time.now()
    try:
        outcome = kind.run(around, kind.parameter_model.model_validate(spec.parameters))
    except LabError as error:
        outcome = Outcome.unreadable(_one_line(error))
    return _timed(outcome, time.now() - began)


def _timed(outcome: Outcome, seconds: float) -> Outcome:
    return Outcome(outcome.status, outcome.found, outcome.expected, outcome.share, outcome.blocked_by, seconds)


def _gate(spec: GateSpec, around: Round) -> GateFinding:
    kind = GATES[spec.kind]
    parameters: Any = kind.parameter_model.model_validate(spec.parameters)
    try:
        wrong = kind.run(around, parameters)
    except (LabError, FileNotFoundError):
        return GateFinding(spec.name, spec.title, spec.voids, tripped=False, found="could not be read")
    return GateFinding(spec.name, spec.title, spec.voids, tripped=bool(wrong), found=wrong)


def _one_line(error: LabError) -> str:
    detail = error.detail.strip().splitlines()
    return f"{error.title} {detail[-1] if detail else ''}".strip()
