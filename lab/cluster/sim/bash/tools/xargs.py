"""xargs: runs a program with words of the input as arguments."""

import errno
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.cluster.sim.bash.language.octets import encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.bash.tools.inputs import open_input, reason
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options
from lab.cluster.sim.bash.tools.xargs_items import Item, items

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.process import Process

__all__ = ["xargs"]

_LONG = {
    "null": "0", "arg-file": "a", "delimiter": "d", "eof": "E", "replace": "i", "max-lines": "l", "max-args": "n",
    "max-procs": "P", "interactive": "p", "no-run-if-empty": "r", "max-chars": "s", "verbose": "t", "exit": "x",
    "show-limits": "show-limits", "open-tty": "o", "process-slot-var": "slot:",
}  # fmt: skip
_TRY = "Try 'xargs --help' for more information."
_ROOM = 131072
_NUMBERS = {"n": 1, "L": 1, "s": 1, "P": 0}


@dataclass(frozen=True, slots=True)
class _Wish:
    """How the program gets the words."""

    command: list[str]
    #: The most words and lines for one call; None for as many as fit.
    words: int | None
    lines: int | None
    #: The placeholder for a line in the command's words (`-I`).
    mark: str
    at_once: int
    room: int
    delimiter: bytes | None
    end: str


class _StopError(Exception):
    """No further program is to be started; has the exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


async def xargs(call: Call) -> int:
    """Run a program with words of the input."""
    try:
        options = parse_options("xargs", call.argv, "0a:d:E:e?I:i?L:l?n:P:prs:txo", _LONG, stop_at_operand=True)
        wish = _wish(options)
        for warning in _warnings(options):
            await call.err(f"xargs: warning: {warning}\n")
    except UsageError as error:
        return await call.fail(error.message, error.code)
    try:
        file = open_input(call, options.last("a", "-"))
    except OSError as error:
        return await call.fail(f"xargs: Cannot open input file '{options.last('a')}': {reason(error)}")
    try:
        return await _Run(call, options, wish).all(file)
    finally:
        file.release()


def _wish(options: Options) -> _Wish:
    numbers: dict[str, int] = {}
    for key, value in options.given:
        if key in _NUMBERS:
            if not re.fullmatch(r"\d+", value):
                raise UsageError(f'xargs: invalid number "{value}" for -{key} option\n{_TRY}')
            if int(value) < _NUMBERS[key]:
                raise UsageError(f"xargs: value {value} for -{key} option should be >= {_NUMBERS[key]}\n{_TRY}")
            numbers[key] = int(value)
    last = options.last_of("InLli")
    mark = (options.last("I") if last == "I" else options.last("i") or "{}") if last in {"I", "i"} else ""
    lines = numbers.get("L") if last == "L" else int(options.last("l") or 1) if last == "l" else None
    words = numbers.get("n") if last == "n" else None
    delimiter: bytes | None = None
    for key, value in options.given:
        if key == "0":
            delimiter = b"\0"
        elif key == "d":
            delimiter = _delimiter(value)
    end = options.last("E") or options.last("e")
    return _Wish(
        options.operands or ["echo"], words, 1 if mark else lines, mark, numbers.get("P", 1) or 10**6,
        min(numbers.get("s", _ROOM), _ROOM), delimiter, end,
    )  # fmt: skip


def _delimiter(text: str) -> bytes:
    known = {"\\n": b"\n", "\\t": b"\t", "\\0": b"\0", "\\r": b"\r", "\\\\": b"\\", "\\a": b"\a", "\\v": b"\v"}
    if text in known:
        return known[text]
    if re.fullmatch(r"\\x[0-9a-fA-F]{1,2}", text):
        return bytes.fromhex(text[2:].rjust(2, "0"))
    data = encode(text)
    if len(data) != 1:
        raise UsageError(
            "xargs: Invalid input delimiter specification "
            f"{text}: the delimiter must be either a single character or an escape sequence starting with \\."
        )
    return data


def _warnings(options: Options) -> list[str]:
    names = {
        "n": "--max-args",
        "I": "--replace/-I/-i",
        "i": "--replace/-I/-i",
        "L": "--max-lines",
        "l": "--max-lines",
    }
    found: list[str] = []
    before = ""
    for key, value in options.given:
        if key not in names:
            continue
        if before and names[before] != names[key] and not (key == "n" and value == "1" and before in {"I", "i"}):
            found.append(f"options {names[before]} and {names[key]} are mutually exclusive, "
                         f"ignoring previous {names[before]} value")  # fmt: skip
        before = key
    return found


class _Run:
    """One xargs: its started programs and their results."""

    def __init__(self, call: Call, options: Options, wish: _Wish) -> None:
        self._call = call
        self._options = options
        self._wish = wish
        self._code = 0
        self._running: list[Process] = []
        self._null = call.open("/dev/null")

    async def all(self, file: OpenFile) -> int:
        try:
            async for batch in self._batches(file):
                await self._start(batch)
            while self._running:
                await self._one_ends()
        except _StopError as stop:
            while self._running:
                await self._call.wait(self._running.pop())
            return stop.code
        except UsageError as error:
            while self._running:
                await self._one_ends()
            return await self._call.fail(error.message)
        finally:
            self._null.release()
        return self._code

    async def _batches(self, file: OpenFile) -> AsyncIterator[list[str]]:
        wish = self._wish
        base = sum(len(encode(word)) + 1 for word in wish.command)
        batch: list[str] = []
        size, lines, any_batch = base, 0, False
        found = items(self._call, file, wish.delimiter, by_line=bool(wish.mark), end=wish.end)
        problem: UsageError | None = None
        while True:
            try:
                item = await anext(found, None)
            except UsageError as error:
                # Words before the error are still used.
                problem = error
                break
            if item is None:
                break
            length = len(encode(item.text)) + 1
            if base + length > wish.room:
                raise UsageError("xargs: argument line too long")
            full = size + length > wish.room or (wish.words is not None and len(batch) >= wish.words)
            if batch and full:
                yield batch
                any_batch, batch, size, lines = True, [], base, 0
            batch.append(item.text)
            size += length
            lines += _ends_line(item, wish)
            if wish.lines is not None and lines >= wish.lines:
                yield batch
                any_batch, batch, size, lines = True, [], base, 0
        if batch or (problem is None and not any_batch and not self._options.has("r") and not wish.mark):
            yield batch
        if problem is not None:
            raise problem

    async def _start(self, batch: list[str]) -> None:
        wish, call = self._wish, self._call
        if wish.mark:
            argv = [word.replace(wish.mark, batch[0]) for word in wish.command]
            argv[0] = wish.command[0].replace(wish.mark, batch[0])
        else:
            argv = [*wish.command, *batch]
        if self._options.has("t") or self._options.has("p"):
            await call.err(encode(" ".join(argv) + ("?..." if self._options.has("p") else "\n")))
        if self._options.has("p") and not await self._agreed():
            return
        if call.has_program(argv[0]) is None:
            there = "/" in argv[0] and call.files.exists(call.path(argv[0]))
            why, code = ("Permission denied", 126) if there else ("No such file or directory", 127)
            await call.err(f"xargs: {argv[0]}: {why}\n")
            raise _StopError(code)
        while len(self._running) >= wish.at_once:
            await self._one_ends()
        given = dict(call.process.descriptors)
        if not self._options.has("a"):
            given[0] = self._null
        self._running.append(call.start(argv, descriptors=given))
        if wish.at_once == 1:
            await self._one_ends()

    async def _agreed(self) -> bool:
        try:
            terminal = self._call.open("/dev/tty")
        except OSError as error:
            why = "No such device or address" if error.errno == errno.ENXIO else reason(error)
            await self._call.err(f"xargs: failed to open /dev/tty for reading: {why}\n")
            raise _StopError(1) from None
        try:
            return (await terminal.read(self._call.process, 4096)).lower().startswith(b"y")
        finally:
            terminal.release()

    async def _one_ends(self) -> None:
        process = await self._call.process.wait_any(self._running)
        self._running.remove(process)
        name = self._wish.command[0]
        if process.signal is not None:
            await self._call.err(f"xargs: {name}: terminated by signal {int(process.signal)}\n")
            raise _StopError(125)
        if process.code == 255:
            await self._call.err(f"xargs: {name}: exited with status 255; aborting\n")
            raise _StopError(124)
        if process.code:
            self._code = 123


def _ends_line(item: Item, wish: _Wish) -> bool:
    return item.ends_line or wish.delimiter is not None
