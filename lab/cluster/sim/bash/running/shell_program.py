"""bash and sh as programs: their arguments, and the source of their script."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from lab.cluster.sim.bash.language.errors import ShellSyntaxError
from lab.cluster.sim.bash.language.reader import ScriptReader, parse
from lab.cluster.sim.bash.language.tree import FunctionDefinition, SimpleCommand
from lab.cluster.sim.bash.running import memory_guard
from lab.cluster.sim.bash.running.evaluator import Evaluator
from lab.cluster.sim.bash.running.flow import LineAborted
from lab.cluster.sim.bash.running.forks import run_to_end
from lab.cluster.sim.bash.running.lines import read_line
from lab.cluster.sim.bash.running.options import LETTERS, SET_OPTIONS, SHOPT_OPTIONS
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.bash.running.session import ControllingTerminal
from lab.cluster.sim.bash.running.shell import Shell
from lab.cluster.sim.bash.running.special import equip, first_variables
from lab.cluster.sim.machine.signals import Signal

__all__ = ["new_shell", "shell_program"]

_VERSION = """\
GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)
Copyright (C) 2022 Free Software Foundation, Inc.
License GPLv3+: GNU GPL version 3 or later <http://gnu.org/licenses/gpl.html>

This is free software; you are free to change and redistribute it.
There is NO WARRANTY, to the extent permitted by law.
"""
_QUIET_WORDS = frozenset({"--norc", "--noprofile", "--noediting", "--debugger", "--protected", "--restricted"})


@dataclass(slots=True)
class _Words:
    """The parsed arguments of a call of bash."""

    settings: list[tuple[str, bool]] = field(default_factory=list)
    shopts: list[tuple[str, bool]] = field(default_factory=list)
    command: bool = False
    stdin: bool = False
    interactive: bool = False
    login: bool = False
    startup: bool = True
    rest: list[str] = field(default_factory=list)
    said: str = ""
    problem: str = ""


def _parsed(name: str, argv: Sequence[str]) -> _Words:  # noqa: C901, PLR0912 -- one word after the other
    found, rest = _Words(), list(argv)
    while rest and rest[0][:1] in {"-", "+"} and len(rest[0]) > 1:
        word = rest.pop(0)
        if word in {"--", "-"}:
            break
        if word == "--version":
            found.said = _VERSION
            return found
        if word.startswith("--"):
            if word == "--login":
                found.login = True
            elif word == "--posix":
                found.settings.append(("posix", True))
            elif word == "--verbose":
                found.settings.append(("verbose", True))
            elif word in {"--rcfile", "--init-file"}:
                del rest[:1]
            elif word not in _QUIET_WORDS:
                found.problem = f"{name}: {word}: invalid option"
                return found
            found.startup = found.startup and word != "--norc"
            continue
        on = word[0] == "-"
        for letter in word[1:]:
            if letter in "oO":
                if not rest:
                    continue
                option = rest.pop(0)
                if letter == "O" and option in SHOPT_OPTIONS:
                    found.shopts.append((option, on))
                elif letter == "o" and option in SET_OPTIONS:
                    found.settings.append((option, on))
                else:
                    what = "invalid shell option name" if letter == "O" else "invalid option name"
                    found.problem = f"{name}: {option}: {what}"
                    return found
            elif letter == "c":
                found.command = True
            elif letter == "s":
                found.stdin = True
            elif letter == "i":
                found.interactive = True
            elif letter == "l":
                found.login = True
            elif letter in LETTERS:
                found.settings.append((LETTERS[letter], on))
            else:
                found.problem = f"{name}: {word[0]}{letter}: invalid option"
                return found
    found.rest = rest
    return found


def new_shell(process: Process, *, name: str = "bash", interactive: bool = False, dash: bool = False) -> Shell:
    """Return a new shell in `process`, with the variables of its environment and its own."""
    shell = Shell(process, name=name, interactive=interactive)
    shell.dash = dash
    shell.interpreter = Evaluator(shell)
    equip(shell)
    shell.variables.take(process.environment.items())
    first_variables(shell)
    for variable in [one for one in process.environment if one.startswith("BASH_FUNC_") and one.endswith("%%")]:
        _take_function(shell, variable, process.environment[variable])
    shell.traps.fixed = frozenset(process.ignored)
    if dash:
        shell.options.set("posix", on=True)
    shell.traps.arm(process)
    return shell


def _take_function(shell: Shell, variable: str, text: str) -> None:
    """Import a function from the environment (`export -f`)."""
    name = variable.removeprefix("BASH_FUNC_").removesuffix("%%")
    shell.variables.unset(variable)
    try:
        tree = parse(f"{name} {text}")
    except ShellSyntaxError:
        return
    for statement in tree.statements:
        for command in statement.first.commands:
            if isinstance(command, FunctionDefinition):
                shell.functions[name] = command
                shell.exported_functions.add(name)


async def shell_program(process: Process, name: str, argv: Sequence[str]) -> int:
    """Run bash, or sh, with these arguments, in `process`."""
    called = process.arguments[0].rsplit("/", 1)[-1] if process.arguments else name
    with memory_guard.bounded(_Bound(process)):
        return await _run(process, name, called, argv)


class _Bound:
    """A shell's process, as the memory guard sees it."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._loop = asyncio.get_running_loop()

    @property
    def origin(self) -> "_Bound":
        """The first process of its session."""
        session = self._process.session
        leader = self._process.place.table.get(session.leader) if session is not None else None
        return self if leader is None or leader is self._process else _Bound(leader)

    def __eq__(self, other: object) -> bool:
        """Return whether both are the same process."""
        return isinstance(other, _Bound) and other._process is self._process

    def __hash__(self) -> int:
        """Return a hash of the process."""
        return hash(self._process)

    def kill(self) -> None:
        """End the process. Another thread calls this."""
        with contextlib.suppress(RuntimeError):  # the loop is gone
            self._loop.call_soon_threadsafe(self._process.send, Signal.SIGKILL)


