"""`kluster pause` and `resume`: stop the clock of an attempt, and let it run again."""

from typing import TYPE_CHECKING, Annotated

import typer

from lab.commands import candidates
from lab.commands.invocation import DEFAULT_LAB, Invocation, JsonOption, NameOption, command, invocation
from lab.console import duration
from lab.core.names import require_name
from lab.errors import UsageProblem

if TYPE_CHECKING:
    from lab.lab import Lab

__all__ = ["pause", "resume"]

LabArgument = Annotated[
    str | None,
    typer.Argument(metavar="NAME", help="The lab's name, in place of --name.", autocompletion=candidates.labs),
]


def pause(
    context: typer.Context, *, lab: LabArgument = None, name: NameOption = DEFAULT_LAB, as_json: JsonOption = False
) -> None:
    """Stop the clock of an attempt until `kluster resume`, for a break or a night.

    A simulated cluster stops too, and its shells wait. A real cluster (kind) keeps running. While a lab is paused,
    `status` and `check` work, and commands that change the cluster are refused. Exams and game days can't be
    paused.
    """
    from lab.pausing import WARNING  # noqa: PLC0415 -- --help does without all that a lab needs
    from lab.pausing import pause as pause_lab  # noqa: PLC0415

    run = invocation(context)
    opened = run.open(_name(run, lab, name))
    stands = pause_lab(opened)
    if as_json:
        run.console.data({**_data(opened), "cluster_stands": stands})
        return
    played, paused = _times(opened)
    before = f" It was paused for {duration(paused)} so far." if round(paused) else ""
    run.console.text(f"Lab {opened.store.name} is paused: its clock stands at {duration(played)}.{before}")
    if stands:
        run.console.say("The cluster is stopped too, and shells wait.")
    else:
        run.console.say(f"Warning: {WARNING}", "yellow")
    run.console.say(f"Resume it with: {command('resume', opened.store.name)}")


def resume(
    context: typer.Context, *, lab: LabArgument = None, name: NameOption = DEFAULT_LAB, as_json: JsonOption = False
) -> None:
    """Resume a paused lab: its clock runs again, and so does its cluster."""
    from lab.pausing import resume as resume_lab  # noqa: PLC0415 -- --help does without all that a lab needs

    run = invocation(context)
    opened = run.open(_name(run, lab, name))
    length = resume_lab(opened).total_seconds()
    opened.store.stir()
    if as_json:
        run.console.data(_data(opened))
        return
    played, paused = _times(opened)
    in_all = f", in all for {duration(paused)}" if round(paused) != round(length) else ""
    run.console.text(
        f"Lab {opened.store.name} resumes at {duration(played)}. It was paused for {duration(length)}{in_all}."
    )


def _name(run: Invocation, lab: str | None, name: str) -> str:
    """Return the lab that the argument or the option names."""
    if lab is None:
        return name
    if name not in {DEFAULT_LAB, lab}:
        raise UsageProblem(f"Two labs are named: {lab} and {name}.", remedy="Name one of them.")
    require_name(lab)
    run.lab = lab
    return lab


def _times(lab: "Lab") -> tuple[float, float]:
    """Return the clock's time, and the length of the pauses, in s."""
    from lab.store import now  # noqa: PLC0415 -- --help does without

    session, at = lab.session, now()
    return session.played(at).total_seconds(), session.paused(at).total_seconds()


def _data(lab: "Lab") -> dict[str, object]:
    played, paused = _times(lab)
    state = lab.session.state.value
    return {"lab": lab.store.name, "state": state, "seconds": round(played, 1), "paused_seconds": round(paused, 1)}
