"""The command line `kluster`: its commands, its exit codes, and the one place that errors are printed at."""

import contextlib
import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer

from lab import __version__
from lab.commands import (
    check,
    create,
    debrief,
    delete,
    diagnose,
    doctor,
    hint,
    rehearse,
    scenarios,
    shell,
    solve,
    status,
)
from lab.commands.invocation import Invocation, invocation, with_lab
from lab.console import Console
from lab.errors import ExitCode, LabError, UsageProblem
from lab.tui import command as play

__all__ = ["app", "main", "run"]

#: What a command ends in whose output nobody reads any more, as if by SIGPIPE.
PIPE_CLOSED = 141
#: After an error that nobody foresaw (EX_SOFTWARE of sysexits.h).
INTERNAL = 70

#: Signals that end a command in an orderly way: Ctrl-C, a closed terminal, `kill`. Not every system has all.
_ENDS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

_EXIT_CODES = """\b
Exit codes:
  0    done
  1    not solved (check, submit, rehearse)
  2    usage: no such command, name or file
  3    the machine or the cluster stands in the way
  4    could not be read, and nothing else is wrong
  5    busy: another command works on the lab
  6    refused by the lab's mode or state, or by you
  70   an error in the lab itself
  130  interrupted
exec ends in what its command ended in.
"""


class ProgressStyle(StrEnum):
    """What `--progress` takes."""

    AUTO = "auto"
    JSON = "json"


