"""`$(...)`, `<(...)` and `>(...)`."""

from lab.cluster.sim.bash.language.errors import ShellSyntaxError
from lab.cluster.sim.bash.language.reader import parse
from lab.cluster.sim.bash.language.tree import (
    CommandList,
    CommandSubstitution,
    HereDocument,
    ProcessSubstitution,
    SimpleCommand,
    Word,
    commands_of,
)
from lab.cluster.sim.bash.running.forks import fork
from lab.cluster.sim.bash.running.lines import read_all
from lab.cluster.sim.bash.running.open_files import OpenFile, pipe
from lab.cluster.sim.bash.running.opening import open_file
from lab.cluster.sim.bash.running.shell import Shell

__all__ = ["command_substituted", "process_substituted"]

_HIGHEST = 63


async def command_substituted(shell: Shell, part: CommandSubstitution) -> str:
    """Run commands in a subshell; return their whole output."""
    body = None if part.body is None else commands_of(part.body)
    if body is None:
        try:
            body = parse(part.source, shell.dialect, first_line=part.line)
        except ShellSyntaxError as problem:
            for line in problem.lines(shell.name, "command substitution"):
                await shell.err(f"{line}\n")
            shell.substitution_status = 2
            return ""
    only = _only_input(body)
    if only is not None:
        return await _contents(shell, only)
    reader, writer = pipe()
    tree = body

    async def run(copy: Shell) -> int:
        copy.indirection += 1
        return await copy.evaluator.run_list(tree)

    try:
        keeps = shell.options["posix"] or shell.options.shopt("inherit_errexit")
        child = fork(shell, run, changes={1: writer}, keeps_errexit=keeps)
        with shell.process.holding():
            said = await read_all(shell.process, reader)
        shell.status = shell.substitution_status = await shell.process.wait_end(child)
    finally:
        reader.release()
    shell.evaluator.interrupted_by(child)
    if b"\0" in said:
        await shell.complain("warning: command substitution: ignored null byte in input")
    return said.replace(b"\0", b"").decode(errors="surrogateescape")


def _only_input(body: CommandList) -> Word | None:
    """Return the file of `$(< file)`."""
    if len(body.statements) != 1:
        return None
    statement = body.statements[0]
    commands = statement.first.commands
    if statement.rest or statement.background or len(commands) != 1 or not isinstance(commands[0], SimpleCommand):
        return None
    command = commands[0]
    if command.words or command.assignments or len(command.redirections) != 1:
        return None
    only = command.redirections[0]
    if only.operator != "<" or only.descriptor not in {None, 0} or isinstance(only.target, HereDocument):
        return None
    return only.target


async def _contents(shell: Shell, word: Word) -> str:
    path = await shell.expander.redirection_target(word)
    try:
        file = open_file(shell.process, shell.path(path), "r")
    except OSError as problem:
        shell.substitution_status = await shell.complain(f"{path}: {problem.strerror}")
        return ""
    try:
        with shell.process.holding():
            said = await read_all(shell.process, file)
    finally:
        file.release()
    shell.substitution_status = 0
    return said.replace(b"\0", b"").decode(errors="surrogateescape")


async def process_substituted(shell: Shell, part: ProcessSubstitution) -> str:
    """Start commands at one end of a pipe. The shell has a descriptor of the other end until its command ends."""
    reader, writer = pipe()
    theirs: dict[int, OpenFile]
    mine: OpenFile
    if part.direction == "<":
        theirs, mine = {1: writer}, reader
    else:
        theirs, mine = {0: reader}, writer

    async def run(copy: Shell) -> int:
        return await copy.evaluator.run_list(commands_of(part.body))

    child = fork(shell, run, changes=theirs)
    number = _HIGHEST
    while number in shell.process.descriptors:
        number -= 1
    shell.process.descriptors[number] = mine
    shell.evaluator.substituted_descriptors.append(number)
    shell.last_background = child.pid
    shell.jobs.note(child)
    return f"/dev/fd/{number}"
