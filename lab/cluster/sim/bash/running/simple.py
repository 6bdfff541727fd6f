"""Simple commands: assignments, functions, builtins, programs."""

import errno
from collections.abc import Mapping, Sequence

from lab.cluster.sim.bash.expansion.errors import ExpansionError
from lab.cluster.sim.bash.expansion.expander import ArrayArgument
from lab.cluster.sim.bash.expansion.quoting import trace_quote
from lab.cluster.sim.bash.expansion.variables import Variable
from lab.cluster.sim.bash.language.printing import command_text
from lab.cluster.sim.bash.language.tree import ArrayValue, Assignment, FunctionDefinition, SimpleCommand
from lab.cluster.sim.bash.running import pipelines
from lab.cluster.sim.bash.running.endings import Killed
from lab.cluster.sim.bash.running.finding import Program, program_at
from lab.cluster.sim.bash.running.flow import ExitShell, Return
from lab.cluster.sim.bash.running.forks import MOST_PROCESSES
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.bash.running.redirections import RedirectionError, Undo, redirect, restore
from lab.cluster.sim.bash.running.shell import Argument, Interpreter, Shell
from lab.cluster.sim.bash.running.starting import run_here
from lab.cluster.sim.bash.running.weighing import weigh
from lab.cluster.sim.machine.signals import Signal

__all__ = ["become", "run", "run_words"]

#: The processor time of a builtin and of an assignment, in s.
_BUILTIN = 1e-4
_ASSIGNMENT = 2e-5
#: How deep functions may call each other: bash dies of SIGSEGV when its stack is full.
_DEEPEST = 800
#: Builtins whose preceding assignments last in posix mode; functions can't replace these builtins there.
_SPECIAL = frozenset(
    {":", ".", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift",
     "source", "times", "trap", "unset"}
)  # fmt: skip
_DECLARES = frozenset({"declare", "export", "local", "readonly", "typeset"})


async def run(evaluator: Interpreter, command: SimpleCommand, *, replaces: bool) -> int:
    """Run a simple command; return its exit code."""
    shell = evaluator.shell
    shell.line = command.line
    if "DEBUG" in shell.traps.commands and shell.traps.running is None:
        await evaluator.run_trap("DEBUG")
    opened = len(evaluator.substituted_descriptors)
    shell.substitution_status = None
    shell.command = command
    try:
        words = await shell.expander.arguments(command.words)
        if not words:
            return await _assign(evaluator, command)
        return await _with_redirections(evaluator, command, words, replaces=replaces)
    except ExpansionError as problem:
        return await evaluator.expansion_failed(problem)
    finally:
        if len(evaluator.substituted_descriptors) > opened:
            evaluator.close_substituted(opened)


async def _assign(evaluator: Interpreter, command: SimpleCommand) -> int:
    """Carry out assignments without a command, and redirections that nothing uses."""
    shell = evaluator.shell
    await shell.process.step(_ASSIGNMENT)
    if command.redirections:
        try:
            restore(shell, await redirect(shell, command.redirections))
        except RedirectionError as problem:
            return await shell.complain(problem.message, 1)
    for assignment in command.assignments:
        traced = shell.options["xtrace"]
        shown = await shell.expander.assign(assignment, shown=traced)
        await weigh(shell, assignment.name)
        if traced:
            await shell.trace(shown)
        if shell.options["allexport"]:
            shell.variables.made(assignment.name).exported = True
    await _warn(shell)
    shell.last_word = ""
    return shell.substitution_status or 0


async def _warn(shell: Shell) -> None:
    warnings, shell.warnings = shell.warnings, []
    for warning in warnings:
        await shell.complain(warning)


async def _with_redirections(
    evaluator: Interpreter, command: SimpleCommand, words: list[Argument], *, replaces: bool
) -> int:
    shell = evaluator.shell
    undo: Undo = []
    if command.redirections:
        try:
            undo = await redirect(shell, command.redirections)
        except RedirectionError as problem:
            code = await shell.complain(problem.message, 1)
            if shell.options["posix"] and words[0] in _SPECIAL and not shell.interactive:
                raise ExitShell(code) from None
            return code
    try:
        if not command.assignments:
            return await _traced(evaluator, words, undo, replaces=replaces)
        with shell.variables.scope():
            for assignment in command.assignments:
                await _set_before(shell, assignment)
            return await _traced(evaluator, words, undo, replaces=replaces)
    finally:
        if words[0] == "exec" and len(words) == 1:
            for _, file in undo:
                if file is not None:
                    file.release()
        else:
            restore(shell, undo)


