"""A rehearsal: a lab made, broken, graded, solved, graded again and removed, by itself."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from lab.core.grading import Outcome, Score
from lab.core.scenario import CheckSpec, SolutionStep
from lab.core.session import Mode
from lab.errors import ExitCode, LabError
from lab.lab import Lab
from lab.progress import Progress, step
from lab.store import Store

__all__ = ["Figure", "Rehearsal", "Witness", "rehearse"]


class Witness(Protocol):
    """Who watches a rehearsal and writes it down."""

    @property
    def progress(self) -> Progress:
        """Where its steps are reported."""

    def chapter(self, title: str) -> None:
        """Say that a new part begins."""

    def evidence(self, fault: str, seen: str) -> None:
        """Show the symptom of `fault` as it was seen."""

    def explain(self, each: SolutionStep) -> None:
        """Show a step of the solution before it runs."""

    def listener(self, lab: Lab) -> Callable[[CheckSpec, Outcome], None]:
        """Return who is told of each check as it comes."""

    def score(self, lab: Lab, score: Score) -> None:
        """Show a score."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure that a rehearsal holds against what it must be."""

    name: str
    found: float
    expected: float

    @property
    def right(self) -> bool:
        """Whether it is what it must be."""
        return math.isclose(self.found, self.expected, abs_tol=1e-6)


@dataclass(slots=True)
class Rehearsal:
    """What came of a rehearsal."""

    lab: str
    scenario: str
    backend: str
    faults: list[str] = field(default_factory=list)
    #: Fault -> its symptom as it was seen.
    evidence: dict[str, str] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    #: Part -> seconds.
    seconds: dict[str, float] = field(default_factory=dict)
    kept: bool = True
    #: What passed in the cluster's own time behind its creation, where that is virtual: waiting cost nothing.
    virtual_seconds: float | None = None

    @property
    def right(self) -> bool:
        """Whether every figure is what it must be."""
        return all(figure.right for figure in self.figures)


def rehearse(
    scenario: Path,
    witness: Witness,
    *,
    name: str,
    backend: str,
    image: str | None = None,
    faults: Sequence[str] = (),
    keep: bool = False,
    virtual: bool = False,
) -> Rehearsal:
    """Rehearse `scenario` with `faults` (none: all) in a lab called `name`, maybe in a simulator's `virtual` time.

    The lab is removed in the end, unless `keep`, and when it is interrupted. It is kept where a figure is wrong
    or a step fails, to be looked at.

    Raises:
        LabError: there is a lab of that name, or a step failed.

    """
    _require_free(name)
    began = time.monotonic()
    done = Rehearsal(lab=name, scenario=scenario.name, backend=backend)
    with _part(done, witness, "create"):
        lab = Lab.create(
            name,
            scenario,
            backend=backend,
            mode=Mode.REHEARSAL,
            image=image,
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
    for part, look in (("check solved", lab.check), ("submit", lab.submit)):
        with _part(done, witness, part):
            score = _look(lab, witness, look)
            done.figures.append(Figure(part.replace("check ", ""), score.state, score.maximum))


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
    """Run a part of the rehearsal, with its seconds."""
    witness.chapter(title)
    began = time.monotonic()
    yield
    done.seconds[title] = round(time.monotonic() - began, 1)