app = typer.Typer(
    name="kluster",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog=_EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _command(
    run: Callable[..., None],
    name: str,
    about: str,
    *examples: str,
    **settings: Any,  # noqa: ANN401 -- typer's
) -> None:
    """Add a command; its help ends in `examples`."""
    epilog = "\n".join(["\b", "Examples:", *(f"  {example}" for example in examples)])
    app.command(name, epilog=epilog, short_help=about, **settings)(run)


_command(
    play.play,
    "play",
    "Play, on one screen: from the letters to the debrief.",
    "kluster play",
    "kluster play kluster005 --backend sim",
    "kluster play --faults silence,distance",
    "kluster play kluster005 --mode exam --theme light",
)
_command(
    scenarios.list_, "list", "List scenarios, labs and earlier attempts.", "kluster list", "kluster list --json"
)
_command(
    create.create,
    "create",
    "Make a lab: a healthy cluster with workloads.",
    "kluster create",
    "kluster create --backend kind",
    "kluster create --mode exam",
)
_command(
    create.break_,
    "break",
    "Break it, start the clock, print the story.",
    "kluster break",
    "kluster break --name mine",
)
_command(
    status.status,
    "status",
    "Where the lab is, and what to do next.",
    "kluster status",
    "kluster status --story",
    "kluster status --json",
)
_command(
    check.check, "check", "See what holds by now; it changes nothing.", "kluster check", "kluster check --json"
)
_command(
    check.submit, "submit", "End the attempt and get the score.", "kluster submit", "kluster submit --yes --json"
)
_command(
    hint.hint,
    "hint",
    "List hints and their cost, or take the next one.",
    "kluster hint",
    "kluster hint silence",
    "kluster hint silence --again",
)
_command(
    diagnose.diagnose,
    "diagnose",
    "Say what is behind a symptom.",
    "kluster diagnose",
    "kluster diagnose silence --component kubelet --cause expired",
)
_command(
    debrief.debrief,
    "debrief",
    "What it came to, and what was behind it.",
    "kluster debrief",
    "kluster debrief --format html --output debrief.html",
    "kluster debrief --format cast --output session.cast",
)
_command(
    solve.solve,
    "solve",
    "Run the reference solution, with its reasons.",
    "kluster solve silence",
    "kluster solve --yes",
)
_command(create.reset, "reset", "Back to how it was after create, on the same cluster.", "kluster reset")
_command(
    delete.delete,
    "delete",
    "Remove the lab with its cluster.",
    "kluster delete",
    "kluster delete --name mine --yes",
)
_command(shell.shell, "shell", "Open a root shell on a node.", "kluster shell", "kluster shell --node worker")
_command(
    shell.exec_,
    "exec",
    "Run one command on a node.",
    "kluster exec kubectl get nodes",
    "kluster exec --node worker -- crictl ps -a",
    "kluster exec sh -c 'cat > /tmp/x' < x",
    context_settings={"allow_interspersed_args": False},
)
_command(
    rehearse.rehearse,
    "rehearse",
    "Do all of it by itself, for instructors.",
    "kluster rehearse",
    "kluster rehearse --backend sim --json",
    "kluster rehearse --keep > transcript.txt",
)
_command(
    doctor.doctor,
    "doctor",
    "See whether a real cluster can be made here.",
    "kluster doctor",
    "kluster doctor --live --name mine",
)
_command(
    scenarios.validate,
    "validate",
    "Check a scenario's files.",
    "kluster validate kluster005",
    "kluster validate ./mine",
)
_command(
    scenarios.schema,
    "schema",
    "Print the JSON Schema of a scenario's files.",
    "kluster schema > scenario.schema.json",
    "kluster schema hints",
)


def _version(context: typer.Context, asked: bool) -> None:
    if asked:
        invocation(context).console.text(f"kluster {__version__}")
        raise typer.Exit


@app.callback()
def _kluster(
    context: typer.Context,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Show all steps, and where errors come from.")
    ] = False,
    progress: Annotated[
        ProgressStyle,
        typer.Option(help="How progress and errors are told on stderr; json: a line each, for programs."),
    ] = ProgressStyle.AUTO,
    version: Annotated[  # noqa: ARG001 -- its callback has done it
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Learn to repair Kubernetes: a cluster is made and broken, and you find out why.

    Begin with `kluster create`, then `kluster break`.
    """
    run = invocation(context)
    run.verbose = verbose
    run.console.for_programs = progress is ProgressStyle.JSON


def main(argv: Sequence[str] | None = None) -> int:
    """Run `kluster` and return its exit code; every error is printed here."""
    words = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # not every stream is a TextIOWrapper
    run = Invocation(Console())
    # A process that ends must not be killed by a second one on its last steps.
    with _ended_by(_stop, restore=argv is not None):
        try:
            return _run(run, words)
        except KeyboardInterrupt:  # one more, before what the first left could be told
            return _tell_what_was_left(run)


def run() -> NoReturn:
    """Run `kluster` as the process that it is called as, and end it."""
    try:
        code = main()
    except KeyboardInterrupt:  # one more, when all had been told
        code = ExitCode.INTERRUPTED
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_at_once(code)
    sys.exit(code)


def _end_at_once(code: int) -> None:
    """End the process here where it would not end well by itself."""
    simulated = "lab.cluster.sim.home" in sys.modules
    if simulated:
        from lab.cluster.sim.home import close_all  # noqa: PLC0415 -- it is loaded already

        close_all()
    # What runs in threads after an interrupt may wait for the cluster for another minute; and threads of the
    # simulator's shell (bashkit 0.20) may call into an interpreter that is being taken down, which aborts it.
    if simulated or (code == ExitCode.INTERRUPTED and threading.active_count() > 1):
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(AttributeError, OSError, ValueError):
                stream.flush()
        os._exit(code)


def _run(run: Invocation, words: list[str]) -> int:
    console = run.console
    try:
        return _invoke(run, words)
    except LabError as error:
        error.remedy = with_lab(error.remedy, run.lab)
        console.error(error, trace=run.verbose)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _tell_what_was_left(run)
    except BrokenPipeError:
        _forget_stdout()
        return PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 -- the last place that can turn a traceback into a sentence
        if usage := _usage_problem(error):
            console.error(usage, trace=run.verbose)
            return ExitCode.USAGE
        again = shlex.join(["kluster", "-v", *(word for word in words if word not in {"-v", "--verbose"})])
        told = LabError(
            f"The lab itself failed: {type(error).__name__}: {error}",
            remedy="Please report this." if run.verbose else f"Where it comes from is shown by: {again}",
        )
        told.__cause__ = error
        console.error(told, trace=run.verbose)
        return INTERNAL


def _invoke(run: Invocation, words: list[str]) -> int:
    """Run the command. Not by its `main`, which has ideas of its own about errors and interrupts."""
    command = typer.main.get_command(app)
    try:
        with command.make_context("kluster", words, obj=run) as context:
            command.invoke(context)
    except typer.Exit as done:
        return done.exit_code
    run.console.stdout.flush()
    return ExitCode.DONE


def _usage_problem(error: Exception) -> LabError | None:
    """Return what typer found wrong with the command line, as an error like any other."""
    if not hasattr(error, "format_message"):
        return None
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "kluster"
    return UsageProblem(error.format_message(), remedy=f"How it is used: {command} --help")


def _tell_what_was_left(run: Invocation) -> int:
    """Tell it whole, however often Ctrl-C is pressed; return the exit code."""
    with _ended_by(signal.SIG_IGN):
        run.console.error(_interrupted(run.lab))
    return ExitCode.INTERRUPTED


def _interrupted(lab: str) -> LabError:
    """Say what an interrupt left, and what to do next."""
    if not lab:
        return LabError("Interrupted.")
    from lab.store import Store  # noqa: PLC0415 -- --help does without

    store = Store(lab)
    if not store.exists():
        return LabError("Interrupted.", f"There is no lab called {lab}: nothing was left behind.")
    try:
        session = store.load()
    except LabError as error:
        return LabError("Interrupted.", error.title, with_lab(error.remedy, lab))
    return LabError("Interrupted.", f"Lab {lab} is {session.state.value}.", with_lab(session.next_step, lab))


@contextlib.contextmanager
def _ended_by(
    handler: Callable[[int, FrameType | None], object] | signal.Handlers, *, restore: bool = True
) -> Iterator[None]:
    """Have `handler` called for each of `_ENDS`; without `restore` from then on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # What is ignored (nohup, a job in the background) stays so.
    saved = {number: was for number in _ENDS if (was := signal.getsignal(number)) is not signal.SIG_IGN}
    for number in saved:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, was in saved.items() if restore else ():
            signal.signal(number, was)


def _stop(_number: int, _frame: object) -> None:
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write("\nStopping ...\n")
        sys.stderr.flush()
    raise KeyboardInterrupt


def _forget_stdout() -> None:
    """Keep Python from writing to a closed pipe once more as it ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
