"""`kluster create`, `break` and `reset`: make a lab, break it, restore it."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from lab.commands import candidates
from lab.commands.invocation import DEFAULT_LAB, Invocation, NameOption, YesOption, command, invocation
from lab.commands.numbers import whole
from lab.commands.steps import neutral, steps
from lab.commands.trust import require_trust
from lab.console import Console, duration
from lab.core.names import LARGEST_SEED
from lab.errors import UsageProblem

if TYPE_CHECKING:
    from lab.core.scenario import Scenario
    from lab.core.session import Session

__all__ = [
    "Backend",
    "BackendOption",
    "ImageOption",
    "ScenarioArgument",
    "SeedOption",
    "break_",
    "create",
    "reset",
]


class Backend(StrEnum):
    """The values of `--backend`."""

    AUTO = "auto"
    KIND = "kind"
    SIM = "sim"


class ModeName(StrEnum):
    """The values of `--mode`."""

    TRAINING = "training"
    EXAM = "exam"
    GAME_DAY = "game-day"
    REHEARSAL = "rehearsal"


_LONGEST_TEAM = 40

ScenarioArgument = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        help="A scenario's name, or the path of its folder.",
        show_default=False,
        autocompletion=candidates.scenarios,
    ),
]
BackendOption = Annotated[
    Backend,
    typer.Option(
        help="kind: a real cluster; sim: the simulator; auto: kind if Docker and kind are there, else sim."
    ),
]
ImageOption = Annotated[
    str | None, typer.Option(metavar="IMAGE", help="The node image for kind.", envvar="KLUSTER_NODE_IMAGE")
]
SeedOption = Annotated[
    int,
    typer.Option(
        metavar="N",
        parser=whole(0, LARGEST_SEED),
        show_default=False,
        help="A variant of the scenario: other names, files and details. The same seed makes the same lab. "
        "[default: no variant]",
    ),
]


def create(
    context: typer.Context,
    *,
    scenario: ScenarioArgument = "kluster005",
    name: NameOption = DEFAULT_LAB,
    backend: BackendOption = Backend.AUTO,
    mode: Annotated[
        ModeName,
        typer.Option(
            help="training: hints and solutions cost points; exam: no hints or solutions; game-day: as training, "
            "for a team; rehearsal: causes and solutions are shown at any time."
        ),
    ] = ModeName.TRAINING,
    team: Annotated[str, typer.Option(metavar="NAME", help="The team of a game day.")] = "",
    seed: SeedOption = 0,
    image: ImageOption = None,
    yes: YesOption = False,
) -> None:
    """Create a lab: a healthy cluster with the scenario's workloads."""
    if backend is Backend.SIM:
        from lab.cluster.sim.process.spare import prepared  # noqa: PLC0415

        # It loads while this process does.
        context.with_resource(prepared())
    from lab.backends import choose  # noqa: PLC0415 -- --help does without all that a lab needs
    from lab.core.load import find  # noqa: PLC0415
    from lab.core.session import Mode  # noqa: PLC0415
    from lab.lab import Lab  # noqa: PLC0415
    from lab.places import scenarios_folder  # noqa: PLC0415

    run = invocation(context)
    team = _team(team, mode)
    folder = find(scenario, scenarios_folder())
    chosen = choose(backend.value)
    if backend is Backend.AUTO and chosen == "sim":
        run.console.say(
            "No real cluster can be created here (`kluster doctor` says why), so the simulator is used."
        )
    require_trust(run, folder, chosen, yes=yes)
    lab = Lab.create(
        name,
        folder,
        backend=chosen,
        mode=Mode(mode.value),
        image=image,
        team=team,
        seed=seed,
        progress=steps(run.console),
    )
    _ready(run, lab.session)


