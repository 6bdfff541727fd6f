"""cd, pwd, pushd, popd and dirs."""

import posixpath
import re
from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.usage import BuiltinError, Usage, options
from lab.cluster.sim.bash.builtins.words import strings

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["cd", "dirs", "popd", "pushd", "pwd"]

_PLACE = re.compile(r"[+-]\d+")


async def cd(shell: "Shell", arguments: "list[Argument]") -> int:
    """Change the current folder."""
    given = options(strings(arguments), "LPe@")
    if len(given.words) > 1:
        raise BuiltinError("too many arguments")
    physical = given.letters.replace("e", "").replace("@", "")[-1:] == "P" or (
        not given.has("L") and shell.option("physical")
    )
    told = False
    if not given.words:
        target = shell.variables.get("HOME")
        if target is None:
            raise BuiltinError("HOME not set")
    elif given.words[0] == "-":
        target = shell.variables.get("OLDPWD")
        if target is None:
            raise BuiltinError("OLDPWD not set")
        told = True
    else:
        target = given.words[0]
    found = _on_path(shell, target) if target and not target.startswith(("/", "./", "../")) else None
    told = told or found is not None
    _go(shell, found or target, physical=physical, shown=target)
    if told:
        await shell.out(f"{shell.variables.text('PWD')}\n")
    return 0


def _on_path(shell: "Shell", target: str) -> str | None:
    """Return the folder that $CDPATH leads to; None for a match in the current folder, which is not printed."""
    if target in {".", ".."}:
        return None
    for folder in shell.variables.text("CDPATH").split(":"):
        if folder and shell.files.is_folder(posixpath.join(folder, target)):
            return None if folder == "." else posixpath.join(folder, target)
    return None


def _go(shell: "Shell", target: str, *, physical: bool, shown: str) -> None:
    """Make `target` the current folder; raise `BuiltinError` if it is not a folder."""
    logical = shell.path(target) if target else shell.folder
    if not shell.files.is_folder(logical):
        if not shell.files.exists(logical):
            raise BuiltinError(f"{shown}: No such file or directory")
        raise BuiltinError(f"{shown}: Not a directory")
    if physical:
        logical = shell.place.files.resolved(logical)
    before = shell.variables.get("PWD") or shell.folder
    shell.process.folder = logical
    for name, value in (("OLDPWD", before), ("PWD", logical)):
        shell.variables.set(name, value)
        shell.variables.made(name).exported = True


async def pwd(shell: "Shell", arguments: "list[Argument]") -> int:
    """Print the current folder."""
    given = options(strings(arguments), "LP")
    folder = shell.folder
    if given.letters.endswith("P") or (not given.letters and shell.option("physical")):
        folder = shell.place.files.resolved(folder)
    await shell.out(f"{folder}\n")
    return 0


def _short(shell: "Shell", folder: str) -> str:
    home = shell.variables.text("HOME")
    if home not in {"", "/"} and (folder == home or folder.startswith(f"{home}/")):
        return "~" + folder[len(home) :]
    return folder


def _at(shell: "Shell", word: str) -> int:
    """Return the place in the stack that `+N` or `-N` means."""
    count = len(shell.folders) + 1
    number = int(word[1:])
    at = number if word[0] == "+" else count - 1 - number
    if not 0 <= at < count:
        if count == 1:
            raise BuiltinError("directory stack empty")
        raise BuiltinError(f"{word}: directory stack index out of range")
    return at


async def dirs(shell: "Shell", arguments: "list[Argument]") -> int:
    """Print the stack of folders."""
    words = strings(arguments)
    letters = ""
    place = ""
    for word in words:
        if _PLACE.fullmatch(word):
            place = word
        elif re.fullmatch(r"-[clpv]+", word):
            letters += word[1:]
        elif word.startswith("-"):
            raise Usage(f"{word}: invalid number")
        else:
            raise Usage(f"{word}: invalid option")
    if "c" in letters:
        shell.folders.clear()
        return 0
    stack = [shell.folder, *shell.folders]
    shown = stack if "l" in letters else [_short(shell, folder) for folder in stack]
    if place:
        try:
            at = _at(shell, place)
        except BuiltinError as error:
            raise BuiltinError(error.message.removeprefix(place[0])) from None
        await shell.out(f"{shown[at]}\n")
    elif "v" in letters:
        await shell.out("".join(f"{index:2d}  {folder}\n" for index, folder in enumerate(shown)))
    elif "p" in letters:
        await shell.out("".join(f"{folder}\n" for folder in shown))
    else:
        await shell.out(" ".join(shown) + "\n")
    return 0


def _split(words: list[str]) -> tuple[bool, list[str]]:
    """Parse `-n` of pushd and popd; raise `Usage` for other options."""
    stays = False
    rest = list(words)
    while rest:
        word = rest[0]
        if word == "-n":
            stays = True
        elif word == "--":
            rest.pop(0)
            break
        elif word.startswith("-") and word != "-" and not _PLACE.fullmatch(word):
            raise Usage(f"{word}: invalid number")
        else:
            break
        rest.pop(0)
    return stays, rest


async def pushd(shell: "Shell", arguments: "list[Argument]") -> int:
    """Push a folder onto the stack, or rotate the stack."""
    stays, words = _split(strings(arguments))
    if len(words) > 1:
        raise BuiltinError("too many arguments")
    stack = [shell.folder, *shell.folders]
    if not words:
        if len(stack) < 2:
            raise BuiltinError("no other directory")
        stack[0], stack[1] = stack[1], stack[0]
    elif _PLACE.fullmatch(words[0]):
        at = _at(shell, words[0])
        stack = stack[at:] + stack[:at]
    elif stays:
        shell.folders.insert(0, words[0])
        return await dirs(shell, [])
    else:
        target = words[0]
        if target == "-":
            target = shell.variables.text("OLDPWD")
        _go(shell, target, physical=False, shown=words[0])
        shell.folders[:] = stack
        return await dirs(shell, [])
    if not stays:
        _go(shell, stack[0], physical=False, shown=stack[0])
    shell.folders[:] = stack[1:]
    return await dirs(shell, [])


async def popd(shell: "Shell", arguments: "list[Argument]") -> int:
    """Take a folder off the stack."""
    stays, words = _split(strings(arguments))
    for word in words:
        if not _PLACE.fullmatch(word):
            raise Usage(f"{word}: invalid argument")
    if not shell.folders:
        raise BuiltinError("directory stack empty")
    at = _at(shell, words[0]) if words else 0
    if at == 0 and not stays:
        _go(shell, shell.folders[0], physical=False, shown=shell.folders[0])
        shell.folders.pop(0)
    else:
        shell.folders.pop(max(at - 1, 0))
    return await dirs(shell, [])
