"""read: a line from a descriptor into variables."""

import contextlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.fields import Letter, split_fields, split_list
from lab.cluster.sim.bash.builtins.usage import BuiltinError, Given, options
from lab.cluster.sim.bash.builtins.words import strings
from lab.cluster.sim.bash.language.octets import decode, encode
from lab.cluster.sim.bash.running.endings import Interrupted, Killed
from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.bash.running.weighing import weigh
from lab.cluster.sim.machine.signals import Signal

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.process import Process
    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["descriptor_of", "read", "read_until"]

_TIME = re.compile(r"\d+(\.\d*)?|\.\d+")
_TARGET = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\[.+\])?")
#: The exit code of `read -t` after the time-out: that of SIGALRM.
_TIMED_OUT = 142


#: How long a line may be, in bytes: each letter takes some memory.
_LONGEST = 1 << 20


@dataclass(slots=True)
class _Line:
    """The part of the line that was read so far."""

    data: bytearray
    #: How much of it was searched for its end, and the characters in that.
    at: int = 0
    count: int = 0
    escaped: bool = False
    #: Whether the delimiter, or the requested number of characters, was read.
    whole: bool = False
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class _Wish:
    """The options of `read`."""

    delimiter: bytes
    raw: bool
    #: The most characters; None for a whole line.
    most: int | None
    #: Whether the delimiter is an ordinary character (`-N`).
    exactly: bool
    seconds: float | None


def descriptor_of(shell: "Shell", given: Given) -> OpenFile:
    """Return the file of `-u`, or stdin without `-u`; raise `BuiltinError` if the descriptor is not open."""
    text = given.value("u", "0")
    if not text.isdigit():
        raise BuiltinError(f"{text}: invalid file descriptor specification")
    file = shell.process.descriptors.get(int(text))
    if file is None:
        if not given.has("u"):
            raise BuiltinError("read error: 0: Bad file descriptor")
        raise BuiltinError(f"{text}: invalid file descriptor: Bad file descriptor")
    return file


async def read(shell: "Shell", arguments: "list[Argument]") -> int:
    """Read a line into variables; return 0, or 1 at the end of the input, or more than 128 after a time-out."""
    given = options(strings(arguments), "ersa:d:i:n:N:p:t:u:")
    names = given.words
    for name in [*names, *([given.value("a")] if given.has("a") else [])]:
        if _TARGET.fullmatch(name) is None:
            raise BuiltinError(f"`{name}': not a valid identifier")
    wish = _wish(given)
    file = descriptor_of(shell, given)
    if given.has("p") and file.terminal:
        await shell.err(given.value("p"))
    if wish.seconds == 0:
        return 0
    with contextlib.ExitStack() as stack:
        if file.terminal and given.has("s", "n", "N"):
            stack.enter_context(file.modes(echo=not given.has("s"), by_key=given.has("n", "N")))
        try:
            line = await _read(shell.process, file, wish)
        except Interrupted as end:
            return 128 + end.signal
        except OSError as error:
            raise BuiltinError(f"read error: {given.value('u', '0')}: {error.strerror}") from None
    _assign(shell, given, line, wish)
    for name in [*names, *([given.value("a")] if given.has("a") else []), "REPLY"]:
        await weigh(shell, name)
    if line.timed_out:
        return _TIMED_OUT
    return 0 if line.whole else 1


def _wish(given: Given) -> _Wish:
    most: int | None = None
    exactly = False
    for key, value in given.options:
        if key in {"n", "N"}:
            if not value.strip().isdigit():
                raise BuiltinError(f"{value}: invalid number")
            most, exactly = int(value), key == "N"
    seconds: float | None = None
    if given.has("t"):
        text = given.value("t")
        if _TIME.fullmatch(text) is None:
            raise BuiltinError(f"{text}: invalid timeout specification")
        seconds = float(text)
    delimiter = encode(given.value("d", "\n")[:1])[:1] or b"\0"
    return _Wish(delimiter, given.has("r"), most, exactly, seconds)


