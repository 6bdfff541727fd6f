""":, true, false, let, caller and help."""

from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.usage import BuiltinError, Usage, options, synopses
from lab.cluster.sim.bash.builtins.words import strings
from lab.cluster.sim.bash.expansion.arithmetic import calculate
from lab.cluster.sim.bash.expansion.errors import ExpansionError
from lab.cluster.sim.bash.expansion.patterns import pattern_regex

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["caller", "failure", "help_texts", "let", "nothing"]

_HEAD = """GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)
These shell commands are defined internally.  Type `help' to see this list.
Type `help name' to find out more about the function `name'.
Use `info bash' to find out more about the shell in general.
Use `man -k' or `info' to find out more about commands not in this list.

A star (*) next to a name means that the command is disabled.

"""
_COLUMN = 40
_LAST_COLUMN = 38


async def nothing(shell: "Shell", arguments: "list[Argument]") -> int:
    """Do nothing, successfully."""
    del shell, arguments
    return 0


async def failure(shell: "Shell", arguments: "list[Argument]") -> int:
    """Do nothing, unsuccessfully."""
    del shell, arguments
    return 1


async def let(shell: "Shell", arguments: "list[Argument]") -> int:
    """Calculate; return 1 if the last result is zero."""
    words = options(strings(arguments), "").words if arguments[:1] == ["--"] else strings(arguments)
    if not words:
        raise BuiltinError("expression expected")
    value = 0
    for word in words:
        try:
            value = calculate(word, shell.variables, nounset=shell.option("nounset"))
        except ExpansionError as error:
            raise BuiltinError(error.message) from None
    return int(value == 0)


async def caller(shell: "Shell", arguments: "list[Argument]") -> int:
    """Print where the running function was called."""
    words = options(strings(arguments), "").words
    # The script itself is the outermost caller; the text of `bash -c` has none.
    outer = [(frame.name, frame.source) for frame in shell.frames]
    if shell.source:
        outer.insert(0, ("main", shell.source))
    if not outer:
        return 1
    if words and not words[0].isdigit():
        raise Usage(f"{words[0]}: invalid number", 1)
    depth = int(words[0]) if words else 0
    callers = outer[-2 - depth] if len(outer) >= 2 + depth else None
    line = shell.frames[-1 - depth].line if depth < len(shell.frames) else 0
    if not words:
        await shell.out(f"{line} {callers[1] if callers else 'NULL'}\n")
        return 0
    if callers is None:
        return 1
    await shell.out(f"{line} {callers[0]} {callers[1]}\n")
    return 0


async def help_texts(shell: "Shell", arguments: "list[Argument]") -> int:
    """Print the help of the shell's own commands."""
    given = options(strings(arguments), "dms")
    every = synopses()
    if not given.words:
        await shell.out(_HEAD + _columns([synopsis for synopsis, _ in every.values()]))
        return 0
    code = 0
    for word in given.words:
        names = [word] if word in every else [
            name for name in every if name.startswith(word) or pattern_regex(word).fullmatch(name)
        ]  # fmt: skip
        if not names:
            code = await shell.complain(
                f"help: no help topics match `{word}'.  Try `help help' or `man -k {word}' or `info {word}'."
            )
            continue
        if word not in every and any(letter in word for letter in "*?["):
            await shell.out(f"Shell commands matching keyword `{word}'\n\n")
        for name in names:
            synopsis, description = every[name]
            if given.has("d"):
                await shell.out(f"{name} - {description}\n")
            elif given.has("s"):
                await shell.out(f"{name}: {synopsis}\n")
            else:
                await shell.out(f"{name}: {synopsis}\n    {description}\n")
    return code


def _columns(texts: list[str]) -> str:
    half = (len(texts) + 1) // 2
    lines = []
    for row in range(half):
        left = texts[row]
        left = left if len(left) < _COLUMN - 1 else f"{left[: _COLUMN - 3]}>"
        right = texts[row + half] if row + half < len(texts) else ""
        right = right if len(right) < _LAST_COLUMN - 1 else f"{right[: _LAST_COLUMN - 2]}>"
        lines.append(f" {left:<{_COLUMN - 1}} {right}".rstrip() + "\n")
    return "".join(lines)