async def _run(process: Process, name: str, called: str, argv: Sequence[str]) -> int:
    words = _parsed(called if called in {"bash", "sh", "dash"} else "bash", argv)
    if words.said:
        await process.write(words.said.encode())
        return 0
    if words.problem:
        await process.write(f"{words.problem}\n".encode(), 2)
        return 2
    terminal = _own_terminal(process)
    reads = not words.command and (words.stdin or not words.rest)
    interactive = words.interactive or (reads and terminal is not None)
    shell = new_shell(process, interactive=interactive, dash=name in {"sh", "dash"})
    shell.name = process.arguments[0] if process.arguments and not name.startswith(".") else name
    if name in {"sh", "dash"} and shell.name not in {"sh", "dash", "/bin/sh"}:
        shell.name = name
    shell.login = words.login
    for option, on in words.settings:
        shell.options.set(option, on=on)
    for option, on in words.shopts:
        shell.options.shopts[option] = on
    if words.command:
        return await _command(shell, words)
    if not reads:
        return await _script(shell, words.rest)
    shell.positional = words.rest
    if interactive and terminal is not None:
        return await terminal.interact(shell)
    return await run_to_end(shell, _from_stdin)


def _own_terminal(process: Process) -> ControllingTerminal | None:
    """Return the terminal that a process reads, if it is its session's terminal."""
    file = process.descriptors.get(0)
    session = process.session
    return session.terminal if file is not None and file.terminal and session is not None else None


async def _command(shell: Shell, words: _Words) -> int:
    if not words.rest:
        await shell.err(f"{shell.name}: -c: option requires an argument\n")
        return 2
    text, *rest = words.rest
    shell.command_string = text
    if rest:
        shell.name, shell.positional = rest[0], rest[1:]
    shell.process.environment.pop("BASH_EXECUTION_STRING", None)
    shell.variables.set("BASH_EXECUTION_STRING", text)

    async def body(running: Shell) -> int:
        if "\n" not in text and (only := _only_command(running, text)) is not None:
            # As in bash: the program replaces its shell.
            return await running.evaluator.run_command(only, replaces=True)
        where = "" if running.dash else "-c"
        return await running.evaluator.run_text(text, source=where, resumes=True)

    return await run_to_end(shell, body)


def _only_command(shell: Shell, text: str) -> SimpleCommand | None:
    """Return the command of a text that consists of a single simple command."""
    try:
        tree = parse(text, shell.dialect)
    except ShellSyntaxError:
        return None
    if len(tree.statements) != 1 or tree.statements[0].rest or tree.statements[0].background:
        return None
    pipeline = tree.statements[0].first
    plain = len(pipeline.commands) == 1 and not pipeline.negated and not pipeline.timed
    only = pipeline.commands[0] if plain else None
    return only if isinstance(only, SimpleCommand) else None


async def _script(shell: Shell, words: Sequence[str]) -> int:
    path = words[0]
    files = shell.place.files
    real = files.resolved(shell.path(path))
    if not files.exists(real) and "/" not in path and (found := shell.find_program(path)) is not None:
        real = files.resolved(shell.path(found))
    if not files.exists(real):
        said = f"{shell.name}: 0: cannot open {path}: No such file\n" if shell.dash else (
            f"{shell.name}: {path}: No such file or directory\n")  # fmt: skip
        await shell.err(said)
        return 2 if shell.dash else 127
    if not files.is_file(real):
        await shell.err(f"{path}: {path}: Is a directory\n")
        return 126
    text = files.read_bytes(real).decode(errors="surrogateescape")
    if "\0" in text[:80]:
        await shell.err(f"{path}: {path}: cannot execute binary file\n")
        return 126
    shell.name = shell.source = path
    shell.positional = list(words[1:])

    async def body(running: Shell) -> int:
        return await running.evaluator.run_text(text, resumes=True)

    return await run_to_end(shell, body)


async def _from_stdin(shell: Shell) -> int:  # noqa: C901 -- one case after the other
    """Run the script on stdin, command by command. Each command can read the input behind it."""
    status, line, text, first = 0, 1, "", 1
    while True:
        read = await read_line(shell.process)
        if read is not None:
            text += read.decode(errors="surrogateescape")
            line += 1
        try:
            reader = ScriptReader(text, shell.dialect, first_line=first)
            tree = reader.next()
        except ShellSyntaxError as problem:
            if problem.incomplete and read is not None:
                continue
            status = shell.status = await shell.evaluator.syntax_error(problem, "")
            if read is None or problem.effect != "line":
                return status
            text, first = "", line
            continue
        if read is not None and text.endswith("\\\n"):
            continue
        if tree is not None and reader.waits_for_document and read is not None:
            continue
        text, first = "", line
        if tree is not None:
            try:
                status = await shell.evaluator.run_list(tree)
            except LineAborted as end:
                status = shell.status = end.code
        if read is None:
            return status
