"""set and shopt: the shell's options and positional parameters."""

from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.declared_text import assignment_text
from lab.cluster.sim.bash.builtins.usage import BuiltinError, Given, Usage, options
from lab.cluster.sim.bash.builtins.words import strings
from lab.cluster.sim.bash.language.printing import function_text
from lab.cluster.sim.bash.running.options import LETTERS, SET_OPTIONS, SHOPT_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["set_options", "shopt"]


async def set_options(shell: "Shell", arguments: "list[Argument]") -> int:
    """Turn options on and off, and set the positional parameters; without arguments, print all variables."""
    words = strings(arguments)
    if not words:
        await _print_variables(shell)
        return 0
    rest = list(words)
    changes: list[tuple[str, bool]] = []
    while rest:
        word = rest[0]
        if word == "--":
            shell.positional = rest[1:]
            break
        if word in {"-", "+"}:
            rest.pop(0)
            if word == "-":
                changes += [("xtrace", False), ("verbose", False)]
            if rest:
                shell.positional = rest
            break
        if word[:1] not in {"-", "+"}:
            shell.positional = rest
            break
        rest.pop(0)
        if not await _letters(shell, word, rest, changes):
            return 0
    for name, on in changes:
        shell.options.set(name, on=on)
    return 0


async def _letters(shell: "Shell", word: str, rest: list[str], changes: list[tuple[str, bool]]) -> bool:
    """Note the changes of the letters of one word; return whether anything is left to do besides printing."""
    on = word[0] == "-"
    if word == "--help":
        raise Usage
    for letter in word[1:]:
        if letter == "o":
            if not rest:
                await _print_set(shell, plain=not on)
                return False
            name = rest.pop(0)
            if name not in SET_OPTIONS:
                raise BuiltinError(f"{name}: invalid option name", 2)
            changes.append((name, on))
        elif letter in LETTERS:
            changes.append((LETTERS[letter], on))
        else:
            raise Usage(f"{word[0]}{letter}: invalid option")
    return True


async def _print_variables(shell: "Shell") -> None:
    every = shell.variables.all()
    text = "".join(f"{assignment_text(name, found)}\n" for name, found in every.items() if found.is_set)
    if not shell.option("posix"):
        text += "".join(f"{function_text(shell.functions[name])}\n" for name in sorted(shell.functions))
    await shell.out(text)


async def _print_set(shell: "Shell", *, plain: bool, names: "Sequence[str]" = SET_OPTIONS) -> None:
    lines = []
    for name in names:
        on = shell.option(name)
        lines.append(f"set {'-' if on else '+'}o {name}\n" if plain else f"{name:<15}\t{'on' if on else 'off'}\n")
    await shell.out("".join(lines))


async def shopt(shell: "Shell", arguments: "list[Argument]") -> int:
    """Turn the shell's other options on and off, or print them."""
    given = options(strings(arguments), "psuqo")
    if given.has("s") and given.has("u"):
        raise BuiltinError("cannot set and unset shell options simultaneously")
    kind = "invalid option name" if given.has("o") else "invalid shell option name"
    known: Sequence[str] = SET_OPTIONS if given.has("o") else list(SHOPT_OPTIONS)
    bad = [name for name in given.words if name not in known]
    names = [name for name in given.words if name in known]
    code = 1 if bad else 0
    for name in bad:
        await shell.complain(f"shopt: {name}: {kind}")
    if given.words and given.has("s", "u"):
        for name in names:
            _turn(shell, given, name)
        return code
    wanted = names if given.words else [
        name for name in known if not given.has("s", "u") or _is_on(shell, given, name) == given.has("s")
    ]  # fmt: skip
    if given.words and not all(_is_on(shell, given, name) for name in names):
        code = 1
    if not given.has("q"):
        await _print_shopt(shell, given, wanted)
    return code


def _is_on(shell: "Shell", given: Given, name: str) -> bool:
    return shell.option(name) if given.has("o") else shell.shopt(name)


def _turn(shell: "Shell", given: Given, name: str) -> None:
    if given.has("o"):
        shell.options.set(name, on=given.has("s"))
    else:
        shell.options.shopts[name] = given.has("s")


async def _print_shopt(shell: "Shell", given: Given, names: "Sequence[str]") -> None:
    if given.has("o"):
        await _print_set(shell, plain=given.has("p"), names=names)
        return
    lines = []
    for name in names:
        on = shell.shopt(name)
        if given.has("p"):
            lines.append(f"shopt -{'s' if on else 'u'} {name}\n")
        else:
            lines.append(f"{name:<15}\t{'on' if on else 'off'}\n")
    await shell.out("".join(lines))
