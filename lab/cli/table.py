"""The commands of `kluster`: their names, order, one-line descriptions and examples."""

import functools
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from lab import __version__
from lab.commands import (
    bundle,
    check,
    clients,
    completion,
    create,
    debrief,
    delete,
    diagnose,
    doctor,
    help_,
    hint,
    pause,
    rehearse,
    scenarios,
    shell,
    solve,
    status,
)
from lab.commands.invocation import invocation
from lab.errors import ExitCode
from lab.serve import attempt_command as attempts
from lab.serve import command as events
from lab.serve import visit_command as visits
from lab.tui import command as play

__all__ = ["app", "command_line"]


class ProgressStyle(StrEnum):
    """The values of `--progress`."""

    AUTO = "auto"
    JSON = "json"


class _Command(NamedTuple):
    run: Callable[..., None]
    name: str
    about: str
    examples: tuple[str, ...]
    settings: Mapping[str, Any] = MappingProxyType({})


_COMMANDS = (
    _Command(
        play.play,
        "play",
        "Play on one screen, from the letters to the debrief.",
        (
            "kluster play",
            "kluster play kluster005 --backend sim",
            "kluster play --faults silence,distance",
            "kluster play kluster005 --mode exam --theme light",
            "kluster play --seed 7",
        ),
    ),
    _Command(
        scenarios.list_,
        "list",
        "List scenarios, labs and earlier attempts.",
        ("kluster list", "kluster list --json"),
    ),
    _Command(
        create.create,
        "create",
        "Create a lab: a healthy cluster with workloads.",
        ("kluster create", "kluster create --backend kind", "kluster create --mode exam"),
    ),
    _Command(
        create.break_,
        "break",
        "Break the cluster, start the clock, print the story.",
        ("kluster break", "kluster break --name mine"),
    ),
    _Command(
        status.status,
        "status",
        "Show the lab's state, and what to do next.",
        ("kluster status", "kluster status --story", "kluster status --json"),
    ),
    _Command(
        pause.pause,
        "pause",
        "Stop the clock and the simulated cluster.",
        ("kluster pause", "kluster pause mine", "kluster pause --json"),
    ),
    _Command(
        pause.resume,
        "resume",
        "Resume a paused lab.",
        ("kluster resume", "kluster resume mine"),
    ),
    _Command(
        check.check,
        "check",
        "Show what is repaired so far. Changes nothing.",
        ("kluster check", "kluster check --json"),
    ),
    _Command(
        check.submit,
        "submit",
        "End the attempt and get the score.",
        ("kluster submit", "kluster submit --yes --json"),
    ),
    _Command(
        hint.hint,
        "hint",
        "List hints and their cost, or take the next one.",
        ("kluster hint", "kluster hint silence", "kluster hint silence --yes"),
    ),
    _Command(
        diagnose.diagnose,
        "diagnose",
        "Save your diagnosis of a symptom.",
        ("kluster diagnose", "kluster diagnose silence --component kubelet --cause expired"),
    ),
    _Command(
        debrief.debrief,
        "debrief",
        "Show score, timeline and causes of an ended attempt.",
        (
            "kluster debrief",
            "kluster debrief --format html --output debrief.html",
            "kluster debrief --format cast --output session.cast",
        ),
    ),
    _Command(
        solve.solve,
        "solve",
        "Run the reference solution, with its reasons.",
        ("kluster solve silence", "kluster solve --yes"),
    ),
    _Command(
        create.reset,
        "reset",
        "Restore the cluster as it was after create.",
        ("kluster reset", "kluster reset --name mine"),
    ),
    _Command(
        delete.delete,
        "delete",
        "Remove the lab with its cluster.",
        ("kluster delete", "kluster delete --name mine --yes"),
    ),
    _Command(
        shell.shell, "shell", "Open a root shell on a node.", ("kluster shell", "kluster shell --node worker")
    ),
    _Command(
        shell.exec_,
        "exec",
        "Run one command on a node.",
        (
            "kluster exec kubectl get nodes",
            "kluster exec --node worker -- crictl ps -a",
            "kluster exec sh -c 'cat > /tmp/x' < x",
        ),
        {"context_settings": {"allow_interspersed_args": False}},
    ),
    _Command(
        clients.kubeconfig,
        "kubeconfig",
        "Print a kubeconfig for kubectl and other clients on this machine.",
        ("kluster kubeconfig > lab.conf; kubectl --kubeconfig lab.conf get nodes",),
    ),
    _Command(
        rehearse.rehearse,
        "rehearse",
        "Create, break, solve and grade a lab, for instructors.",
        ("kluster rehearse", "kluster rehearse --backend sim --json", "kluster rehearse --keep > transcript.txt"),
    ),
    _Command(
        events.serve,
        "serve",
        "Serve an event: people play in browsers, on the simulator.",
        (
            "kluster serve ./friday",
            "kluster serve ./friday --lan",
            "kluster serve ./friday --lan --public https://class.example.com",
        ),
    ),
    _Command(
        events.event,
        "event",
        "Create, check, start, stop and report an event.",
        ("kluster event new ./friday", "kluster event start ./friday", "kluster event certify ./friday"),
    ),
    _Command(
        attempts.verify,
        "verify",
        "Say whether an attempt or a certificate was changed.",
        (
            "kluster verify ./friday",
            "kluster verify attempt.jsonl --key ./friday",
            "kluster verify seat-001.json --key witness.pub",
        ),
    ),
    _Command(
        visits.join,
        "join",
        "Play at a seat of an event, in this terminal.",
        ("kluster join http://10.0.0.5:8005 --code KTQX-7PMD",),
    ),
    _Command(
        visits.board,
        "board",
        "Show the instructor's board in this terminal.",
        ("kluster board ./friday", "kluster board http://10.0.0.5:8005 --code BCDF-2345"),
    ),
    _Command(
        attempts.report,
        "report",
        "Write the report of an event, or of a folder of attempts.",
        ("kluster report ./friday", "kluster report ./friday --anonymous --output ./public"),
    ),
    _Command(
        attempts.witness,
        "witness",
        "Let an event's server sign an attempt that runs here.",
        ("kluster witness http://10.0.0.5:8005 --code KTQX-7PMD",),
    ),
    _Command(
        doctor.doctor,
        "doctor",
        "Check whether a real cluster can be created here.",
        ("kluster doctor", "kluster doctor --live --name mine"),
    ),
    _Command(
        bundle.bundle,
        "bundle",
        "Pack kluster for machines without a network.",
        (
            "kluster bundle kluster.tar",
            "kluster bundle kluster.tar --platform linux-amd64 --platform macos-arm64",
            "kluster bundle kluster.tar --with-node-image --json",
        ),
    ),
    _Command(
        scenarios.validate,
        "validate",
        "Check a scenario's files.",
        ("kluster validate kluster005", "kluster validate ./mine"),
    ),
    _Command(
        scenarios.schema,
        "schema",
        "Print the JSON Schema of a scenario's files.",
        ("kluster schema > scenario.schema.json", "kluster schema hints"),
    ),
    _Command(
        completion.completion,
        "completion",
        "Print the completion script of a shell.",
        (
            "kluster completion fish | source",
            'eval "$(kluster completion bash)"',
            'eval "$(kluster completion zsh)"',
        ),
    ),
    _Command(help_.help_, "help", "Show the help of a command.", ("kluster help", "kluster help create")),
)

