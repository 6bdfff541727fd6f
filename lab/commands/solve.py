"""`kluster solve`: the reference solution, step by step, with its reasons."""

from typing import TYPE_CHECKING, Annotated

import typer

from lab.commands import candidates
from lab.commands.invocation import DEFAULT_LAB, Invocation, NameOption, YesOption, command, invocation
from lab.commands.steps import steps
from lab.errors import UsageProblem

if TYPE_CHECKING:
    from lab.core.scenario import SolutionStep

__all__ = ["explain", "solve"]


def solve(
    context: typer.Context,
    *,
    faults: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FAULT",
            help="Only these symptoms, in the given order.",
            autocompletion=candidates.symptoms,
        ),
    ] = None,
    name: NameOption = DEFAULT_LAB,
    yes: YesOption = False,
) -> None:
    """Run the reference solution and explain each step.

    A symptom that the solution repairs earns nothing. On a terminal it asks you to confirm; without a terminal
    it needs --yes. In a
    running exam it is refused.
    """
    from lab.core.modes import Act  # noqa: PLC0415 -- --help does without all that a lab needs
    from lab.core.session import Mode, State  # noqa: PLC0415

    run = invocation(context)
    lab = run.open(name)
    session = lab.session
    session.need([State.BROKEN], "solve")
    lab.require(Act.SOLVE)
    absent = [fault for fault in faults or [] if lab.fault(fault).name not in session.injected]
    if absent:
        raise UsageProblem(f"Not in this attempt: {', '.join(absent)}.", remedy=f"See: {command('status', name)}")
    if session.mode is not Mode.REHEARSAL:
        what = ", ".join(lab.fault(fault).symptom.name for fault in faults) if faults else "all symptoms"
        run.require_yes(f"Symptoms that the solution repairs earn you nothing: {what}. Continue?", yes=yes)
    lab.solve(faults or [], steps(run.console), lambda each: explain(run, each))
    run.console.say(f"See what it changed: {command('check', name)}")


def explain(run: Invocation, each: "SolutionStep") -> None:
    """Print a step of the solution: its title, its reason, its script and its nodes."""
    where = "on every node" if each.nodes == "all" else "on the control plane"
    run.console.text(f"\n{each.title} ({where})\n  {' '.join(each.why.split())}")
    run.console.text("".join(f"    {line}\n" for line in each.run.rstrip().splitlines()).rstrip("\n"))
