"""dd: copies blocks from one file to another."""

from dataclasses import dataclass

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.bash.tools.inputs import reason
from lab.cluster.sim.bash.tools.options import UsageError
from lab.cluster.sim.bash.tools.sizes import parse_size

__all__ = ["dd"]

_HINT = "Try 'dd --help' for more information."
_NAMES = {
    "if",
    "of",
    "bs",
    "ibs",
    "obs",
    "cbs",
    "count",
    "skip",
    "seek",
    "conv",
    "iflag",
    "oflag",
    "status",
    "iseek",
    "oseek",
}
#: The largest buffer that there is memory for, in bytes.
_LARGEST = 16 << 20
#: The writing speed of a node's disk, in bytes a second.
_SPEED = 400e6


@dataclass(slots=True)
class _Count:
    """The numbers of copied blocks and bytes."""

    whole: int = 0
    partial: int = 0
    bytes: int = 0


async def dd(call: Call) -> int:
    """Copy blocks."""
    try:
        given = _given(call.argv)
        size = _size(given, "ibs", _size(given, "bs", 512))
        count = _size(given, "count", -1)
        skip, seek = _size(given, "skip", 0), _size(given, "seek", 0)
    except UsageError as error:
        return await call.fail(error.message)
    if size > _LARGEST:
        human = _human(size, 1024, "i")
        return await call.fail(f"dd: memory exhausted by input buffer of size {size} bytes ({human})")
    conversions = set(given.get("conv", "").split(",")) - {""}
    try:
        source = call.open(given["if"]) if "if" in given else call.process.descriptors[0].used()
    except OSError as error:
        return await call.fail(f"dd: failed to open '{given['if']}': {reason(error)}")
    try:
        target = _target(call, given, conversions, seek * size)
    except OSError as error:
        source.release()
        return await call.fail(f"dd: failed to open '{given['of']}': {reason(error)}")
    began = call.now()
    code = 0
    counted = _Count()
    try:
        for _ in range(skip):
            await _block(call, source, size)
        await _copy(call, source, target, (size, count), conversions, counted)
    except BrokenPipeError:
        raise
    except OSError as error:
        code = await call.fail(f"dd: error writing '{given.get('of', 'standard output')}': {reason(error)}")
    finally:
        source.release()
        target.release()
    await call.sleep(counted.bytes / _SPEED)
    await _tell(call, given.get("status", ""), counted, call.now() - began)
    return code


def _given(argv: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in argv:
        name, equals, value = word.partition("=")
        if not equals or name not in _NAMES:
            raise UsageError(f"dd: unrecognized operand ‘{word}’\n{_HINT}")
        found[name] = value
    return found


def _size(given: dict[str, str], name: str, default: int) -> int:
    if name not in given:
        return default
    size = 1
    for part in given[name].split("x"):
        number = parse_size(part.removesuffix("B") if name == "count" else part)
        if number is None:
            raise UsageError(f"dd: invalid number: ‘{given[name]}’")
        size *= number
    if not size and name in {"bs", "ibs", "obs"}:
        raise UsageError(f"dd: invalid number: ‘{given[name]}’")
    return size


def _target(call: Call, given: dict[str, str], conversions: set[str], offset: int) -> OpenFile:
    if "of" not in given:
        return call.process.descriptors[1].used()
    path = call.path(given["of"])
    keeps = "notrunc" in conversions or offset
    if "append" in given.get("oflag", ""):
        return call.open(given["of"], "a")
    file = call.open(given["of"], "r+" if keeps and call.files.exists(path) else "w")
    if offset and hasattr(file, "at"):
        file.at = offset
    return file


async def _block(call: Call, source: OpenFile, size: int) -> bytes:
    data = await source.read(call.process, size)
    # A file or a device fills its block; a pipe gives the bytes that it has.
    while data and len(data) < size and not source.path.startswith("pipe"):
        more = await source.read(call.process, size - len(data))
        if not more:
            break
        data += more
    return data


async def _copy(  # noqa: PLR0917 -- one case after the other
    call: Call, source: OpenFile, target: OpenFile, amount: tuple[int, int], conversions: set[str], counted: _Count
) -> None:
    size, count = amount
    while count < 0 or counted.whole + counted.partial < count:
        data = await _block(call, source, size)
        if not data:
            break
        counted.whole += len(data) == size
        counted.partial += len(data) < size
        counted.bytes += len(data)
        if "ucase" in conversions:
            data = data.upper()
        elif "lcase" in conversions:
            data = data.lower()
        if "sync" in conversions:
            data = data.ljust(size, b"\0")
        await target.write(call.process, data)
        await call.step(1e-6)


async def _tell(call: Call, status: str, counted: _Count, seconds: float) -> None:
    if status == "none":
        return
    lines = f"{counted.whole}+{counted.partial} records in\n{counted.whole}+{counted.partial} records out\n"
    if status != "noxfer":
        seconds = max(seconds, 1e-5)
        shown = f"{counted.bytes} byte{'s' if counted.bytes != 1 else ''}"
        if counted.bytes >= 1000:
            human = _human(counted.bytes, 1000)
            binary = f", {_human(counted.bytes, 1024, 'i')}" if counted.bytes >= 1024 else ""
            shown += f" ({human}{binary})"
        lines += f"{shown} copied, {seconds:.6g} s, {_human(counted.bytes / seconds, 1000)}/s\n"
    await call.err(lines)


def _human(number: float, base: int, mark: str = "") -> str:
    units = ["", "K" if mark else "k", "M", "G", "T"]
    at = 0
    while number >= base and at < len(units) - 1:
        number /= base
        at += 1
    shown = f"{number:.1f}" if number < 10 and at else f"{number:.0f}"
    return f"{shown} {units[at]}{mark if at else ''}B"
