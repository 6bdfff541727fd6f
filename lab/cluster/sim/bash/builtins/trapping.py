"""trap: commands that run when signals come, at the end, and when commands fail."""

from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.signal_lists import numbered_list
from lab.cluster.sim.bash.builtins.usage import Usage, options
from lab.cluster.sim.bash.builtins.words import strings
from lab.cluster.sim.bash.expansion.quoting import plain_quote
from lab.cluster.sim.bash.running.traps import PSEUDO, condition_of
from lab.cluster.sim.machine.signals import Signal

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["trap"]


async def trap(shell: "Shell", arguments: "list[Argument]") -> int:
    """Set traps, or print them."""
    given = options(strings(arguments), "lp")
    words = given.words
    if given.has("l"):
        await shell.out(numbered_list())
        return 0
    if given.has("p") or not words:
        return await _print(shell, words)
    if len(words) == 1:
        if condition_of(words[0]) is None:
            raise Usage
        command: str | None = None
    else:
        first = words.pop(0)
        command = None if first == "-" else first
        if command is not None and first.isdigit() and condition_of(first) is not None:
            # `trap 2 3` resets both.
            words, command = [first, *words], None
    code = 0
    for word in words:
        condition = condition_of(word)
        if condition is None:
            code = await shell.complain(f"trap: {word}: invalid signal specification")
        else:
            shell.traps.set(shell.process, condition, command)
    return code


async def _print(shell: "Shell", words: list[str]) -> int:
    code = 0
    wanted: list[str] = []
    for word in words:
        condition = condition_of(word)
        if condition is None:
            code = await shell.complain(f"trap: {word}: invalid signal specification")
        else:
            wanted.append(condition)
    order = ["EXIT", *(signal.name.removeprefix("SIG") for signal in Signal), *PSEUDO[1:]]
    for condition in wanted or order:
        command = shell.traps.commands.get(condition)
        if command is not None:
            shown = condition if condition in PSEUDO else f"SIG{condition}"
            await shell.out(f"trap -- {plain_quote(command)} {shown}\n")
    return code
