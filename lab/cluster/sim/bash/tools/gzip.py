"""gzip, gunzip and zcat."""

import zlib

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.inputs import reason, whole
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options
from lab.cluster.sim.bash.tools.places import mode_of, real_place

__all__ = ["gzip"]

_LONG = {
    "stdout": "c", "to-stdout": "c", "decompress": "d", "uncompress": "d", "force": "f", "keep": "k", "list": "l",
    "no-name": "n", "name": "N", "quiet": "q", "recursive": "r", "suffix": "S", "test": "t", "verbose": "v",
    "fast": "1", "best": "9", "rsyncable": "rsyncable", "synchronous": "synchronous",
}  # fmt: skip
_GZIP = 31


async def gzip(call: Call) -> int:
    """Compress or decompress files."""
    try:
        options = parse_options("gzip", call.argv, "acdfhklLnNqrS:tvV123456789", _LONG)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    if options.has("l", "r", "L", "V"):
        return await call.fail(f"not simulated: {call.name} {' '.join(call.argv)} (use --backend kind)")
    expands = options.has("d", "t") or call.name in {"gunzip", "zcat"}
    prints = options.has("c") or call.name == "zcat" or not options.operands
    code = 0
    for name in options.operands or ["-"]:
        code = max(code, await _one(call, name, options, expands=expands, prints=prints or name == "-"))
    return code


async def _one(call: Call, name: str, options: Options, *, expands: bool, prints: bool) -> int:  # noqa: C901, PLR0911, PLR0912 -- one case after the other
    suffix = options.last("S", ".gz")
    if expands and name != "-" and not name.endswith(suffix):
        if not call.files.exists(real_place(call, name)):
            name += suffix
        elif not prints and not options.has("t"):
            return await call.fail(f"gzip: {name}: unknown suffix -- ignored", 2)
    if not expands and name.endswith(suffix) and not options.has("f") and not prints:
        return await call.fail(f"gzip: {name} already has {suffix} suffix -- unchanged", 2)
    try:
        data = await whole(call, name)
    except OSError as error:
        if reason(error) == "Is a directory":
            return await call.fail(f"gzip: {name} is a directory -- ignored", 2)
        return await call.fail(f"gzip: {name}: {reason(error)}")
    shown = "stdin" if name == "-" else name
    try:
        made = _expanded(data, _MOST) if expands else _compressed(data, options)
    except zlib.error:
        return await call.fail(f"\ngzip: {shown}: invalid compressed data--format violated")
    except EOFError:
        return await call.fail(f"\ngzip: {shown}: unexpected end of file")
    except ValueError:
        return await call.fail(f"\ngzip: {shown}: not in gzip format")
    await call.step(len(data) * 2e-8)
    if options.has("t"):
        return 0
    if prints:
        await call.out(made)
        return 0
    target = name.removesuffix(suffix) if expands else name + suffix
    path, place = real_place(call, name), real_place(call, target)
    if call.files.exists(place) and not options.has("f"):
        if call.terminal is None:
            return await call.fail(f"gzip: {target} already exists;\tnot overwritten", 2)
        await call.err(f"gzip: {target} already exists; do you wish to overwrite (y or n)? ")
        if (await call.chunk(4096))[:1] not in {b"y", b"Y"}:
            return await call.fail("\tnot overwritten", 2)
    call.files.write(place, made, mode_of(call, path))
    if not options.has("k"):
        call.files.remove(path)
    if options.has("v"):
        ratio = 100 - 100 * min(len(data), len(made)) / max(len(data), len(made), 1)
        verb = "created" if options.has("k") else "replaced with"
        await call.err(f"{name}:\t{ratio:5.1f}% -- {verb} {target}\n")
    return 0


#: How much a file may have when it is expanded, in bytes.
_MOST = 64 << 20


def _compressed(data: bytes, options: Options) -> bytes:
    level = options.last_of("123456789", "6")
    made = zlib.compressobj(int(level), zlib.DEFLATED, _GZIP)
    return made.compress(data) + made.flush()


def _expanded(data: bytes, most: int) -> bytes:
    found = bytearray()
    while data:
        if not data.startswith(b"\x1f\x8b"):
            if found:
                break
            raise ValueError
        reader = zlib.decompressobj(_GZIP)
        found += reader.decompress(data, most - len(found) + 1)
        if len(found) > most:
            raise MemoryError
        if not reader.eof:
            raise EOFError
        data = reader.unused_data
    return bytes(found)
