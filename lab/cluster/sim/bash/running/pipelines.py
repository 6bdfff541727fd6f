"""Pipelines: one process for each command, and the shell's wait for them in the foreground."""

import re
from collections.abc import Callable, Sequence

from lab.cluster.sim.bash.language.printing import command_text
from lab.cluster.sim.bash.language.tree import Command, Pipeline
from lab.cluster.sim.bash.running.endings import State
from lab.cluster.sim.bash.running.flow import Break
from lab.cluster.sim.bash.running.forks import fork
from lab.cluster.sim.bash.running.jobs import Job
from lab.cluster.sim.bash.running.open_files import OpenFile, PipeReader, pipe
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.bash.running.shell import Interpreter, Shell
from lab.cluster.sim.bash.running.signals import described
from lab.cluster.sim.machine.signals import Signal

__all__ = ["attend", "run", "start", "tell_ended", "texts_of", "timed"]

#: Signals that a shell does not report when they end a command.
_SILENT = frozenset({Signal.SIGINT, Signal.SIGPIPE})
_FORMAT = re.compile(r"%(?:(\d)?(l)?([RUS])|(P)|(%))")


async def run(evaluator: Interpreter, pipeline: Pipeline) -> int:
    """Run a pipeline in the foreground; return its exit code."""
    commands = pipeline.commands
    if len(commands) == 1:
        code = await evaluator.run_command(commands[0])
        evaluator.set_codes([code])
        return code
    if not commands:
        return 0
    shell = evaluator.shell
    if shell.options.shopt("lastpipe") and not shell.options["monitor"]:
        codes = await _last_here(evaluator, pipeline)
    else:
        processes = start(evaluator, pipeline, background=False)
        codes = await attend(evaluator, processes, lambda: texts_of(commands))
    evaluator.set_codes(codes)
    if shell.options["pipefail"]:
        return next((code for code in reversed(codes) if code), 0)
    return codes[-1]


def start(evaluator: Interpreter, pipeline: Pipeline, *, background: bool) -> list[Process]:
    """Start the commands of a pipeline; return their processes."""
    return _start(evaluator, pipeline.commands, background=background)[0]


def texts_of(commands: Sequence[Command]) -> list[str]:
    """Return the texts of commands for `jobs`."""
    return [command_text(command) for command in commands]


def _start(
    evaluator: Interpreter, commands: Sequence[Command], *, background: bool, open_end: bool = False
) -> tuple[list[Process], PipeReader | None]:
    shell = evaluator.shell
    monitor = shell.options["monitor"]
    processes: list[Process] = []
    reader: PipeReader | None = None
    for index, command in enumerate(commands):
        changes: dict[int, OpenFile] = {}
        if reader is not None:
            changes[0] = reader
            reader = None
        if index < len(commands) - 1 or open_end:
            reader, changes[1] = pipe()
        group = None
        if monitor:
            group = processes[0].pid if processes else 0
        processes.append(_fork(shell, command, group, changes, background=background))
        if monitor and not background and not index and (terminal := evaluator.terminal) is not None:
            terminal.foreground = processes[0].pid
    return processes, reader


def _fork(
    shell: Shell, command: Command, group: int | None, changes: dict[int, OpenFile], *, background: bool
) -> Process:
    async def body(copy: Shell) -> int:
        return await copy.evaluator.run_command(command, replaces=True)

    return fork(shell, body, group=group, changes=changes, background=background)


async def _last_here(evaluator: Interpreter, pipeline: Pipeline) -> list[int]:
    """Run all but the last command in processes, and the last one in this shell (`shopt -s lastpipe`)."""
    shell = evaluator.shell
    processes, reader = _start(evaluator, pipeline.commands[:-1], background=False, open_end=True)
    before = shell.process.descriptors.pop(0, None)
    if reader is not None:
        shell.process.descriptors[0] = reader
    try:
        code = await evaluator.run_command(pipeline.commands[-1])
    finally:
        shell.process.close(0)
        if before is not None:
            shell.process.descriptors[0] = before
    return [*(await attend(evaluator, processes, lambda: texts_of(pipeline.commands))), code]