async def _read(process: "Process", file: OpenFile, wish: _Wish) -> _Line:
    line = _Line(bytearray())
    if wish.most == 0:
        line.whole = True
        return line
    before, process.interruptible = process.interruptible, True
    try:
        if wish.seconds is None:
            await _fill(process, file, wish, line)
        else:
            with process.limit(wish.seconds):
                await _fill(process, file, wish, line)
    except TimeoutError:
        line.timed_out = True
    finally:
        process.interruptible = before
    return line


async def _fill(process: "Process", file: OpenFile, wish: _Wish, line: _Line) -> None:
    """Read until the line is complete; put the bytes behind it back."""
    while data := await file.read(process, 1 if not file.path.startswith(("/", "pipe:")) else 4096):
        if len(line.data) > _LONGEST:
            raise Killed(Signal.SIGKILL)
        line.data += data
        line.escaped = line.escaped or b"\\" in data
        end = _end(line, wish)
        if end is not None:
            extra = bytes(line.data[end:])
            del line.data[end:]
            line.whole = True
            if extra:
                file.put_back(extra)
            return
        await process.step()


def _end(line: _Line, wish: _Wish) -> int | None:
    """Return the end of the requested line; None if it is not there yet."""
    data = line.data
    if wish.most is None and (wish.raw or not line.escaped):
        found = data.find(wish.delimiter, line.at)
        line.at = len(data)
        return None if found < 0 else found + 1
    line.at = _behind_character(data, line.at)
    while line.at < len(data):
        byte = data[line.at : line.at + 1]
        if byte == b"\\" and not wish.raw and line.at + 1 >= len(data):
            return None
        step = 2 if byte == b"\\" and not wish.raw else 1
        if step == 1 and byte == wish.delimiter and not wish.exactly:
            return line.at + 1
        line.at = _behind_character(data, line.at + step)
        line.count += not (step == 2 and data[line.at - 1 : line.at] == b"\n")
        if wish.most is not None and line.count >= wish.most:
            return line.at
    return None


def _behind_character(data: bytearray, at: int) -> int:
    """Return where the next character begins: at `at`, or behind the bytes of the one before."""
    while at < len(data) and data[at] & 0xC0 == 0x80:
        at += 1
    return at


def _letters(line: _Line, wish: _Wish) -> list[Letter]:
    data = bytes(line.data)
    if line.whole and not wish.exactly and data.endswith(wish.delimiter):
        data = data[:-1]
    text = decode(data.replace(b"\0", b""))
    if wish.raw:
        return [(letter, False) for letter in text]
    letters: list[Letter] = []
    rest = iter(text)
    for letter in rest:
        if letter != "\\":
            letters.append((letter, False))
        elif (following := next(rest, "\n")) != "\n":
            letters.append((following, True))
    return letters


def _assign(shell: "Shell", given: Given, line: _Line, wish: _Wish) -> None:
    letters = _letters(line, wish)
    ifs = shell.variables.get("IFS")
    ifs = " \t\n" if ifs is None else ifs
    if given.has("a"):
        shell.variables.set_array(given.value("a"), split_list(letters, ifs))
        return
    names = given.words
    if not names:
        shell.variables.set("REPLY", "".join(letter for letter, _ in letters))
    elif wish.exactly:
        shell.variables.set(names[0], "".join(letter for letter, _ in letters))
        for name in names[1:]:
            shell.variables.set(name, "")
    elif wish.raw and not any(letter in ifs for letter, _ in letters):
        # Nothing separates.
        shell.variables.set(names[0], "".join(letter for letter, _ in letters))
        for name in names[1:]:
            shell.variables.set(name, "")
    else:
        for name, value in zip(names, split_fields(letters, ifs, len(names)), strict=True):
            shell.variables.set(name, value)


async def read_until(shell: "Shell", file: OpenFile, delimiter: bytes) -> tuple[bytes, bool]:
    """Return the input up to and with a delimiter, and whether the delimiter came (for `mapfile`)."""
    wish = _Wish(delimiter, raw=True, most=None, exactly=False, seconds=None)
    line = await _read(shell.process, file, wish)
    return bytes(line.data), line.whole
