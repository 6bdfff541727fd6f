"""awk: the library's awk, with the world's time and random numbers, and with commands that the node runs.

The library's awk would run commands in the library's own shell, which knows no program of the node. So the literal
commands that an awk program reads from run before it, and those of `system` run after it. Their output is then
inserted in the right places.
"""

import re
from collections.abc import Sequence

from lab.cluster.sim.bash.language.octets import decode, encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.adapter import Result, run_whole, special_files, told
from lab.cluster.sim.bash.tools.adapter_inputs import reads_stdin
from lab.cluster.sim.bash.tools.inputs import reason

__all__ = ["awk"]

_READ = re.compile(r'"((?:[^"\\]|\\.)*)"\s*\|\s*getline(\s+(?:\$\w+|[A-Za-z_]\w*(?:\[[^\]]*\])?))?')
_SYSTEM = re.compile(r"\bsystem\s*\(")
_RUN = re.compile(rb"\x1eSYS\x1f(.*?)\x1e", re.DOTALL)
_FUNCTION = '\nfunction __run(c) { printf "\\036SYS\\037%s\\036", c; return 0 }\n'
_USAGE = "Usage: mawk [Options] [Program] [file ...]\n"


async def awk(call: Call) -> int:
    """Run an awk program."""
    argv = list(call.argv)
    at = _program_at(argv)
    if at is None and not any(word.startswith(("-f", "--file")) for word in argv):
        return await call.fail(_USAGE.rstrip("\n"), 2)
    given: dict[str, bytes] = {}
    if at is not None:
        argv[at], given = await _prepared(call, argv[at])
    data = await call.stdin() if reads_stdin("awk", call.argv) else b""
    try:
        given |= await special_files(call, call.argv)
    except OSError as error:
        return await call.fail(f"awk: cannot open {error.filename} ({reason(error)})", 2)
    await call.step(2e-8 * len(data))
    result = run_whole(call, "awk", argv, data, given)
    await _put_out(call, result.out)
    return await told(call, Result(b"", result.err, result.code, given_up=result.given_up))


def _program_at(argv: Sequence[str]) -> int | None:
    """Return the index of the word with the program; None if the program is in a file."""
    at = 0
    while at < len(argv):
        word = argv[at]
        if word == "--":
            return at + 1 if at + 1 < len(argv) else None
        if word.startswith(("-f", "--file")):
            return None
        if word in {"-v", "-F"}:
            at += 2
        elif word.startswith("-") and len(word) > 1:
            at += 1
        else:
            return at
    return None


async def _prepared(call: Call, program: str) -> tuple[str, dict[str, bytes]]:
    """Return the program for the library, and the output of the commands that it reads."""
    given: dict[str, bytes] = {}
    now = int(call.now())
    program = re.sub(r"\bsystime\s*\(\s*\)", str(now), program)
    if re.search(r"\bs?rand\s*\(", program):
        seed = call.place.chance.getrandbits(31)
        program = re.sub(r"\bsrand\s*\(\s*\)", f"srand({now})", program)
        if not re.search(r"\bsrand\s*\(", program):
            program = f"BEGIN {{ srand({seed}) }}\n{program}"
    for found in list(_READ.finditer(program)):
        command = found[1].replace('\\"', '"').replace("\\\\", "\\")
        text, _ = await call.capture(["sh", "-c", command])
        name = f"/dev/fd/9{len(given):03d}"
        given[name] = encode(text)
        program = program.replace(found[0], f'getline{found[2] or ""} < "{name}"', 1)
    if _SYSTEM.search(program):
        program = _SYSTEM.sub("__run(", program) + _FUNCTION
    return program, given


async def _put_out(call: Call, out: bytes) -> None:
    """Write the program's output, and run the commands of `system` at their places in it."""
    at = 0
    for found in _RUN.finditer(out):
        await call.out(out[at : found.start()])
        await call.run(["sh", "-c", decode(found[1])])
        at = found.end()
    await call.out(out[at:])
