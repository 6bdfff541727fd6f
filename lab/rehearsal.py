"""A rehearsal: create, break, grade, solve, grade again and delete a lab, unattended."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from lab.core.drill import DrillStep
from lab.core.grading import Outcome, Score
from lab.core.scenario import CheckSpec, SolutionStep
from lab.core.session import Mode
from lab.errors import ExitCode, LabError
from lab.lab import Lab
from lab.progress import Progress, step
from lab.store import Store

__all__ = ["Figure", "Rehearsal", "Witness", "rehearse"]


class Witness(Protocol):
    """An observer that records a rehearsal."""

    @property
    def progress(self) -> Progress:
        """Where the rehearsal's steps are reported."""

    def chapter(self, title: str) -> None:
        """Report that a new part begins."""

    def evidence(self, fault: str, seen: str) -> None:
        """Report the observed symptom of `fault`."""

    def explain(self, each: SolutionStep) -> None:
        """Report a step of the solution before it runs."""

    def listener(self, lab: Lab) -> Callable[[CheckSpec, Outcome], None]:
        """Return a function that is called with each check's outcome."""

    def score(self, lab: Lab, score: Score) -> None:
        """Report a score."""

    def drilled(self, step: DrillStep) -> None:
        """Report what a step of the drill has shown."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a rehearsal and its expected value."""

    name: str
    found: float
    expected: float

    @property
    def right(self) -> bool:
        """Whether the figure is as expected."""
        return math.isclose(self.found, self.expected, abs_tol=1e-6)


@dataclass(slots=True)
class Rehearsal:
    """The result of a rehearsal."""

    lab: str
    scenario: str
    backend: str
    seed: int = 0
    faults: list[str] = field(default_factory=list)
    #: Fault -> its observed symptom.
    evidence: dict[str, str] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    #: The steps of the drill, with what each has shown.
    drill: list[DrillStep] = field(default_factory=list)
    #: Part -> seconds.
    seconds: dict[str, float] = field(default_factory=dict)
    kept: bool = True
    #: Virtual seconds in the cluster after its creation, which cost no real time; None with real time.
    virtual_seconds: float | None = None

    @property
    def right(self) -> bool:
        """Whether every figure is as expected."""
        return all(figure.right for figure in self.figures)


def rehearse(
    scenario: Path,
    witness: Witness,
    *,
    name: str,
    backend: str,
    image: str | None = None,
    seed: int = 0,
    faults: Sequence[str] = (),
    keep: bool = False,
    virtual: bool = False,
) -> Rehearsal:
    """Rehearse `scenario` with `faults` (none: all) in a lab called `name`, maybe in `virtual` time.

    `seed` chooses the variant.

    The lab is removed in the end, unless `keep`, and on an interrupt. It is kept for inspection if a figure is
    wrong or a step fails.

    Raises:
        LabError: a lab of that name exists, or a step failed.

    """
    _require_free(name)
    began = time.monotonic()
    done = Rehearsal(lab=name, scenario=scenario.name, backend=backend, seed=seed)
    with _part(done, witness, "create"):
        lab = Lab.create(
            name,
            scenario,
            backend=backend,
            mode=Mode.REHEARSAL,
            image=image,
            seed=seed,
            progress=witness.progress,
            virtual=virtual,
        )
    clock = lab.cluster.control_plane.time
    created = clock.now()
    done.scenario = lab.scenario.name
    try:
        _run(lab, faults, witness, done)
    except KeyboardInterrupt:
        if not keep:
            _delete(lab, witness, done)
        raise
    if virtual:
        done.virtual_seconds = round(clock.now() - created, 1)
    if done.right and not keep:
        with _part(done, witness, "delete"):
            _delete(lab, witness, done)
    elif virtual:
        lab.cluster.close()
    done.seconds["all"] = round(time.monotonic() - began, 1)
    return done


def _require_free(name: str) -> None:
    if Store(name).exists():
        raise LabError(
            f"There is a lab called {name} already; a rehearsal makes its own.",
            remedy=f"Remove it with: kluster delete --name {name}; or rehearse under another name (--name).",
            code=ExitCode.REFUSED,
        )


def _run(lab: Lab, faults: Sequence[str], witness: Witness, done: Rehearsal) -> None:
    with _part(done, witness, "break"):
        done.evidence = lab.break_(faults, witness.progress)
        done.faults = list(lab.session.injected)
        for fault, seen in done.evidence.items():
            witness.evidence(fault, seen)
    with _part(done, witness, "check broken"):
        score = _look(lab, witness, lab.check)
        done.figures += [Figure(f"broken: {fault.name}", fault.points, 0.0) for fault in score.faults]
    with _part(done, witness, "solve"):
        lab.solve((), witness.progress, witness.explain)
        lab.diagnose_as_solved()
    with _part(done, witness, "check solved"):
        score = _look(lab, witness, lab.check)
        done.figures.append(Figure("solved", score.state, score.maximum))
    with _part(done, witness, "submit"):
        score = lab.submit(witness.listener(lab), witness.progress, lambda step: _drilled(done, witness, step))
        witness.score(lab, score)
        done.figures.append(Figure("submit", score.state, score.maximum))


def _drilled(done: Rehearsal, witness: Witness, step: DrillStep) -> None:
    done.drill.append(step)
    witness.drilled(step)


def _look(lab: Lab, witness: Witness, look: Callable[[Callable[[CheckSpec, Outcome], None]], Score]) -> Score:
    with step(witness.progress, "Look at the cluster"):
        score = look(witness.listener(lab))
    witness.score(lab, score)
    return score


def _delete(lab: Lab, witness: Witness, done: Rehearsal) -> None:
    with step(witness.progress, f"Delete lab {done.lab}"):
        lab.delete()
    done.kept = False


@contextmanager
def _part(done: Rehearsal, witness: Witness, title: str) -> Iterator[None]:
    """Run a part of the rehearsal and time it."""
    witness.chapter(title)
    began = time.monotonic()
    yield
    done.seconds[title] = round(time.monotonic() - began, 1)