def _team(name: str, mode: ModeName) -> str:
    """Return the team's name, or raise `UsageProblem`."""
    name = " ".join(name.split())
    if (mode is ModeName.GAME_DAY) != bool(name):
        raise UsageProblem(
            "A game day needs a team, and other modes have none.", remedy="Use: --mode game-day --team NAME"
        )
    if len(name) > _LONGEST_TEAM or not name.isprintable():
        raise UsageProblem("That can't be a team's name.", remedy=f"Use visible letters, at most {_LONGEST_TEAM}.")
    return name


def break_(
    context: typer.Context,
    *,
    faults: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FAULT",
            help="Only these symptoms. Instructors can also name the scenario's faults.",
            autocompletion=candidates.symptoms_to_break,
        ),
    ] = None,
    name: NameOption = DEFAULT_LAB,
) -> None:
    """Break the lab, start the clock, and print the story."""
    from lab.core.session import Mode, State  # noqa: PLC0415 -- --help does without

    run = invocation(context)
    lab = run.open(name)
    console, session = run.console, lab.session
    session.need([State.HEALTHY], "break it")
    progress = steps(console)
    if _in_full(run, session):
        evidence = lab.break_(faults or [], progress)
    else:
        with neutral(progress, _at_work(lab.scenario)) as hidden:
            evidence = lab.break_(faults or [], hidden)
    console.markdown(lab.loaded.story)
    if session.mode is Mode.REHEARSAL:
        for fault, seen in evidence.items():
            console.say(f"{fault}: {seen}")
    _begun(console, lab.session)


def _begun(console: Console, session: "Session") -> None:
    """Report that the clock runs, and list the next commands."""
    from lab.core.modes import Act  # noqa: PLC0415 -- --help does without

    name = session.name
    minutes = ""
    if session.deadline and session.started:
        minutes = f" You have {duration((session.deadline - session.started).total_seconds())}."
    console.say(f"The clock is running.{minutes} Open a shell on the node: {command('shell', name)}")
    states = f"See what is repaired: {command('check', name)}   " if session.may(Act.SEE_STATES) else ""
    console.say(f"{states}Read the story again: {command('status', name)} --story")


def reset(context: typer.Context, *, name: NameOption = DEFAULT_LAB, yes: YesOption = False) -> None:
    """Restore the cluster to the state after `kluster create`.

    Your files in the home folder of root on the nodes are removed, too.

    A running attempt ends without a score: on a terminal it asks you to confirm, without a terminal it needs
    --yes. A running exam can't
    be reset.
    """
    from lab.core.modes import Act, Phase  # noqa: PLC0415 -- --help does without all that a lab needs

    run = invocation(context)
    lab = run.open(name)
    lab.require(Act.BEGIN_AGAIN)
    if lab.session.phase is Phase.RUNNING:
        run.require_yes("This ends the attempt, without a score. Reset?", yes=yes)
    progress = steps(run.console)
    if _in_full(run, lab.session):
        lab.reset(progress)
    else:
        with neutral(progress, "Undo all changes") as hidden:
            lab.reset(hidden)
    _ready(run, lab.session)


def _in_full(run: Invocation, session: "Session") -> bool:
    """Whether steps are shown by name; the names give away what is broken."""
    from lab.core.modes import Act  # noqa: PLC0415 -- --help does without all that a lab needs
    from lab.core.score_view import open_book  # noqa: PLC0415

    return open_book(session) or (run.verbose and session.may(Act.SEE_STEPS))


def _ready(run: Invocation, session: "Session") -> None:
    team = f", team {session.team}" if session.team else ""
    run.console.say(f"Lab {session.name} is healthy ({session.backend}, {session.mode.value}{team}).")
    run.console.say(f"Break it with: {command('break', session.name)}")


def _at_work(scenario: "Scenario") -> str:
    culprits = list(dict.fromkeys(fault.culprit for fault in scenario.faults))
    names = f"{', '.join(culprits[:-1])} and {culprits[-1]}" if len(culprits) > 1 else culprits[0]
    return f"{names[0].upper()}{names[1:]} {'are' if len(culprits) > 1 else 'is'} at work"
