"""Small programs that print or test: echo, printf, test, true, false, pwd, printenv, tty, basename, dirname."""

import posixpath
from collections.abc import Sequence

from lab.cluster.sim.bash.builtins.conditions import answer
from lab.cluster.sim.bash.builtins.escapes import echoed
from lab.cluster.sim.bash.builtins.printf_format import format_text
from lab.cluster.sim.bash.builtins.usage import BuiltinError
from lab.cluster.sim.bash.expansion.quoting import backslash_quote
from lab.cluster.sim.bash.expansion.variables import Variables
from lab.cluster.sim.bash.language.octets import encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.bash.running.shell_files import ShellFiles
from lab.cluster.sim.bash.tools.options import UsageError, parse_options

__all__ = [
    "basename",
    "bracket",
    "dirname",
    "echo",
    "false",
    "logname",
    "printenv",
    "printf",
    "pwd",
    "test",
    "true",
    "tty",
]


async def true(call: Call) -> int:
    """Do nothing, successfully."""
    del call
    return 0


async def false(call: Call) -> int:
    """Do nothing, unsuccessfully."""
    del call
    return 1


async def echo(call: Call) -> int:
    """Print words."""
    await call.out(echoed(call.argv, escapes=False))
    return 0


async def printf(call: Call) -> int:
    """Print words by a format."""
    words = call.argv[1:] if call.argv[:1] == ["--"] else call.argv
    if not words:
        return await call.fail("printf: missing operand\nTry 'printf --help' for more information.")
    try:
        result = format_text(words[0], words[1:], quote=backslash_quote, now=call.now())
    except MemoryError:
        return await call.fail("printf: memory exhausted")
    await call.out(bytes(result.out))
    for complaint in result.complaints:
        word = complaint.removesuffix(": invalid number")
        told = f"‘{word}’: expected a numeric value" if word != complaint else complaint
        await call.err(f"printf: {told}\n")
    return result.code


class _Process:
    """A process as the source of a condition's facts: it has no shell's variables."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.place = process.place
        self.variables = Variables()
        self.positional: Sequence[str] = ()

    def path(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self.process.folder, path))

    @property
    def files(self) -> ShellFiles:
        return ShellFiles(self.process)

    def option(self, name: str) -> bool:
        del name
        return False


async def test(call: Call) -> int:
    """Evaluate a condition."""
    return await _answer(call, call.argv)


async def bracket(call: Call) -> int:
    """Evaluate a condition that ends in `]`."""
    if call.argv[-1:] != ["]"]:
        return await call.fail("[: missing ‘]’", 2)
    return await _answer(call, call.argv[:-1])


async def _answer(call: Call, words: Sequence[str]) -> int:
    try:
        return answer(_Process(call.process), words)
    except BuiltinError as error:
        return await call.fail(f"{call.name}: {error.message}", error.code)


async def pwd(call: Call) -> int:
    """Print the current folder."""
    await call.line(call.cwd)
    return 0


async def printenv(call: Call) -> int:
    """Print variables of the environment."""
    try:
        options = parse_options("printenv", call.argv, "0", {"null": "0"}, stop_at_operand=True, code=2)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    end = "\0" if options.has("0") else "\n"
    if not options.operands:
        await call.out(encode("".join(f"{name}={value}{end}" for name, value in call.env.items())))
        return 0
    code = 0
    for name in options.operands:
        if name in call.env:
            await call.out(encode(call.env[name] + end))
        else:
            code = 1
    return code


async def tty(call: Call) -> int:
    """Print the name of the terminal."""
    file = call.process.descriptors.get(0)
    quiet = any(word in {"-s", "--silent", "--quiet"} for word in call.argv)
    if file is None or not file.terminal:
        await call.out("" if quiet else "not a tty\n")
        return 1
    terminal = call.controlling
    await call.out("" if quiet else f"{terminal.name if terminal is not None else file.path}\n")
    return 0


async def logname(call: Call) -> int:
    """Print the name of the logged-in user."""
    if call.controlling is None:
        return await call.fail("logname: no login name")
    await call.line(call.place.user)
    return 0


async def basename(call: Call) -> int:
    """Print paths without their folders."""
    longs = {"multiple": "a", "suffix": "s", "zero": "z"}
    try:
        options = parse_options("basename", call.argv, "as:z", longs, stop_at_operand=True)
        words = options.operands
        hint = "Try 'basename --help' for more information."
        if not words:
            raise UsageError(f"basename: missing operand\n{hint}")
        several = options.has("a", "s")
        if not several and len(words) > 2:
            raise UsageError(f"basename: extra operand ‘{words[2]}’\n{hint}")
    except UsageError as error:
        return await call.fail(error.message, error.code)
    suffix = options.last("s") if several else words[1] if len(words) > 1 else ""
    end = "\0" if options.has("z") else "\n"
    for word in words if several else words[:1]:
        base = word.rstrip("/").rsplit("/", 1)[-1] or ("/" if word else "")
        if suffix and base != suffix:
            base = base.removesuffix(suffix)
        await call.out(encode(base + end))
    return 0


async def dirname(call: Call) -> int:
    """Print the folders of paths."""
    try:
        options = parse_options("dirname", call.argv, "z", {"zero": "z"})
        if not options.operands:
            raise UsageError("dirname: missing operand\nTry 'dirname --help' for more information.")
    except UsageError as error:
        return await call.fail(error.message, error.code)
    end = "\0" if options.has("z") else "\n"
    for word in options.operands:
        head, slash, _ = word.rstrip("/").rpartition("/")
        found = head.rstrip("/") or ("/" if slash else ".")
        if word and not word.rstrip("/"):
            found = "/"
        await call.out(encode(found + end))
    return 0