async def _set_before(shell: Shell, assignment: Assignment) -> None:
    """Set a variable for one command only."""
    if isinstance(assignment.value, ArrayValue):
        return
    value = await shell.expander.assignment_text(assignment.value)
    if assignment.append:
        value = shell.variables.text(assignment.name) + value
    found = shell.variables.find(assignment.name)
    if found is not None and found.readonly:
        await shell.complain(f"{assignment.name}: readonly variable")
        return
    shell.variables.scopes[-1][assignment.name] = Variable(value, exported=True)
    if shell.options["xtrace"]:
        await shell.trace(f"{assignment.name}={trace_quote(value)}")


async def _traced(evaluator: Interpreter, words: list[Argument], undo: Undo, *, replaces: bool) -> int:
    shell = evaluator.shell
    await _warn(shell)
    if shell.options["xtrace"]:
        shown = [word.source if isinstance(word, ArrayArgument) else trace_quote(word) for word in words]
        await shell.trace(" ".join(shown))
    return await run_words(evaluator, words, replaces=replaces, undo=undo)


async def run_words(
    evaluator: Interpreter,
    words: list[Argument],
    *,
    functions: bool = True,
    builtins: bool = True,
    programs: bool = True,
    replaces: bool,
    undo: Undo | None = None,
) -> int:
    """Run a command from its expanded words: a function, a builtin, a program."""
    shell = evaluator.shell
    name = words[0] if isinstance(words[0], str) else words[0].name
    if name.startswith("%") and shell.options["monitor"] and "fg" in shell.builtins:
        return await _builtin(evaluator, "fg", ["fg", name])
    builtin = shell.builtins.get(name) if builtins and name not in shell.disabled else None
    if functions and name in shell.functions and not (shell.options["posix"] and name in _SPECIAL):
        status = await _function(evaluator, shell.functions[name], [str(word) for word in words[1:]])
    elif builtin is not None:
        status = await _builtin(evaluator, name, words)
    elif programs:
        plain = [word if isinstance(word, str) else word.source for word in words]
        return await _program(evaluator, plain, replaces=replaces, undo=undo)
    else:
        return await shell.complain(f"{name}: not a shell builtin", 1)
    last = words[-1]
    shell.last_word = last if isinstance(last, str) else last.name
    return status


async def _builtin(evaluator: Interpreter, name: str, words: list[Argument]) -> int:
    shell = evaluator.shell
    await shell.process.step(_BUILTIN)
    arguments = words[1:] if name in _DECLARES else [_plain(word) for word in words[1:]]
    try:
        return await shell.builtins[name](shell, list(arguments))
    except BrokenPipeError:
        if Signal.SIGPIPE in shell.process.ignored:
            return await shell.complain(f"{name}: write error: Broken pipe", 1)
        raise Killed(Signal.SIGPIPE) from None
    except OSError as problem:
        return await shell.complain(f"{name}: write error: {problem.strerror}", 1)


def _plain(word: Argument) -> str:
    return word if isinstance(word, str) else word.source


async def _function(evaluator: Interpreter, function: FunctionDefinition, arguments: Sequence[str]) -> int:
    shell = evaluator.shell
    most = shell.variables.text("FUNCNEST")
    if most.isdigit() and 0 < int(most) <= len(shell.frames):
        raise ExpansionError(f"{function.name}: maximum function nesting level exceeded ({most})")
    await shell.process.step(_BUILTIN)
    if shell.depth >= _DEEPEST:
        raise Killed(Signal.SIGSEGV)
    positional, loops, line = shell.positional, shell.loops, shell.line
    options, traced = shell.options, shell.traps.commands.get("RETURN")
    with shell.variables.scope():
        shell.depth += 1
        shell.enter(function.name, shell.function_sources.get(function.name, shell.source))
        shell.positional, shell.loops = list(arguments), 0
        try:
            undo = await redirect(shell, function.redirections)
            try:
                status = await evaluator.run_command(function.body)
            finally:
                restore(shell, undo)
        except RedirectionError as problem:
            status = await shell.complain(problem.message, 1)
        except Return as end:
            status = end.code
        finally:
            frame = shell.leave()
            shell.depth -= 1
            shell.positional, shell.loops, shell.line = positional, loops, line
            if frame.saved_options is not None and shell.options is options:
                shell.options.on, shell.options.shopts = frame.saved_options.on, frame.saved_options.shopts
    shell.status = status
    command = shell.traps.commands.get("RETURN")
    if command and (shell.options["functrace"] or command != traced):
        await evaluator.run_trap("RETURN")
    return status


