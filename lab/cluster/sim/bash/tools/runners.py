"""env, nohup, nice, stdbuf, setsid and ionice: programs that replace themselves by another program."""

import errno
import shlex
from collections.abc import Mapping, Sequence

from lab.cluster.sim.bash.language.octets import encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.inputs import reason
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options
from lab.cluster.sim.machine.signals import Signal

__all__ = ["become", "env", "ionice", "nice", "nohup", "setsid", "stdbuf"]


async def become(
    call: Call, argv: Sequence[str], environment: Mapping[str, str] | None = None, *, shown: str = "‘{0}’"
) -> int:
    """Replace this process by a program; on failure, print why with the `shown` name."""
    lead = f"{call.name}: {shown.format(argv[0])}"
    if call.has_program(argv[0]) is None:
        if "/" in argv[0] and call.files.exists(call.path(argv[0])):
            return await call.fail(f"{lead}: Permission denied", 126)
        return await call.fail(f"{lead}: No such file or directory", 127)
    try:
        return await call.exec(argv, environment)
    except OSError as error:
        return await call.fail(f"{lead}: {reason(error)}", 127 if error.errno == errno.ENOENT else 126)


async def env(call: Call) -> int:
    """Run a program with another environment, or print it."""
    longs = {"ignore-environment": "i", "unset": "u", "chdir": "C", "split-string": "S", "null": "0", "debug": "v"}
    argv = call.argv
    try:
        options = parse_options("env", argv, "iu:C:S:0v", longs, stop_at_operand=True, code=125)
        if options.has("S"):
            argv = [*shlex.split(options.last("S")), *options.operands]
            options = parse_options("env", argv, "iu:C:0v", longs, stop_at_operand=True, code=125)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    words = list(options.operands)
    variables: dict[str, str] = {} if options.has("i") or words[:1] == ["-"] else dict(call.env)
    if words[:1] == ["-"]:
        words.pop(0)
    for name in options.every("u"):
        variables.pop(name, None)
    while words and "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        variables[name] = value
    if options.has("C"):
        folder = call.path(options.last("C"))
        if not call.files.exists(folder) or call.files.is_file(folder):
            why = "Not a directory" if call.files.exists(folder) else "No such file or directory"
            return await call.fail(f"env: cannot change directory to '{options.last('C')}': {why}", 125)
        call.process.folder = call.cwd = folder
    if not words:
        end = "\0" if options.has("0") else "\n"
        await call.out(encode("".join(f"{name}={value}{end}" for name, value in variables.items())))
        return 0
    return await become(call, words, variables)


async def nohup(call: Call) -> int:
    """Run a program that ignores SIGHUP."""
    try:
        words = parse_options("nohup", call.argv, "", stop_at_operand=True, code=125).operands
        if not words:
            raise UsageError("nohup: missing operand\nTry 'nohup --help' for more information.", 125)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    files = call.process.descriptors
    stdin, stdout = files.get(0), files.get(1)
    reads = stdin is not None and stdin.terminal
    writes = stdout is not None and stdout.terminal
    if reads:
        call.process.put(0, call.open("/dev/null"))
    if writes:
        told = "ignoring input and appending" if reads else "appending"
        await call.err(f"nohup: {told} output to 'nohup.out'\n")
        call.process.put(1, call.open("nohup.out", "a"))
    elif reads:
        stderr = files.get(2)
        more = " and redirecting stderr to stdout" if stderr is not None and stderr.terminal else ""
        await call.err(f"nohup: ignoring input{more}\n")
    stderr = files.get(2)
    if stderr is not None and stderr.terminal and 1 in files:
        call.process.put(2, files[1].used())
    call.process.ignored.add(Signal.SIGHUP)
    return await become(call, words, shown="failed to run command '{0}'")


async def _passed_on(call: Call, letters: str, longs: Mapping[str, str]) -> tuple[Options | None, int]:
    try:
        return parse_options(call.name, call.argv, letters, longs, stop_at_operand=True, code=125), 0
    except UsageError as error:
        return None, await call.fail(error.message, error.code)


async def nice(call: Call) -> int:
    """Run a program with another priority, which has no effect here; without a program, print the priority."""
    if call.argv and call.argv[0].startswith("-") and call.argv[0].lstrip("-").isdigit():
        call.argv[0:1] = ["-n", call.argv[0][1:]]
    options, code = await _passed_on(call, "n:", {"adjustment": "n"})
    if options is None:
        return code
    value = options.last("n", "10")
    if not value.lstrip("+-").isdigit():
        return await call.fail(f"nice: invalid adjustment ‘{value}’", 125)
    if not options.operands:
        if options.has("n"):
            text = "nice: a command must be given with an adjustment\nTry 'nice --help' for more information."
            return await call.fail(text, 125)
        await call.line("0")
        return 0
    return await become(call, options.operands)


async def stdbuf(call: Call) -> int:
    """Run a program with other buffers; simulated programs have none."""
    options, code = await _passed_on(call, "i:o:e:", {"input": "i", "output": "o", "error": "e"})
    if options is None:
        return code
    if not options.operands:
        return await call.fail("stdbuf: missing operand\nTry 'stdbuf --help' for more information.", 125)
    if not options.given:
        text = "stdbuf: you must specify a buffering mode option\nTry 'stdbuf --help' for more information."
        return await call.fail(text, 125)
    return await become(call, options.operands, shown="failed to run command ‘{0}’")


async def setsid(call: Call) -> int:
    """Run a program in a session of its own."""
    options, code = await _passed_on(call, "cfw", {"ctty": "c", "fork": "f", "wait": "w"})
    if options is None:
        return code
    if not options.operands:
        return await call.fail("setsid: no command specified\nTry 'setsid --help' for more information.", 1)
    if options.has("f") or call.process.group == call.process.pid:
        child = call.start(options.operands, group=0)
        child.session = None
        return await call.wait(child) if options.has("w") else 0
    call.process.group, call.process.session = call.process.pid, None
    return await become(call, options.operands, shown="failed to execute {0}")


async def ionice(call: Call) -> int:
    """Run a program with another disk priority, which has no effect here."""
    options, code = await _passed_on(call, "c:n:p:P:u:t", {"class": "c", "classdata": "n", "ignore": "t"})
    if options is None:
        return code
    if not options.operands:
        await call.line("none: prio 0")
        return 0
    return await become(call, options.operands)
