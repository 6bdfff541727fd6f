"""One run of `kluster`, from its words to its exit code: the only place that prints errors."""

import contextlib
import os
import shlex
import signal
import sys
import threading
from collections.abc import Sequence
from typing import NoReturn

import typer

from lab.cli.completion import answer, asked
from lab.cli.table import command_line
from lab.commands.invocation import Invocation, with_lab
from lab.console import Console
from lab.errors import ExitCode, LabError, UsageProblem
from lab.signals import end_with_terminal, ended_by, leave_gone_terminal, stop

__all__ = ["main", "run"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run `kluster` and return its exit code; every error is printed here."""
    words = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # not every stream is a TextIOWrapper
    run = Invocation(Console())
    if asked():
        return answer(run)
    # A second signal must not kill a process that is cleaning up.
    with ended_by(stop, restore=argv is not None):
        try:
            return _run(run, words)
        except KeyboardInterrupt:  # a second one, before the message was printed
            return _tell_what_was_left(run)


def run() -> NoReturn:
    """Run `kluster` as this process, and end the process."""
    end_with_terminal()
    try:
        code = main()
    except KeyboardInterrupt:  # another one, after the message
        code = ExitCode.INTERRUPTED
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_at_once(code)
    sys.exit(code)


def _end_at_once(code: int) -> None:
    """End the process here if it would not end properly by itself."""
    simulated = "lab.cluster.sim.process.home" in sys.modules
    if simulated:
        from lab.cluster.sim.process.home import leave_all  # noqa: PLC0415 -- it is loaded already

        leave_all()
    # After an interrupt, threads may wait for the cluster for another minute, and threads of the simulator's shell
    # (bashkit 0.20) may call into an interpreter that shuts down, which aborts it.
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
        return ExitCode.PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 -- the last place that can turn a traceback into a sentence
        if usage := _usage_problem(error):
            console.error(usage, trace=run.verbose)
            return ExitCode.USAGE
        again = shlex.join(["kluster", "-v", *(word for word in words if word not in {"-v", "--verbose"})])
        told = LabError(
            f"The lab itself failed: {type(error).__name__}: {error}",
            remedy="Please report this." if run.verbose else f"For the traceback, run: {again}",
        )
        told.__cause__ = error
        console.error(told, trace=run.verbose)
        return ExitCode.INTERNAL


def _invoke(run: Invocation, words: list[str]) -> int:
    """Run the command. Its own `main` handles errors and interrupts differently."""
    command = command_line()
    try:
        with command.make_context("kluster", words, obj=run) as context:
            command.invoke(context)
    except typer.Exit as done:
        return done.exit_code
    finally:
        leave_gone_terminal()
    run.console.stdout.flush()
    return ExitCode.DONE


def _usage_problem(error: Exception) -> LabError | None:
    """Return typer's finding about the command line as an error like any other."""
    if not hasattr(error, "format_message"):
        return None
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "kluster"
    # Pydantic's words before a value that is not in an enum.
    title = error.format_message().replace("Value error, ", "")
    return UsageProblem(title, remedy=f"How it is used: {command} --help")


def _tell_what_was_left(run: Invocation) -> int:
    """Print the whole message, however often Ctrl-C is pressed; return the exit code."""
    with ended_by(signal.SIG_IGN):
        run.console.error(_interrupted(run.lab))
    return ExitCode.INTERRUPTED


def _interrupted(lab: str) -> LabError:
    """Return a message about the state after an interrupt, and the next step."""
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
    return LabError("Interrupted.", f"Lab {lab} is {session.state.words}.", with_lab(session.next_step, lab))


def _forget_stdout() -> None:
    """Prevent Python from writing to a closed pipe once more at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