_EXIT_CODES = "\n".join(
    ("\b", "Exit codes:", *(f"  {code:<4} {code.meaning}" for code in ExitCode)),
)

app = typer.Typer(
    name="kluster",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog=f"{_EXIT_CODES}\nThe exit code of exec is that of the command it ran.\n",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _each in _COMMANDS:
    _examples = "\n".join(("\b", "Examples:", *(f"  {example}" for example in _each.examples)))
    app.command(_each.name, short_help=_each.about, epilog=_examples, **_each.settings)(_each.run)


@functools.cache
def command_line() -> TyperGroup:
    """Return the whole command line, as Typer builds it from the signatures of the commands."""
    group = typer.main.get_command(app)
    if not isinstance(group, TyperGroup):
        raise TypeError("a command line of several commands is a group")
    return group


def _version(context: typer.Context, asked: bool) -> None:
    if asked:
        invocation(context).console.text(f"kluster {__version__}")
        raise typer.Exit


@app.callback()
def _kluster(
    context: typer.Context,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Show all steps, and tracebacks of errors.")
    ] = False,
    progress: Annotated[
        ProgressStyle,
        typer.Option(
            help="Format of progress and errors on stderr. json: one JSON object per line, for programs."
        ),
    ] = ProgressStyle.AUTO,
    version: Annotated[  # noqa: ARG001 -- its callback has done it
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Learn to repair Kubernetes: the lab breaks a cluster, and you find out why.

    Begin with `kluster play`. In your own terminal, begin with `kluster create` and `kluster break`.
    """
    run = invocation(context)
    run.verbose = verbose
    run.console.for_programs = progress is ProgressStyle.JSON
