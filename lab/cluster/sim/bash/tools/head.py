"""head: the beginning of files."""

import errno
from dataclasses import dataclass

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.bash.tools.inputs import each_input, reason
from lab.cluster.sim.bash.tools.options import UsageError, parse_options
from lab.cluster.sim.bash.tools.sizes import parse_size

__all__ = ["head"]

_LONG = {"bytes": "c", "lines": "n", "quiet": "q", "silent": "q", "verbose": "v", "zero-terminated": "z"}
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class _Amount:
    """The amount to print: lines or bytes; `but` means all except the last ones."""

    count: int
    lines: bool
    but: bool
    end: bytes


async def head(call: Call) -> int:
    """Print the beginning of files."""
    try:
        options = parse_options("head", _modern(call.argv), "c:n:qvz", _LONG)
        amount = _amount(options.given)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    names = options.operands or ["-"]
    titles = {"q": False, "v": True}.get(options.last_of("qv"), len(names) > 1)
    shown = 0

    async def show(file: OpenFile, name: str) -> None:
        nonlocal shown
        if titles:
            title = "standard input" if name == "-" else name
            await call.out(f"{chr(10) if shown else ''}==> {title} <==\n")
        shown += 1
        await _print(call, file, amount)

    return await each_input(call, "head", names, show, opening=_opening, reading=_reading)


def _opening(name: str, error: OSError) -> str:
    if error.errno == errno.EISDIR:
        return _reading(name, error)
    return f"cannot open '{name}' for reading: {reason(error)}"


def _reading(name: str, error: OSError) -> str:
    return f"error reading '{name}': {reason(error)}"


def _modern(argv: list[str]) -> list[str]:
    """Return the words with the old `-5` written as `-n 5`."""
    if argv and len(argv[0]) > 1 and argv[0][0] == "-" and argv[0][1].isdigit():
        digits = argv[0][1:].rstrip("ckbmlqvz")
        rest = argv[0][1 + len(digits) :]
        if digits.isdigit():
            kind = "-c" if "c" in rest else "-n"
            others = "".join(letter for letter in rest if letter in "qvz")
            return [kind, digits, *([f"-{others}"] if others else []), *argv[1:]]
    return argv


def _amount(given: list[tuple[str, str]]) -> _Amount:
    count, lines, but = 10, True, False
    end = b"\0" if any(key == "z" for key, _ in given) else b"\n"
    for key, value in given:
        if key not in {"c", "n"}:
            continue
        lines = key == "n"
        but = value.startswith("-")
        number = parse_size(value.removeprefix("-").removeprefix("+") if value[:1] in "-+" else value)
        if number is None:
            raise UsageError(f"head: invalid number of {'lines' if lines else 'bytes'}: ‘{value.lstrip('-')}’")
        count = number
    return _Amount(count, lines, but, end)


async def _print(call: Call, file: OpenFile, amount: _Amount) -> None:
    if amount.but:
        await _all_but_last(call, file, amount)
    elif amount.lines:
        await _lines(call, file, amount)
    else:
        left = amount.count
        while left > 0 and (data := await file.read(call.process, min(left, _CHUNK))):
            left -= len(data)
            await call.out(data)
            await call.step()


async def _lines(call: Call, file: OpenFile, amount: _Amount) -> None:
    left = amount.count
    while left > 0 and (data := await file.read(call.process, _CHUNK)):
        count = data.count(amount.end)
        if count < left:
            left -= count
            await call.out(data)
            await call.step()
            continue
        at = -1
        for _ in range(left):
            at = data.index(amount.end, at + 1)
        # Only a file can be rewound: data from a pipe is gone, as on a real machine.
        if file.path.startswith("/"):
            file.put_back(data[at + 1 :])
        await call.out(data[: at + 1])
        return


async def _all_but_last(call: Call, file: OpenFile, amount: _Amount) -> None:
    data = b""
    while more := await file.read(call.process, _CHUNK):
        data += more
        await call.step()
    if not amount.lines:
        await call.out(data[: max(len(data) - amount.count, 0)])
        return
    lines = data.split(amount.end)
    tail = lines.pop()
    whole_lines = [line + amount.end for line in lines] + ([tail] if tail else [])
    await call.out(b"".join(whole_lines[: max(len(whole_lines) - amount.count, 0)]))
