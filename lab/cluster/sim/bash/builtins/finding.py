"""type, command, builtin, hash and enable: which command a name stands for."""

from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.aliases import alias_text
from lab.cluster.sim.bash.builtins.usage import BuiltinError, options
from lab.cluster.sim.bash.builtins.words import strings
from lab.cluster.sim.bash.language.printing import function_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["builtin", "command", "enable", "hash_programs", "type_of"]

KEYWORDS = (
    "if", "then", "else", "elif", "fi", "case", "esac", "for", "select", "while", "until", "do", "done", "in",
    "function", "time", "{", "}", "!", "[[", "]]", "coproc",
)  # fmt: skip


def _kinds(
    shell: "Shell", name: str, *, functions: bool = True, every: bool = False
) -> "Iterator[tuple[str, str]]":
    """Yield each meaning of `name`, in bash's order: (kind, path or text)."""
    if name in shell.aliases and shell.dialect.aliases is not None:
        yield "alias", shell.aliases[name]
    if name in KEYWORDS:
        yield "keyword", ""
    if functions and name in shell.functions:
        yield "function", ""
    if name in shell.builtins and name not in shell.disabled:
        yield "builtin", ""
    hashed = shell.hashed.get(name)
    if hashed and not every:
        yield "hashed", str(hashed[0])
        return
    for path in shell.find_programs(name):
        yield "file", path


def _sentence(shell: "Shell", name: str, kind: str, more: str) -> str:
    match kind:
        case "alias":
            return f"{name} is aliased to `{more}'\n"
        case "keyword":
            return f"{name} is a shell keyword\n"
        case "function":
            return f"{name} is a function\n{function_text(shell.functions[name])}\n"
        case "builtin":
            special = shell.option("posix") and name in _SPECIAL
            return f"{name} is a {'special ' if special else ''}shell builtin\n"
        case "hashed":
            return f"{name} is hashed ({more})\n"
    return f"{name} is {more}\n"


_SPECIAL = {":", ".", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift",
            "source", "times", "trap", "unset"}  # fmt: skip


async def type_of(shell: "Shell", arguments: "list[Argument]") -> int:
    """Print which commands the names stand for."""
    given = options(strings(arguments), "afptP")
    code = 0
    for name in given.words:
        if given.has("P"):
            found = [("file", path) for path in shell.find_programs(name)]
        else:
            found = list(_kinds(shell, name, functions=not given.has("f"), every=given.has("a")))
        if not given.has("a"):
            found = found[:1]
        if not found:
            code = 1
            if not given.has("t", "p", "P"):
                await shell.complain(f"type: {name}: not found")
        for kind, more in found:
            if given.has("t") and not given.has("p", "P"):
                await shell.out(f"{'file' if kind == 'hashed' else kind}\n")
            elif given.has("p", "P"):
                await shell.out(f"{more}\n" if kind in {"file", "hashed"} else "")
            else:
                await shell.out(_sentence(shell, name, kind, more))
    return code


async def command(shell: "Shell", arguments: "list[Argument]") -> int:
    """Run a command, ignoring functions, or print which command a name stands for."""
    given = options(strings(arguments), "pvV")
    if not given.words:
        return 0
    if not given.has("v", "V"):
        return await shell.run_words(list(given.words), functions=False)
    code = 1
    for name in given.words:
        found = next(_kinds(shell, name), None)
        if found is None:
            if given.has("V"):
                await shell.complain(f"command: {name}: not found")
            continue
        code = 0
        kind, more = found
        if given.has("V"):
            await shell.out(_sentence(shell, name, kind, more))
        elif kind == "alias":
            await shell.out(alias_text(name, more))
        else:
            await shell.out(f"{more or name}\n")
    return code


async def builtin(shell: "Shell", arguments: "list[Argument]") -> int:
    """Run one of the shell's own commands, even if a function has its name."""
    given = options(strings(arguments), "")
    if not given.words:
        return 0
    rest = arguments[len(arguments) - len(given.words) :]
    if given.words[0] not in shell.builtins or given.words[0] in shell.disabled:
        raise BuiltinError(f"{given.words[0]}: not a shell builtin")
    return await shell.run_words(rest, functions=False, programs=False)


async def hash_programs(shell: "Shell", arguments: "list[Argument]") -> int:  # noqa: C901 -- one case after the other
    """Print or change the paths of programs that the shell remembers."""
    given = options(strings(arguments), "dlp:rt")
    if given.has("r"):
        shell.hashed.clear()
    if not given.words and not given.has("r"):
        if not shell.hashed:
            await shell.out("" if given.has("l", "d", "t") else "hash: hash table empty\n")
        elif given.has("l"):
            await shell.out("".join(f"builtin hash -p {path[0]} {name}\n" for name, path in shell.hashed.items()))
        else:
            lines = "".join(f"{count:4}\t{path}\n" for path, count in shell.hashed.values())
            await shell.out(f"hits\tcommand\n{lines}")
        return 0
    code = 0
    for name in given.words:
        if given.has("p"):
            shell.hashed[name] = [given.value("p"), 0]
        elif given.has("d"):
            code = code if shell.hashed.pop(name, None) is not None else 1
        elif given.has("t"):
            code = await _tell(shell, name, several=len(given.words) > 1) or code
        elif name not in shell.builtins and name not in shell.functions and "/" not in name:
            path = shell.find_program(name)
            if path is None:
                code = await shell.complain(f"hash: {name}: not found")
            else:
                shell.hashed[name] = [path, 0]
    return code


async def _tell(shell: "Shell", name: str, *, several: bool) -> int:
    found = shell.hashed.get(name)
    if found is None:
        return await shell.complain(f"hash: {name}: not found")
    await shell.out(f"{name}\t{found[0]}\n" if several else f"{found[0]}\n")
    return 0


async def enable(shell: "Shell", arguments: "list[Argument]") -> int:
    """Turn the shell's own commands on and off, or list them."""
    given = options(strings(arguments), "adf:nps")
    if given.has("f", "d"):
        raise BuiltinError("dynamic loading not available")
    if not given.words or given.has("p"):
        lines = []
        for name in sorted(shell.builtins):
            off = name in shell.disabled
            if given.has("s") and name not in _SPECIAL:
                continue
            if given.has("a") or off == given.has("n"):
                lines.append(f"enable {'-n ' if off else ''}{name}\n")
        await shell.out("".join(lines))
        return 0
    code = 0
    for name in given.words:
        if name not in shell.builtins:
            code = await shell.complain(f"enable: {name}: not a shell builtin")
        elif given.has("n"):
            shell.disabled.add(name)
        else:
            shell.disabled.discard(name)
    return code
