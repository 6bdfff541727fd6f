"""echo and printf."""

from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.escapes import echoed
from lab.cluster.sim.bash.builtins.printf_format import format_text
from lab.cluster.sim.bash.builtins.usage import BuiltinError, Usage, options
from lab.cluster.sim.bash.builtins.words import is_name, strings
from lab.cluster.sim.bash.expansion.quoting import backslash_quote
from lab.cluster.sim.bash.language.octets import decode
from lab.cluster.sim.bash.running.weighing import weigh

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["echo", "printf"]


async def echo(shell: "Shell", arguments: "list[Argument]") -> int:
    """Print words."""
    await shell.out(echoed(strings(arguments), escapes=shell.shopt("xpg_echo")))
    return 0


async def printf(shell: "Shell", arguments: "list[Argument]") -> int:
    """Print words by a format, or assign the result to a variable."""
    given = options(strings(arguments), "v:")
    if not given.words:
        raise Usage
    form, *words = given.words
    target = given.value("v")
    if target and not is_name(target.partition("[")[0]):
        raise BuiltinError(f"`{target}': not a valid identifier", 2)
    try:
        result = format_text(form, words, quote=backslash_quote, now=shell.place.now())
    except MemoryError:
        return await shell.complain("printf: Cannot allocate memory")
    for complaint in result.complaints:
        await shell.complain(f"printf: {complaint}")
    for name, count in result.counts:
        shell.variables.set(name, str(count))
    if target:
        shell.variables.set(target, decode(result.out.split(b"\0")[0]))
        await weigh(shell, target.partition("[")[0])
    else:
        await shell.out(bytes(result.out))
    return result.code
