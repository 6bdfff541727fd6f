"""eval, source and exec: text and programs that run in this shell."""

import posixpath
from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.usage import BuiltinError, Usage, options
from lab.cluster.sim.bash.builtins.words import strings
from lab.cluster.sim.bash.language.octets import decode
from lab.cluster.sim.bash.running.flow import ExitShell, Return

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["evaluate", "execute", "source"]


async def evaluate(shell: "Shell", arguments: "list[Argument]") -> int:
    """Run words as a line of text."""
    words = options(strings(arguments), "").words
    text = " ".join(words)
    if not text.strip():
        return 0
    return await shell.run_text(text, source="eval", first_line=shell.line)


async def source(shell: "Shell", arguments: "list[Argument]") -> int:
    """Run a file in this shell."""
    words = options(strings(arguments), "").words
    if not words:
        raise Usage("filename argument required")
    path = _found(shell, words[0])
    full = shell.path(path)
    if shell.files.is_folder(full):
        raise BuiltinError(f"{words[0]}: is a directory")
    try:
        text = await _text(shell, path)
    except OSError:
        await shell.complain(f"{words[0]}: No such file or directory")
        if shell.option("posix") and not shell.interactive:
            raise ExitShell(1) from None
        return 1
    before = shell.positional
    if len(words) > 1:
        shell.positional = words[1:]
    given = shell.positional
    try:
        return await shell.evaluator.run_sourced(text, path)
    except Return as end:
        return end.code
    finally:
        if len(words) > 1 and shell.positional is given:
            shell.positional = before


def _found(shell: "Shell", name: str) -> str:
    """Return the path of a script: a name without a slash is searched along PATH, then in the current folder."""
    if "/" in name or not shell.shopt("sourcepath"):
        return name
    for folder in shell.variables.text("PATH").split(":"):
        path = posixpath.join(folder or shell.folder, name)
        if shell.files.test("-f", path):
            return path
    return name


async def _text(shell: "Shell", path: str) -> str:
    from lab.cluster.sim.bash.running.opening import open_file  # noqa: PLC0415 -- for those that source

    file = open_file(shell.process, shell.path(path), "r")
    try:
        found = []
        while data := await file.read(shell.process, 1 << 16):
            found.append(data)
    finally:
        file.release()
    return decode(b"".join(found))


async def execute(shell: "Shell", arguments: "list[Argument]") -> int:
    """Replace the shell by a program; without a program, keep the redirections."""
    given = options(strings(arguments), "cla:")
    if not given.words:
        return 0
    environment = {} if given.has("c") else shell.variables.exported()
    name = given.value("a") or None
    if given.has("l"):
        name = f"-{name or given.words[0]}"
    return await shell.become(given.words, environment=environment, name=name)
