"""exit, logout, return, break and continue."""

from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.usage import BuiltinError, HelpAsked
from lab.cluster.sim.bash.builtins.words import strings
from lab.cluster.sim.bash.running.flow import Break, Continue, ExitShell, LineAborted, Return

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["break_loop", "continue_loop", "exit_shell", "logout", "return_code"]


def _words(arguments: "list[Argument]") -> list[str]:
    words = strings(arguments)
    if words[:1] == ["--help"]:
        raise HelpAsked
    return words[1:] if words[:1] == ["--"] else words


def _number(text: str) -> int | None:
    bare = text.strip()
    digits = bare[1:] if bare[:1] in {"-", "+"} else bare
    return int(bare) if digits.isascii() and digits.isdigit() else None


async def _code(shell: "Shell", words: list[str], command: str) -> int:
    """Return the requested exit code; 2 if the argument is not a number."""
    if not words:
        return shell.status
    code = _number(words[0])
    if code is None:
        await shell.complain(f"{command}: {words[0]}: numeric argument required")
        return 2
    if len(words) > 1:
        raise BuiltinError("too many arguments")
    return code & 0xFF


async def exit_shell(shell: "Shell", arguments: "list[Argument]") -> int:
    """Leave the shell."""
    return await _leave(shell, _words(arguments), "exit")


async def logout(shell: "Shell", arguments: "list[Argument]") -> int:
    """Leave a login shell."""
    words = _words(arguments)
    if not shell.login or shell.subshells:
        raise BuiltinError("not login shell: use `exit'")
    return await _leave(shell, words, "logout")


async def _leave(shell: "Shell", words: list[str], command: str) -> int:
    if shell.interactive and not shell.subshells:
        if command == "exit":
            await shell.err("logout\n" if shell.login else "exit\n")
        if not shell.jobs.warned and any(job.stopped for job in shell.jobs.table.values()):
            shell.jobs.warned = True
            await shell.err("There are stopped jobs.\n")
            return 1
    raise ExitShell(await _code(shell, words, command))


async def return_code(shell: "Shell", arguments: "list[Argument]") -> int:
    """Return from a function or a sourced script."""
    words = _words(arguments)
    try:
        code = await _code(shell, words, "return")
    except BuiltinError as error:
        await shell.complain(f"return: {error.message}")
        raise LineAborted(1) from None
    if not shell.frames:
        raise BuiltinError("can only `return' from a function or sourced script", 2)
    raise Return(code)


async def _levels(shell: "Shell", arguments: "list[Argument]", command: str) -> int:
    """Return how many loops to leave; 0 outside of a loop."""
    words = _words(arguments)
    if not shell.loops:
        await shell.complain(f"{command}: only meaningful in a `for', `while', or `until' loop")
        return 0
    if not words:
        return 1
    count = _number(words[0])
    if count is None:
        await shell.complain(f"{command}: {words[0]}: numeric argument required")
        raise LineAborted(128) if shell.interactive else ExitShell(128)
    if len(words) > 1:
        await shell.complain(f"{command}: too many arguments")
        raise LineAborted(1) if shell.interactive else ExitShell(1)
    if count < 1:
        await shell.complain(f"{command}: {words[0]}: loop count out of range")
        raise Break(shell.loops, 1)
    return min(count, shell.loops)


async def break_loop(shell: "Shell", arguments: "list[Argument]") -> int:
    """Leave loops."""
    levels = await _levels(shell, arguments, "break")
    if levels:
        raise Break(levels)
    return 0


async def continue_loop(shell: "Shell", arguments: "list[Argument]") -> int:
    """Continue with the next round of a loop."""
    levels = await _levels(shell, arguments, "continue")
    if levels:
        raise Continue(levels)
    return 0
