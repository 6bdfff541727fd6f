"""`kluster rehearse`: an unattended run of the whole lab, with a transcript."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lab.commands import candidates
from lab.commands.check import show_score
from lab.commands.create import Backend, BackendOption, ImageOption, ScenarioArgument, SeedOption
from lab.commands.invocation import Invocation, JsonOption, NameOption, YesOption, invocation
from lab.commands.solve import explain
from lab.commands.steps import counted, noted, steps
from lab.commands.trust import require_trust
from lab.errors import ExitCode, LabError, UsageProblem

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.core.drill import DrillStep
    from lab.core.grading import Outcome, Score
    from lab.core.scenario import CheckSpec, SolutionStep
    from lab.lab import Lab
    from lab.progress import Progress
    from lab.rehearsal import Rehearsal

__all__ = ["rehearse"]


def rehearse(
    context: typer.Context,
    *,
    scenario: ScenarioArgument = "kluster005",
    name: NameOption = "kluster005-rehearsal",
    faults: Annotated[
        str,
        typer.Option(
            metavar="A,B",
            help="Only these faults, separated by commas. [default: all]",
            show_default=False,
            autocompletion=candidates.faults_of_list,
        ),
    ] = "",
    keep: Annotated[bool, typer.Option("--keep", help="Keep the lab at the end, and after an interrupt.")] = False,
    backend: BackendOption = Backend.AUTO,
    seed: SeedOption = 0,
    image: ImageOption = None,
    virtual: Annotated[
        bool | None,
        typer.Option(
            "--virtual-time/--real-time",
            help="On the simulator, skip waiting times. [default: skip without a terminal]",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
    yes: YesOption = False,
) -> None:
    """Run the whole lab unattended: create, break, check, solve, check, submit, delete. It shows the solution.

    The exit code is 1 if a score is wrong: the score must be 0 for the broken lab and the maximum for the solved
    lab. If a score is wrong, the lab is kept.
    """
    from lab.backends import choose  # noqa: PLC0415 -- --help does without all that a lab needs
    from lab.core.load import find  # noqa: PLC0415
    from lab.places import scenarios_folder  # noqa: PLC0415
    from lab.rehearsal import rehearse as run_through  # noqa: PLC0415

    run = invocation(context)
    folder = find(scenario, scenarios_folder())
    chosen = choose(backend.value)
    if virtual and chosen != "sim":
        raise UsageProblem("A real cluster has no virtual time.", remedy="Leave out --virtual-time.")
    require_trust(run, folder, chosen, yes=yes)
    witness = _Transcript(run, silent=as_json)
    names = [fault.strip() for fault in faults.split(",") if fault.strip()]
    try:
        done = run_through(
            folder,
            witness,
            name=name,
            backend=chosen,
            image=image,
            seed=seed,
            faults=names,
            keep=keep,
            virtual=chosen == "sim" and (not run.console.interactive if virtual is None else virtual),
        )
    except LabError as error:
        if witness.made:
            error.add_note(_how_to_look(name))
        raise
    if as_json:
        run.console.data(_data(done))
    else:
        _conclude(run, done)
    if done.kept:
        run.console.say(_how_to_look(name))
    raise typer.Exit(ExitCode.DONE if done.right else ExitCode.UNSOLVED)


class _Transcript:
    """Writes the transcript of a rehearsal on stdout, or nothing if stdout is for JSON."""

    def __init__(self, run: Invocation, *, silent: bool) -> None:
        self._run = run
        self._silent = silent
        self.progress: Progress = steps(run.console, record=not silent)
        #: Whether the lab exists: a failed creation leaves none.
        self.made = False

    def chapter(self, title: str) -> None:
        """Begin a part."""
        self.made = title != "create"
        if not self._silent:
            self._run.console.text(f"\n== {title}")

    def evidence(self, fault: str, seen: str) -> None:
        """Show a symptom."""
        if not self._silent:
            self._run.console.text(f"  observed for {fault}: {seen}")

    def explain(self, each: "SolutionStep") -> None:
        """Show a step of the solution."""
        if not self._silent:
            explain(self._run, each)

    def listener(self, lab: "Lab") -> "Callable[[CheckSpec, Outcome], None]":
        """Return a listener that counts the checks."""
        return counted(lab, self.progress)

    def score(self, lab: "Lab", score: "Score") -> None:
        """Show the table."""
        if not self._silent:
            show_score(self._run, lab, score, reasons=False)

    def drilled(self, step: "DrillStep") -> None:
        """Show what a step of the drill has shown."""
        if not self._silent:
            noted(self.progress)(step)


def _data(done: "Rehearsal") -> dict[str, Any]:
    figures = [{**asdict(figure), "right": figure.right} for figure in done.figures]
    drill = [step.model_dump() for step in done.drill]
    return {**asdict(done), "right": done.right, "figures": figures, "drill": drill}


def _conclude(run: Invocation, done: "Rehearsal") -> None:
    what = f"{done.scenario}, seed {done.seed}," if done.seed else done.scenario
    lines = ["", f"== {what} on {done.backend}: {'as expected' if done.right else 'NOT as expected'}"]
    for figure in done.figures:
        wrong = "" if figure.right else f"  <- must be {figure.expected:g}"
        lines.append(f"  {figure.name}: {figure.found:g} points{wrong}")
    lines.append("  " + ", ".join(f"{part} {seconds:.1f} s" for part, seconds in done.seconds.items()))
    if done.virtual_seconds is not None:
        minutes, seconds = divmod(round(done.virtual_seconds), 60)
        lines.append(
            f"  This run skipped waiting times: {minutes} min {seconds} s passed in the cluster. "
            "To wait as a trainee does: --real-time"
        )
    run.console.text("\n".join(lines))


def _how_to_look(name: str) -> str:
    return (
        f"The lab still exists. Open a shell: kluster shell --name {name}; remove it: kluster delete --name {name}"
    )
