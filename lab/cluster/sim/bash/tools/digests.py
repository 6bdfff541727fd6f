"""md5sum, sha1sum and their kind: print and verify checksums."""

import hashlib
import re
from collections.abc import Callable

from lab.cluster.sim.bash.language.octets import decode, encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.inputs import reason, whole
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options

__all__ = ["digest"]

_LONG = {
    "binary": "b", "check": "c", "tag": "tag", "text": "t", "zero": "z", "ignore-missing": "missing",
    "quiet": "quiet", "status": "status", "strict": "strict", "warn": "w", "length": "l",
}  # fmt: skip
_LINE = re.compile(r"\\?([0-9a-fA-F]+) [ *](.+)|(\w+) \((.+)\) = ([0-9a-fA-F]+)")


def _made(name: str) -> Callable[[bytes], str]:
    algorithm = {"b2sum": "blake2b"}.get(name, name.removesuffix("sum"))
    return lambda data: hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()


async def digest(call: Call) -> int:
    """Print checksums, or verify files against a list of checksums."""
    try:
        options = parse_options(call.name, call.argv, "bctwzl:", _LONG)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    made = _made(call.name)
    if options.has("c"):
        return await _check(call, options, made)
    code = 0
    for name in options.operands or ["-"]:
        try:
            found = made(await whole(call, name))
        except OSError as error:
            code = await call.fail(f"{call.name}: {name}: {reason(error)}")
            continue
        if options.has("tag"):
            kind = call.name.removesuffix("sum").upper()
            await call.out(encode(f"{kind} ({name}) = {found}\n"))
        else:
            mark = "*" if options.has("b") and not options.has("t") else " "
            await call.out(encode(f"{found} {mark}{name}{chr(0) if options.has('z') else chr(10)}"))
    return code


async def _check(call: Call, options: Options, made: Callable[[bytes], str]) -> int:
    code = 0
    for name in options.operands or ["-"]:
        try:
            text = decode(await whole(call, name))
        except OSError as error:
            code = await call.fail(f"{call.name}: {name}: {reason(error)}")
            continue
        code = await _check_list(call, options, made, name, text) or code
    return code


async def _check_list(call: Call, options: Options, made: Callable[[bytes], str], name: str, text: str) -> int:
    quiet, silent = options.has("quiet"), options.has("status")
    lines = bad = missing = malformed = 0
    for line in text.splitlines():
        found = _LINE.fullmatch(line)
        if found is None:
            malformed += bool(line.strip())
            continue
        lines += 1
        wanted, path = (found[1], found[2]) if found[1] else (found[5], found[4])
        try:
            good = made(await whole(call, path)) == wanted.lower()
        except OSError as error:
            if options.has("missing"):
                continue
            missing += 1
            await call.err(f"{call.name}: {path}: {reason(error)}\n")
            await call.out("" if silent else f"{path}: FAILED open or read\n")
            continue
        bad += not good
        if not silent and not (good and quiet):
            await call.out(encode(f"{path}: {'OK' if good else 'FAILED'}\n"))
    shown = "'standard input'" if name == "-" else name
    if not lines:
        return await call.fail(f"{call.name}: {shown}: no properly formatted checksum lines found")
    if not silent:
        for count, one, many in (
            (malformed, "line is improperly formatted", "lines are improperly formatted"),
            (missing, "listed file could not be read", "listed files could not be read"),
            (bad, "computed checksum did NOT match", "computed checksums did NOT match"),
        ):
            if count:
                await call.err(f"{call.name}: WARNING: {count} {one if count == 1 else many}\n")
    return int(bool(bad or missing or (malformed and options.has("strict"))))
