"""Subshells: copies of a shell that run in processes of their own."""

from collections.abc import Awaitable, Callable

from lab.cluster.sim.bash.expansion.errors import ExpansionError
from lab.cluster.sim.bash.expansion.expander import Expander
from lab.cluster.sim.bash.running.flow import Break, Continue, ExitShell, LineAborted, Return
from lab.cluster.sim.bash.running.open_files import Null, OpenFile
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.bash.running.shell import Shell
from lab.cluster.sim.bash.running.shell_files import ShellFiles
from lab.cluster.sim.bash.running.special import equip
from lab.cluster.sim.bash.running.weights import Weights
from lab.cluster.sim.machine.signals import Signal

__all__ = ["MOST_PROCESSES", "Body", "fork", "run_to_end"]

#: The body of a subshell; its result is the exit code.
Body = Callable[[Shell], Awaitable[int]]
#: How many processes the shells of a node or container may start.
MOST_PROCESSES = 300
#: The processor time of starting a process, in s.
_FORK = 0.0003


async def run_to_end(shell: Shell, body: Body) -> int:
    """Run `body` as the shell's only work: run the EXIT trap, and turn every way out into an exit code."""
    try:
        code = await _guarded(shell, body)
    finally:
        shell.jobs.sweep()
    if "EXIT" in shell.traps.commands:
        shell.status = code
        code = await _guarded(shell, _exit_trap)
    return code


async def _exit_trap(shell: Shell) -> int:
    command, status = shell.traps.commands.pop("EXIT"), shell.status
    if command:
        shell.line = 1
        await shell.run_text(command)
    return status


async def _guarded(shell: Shell, body: Body) -> int:
    try:
        return await body(shell)
    except (ExitShell, Return, LineAborted) as end:
        return end.code
    except (Break, Continue):
        return shell.status
    except ExpansionError as problem:
        return await shell.complain(problem.message, problem.status)


def copied(shell: Shell, process: Process) -> Shell:
    """Return an independent copy of a shell for another process."""
    made = Shell.__new__(Shell)
    made.__dict__.update(shell.__dict__)
    made.process = process
    made.variables, made.weights = shell.variables.copy(), Weights(process)
    made.functions, made.aliases = dict(shell.functions), dict(shell.aliases)
    made.function_sources = dict(shell.function_sources)
    made.readonly_functions, made.exported_functions = set(shell.readonly_functions), set(shell.exported_functions)
    made.options = shell.options.copy()
    made.subshells = shell.subshells + 1
    made.positional = list(shell.positional)
    made.frames, made.folders = list(shell.frames), list(shell.folders)
    made.hashed = {name: list(entry) for name, entry in shell.hashed.items()}
    made.disabled = set(shell.disabled)
    made.warnings = []
    made.limits, made.completions = dict(shell.limits), dict(shell.completions)
    made.variables.changed = made.variable_changed
    made.jobs = made.no_jobs()
    made.traps = shell.traps.inherited()
    made.files = ShellFiles(process)
    made.expander = Expander(made.variables, made)
    made.interpreter = shell.evaluator.of(made)
    equip(made)
    made.traps.arm(process)
    return made


def fork(
    shell: Shell,
    body: Body,
    *,
    group: int | None = None,
    changes: dict[int, OpenFile] | None = None,
    background: bool = False,
    keeps_errexit: bool = True,
) -> Process:
    """Start a copy of `shell` that runs `body`; `changes` replace descriptors, and the copy owns them.

    The copy has the shell's present state. Later changes of the shell do not affect it.
    """
    parent = shell.process
    if len(shell.place.table.processes) >= MOST_PROCESSES:
        for file in (changes or {}).values():
            file.release()
        raise ExpansionError("fork: retry: Resource temporarily unavailable", status=254)
    process = Process(shell.place, parent.arguments, parent=parent, group=group, folder=parent.folder)
    for number, file in (changes or {}).items():
        process.put(number, file)
    if background and not shell.options["monitor"] and 0 not in (changes or {}):
        process.put(0, Null())
    copy = copied(shell, process)
    copy.options.set("monitor", on=False)
    if not keeps_errexit:
        copy.options.set("errexit", on=False)
    if background and not shell.options["monitor"]:
        copy.traps.fixed |= {Signal.SIGINT, Signal.SIGQUIT}
        copy.traps.arm(process)

    async def main(_: Process) -> int:
        await process.step(_FORK)
        return await run_to_end(copy, body)

    return process.start(main)
