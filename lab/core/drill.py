"""The drill at the end of an attempt: what its steps have shown, and how that changes outcomes. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import BaseModel, ConfigDict

from lab.core.grading import GateFinding, Outcome, Status
from lab.core.scenario import CheckSpec, GateSpec

__all__ = ["DrillStep", "Found", "Tripped", "merged", "with_gates"]


class DrillStep(BaseModel):
    """One step of a drill that has ended: its work and its result."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    #: `skipped`: it could show nothing, because something else is not repaired.
    status: Literal["held", "failed", "skipped"]
    shown: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a step for all checks of `kind`."""

    kind: str
    ok: bool
    found: str
    expected: str = ""
    decided: bool = False


@dataclass(frozen=True, slots=True)
class Tripped:
    """What trips all gates of `kind`."""

    kind: str
    found: str


def merged(
    checks: Iterable[CheckSpec],
    before: Mapping[str, Outcome],
    looks: Sequence[Mapping[str, Outcome]],
    shown: Sequence[Found],
) -> dict[str, Outcome]:
    """Return the outcomes that count: those `before` the drill, less what `looks` during it and its steps showed.

    What another fault hides after a reboot stays as it was, if that fault was not repaired before either.
    """
    unrepaired = {
        each.fault for each in checks if each.name in before and before[each.name].status is not Status.PASS
    }
    counted = {}
    for check in checks:
        outcome = before.get(check.name)
        if outcome is None:
            continue
        mine = [each for each in shown if each.kind == check.kind]
        if any(each.decided for each in mine) and outcome.status in {Status.PASS, Status.FAIL}:
            outcome = replace(Outcome.passed("a reboot keeps it on"), seconds=outcome.seconds)
        if outcome.status is Status.PASS:
            later = [look[check.name] for look in looks if check.name in look]
            outcome = _counted(outcome, later, mine, unrepaired)
        counted[check.name] = outcome
    return counted


def _counted(
    outcome: Outcome,
    later: Sequence[Outcome],
    shown: Sequence[Found],
    unrepaired: Iterable[str],
) -> Outcome:
    for step in shown:
        if not step.ok:
            return replace(Outcome.failed(step.found, step.expected), seconds=outcome.seconds)
    if any(step.decided for step in shown):
        return outcome
    for each in later:
        if each.status is Status.PASS or (each.status is Status.BLOCKED and each.blocked_by in unrepaired):
            continue
        return replace(each, found=f"in the drill: {each.found}")
    return outcome


def with_gates(
    specs: Iterable[GateSpec], findings: Iterable[Sequence[GateFinding]], tripped: Sequence[Tripped]
) -> list[GateFinding]:
    """Return each gate as it was found: tripped if any look or any step of the drill has found it so."""
    found: dict[str, GateFinding] = {}
    for look in findings:
        for each in look:
            if each.name not in found or (each.tripped and not found[each.name].tripped):
                found[each.name] = each
    for spec in specs:
        for each_tripped in tripped:
            if each_tripped.kind == spec.kind and not (spec.name in found and found[spec.name].tripped):
                found[spec.name] = GateFinding(
                    spec.name, spec.title, spec.voids, tripped=True, found=each_tripped.found
                )
    return list(found.values())
