"""`kluster check` and `submit`: what is repaired so far, and the end of an attempt."""

from typing import TYPE_CHECKING

import typer

from lab.commands.invocation import DEFAULT_LAB, Invocation, JsonOption, NameOption, YesOption, command, invocation
from lab.commands.steps import counted, noted, steps, unnoted
from lab.console import duration, speaks_utf8
from lab.progress import step

if TYPE_CHECKING:
    from pathlib import Path

    from lab.core.grading import Score
    from lab.core.session import Session
    from lab.lab import Lab

__all__ = ["check", "show_score", "submit"]


def check(context: typer.Context, *, name: NameOption = DEFAULT_LAB, as_json: JsonOption = False) -> None:
    """Show what is repaired so far. It is quick and changes nothing: use it as often as you like.

    In a running exam it is refused. The exit code is 0 when everything is repaired, 4 when a part could not be
    read and the rest is repaired, otherwise 1.
    """
    from lab.core.score_view import exit_code, view  # noqa: PLC0415 -- --help does without all that a lab needs
    from lab.store import now  # noqa: PLC0415

    run = invocation(context)
    lab = run.open(name)
    lab.need_check()
    progress = steps(run.console)
    with step(progress, "Look at the cluster"):
        score = lab.check(counted(lab, progress))
    lab.store.stir()
    session = lab.session
    seen = view(lab.scenario, lab.loaded.solution, session, score, now())
    if as_json:
        run.console.data(seen.as_data())
    else:
        show_score(run, lab, score, reasons=False)
        _say_pause(run, session, seen.paused_seconds)
        _say_next(run, session, score)
    raise typer.Exit(exit_code(score))


def submit(
    context: typer.Context, *, name: NameOption = DEFAULT_LAB, as_json: JsonOption = False, yes: YesOption = False
) -> None:
    """End the attempt: run the drill that the board announces, then print the score and the causes.

    On a terminal it asks you to confirm; without a terminal it needs --yes. The exit code is 0 when everything
    is repaired, 4 when a part could not be read and the rest is repaired, otherwise 1.
    """
    from lab.core.modes import Act  # noqa: PLC0415
    from lab.core.score_view import exit_code  # noqa: PLC0415 -- --help does without all that a lab needs
    from lab.core.session import State  # noqa: PLC0415
    from lab.lab import Lab  # noqa: PLC0415
    from lab.store import now  # noqa: PLC0415

    run = invocation(context)
    lab = Lab.open(name)
    session = lab.session
    session.need([State.BROKEN], "submit")
    missing = [
        f.symptom.name
        for f in lab.scenario.faults
        if f.name in session.injected and f.name not in session.diagnosis
    ]
    without = f" There is no diagnosis yet for: {', '.join(missing)}." if missing else ""
    run.require_yes(f"This ends the attempt.{without} Submit?", yes=yes or lab.due)
    progress = steps(run.console)
    ended = noted(progress) if session.may(Act.SEE_STATES) else unnoted
    score = lab.submit(counted(lab, progress), progress, ended)
    final = lab.session.final
    if as_json:
        run.console.data(final)
    else:
        show_score(run, lab, score, reasons=True)
        _say_pause(run, lab.session, lab.session.paused(now()).total_seconds())
        run.console.say(f"The whole story: {command('debrief', name)}")
        if kept := _kept(lab):
            run.console.say(f"Result for the organiser: {kept}")
        run.console.say(f"Play again: {command('reset', name)}   Remove the lab: {command('delete', name)}")
    raise typer.Exit(exit_code(score))


def _kept(lab: "Lab") -> "Path | None":
    """Return the file of a game day's attempt. Other attempts have files too, but nobody collects them."""
    from lab import attempts  # noqa: PLC0415 -- --help does without all that a lab needs
    from lab.core.session import Mode  # noqa: PLC0415

    session = lab.session
    return attempts.file_of(session) if session.mode is Mode.GAME_DAY else None


def show_score(run: Invocation, lab: "Lab", score: "Score", *, reasons: bool) -> None:
    """Print the visible part of `score` as a table."""
    from lab.commands.score_table import score_table  # noqa: PLC0415 -- rich is slow to load
    from lab.core.score_view import view  # noqa: PLC0415

    seen = view(lab.scenario, lab.loaded.solution, lab.session, score)
    run.console.show(score_table(seen, marks=speaks_utf8(run.console.stdout), reasons=reasons))


def _say_pause(run: Invocation, session: "Session", seconds: float) -> None:
    """Say for how long the clock stood still, and whether it does now."""
    from lab.core.session import State  # noqa: PLC0415 -- --help does without

    if session.state is State.PAUSED:
        run.console.say(
            f"The lab is paused, {duration(seconds)} so far. Resume it: {command('resume', session.name)}"
        )
    elif round(seconds):
        run.console.say(f"The clock was paused for {duration(seconds)} in all.")


def _say_next(run: Invocation, session: "Session", score: "Score") -> None:
    from lab.core.session import State  # noqa: PLC0415 -- --help does without

    name = session.name
    if session.over or session.state is State.PAUSED:
        return
    if score.solved:
        run.console.say(
            f"Everything is repaired. Save your diagnosis: {command('diagnose', name)}; "
            f"end the attempt: {command('submit', name)}"
        )
    elif score.unreadable:
        run.console.say("Some checks could not be read and don't count yet. Check again in a moment.")
