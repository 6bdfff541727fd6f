"""compgen, complete, compopt and bind: completion and the line editor for scripts."""

import posixpath
from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.finding import KEYWORDS
from lab.cluster.sim.bash.builtins.usage import BuiltinError, Given, options
from lab.cluster.sim.bash.builtins.words import strings
from lab.cluster.sim.bash.expansion.patterns import pattern_regex
from lab.cluster.sim.bash.expansion.quoting import single_quote
from lab.cluster.sim.bash.running.options import SET_OPTIONS, SHOPT_OPTIONS
from lab.cluster.sim.machine.signals import Signal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["bind", "compgen", "complete", "compopt"]

_OPTIONS = "abcdefgjksuvo:A:G:W:F:C:X:P:S:"
_ACTIONS = {
    "a": "alias", "b": "builtin", "c": "command", "d": "directory", "e": "export", "f": "file", "g": "group",
    "j": "job", "k": "keyword", "s": "service", "u": "user", "v": "variable",
}  # fmt: skip
_OTHER = {"arrayvar", "binding", "disabled", "enabled", "function", "helptopic", "hostname", "running", "setopt",
          "shopt", "signal", "stopped"}  # fmt: skip


async def compgen(shell: "Shell", arguments: "list[Argument]") -> int:
    """Print the possible completions of a word."""
    given = options(strings(arguments), _OPTIONS)
    word = given.words[0] if given.words else ""
    found: list[str] = []
    for key, value in given.options:
        if key == "A" and value not in _OTHER and value not in _ACTIONS.values():
            raise BuiltinError(f"{value}: invalid action name", 2)
        action = value if key == "A" else _ACTIONS.get(key, "")
        if action:
            found.extend(each for each in _candidates(shell, action, word) if each.startswith(word))
    if given.has("W"):
        words = await _words(shell, given.value("W"))
        found.extend(each for each in words if each.startswith(word))
    if given.has("X"):
        pattern = pattern_regex(given.value("X").removeprefix("!"))
        keeps = given.value("X").startswith("!")
        found = [each for each in found if (pattern.fullmatch(each) is not None) == keeps]
    lead, end = given.value("P"), given.value("S")
    await shell.out("".join(f"{lead}{each}{end}\n" for each in found))
    return 0 if found else 1


async def _words(shell: "Shell", text: str) -> list[str]:
    from lab.cluster.sim.bash.language.reader import parse  # noqa: PLC0415 -- for few

    tree = parse(f": {text}")
    command = tree.statements[0].first.commands[0] if tree.statements else None
    words = getattr(command, "words", ())
    return [each for each in await shell.expander.arguments(words[1:]) if isinstance(each, str)]


def _candidates(shell: "Shell", action: str, word: str) -> "Iterable[str]":  # noqa: C901, PLR0911, PLR0912 -- a table
    match action:
        case "alias":
            return sorted(shell.aliases)
        case "builtin" | "enabled" | "helptopic":
            return sorted(name for name in shell.builtins if action != "enabled" or name not in shell.disabled)
        case "disabled":
            return sorted(shell.disabled)
        case "function":
            return sorted(shell.functions)
        case "keyword":
            return KEYWORDS
        case "variable" | "export" | "arrayvar":
            return _variables(shell, action)
        case "file" | "directory":
            return _paths(shell, word, folders=action == "directory")
        case "user" | "group":
            text = shell.place.files.get("/etc/passwd" if action == "user" else "/etc/group")
            return [line.partition(":")[0] for line in text.splitlines() if line]
        case "command":
            return [*KEYWORDS, *sorted(shell.aliases), *sorted(shell.functions), *sorted(shell.builtins),
                    *_programs(shell)]  # fmt: skip
        case "signal":
            return [signal.name for signal in Signal]
        case "setopt":
            return SET_OPTIONS
        case "shopt":
            return list(SHOPT_OPTIONS)
        case "job" | "running" | "stopped":
            return [job.text.split(" ")[0] for job in shell.jobs.table.values()]
    return []


def _variables(shell: "Shell", action: str) -> list[str]:
    every = shell.variables.all().items()
    if action == "export":
        return [name for name, found in every if found.exported]
    if action == "arrayvar":
        return [name for name, found in every if found.array or found.associative]
    return [name for name, found in every if found.is_set]


def _paths(shell: "Shell", word: str, *, folders: bool) -> list[str]:
    folder = posixpath.dirname(word)
    lead = word[: len(word) - len(posixpath.basename(word))]
    names = [f"{lead}{name}" for name in shell.files.entries(folder or ".")]
    return [name for name in names if not folders or shell.files.is_folder(name)]


def _programs(shell: "Shell") -> list[str]:
    found: list[str] = []
    for folder in shell.variables.text("PATH").split(":"):
        if folder:
            found.extend(
                name for name in shell.files.entries(folder) if shell.files.test("-x", f"{folder}/{name}")
            )
    return found


async def complete(shell: "Shell", arguments: "list[Argument]") -> int:
    """Store how a command's words are completed. The line editor of a simulated terminal does not use this."""
    given = options(strings(arguments), _OPTIONS + "prDEI")
    code = 0
    if given.has("r"):
        for name in given.words or list(shell.completions):
            if shell.completions.pop(name, None) is None:
                code = await shell.complain(f"complete: {name}: no completion specification")
        return code
    if given.has("p") or not given.options:
        for name in given.words or list(shell.completions):
            if name in shell.completions:
                await shell.out(f"complete {shell.completions[name]}{name}\n")
            else:
                code = await shell.complain(f"complete: {name}: no completion specification")
        return code
    for name in given.words:
        shell.completions[name] = _spec(given)
    return code


def _spec(given: Given) -> str:
    parts = []
    for key, value in given.options:
        if key in "DEI":
            continue
        shown = value if key in "oAFC" else single_quote(value)
        parts.append(f"-{key} {shown} " if value else f"-{key} ")
    return "".join(parts)


async def compopt(shell: "Shell", arguments: "list[Argument]") -> int:
    """Change the options of a completion."""
    given = options(strings(arguments), "o:DEI", plus="o")
    if not given.words:
        raise BuiltinError("not currently executing completion function")
    code = 0
    for name in given.words:
        if name not in shell.completions:
            code = await shell.complain(f"compopt: {name}: no completion specification")
    return code


async def bind(shell: "Shell", arguments: "list[Argument]") -> int:
    """Accept key bindings and ignore them: the line editor has its own."""
    options(strings(arguments), "lpsvPSVXm:f:q:u:r:x:")
    if not shell.interactive:
        await shell.complain("bind: warning: line editing not enabled")
    return 0
