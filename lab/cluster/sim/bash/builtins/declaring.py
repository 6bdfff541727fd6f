"""declare, typeset, local, export and readonly: variables and their attributes."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.declared_text import assignment_text, declared_text
from lab.cluster.sim.bash.builtins.usage import BuiltinError, Given, options
from lab.cluster.sim.bash.builtins.words import is_name, strings
from lab.cluster.sim.bash.expansion.errors import ExpansionError
from lab.cluster.sim.bash.expansion.expander import ArrayArgument
from lab.cluster.sim.bash.language.printing import function_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lab.cluster.sim.bash.expansion.variables import Variable
    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["declare", "export", "local", "readonly", "typeset"]

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\[.*?\])?(\+?=)(.*)", re.DOTALL)
#: Letter of an attribute -> the variable's field.
_OF_THE_SHELL = {"FUNCNAME", "BASH_SOURCE", "BASH_LINENO"}
_FLAGS = {"i": "integer", "r": "readonly", "x": "exported", "t": "traced", "n": "reference"}


@dataclass(frozen=True, slots=True)
class _Target:
    """One word of a declaration: the name and, if given, the assigned value."""

    name: str
    index: str | None = None
    value: str | ArrayArgument | None = None
    append: bool = False


def _target(command: str, word: "Argument") -> _Target:
    if isinstance(word, ArrayArgument):
        return _Target(word.name, None, word, word.append)
    found = _ASSIGNMENT.fullmatch(word)
    if found is not None:
        index = found[2][1:-1] if found[2] else None
        return _Target(found[1], index, found[4], found[3] == "+=")
    name, bracket, index = word.partition("[")
    if not is_name(name) or (bracket and (command != "declare" or not index.endswith("]"))):
        raise BuiltinError(f"`{word}': not a valid identifier")
    return _Target(name)


def _in_function(shell: "Shell") -> bool:
    return any(not frame.sourced for frame in shell.frames)


async def declare(shell: "Shell", arguments: "list[Argument]") -> int:
    """Declare variables, or print them."""
    return await _declare(shell, arguments, "declare")


async def typeset(shell: "Shell", arguments: "list[Argument]") -> int:
    """Declare variables, or print them: `declare` by its other name."""
    return await _declare(shell, arguments, "typeset")


async def local(shell: "Shell", arguments: "list[Argument]") -> int:
    """Declare variables of the running function."""
    if not _in_function(shell):
        raise BuiltinError("can only be used in a function")
    if not arguments:
        await _print(shell, sorted(shell.variables.scopes[-1].keys() - _OF_THE_SHELL), own=True)
        return 0
    return await _declare(shell, arguments, "local")


async def _declare(shell: "Shell", arguments: "list[Argument]", command: str) -> int:
    given, words = _split(arguments, "aAfFgiIlnprtuxc", plus="aAfFgiIlnprtuxc")
    if given.has("f", "F"):
        return await _functions(shell, given, strings(words))
    if given.has("p") or not words:
        return await _listed(shell, given, strings(words), command)
    code = 0
    for word in words:
        try:
            if word == "-" and command == "local":
                _keep_options(shell)
                continue
            _carry_out(shell, given, _target("declare", word), command)
        except BuiltinError as error:
            code = await shell.complain(f"{command}: {error.message}")
        except ExpansionError as error:
            code = await shell.complain(f"{command}: {error.message}")
    return code


def _split(arguments: "list[Argument]", letters: str, *, plus: str = "") -> "tuple[Given, list[Argument]]":
    """Parse the options; leave the words behind them unchanged."""
    first = next((n for n, each in enumerate(arguments) if not isinstance(each, str)), len(arguments))
    given = options(strings(arguments[:first]), letters, plus=plus)
    return given, [*given.words, *arguments[first:]]


def _keep_options(shell: "Shell") -> None:
    frame = shell.frames[-1]
    if frame.saved_options is None:
        frame.saved_options = shell.options.copy()


def _carry_out(shell: "Shell", given: Given, target: _Target, command: str) -> None:
    variables = shell.variables
    inner = _in_function(shell) and not given.has("g")
    if inner:
        before = variables.scopes[-1].get(target.name)
        outer = variables.find(target.name)
        fixed = outer is not None and outer.readonly and target.name in variables.scopes[0]
        if before is None and fixed and command == "local":
            raise BuiltinError(f"{target.name}: readonly variable")
        variable = variables.declare_local(target.name)
        if before is None and given.has("I") and outer is not None:
            variable.value = outer.copy().value
    elif given.has("g"):
        variable = variables.made_global(target.name)
    else:
        name = target.name if given.has("n", "+n") else variables.resolve(target.name)
        variable = variables.made(name.partition("[")[0])
        target = _Target(name, target.index, target.value, target.append)
    if variable.readonly and (target.value is not None or given.has("+r")):
        raise BuiltinError(f"{target.name}: readonly variable")
    _mark(shell, variable, given, target)
    _assign(shell, variable, target)
    if given.has("r"):
        variable.readonly = True


def _mark(shell: "Shell", variable: "Variable", given: Given, target: _Target) -> None:  # noqa: C901 -- one case after the other
    """Give a variable its attributes, except `readonly`."""
    name = target.name
    if given.has("+a", "+A") and (variable.array or variable.associative):
        raise BuiltinError(f"{name}: cannot destroy array variables in this way")
    if given.has("A"):
        shell.variables.to_associative(name, variable)
    elif given.has("a") or isinstance(target.value, ArrayArgument) or target.index is not None:
        if variable.associative and given.has("a"):
            raise BuiltinError(f"{name}: cannot convert associative to indexed array")
        if not variable.associative:
            shell.variables.to_indexed(variable)
    for letter, field in _FLAGS.items():
        if letter != "r" and given.has(letter):
            setattr(variable, field, True)
        if given.has(f"+{letter}"):
            setattr(variable, field, False)
    cases = [letter for letter, _ in given.options if letter in "luc"]
    if cases:
        variable.case = cases[-1] if len(set(cases)) == 1 else ""
    if any(given.has(f"+{letter}") and variable.case == letter for letter in "luc"):
        variable.case = ""


def _assign(shell: "Shell", variable: "Variable", target: _Target) -> None:
    variables, name, value = shell.variables, target.name, target.value
    if value is None:
        return
    if isinstance(value, ArrayArgument):
        variables.assign_array(name, value.elements, append=target.append)
    elif variable.reference:
        if not re.fullmatch(r"[A-Za-z_]\w*(\[.*\])?", value):
            raise BuiltinError(f"`{value}': invalid variable name for name reference")
        variable.value = value
    elif target.index is not None:
        variables.set_element(name, target.index, value, append=target.append)
    else:
        variables.set(name, value, append=target.append)


async def _functions(shell: "Shell", given: Given, names: list[str]) -> int:
    """Print functions, or mark them (`declare -fx`)."""
    code = 0
    whole = given.has("f") and not given.has("F")
    for name in names or sorted(shell.functions):
        function = shell.functions.get(name)
        if function is None:
            code = 1
            if given.has("p") or given.has("x", "r"):
                await shell.complain(f"declare: {name}: not found")
            continue
        if names and given.has("x"):
            shell.exported_functions.add(name)
        elif names and given.has("r"):
            shell.readonly_functions.add(name)
        elif names and not whole:
            await shell.out(f"{name}\n")
        else:
            marks = "r" * (name in shell.readonly_functions) + "x" * (name in shell.exported_functions)
            if whole:
                await shell.out(f"{function_text(function)}\n")
                if not (given.has("p") and marks):
                    continue
            await shell.out(f"declare -f{marks} {name}\n")
    return code


async def _listed(shell: "Shell", given: Given, names: list[str], command: str) -> int:
    code = 0
    if names:
        for name in names:
            found = shell.variables.find(name)
            if found is None:
                code = await shell.complain(f"{command}: {name}: not found")
            else:
                await shell.out(f"{declared_text(name, found)}\n")
        return code
    wanted = {letter for letter, _ in given.options} - {"p", "g", "I"}
    every = shell.variables.all()
    if not wanted and not given.has("p"):
        text = "".join(f"{assignment_text(n, v)}\n" for n, v in every.items() if v.is_set)
        text += "".join(f"{function_text(shell.functions[name])}\n" for name in sorted(shell.functions))
        await shell.out(text)
        return 0
    shown = [name for name, variable in every.items() if not wanted or wanted & set(variable.letters)]
    await _print(shell, shown)
    return 0


async def _print(shell: "Shell", names: "Iterable[str]", *, own: bool = False) -> None:
    lines = []
    for name in names:
        found = shell.variables.scopes[-1].get(name) if own else shell.variables.find(name)
        if found is not None:
            lines.append(f"{declared_text(name, found)}\n")
    await shell.out("".join(lines))


async def export(shell: "Shell", arguments: "list[Argument]") -> int:
    """Export variables to the programs that the shell starts."""
    given, words = _split(arguments, "afnp")
    if given.has("f") and words:
        return await _export_functions(shell, given, strings(words))
    if not words:
        await _print(shell, [name for name, found in shell.variables.all().items() if found.exported])
        return 0
    return await _set_all(shell, "exported", given, words, on=not given.has("n"))


async def _export_functions(shell: "Shell", given: Given, names: list[str]) -> int:
    code = 0
    for name in names:
        if name not in shell.functions:
            code = await shell.complain(f"export: {name}: not a function")
        elif given.has("n"):
            shell.exported_functions.discard(name)
        else:
            shell.exported_functions.add(name)
    return code


async def readonly(shell: "Shell", arguments: "list[Argument]") -> int:
    """Make variables read-only."""
    given, words = _split(arguments, "aAfp")
    if given.has("f"):
        code = 0
        for name in strings(words):
            if name not in shell.functions:
                code = await shell.complain(f"readonly: {name}: not a function")
            else:
                shell.readonly_functions.add(name)
        return code
    if not words:
        await _print(shell, [name for name, found in shell.variables.all().items() if found.readonly])
        return 0
    return await _set_all(shell, "readonly", given, words, on=True)


async def _set_all(shell: "Shell", field: str, given: Given, words: "list[Argument]", *, on: bool) -> int:
    command = "export" if field == "exported" else "readonly"
    code = 0
    for word in words:
        try:
            target = _target(command, word)
        except BuiltinError as error:
            code = await shell.complain(f"{command}: {error.message}")
            continue
        try:
            name = shell.variables.resolve(target.name)
            variable = shell.variables.made(name)
            if not given.has("n"):
                _mark(shell, variable, given, target)
            _assign(shell, variable, _Target(name, target.index, target.value, target.append))
            setattr(variable, field, on)
        except BuiltinError as error:
            code = await shell.complain(f"{command}: {error.message}")
        except ExpansionError as error:
            code = await shell.complain(error.message)
    return code