async def attend(
    evaluator: Interpreter,
    processes: Sequence[Process],
    texts: Callable[[], Sequence[str]],
    job: Job | None = None,
) -> list[int]:
    """Wait in the foreground until all processes have ended or stopped; return their exit codes."""
    shell = evaluator.shell
    monitor = shell.options["monitor"]
    left = [process for process in processes if process.state is not State.ZOMBIE]
    while left:
        await shell.process.wait_any(left, untraced=monitor)
        left = [process for process in left if process.state is not State.ZOMBIE]
        if left and monitor and all(process.state is State.STOPPED for process in left):
            break
    if (terminal := evaluator.terminal) is not None:
        terminal.foreground = shell.process.group
    if left:
        return await _stopped(shell, processes, texts(), job)
    if job is not None:
        shell.jobs.remove(job)
    last = processes[-1]
    if last.signal is not None:
        await _told_end(shell, last, texts)
    evaluator.interrupted_by(last)
    return [process.code for process in processes]


async def _stopped(shell: Shell, processes: Sequence[Process], texts: Sequence[str], job: Job | None) -> list[int]:
    if job is None:
        job = shell.jobs.add(processes, texts, background=True)
    job.background = True
    shell.jobs.touch(job)
    job.told = job.status
    await shell.err(f"\n{shell.jobs.line(job)}")
    if shell.loops and shell.interactive and not shell.subshells and not shell.frames:
        raise Break(shell.loops, job.code)  # Ctrl-Z leaves the loops around the command
    return [process.code if process.state is State.ZOMBIE else job.code for process in processes]


async def _told_end(shell: Shell, last: Process, texts: Callable[[], Sequence[str]]) -> None:
    """Report the signal that ended a command, as bash does."""
    if shell.interactive and not shell.subshells:
        if last.signal is Signal.SIGINT:
            await shell.err("\n")
        elif last.signal is not None and last.signal not in _SILENT:
            await shell.err(f"{described(last.signal)}\n")
        return
    if last.signal is Signal.SIGTERM:
        await shell.err("Terminated\n")
    elif last.signal is not None and last.signal not in _SILENT:
        await shell.err(ended_by_signal(shell, last, " | ".join(texts())))


def ended_by_signal(shell: Shell, process: Process, text: str) -> str:
    """Return a script's message about a command that a signal ended."""
    signal = process.signal or Signal.SIGTERM
    return f"{shell.prefix}{process.pid:>5} {described(signal):<24}{text}\n"


async def tell_ended(shell: Shell) -> None:
    """Report a script's background jobs that a signal ended; forget the ended jobs."""
    if shell.options["monitor"]:
        for line in shell.jobs.changes():
            await shell.err(line)
        return
    for job in list(shell.jobs.table.values()):
        if job.done:
            last = job.processes[-1]
            if last.signal is not None and last.signal not in _SILENT | {Signal.SIGTERM} and not job.told:
                await shell.err(ended_by_signal(shell, last, job.text))
            shell.jobs.remove(job)


async def timed(evaluator: Interpreter, pipeline: Pipeline) -> int:
    """Run a pipeline and print how long it took (`time`)."""
    shell = evaluator.shell
    began = shell.place.now()
    status = await run(evaluator, pipeline)
    real = shell.place.now() - began
    if pipeline.timed == "time -p":
        text = f"real {real:.2f}\nuser 0.00\nsys 0.00\n"
    else:
        form = shell.variables.get("TIMEFORMAT")
        text = _formatted("\nreal\t%3lR\nuser\t%3lU\nsys\t%3lS" if form is None else form, real)
    await shell.err(text)
    return status


def _formatted(form: str, real: float) -> str:
    def one(match: re.Match[str]) -> str:
        digits, long, kind, percent, literal = match.groups()
        if literal:
            return "%"
        if percent:
            return "0.00"
        seconds = real if kind == "R" else 0.0
        places = min(int(digits), 3) if digits else 3
        if long:
            return f"{int(seconds // 60)}m{seconds % 60:.{places}f}s"
        return f"{seconds:.{places}f}"

    return f"{_FORMAT.sub(one, form)}\n" if form else ""
