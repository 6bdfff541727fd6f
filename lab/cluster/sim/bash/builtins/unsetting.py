"""unset and shift."""

from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.usage import BuiltinError, number, options
from lab.cluster.sim.bash.builtins.words import is_name, strings
from lab.cluster.sim.bash.expansion.errors import ExpansionError
from lab.cluster.sim.bash.expansion.variables import ReadonlyError

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["shift", "unset"]


async def unset(shell: "Shell", arguments: "list[Argument]") -> int:
    """Remove variables and functions."""
    given = options(strings(arguments), "fvn")
    if given.has("f") and given.has("v"):
        raise BuiltinError("cannot simultaneously unset a function and a variable")
    code = 0
    for name in given.words:
        try:
            if given.has("f") or (
                not _variable(shell, name, reference=given.has("n"), strict=given.has("v")) and not given.has("v")
            ):
                _function(shell, name)
        except ReadonlyError as error:
            code = await shell.complain(f"unset: {error.name}: cannot unset: readonly variable")
        except ExpansionError as error:
            code = await shell.complain(f"unset: {error.message}")
        except BuiltinError as error:
            code = await shell.complain(f"unset: {error.message}")
    return code


def _function(shell: "Shell", name: str) -> None:
    if name in shell.readonly_functions:
        raise BuiltinError(f"{name}: cannot unset: readonly function")
    shell.functions.pop(name, None)
    shell.weights.forget(("function", name))
    shell.exported_functions.discard(name)


def _variable(shell: "Shell", word: str, *, reference: bool, strict: bool) -> bool:
    """Remove a variable or an element of one; return whether there was one."""
    if word.endswith("]") and "[" in word:
        name, index = word[:-1].split("[", 1)
        if is_name(name):
            shell.variables.unset_element(name, index)
            return True
    if not is_name(word):
        if strict:
            raise BuiltinError(f"`{word}': not a valid identifier")
        return False
    found = shell.variables.find(word)
    if reference and (found is None or not found.reference):
        return True
    name = word if reference else shell.variables.resolve(word)
    shell.weights.forget(name)
    return shell.variables.unset(name)


async def shift(shell: "Shell", arguments: "list[Argument]") -> int:
    """Move the positional parameters to the left."""
    words = strings(arguments)
    if words[:1] == ["--"]:
        words = words[1:]
    if len(words) > 1:
        raise BuiltinError("too many arguments")
    count = number(words[0]) if words else 1
    if count < 0:
        raise BuiltinError(f"{words[0]}: shift count out of range")
    if count > len(shell.positional):
        if shell.shopt("shift_verbose"):
            raise BuiltinError(f"{count}: shift count out of range")
        return 1
    shell.positional = list(shell.positional[count:])
    return 0
