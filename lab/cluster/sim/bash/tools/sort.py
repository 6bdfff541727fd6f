"""sort: lines in order."""

from collections.abc import Sequence
from itertools import pairwise

from lab.cluster.sim.bash.language.octets import decode, encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.weights import ELEMENT
from lab.cluster.sim.bash.tools.inputs import open_input, reason
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options
from lab.cluster.sim.bash.tools.sort_keys import Order, keys_of, whole_key

__all__ = ["sort"]

_LONG = {
    "ignore-leading-blanks": "b", "dictionary-order": "d", "ignore-case": "f", "general-numeric-sort": "g",
    "ignore-nonprinting": "i", "month-sort": "M", "human-numeric-sort": "h", "numeric-sort": "n",
    "random-sort": "R",
    "reverse": "r", "version-sort": "V", "check": "c?", "key": "k", "merge": "m", "output": "o", "stable": "s",
    "field-separator": "t", "unique": "u", "zero-terminated": "z", "buffer-size": "S", "parallel": "parallel:",
    "temporary-directory": "T", "random-source": "random:", "sort": "sort:", "debug": "debug",
    "files0-from": "files0:",
    "batch-size": "batch:",
}  # fmt: skip
_TYPES = {
    "general-numeric": "g",
    "human-numeric": "h",
    "month": "M",
    "numeric": "n",
    "random": "R",
    "version": "V",
}
_TROUBLE = 2


async def sort(call: Call) -> int:
    """Print lines in order."""
    try:
        options = parse_options("sort", call.argv, "bcCdfghik:mMno:rRsS:t:T:uVz", _LONG, code=_TROUBLE)
        if options.has("sort"):
            options.given.append((_TYPES.get(options.last("sort"), ""), ""))
        separator = _separator(options)
        keys = keys_of(options, separator)
        order = Order(whole_key(options), keys, separator, unique=options.has("u"), stable=options.has("s"))
        end = b"\0" if options.has("z") else b"\n"
        files = await _lines(call, options.operands or ["-"], end)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    if options.has("c", "C"):
        return await _check(call, order, files[0], options)
    lines = [line for file in files for line in file]
    await call.step(len(lines) * 2e-6)
    if order.random:
        order.salt = str(call.place.chance.random())
    out = order.merged(files) if options.has("m") else order.sorted(lines)
    data = b"".join(line + end for line in out)
    if not options.has("o"):
        await call.out(data)
        return 0
    try:
        file = call.open(options.last("o"), "w")
    except OSError as error:
        return await call.fail(f"sort: open failed: {options.last('o')}: {reason(error)}", _TROUBLE)
    await file.write(call.process, data)
    file.release()
    return 0


def _separator(options: Options) -> bytes | None:
    if not options.has("t"):
        return None
    text = options.last("t")
    if text == "\\0":
        return b"\0"
    if not text:
        raise UsageError("sort: empty tab", _TROUBLE)
    if len(text) > 1:
        raise UsageError(f"sort: multi-character tab ‘{text}’", _TROUBLE)
    return encode(text)


async def _lines(call: Call, names: Sequence[str], end: bytes) -> list[list[bytes]]:
    found: list[list[bytes]] = []
    for name in names:
        try:
            file = open_input(call, name)
        except OSError as error:
            doing = "read failed" if reason(error) == "Is a directory" else "cannot read"
            raise UsageError(f"sort: {doing}: {name}: {reason(error)}", _TROUBLE) from None
        data = bytearray()
        try:
            while more := await file.read(call.process, 1 << 16):
                # Each line becomes an object of its own.
                call.process.hold(len(more) + ELEMENT * more.count(end))
                data += more
                await call.step()
        finally:
            file.release()
        lines = bytes(data).split(end)
        if not lines[-1]:
            lines.pop()
        found.append(lines)
    return found


async def _check(call: Call, order: Order, lines: list[bytes], options: Options) -> int:
    for number, (before, line) in enumerate(pairwise(lines), 2):
        if order.disordered(before, line):
            if options.has("c") and options.last("c") not in {"quiet", "silent"}:
                name = (options.operands or ["-"])[0]
                shown = encode(decode(line))
                await call.err(f"sort: {name}:{number}: disorder: ".encode() + shown + b"\n")
            return 1
    return 0
