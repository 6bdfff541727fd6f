"""tail: the end of files, and with -f or -F their later additions."""

import errno
from collections.abc import Sequence
from dataclasses import dataclass

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.endings import Killed
from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.bash.tools.inputs import chunks, open_input, reason
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options
from lab.cluster.sim.bash.tools.sizes import parse_size
from lab.cluster.sim.bash.tools.tail_follow import Followed, follow

__all__ = ["tail"]

_LONG = {
    "bytes": "c", "lines": "n", "quiet": "q", "silent": "q", "verbose": "v", "zero-terminated": "z",
    "follow": "follow?", "pid": "pid:", "retry": "retry", "sleep-interval": "s", "max-unchanged-stats": "max:",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Part:
    """The part to print: the last `count` lines or bytes, or everything from that line or byte on."""

    count: int
    lines: bool
    from_start: bool
    end: bytes


async def tail(call: Call) -> int:  # noqa: C901 -- one case after the other
    """Print the end of files, and follow their additions with -f."""
    try:
        options = parse_options("tail", _modern(call.argv), "c:fFn:qs:vz", _LONG)
        part = _part(options)
        pids = _pids(options)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    by_name = options.has("F") or options.last("follow") == "name"
    following = options.has("f", "F", "follow")
    names = options.operands or ["-"]
    titles = {"q": False, "v": True}.get(options.last_of("qv"), len(names) > 1)
    code = 0
    followed: list[Followed] = []
    retries = options.has("F", "retry")
    for number, name in enumerate(names):
        try:
            file = open_input(call, name)
        except OSError as error:
            doing = "error reading '{0}'" if error.errno == errno.EISDIR else "cannot open '{0}' for reading"
            code = await call.fail(f"tail: {doing.format(name)}: {reason(error)}")
            if following and retries:
                followed.append(Followed(name, None))
            continue
        try:
            if titles:
                await call.out(f"{chr(10) if number else ''}==> {_shown(name)} <==\n")
            await _print(call, file, part)
        except (BrokenPipeError, Killed):
            file.release()
            raise
        except OSError as error:
            code = await call.fail(f"tail: error reading '{name}': {reason(error)}")
            file.release()
            continue
        if following and file.path.startswith("/"):
            followed.append(Followed(name, file))
        else:
            file.release()
    if following and not followed:
        if code:
            await call.fail("tail: no files remaining")
        return code
    if following:
        return await follow(call, followed, by_name=by_name, retries=retries, titles=titles, pids=pids)
    return code


def _shown(name: str) -> str:
    return "standard input" if name == "-" else name


def _modern(argv: Sequence[str]) -> list[str]:
    """Return the words with the old `-5`, `-5f` and `+5` in today's form."""
    if not argv or len(argv[0]) < 2 or argv[0][0] not in "-+" or not argv[0][1].isdigit():
        return list(argv)
    digits = argv[0][1:].rstrip("cblf")
    rest = argv[0][1 + len(digits) :]
    if not digits.isdigit() or (argv[0][0] == "+" and len(argv) > 2):
        return list(argv)
    sign = "+" if argv[0][0] == "+" else ""
    return ["-c" if "c" in rest else "-n", sign + digits, *(["-f"] if "f" in rest else []), *argv[1:]]


def _part(options: Options) -> _Part:
    count, lines, from_start = 10, True, False
    for key, value in options.given:
        if key not in {"c", "n"}:
            continue
        lines = key == "n"
        from_start = value.startswith("+")
        bare = value[1:] if value[:1] in {"-", "+"} else value
        number = parse_size(bare)
        if number is None:
            raise UsageError(f"tail: invalid number of {'lines' if lines else 'bytes'}: ‘{value}’")
        count = number
    return _Part(count, lines, from_start, b"\0" if options.has("z") else b"\n")


def _pids(options: Options) -> list[int]:
    pids = []
    for value in options.every("pid"):
        if not value.isdigit():
            raise UsageError(f"tail: invalid PID: ‘{value}’")
        pids.append(int(value))
    return pids


#: After how many more bytes the bytes that are not the file's end are dropped.
_OFTEN = 1 << 20


async def _print(call: Call, file: OpenFile, part: _Part) -> None:
    if part.from_start:
        await _from(call, file, part)
        return
    kept: list[bytes] = []
    size, enough = 0, _OFTEN
    with call.process.holding():
        async for data in chunks(call, file):
            kept.append(data)
            call.process.hold(len(data))
            size += len(data)
            if size > enough:
                kept = [_last(b"".join(kept), part)]
                call.process.hold(len(kept[0]) - size)
                size = len(kept[0])
                enough = 2 * size + _OFTEN
        await call.out(_last(b"".join(kept), part))


def _last(data: bytes, part: _Part) -> bytes:
    if not part.count:
        return b""
    if not part.lines:
        return data[-part.count :]
    at = len(data) - (data.endswith(part.end))
    for _ in range(part.count):
        at = data.rfind(part.end, 0, at)
        if at < 0:
            return data
    return data[at + 1 :]


async def _from(call: Call, file: OpenFile, part: _Part) -> None:
    skip = max(part.count - 1, 0)
    async for chunk in chunks(call, file):
        data = chunk
        if skip and not part.lines:
            data, skip = data[skip:], max(skip - len(data), 0)
        while skip and data:
            at = data.find(part.end)
            data = data[at + 1 :] if at >= 0 else b""
            skip -= at >= 0
        await call.out(data)
