"""The whole drill: its steps in order. Each step is journalled, reported live, and cleaned up afterwards."""

import contextlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass

from lab import grader
from lab.baseline import Baseline
from lab.cluster.base import Cluster
from lab.cluster.tools import api
from lab.core.drill import DrillStep, Found, Tripped, merged, with_gates
from lab.core.scenario import Scenario
from lab.drill import guards, reboot, rights, store, strangers, system, unchanged
from lab.drill.base import Ground, Kind, Shown, inconspicuous
from lab.drill.clean import clean
from lab.errors import LabError
from lab.grader import Observed, Told
from lab.injection import Recorder
from lab.progress import Progress, step

__all__ = ["STEPS", "Drilled", "hold"]

#: The order matters: new pods turn forwarding on, and writes make the store grow.
STEPS: dict[str, Kind] = {
    "reboot": reboot.KIND,
    "rights": rights.KIND,
    "guards": guards.KIND,
    "strangers": strangers.KIND,
    "system": system.KIND,
    "store": store.KIND,
    "unchanged": unchanged.KIND,
}
_WITHOUT = "Watch the cluster for a minute, then delete a pod and see it come back"
#: After each of these steps, the checks look at the cluster.
_LOOK_AFTER = ("reboot", "system")


@dataclass(frozen=True, slots=True)
class Drilled:
    """The final results, and the result of each step."""

    observed: Observed
    steps: list[DrillStep]


def hold(
    cluster: Cluster,
    baseline: Baseline,
    scenario: Scenario,
    injected: Collection[str],
    *,
    mark: str = "",
    name: str = "",
    recorder: Recorder,
    progress: Progress,
    told: Told = lambda _check, _outcome: None,
    ended: Callable[[DrillStep], None] = lambda _step: None,
) -> Drilled:
    """Look at the cluster, run the drill of `scenario`, and return the final results.

    `name` is the drill's, a new one if it is empty. `told` is called with each outcome of the first look, `ended`
    with each step.

    Raises:
        LabError: the drill's objects could not be removed.
    """
    title = "Look at the cluster" if scenario.drill else _WITHOUT
    with step(progress, title):
        before = grader.look(cluster, baseline, scenario, injected, thorough=True, told=told)
    if not scenario.drill:
        return Drilled(before, [])
    with cluster.control_plane.time.side_by_side(2) as beside:
        ground = Ground(cluster, baseline, scenario, injected, before, beside, mark, name or inconspicuous())
        return _held(ground, recorder, progress, ended)


def _held(ground: Ground, recorder: Recorder, progress: Progress, ended: Callable[[DrillStep], None]) -> Drilled:
    """Hold the drill's steps, remove what they made, and return what counts."""
    scenario, before = ground.scenario, ground.before
    found: list[Found] = []
    tripped: list[Tripped] = []
    steps: list[DrillStep] = []
    unheld = _unheld(ground)
    recorder.begin("drill")
    try:
        for each in [each for each in STEPS if each in scenario.drill]:
            shown, seconds = _step(ground, each, unheld, recorder, progress)
            found += shown.found
            tripped += shown.tripped
            status = "skipped" if shown.skipped else "held" if shown.ok else "failed"
            held = DrillStep(
                name=each, title=STEPS[each].title, status=status, shown=shown.text, seconds=round(seconds, 1)
            )
            steps.append(held)
            ended(held)
    finally:
        if not unheld:
            clean(ground.cluster, ground.space)
    recorder.done("drill")
    outcomes = merged(scenario.checks, before.outcomes, [look.outcomes for look in ground.looks], found)
    gates = with_gates(scenario.gates, [before.gates, *(look.gates for look in ground.looks)], tripped)
    return Drilled(Observed(outcomes, gates), steps)


def _unheld(ground: Ground) -> str:
    """Return why the drill can't run: without the API server, nothing would return after a reboot."""
    if ground.passed("api-writes") or not any(c.kind == "api-writes" for c in ground.scenario.checks):
        return _without_room(ground)
    if all(
        check.name not in ground.before.outcomes for check in ground.scenario.checks if check.kind == "api-writes"
    ):
        return _without_room(ground)
    return "nothing can be written through the API"


def _without_room(ground: Ground) -> str:
    """Create the drill's own namespace; return why that fails, or an empty string."""
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ground.space}}
    made = api.kubectl(ground.node, "create", "-f", "-", stdin=json.dumps(space))
    if not made.ok:
        return f"no namespace can be made: {made.stderr.strip()[-200:]}"
    with contextlib.suppress(LabError):
        ground.versions = unchanged.versions(ground)
    return ""


def _step(ground: Ground, name: str, unheld: str, recorder: Recorder, progress: Progress) -> tuple[Shown, float]:
    """Run one step; return its result and its seconds."""
    kind, time = STEPS[name], ground.node.time
    began = time.now()
    recorder.begin(f"drill: {name}")
    # `ended` shows the result to those who may see it; the progress line does not.
    with step(progress, kind.title):
        shown = Shown.nothing(unheld) if unheld else _shown(ground, kind)
        if name in _LOOK_AFTER and not unheld:
            ground.looks.append(grader.look(ground.cluster, ground.baseline, ground.scenario, ground.injected))
    recorder.done(f"drill: {name}")
    return shown, time.now() - began


def _shown(ground: Ground, kind: Kind) -> Shown:
    """Run a step. A step that the cluster interrupts has failed."""
    try:
        return kind.run(ground)
    except LabError as error:
        detail = error.detail.strip().splitlines()
        said = f"{error.title} {detail[-1] if detail else ''}".strip()
        found = [Found(check, ok=False, found=said, expected="the step can be held") for check in kind.concerns]
        return Shown(said, found, skipped=not found)
