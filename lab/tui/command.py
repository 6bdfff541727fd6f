"""`kluster play`: checks that do not need Textual run here, before Textual is loaded."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, cast

import click
import typer

from lab.commands import candidates
from lab.commands.create import Backend, BackendOption, ImageOption, SeedOption
from lab.commands.invocation import DEFAULT_LAB, NameOption, invocation
from lab.commands.trust import is_strange, require_trust
from lab.errors import ExitCode, LabError, UsageProblem
from lab.signals import ended_by

__all__ = ["play"]


class Theme(StrEnum):
    """The values of `--theme`."""

    DARK = "dark"
    LIGHT = "light"
    CONTRAST = "contrast"


class PlayMode(StrEnum):
    """The values of `--mode`."""

    TRAINING = "training"
    EXAM = "exam"
    GAME_DAY = "game-day"


def play(
    *,
    scenario: Annotated[
        str | None,
        typer.Argument(
            metavar="SCENARIO",
            help="A scenario's name or folder; without one, you choose.",
            autocompletion=candidates.scenarios,
        ),
    ] = None,
    name: NameOption = DEFAULT_LAB,
    backend: BackendOption = Backend.AUTO,
    mode: Annotated[
        PlayMode, typer.Option(help="exam: no hints, no results of checks, one submission.")
    ] = PlayMode.TRAINING,
    team: Annotated[str, typer.Option(metavar="NAME", help="The team of a game day.")] = "",
    faults: Annotated[
        str,
        typer.Option(
            metavar="A,B",
            help="Practise only these symptoms, separated by commas.",
            autocompletion=candidates.symptoms_of_list,
        ),
    ] = "",
    seed: SeedOption = 0,
    image: ImageOption = None,
    prefix: Annotated[
        str, typer.Option(metavar="KEY", help="The key to press in the terminal before one of the lab's own keys.")
    ] = "ctrl+g",
    theme: Annotated[Theme, typer.Option(help="Colours.")] = Theme.DARK,
    animation: Annotated[bool, typer.Option("--animation/--no-animation", help="Animate the screen.")] = True,
) -> None:
    """Play on one screen: letters, a terminal on the node, hints, a score, and the debrief.

    An unfinished or interrupted lab is resumed. NO_COLOR turns colours off.
    """
    _require_terminal()
    if mode is PlayMode.GAME_DAY and scenario and not team:
        raise UsageProblem("A game day needs the team's name.", remedy="Add: --team NAME")
    from lab.tui.app import PlayApp  # noqa: PLC0415 -- --help does without Textual
    from lab.tui.options import PlayOptions  # noqa: PLC0415
    from lab.tui.terminal.cut_off import cut_off  # noqa: PLC0415

    if scenario and Path(scenario).is_dir() and is_strange(Path(scenario)):
        from lab.backends import choose  # noqa: PLC0415

        require_trust(
            invocation(cast("typer.Context", click.get_current_context())),
            Path(scenario),
            choose(backend.value),
            yes=False,
        )
    options = PlayOptions(
        scenario=scenario or ("kluster005" if faults or seed else ""),
        name=name,
        backend=backend.value,
        mode=mode.value,
        team=team,
        faults=tuple(word for word in faults.replace(",", " ").split() if word),
        image=image,
        seed=seed,
        prefix=prefix,
        theme=theme.value,
        animation=animation,
        colour=not os.environ.get("NO_COLOR"),
    )
    app = PlayApp(options)
    with ended_by(lambda _number, _frame: cut_off(app)):
        app.run()
    if app.problem:
        raise app.problem
    if app.return_code == ExitCode.INTERRUPTED:
        raise KeyboardInterrupt


def _require_terminal() -> None:
    if not all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise LabError(
            "`kluster play` needs a terminal, and there is none here.",
            remedy="Without one, use: kluster create, break, exec, check. To watch a solution: kluster rehearse",
        )
    if os.environ.get("TERM", "") in {"dumb", "unknown"}:
        raise LabError(
            f"This terminal (TERM={os.environ['TERM']}) can't move its cursor, so the play screen can't be drawn.",
            remedy="Use another terminal, set TERM correctly, or play with kluster create, break, shell.",
        )