# Programs


async def _program(evaluator: Interpreter, words: list[str], *, replaces: bool, undo: Undo | None) -> int:
    shell = evaluator.shell
    path, problem = _found(shell, words[0])
    if path is None:
        if "command_not_found_handle" in shell.functions:
            return await _function(evaluator, shell.functions["command_not_found_handle"], words)
        return await shell.complain(*problem)
    try:
        program = program_at(shell.place, path, words[1:], shell.folder)
    except OSError as failed:
        return await shell.complain(*_refused(words[0], failed))
    environment = {**shell.environment(), "_": path}
    shell.last_word = words[-1]
    if replaces and not shell.traps.commands.get("EXIT"):
        return await _here(shell, program, words, environment)
    if len(shell.place.table.processes) >= MOST_PROCESSES:
        raise ExpansionError("fork: retry: Resource temporarily unavailable", status=254)
    monitor = shell.options["monitor"]
    child = Process(
        shell.place, words, parent=shell.process, group=0 if monitor else None, environment=environment,
        folder=shell.folder,
    )  # fmt: skip
    child.ignored = set(shell.traps.for_children())

    async def main(process: Process) -> int:
        return await run_here(process, program)

    child.start(main)
    if (terminal := evaluator.terminal) is not None:
        terminal.foreground = child.group
    if undo:
        # The child has them now; a second use here would keep a pipe's end open.
        restore(shell, undo)
    command = shell.command
    code = (await pipelines.attend(evaluator, [child], lambda: [command_text(command)] if command else words))[0]
    if shell.options.shopt("checkwinsize") and (terminal := evaluator.terminal) is not None:
        shell.took_size(terminal.rows, terminal.columns)
    return code


def _found(shell: Shell, name: str) -> tuple[str | None, tuple[str, int]]:
    """Return the path of a program, or the shell's message if there is none."""
    if "/" in name:
        return name, ("", 0)
    entry = shell.hashed.get(name)
    if entry is not None and shell.find_program(str(entry[0])) is not None:
        entry[1] = int(str(entry[1])) + 1
        return str(entry[0]), ("", 0)
    path = shell.find_program(name) if name else None
    if path is None:
        return None, (f"{name}: {shell.not_found}", 127)
    if shell.options["hashall"]:
        shell.hashed[name] = [path, 1]
    return path, ("", 0)


def _refused(name: str, problem: OSError) -> tuple[str, int]:
    """Return bash's message about a file that can't run, and the exit code."""
    if problem.errno == errno.ENOENT:
        return f"{name}: No such file or directory", 127
    if problem.errno == errno.ENOEXEC and "interpreter" in str(problem.strerror):
        return f"{name}: cannot execute: required file not found", 127
    if problem.errno == errno.ENOEXEC:
        return f"{name}: cannot execute binary file: Exec format error", 126
    return f"{name}: {problem.strerror}", 126


async def _here(shell: Shell, program: Program, words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a program in this same process; the shell is over."""
    process = shell.process
    process.arguments = list(words)
    process.environment = dict(environment)
    process.handled, process.ignored = set(), set(shell.traps.for_children())
    for signal in [one for one in process.pending if one not in process.ignored]:
        process.send(signal)
    process.pending.clear()
    return await run_here(process, program)


async def become(
    evaluator: Interpreter, words: list[str], environment: Mapping[str, str], name: str | None
) -> int:
    """Replace the shell by a program (`exec`)."""
    shell = evaluator.shell
    path = words[0] if "/" in words[0] else shell.find_program(words[0])
    problem = (f"exec: {words[0]}: not found", 127)
    if path is not None:
        try:
            program = program_at(shell.place, path, words[1:], shell.folder)
        except OSError as failed:
            text, code = _refused(words[0], failed)
            if failed.errno == errno.ENOENT:
                text = f"{shell.path(words[0])}: No such file or directory"
            elif failed.errno in {errno.EISDIR, errno.EACCES}:
                await shell.complain(text)
                text = f"exec: {words[0]}: cannot execute: {failed.strerror}"
            problem = text, code
        else:
            shell.traps.commands.pop("EXIT", None)
            code = await _here(shell, program, [name or words[0], *words[1:]], environment)
            raise ExitShell(code)
    code = await shell.complain(*problem)
    if not shell.interactive and not shell.options.shopt("execfail"):
        raise ExitShell(code)
    return code
