"""wc: lines, words, characters and bytes."""

import errno
from dataclasses import dataclass

from lab.cluster.sim.bash.language.octets import decode, encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.bash.tools.inputs import chunks, open_input, reason, whole
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options

__all__ = ["wc"]

_LONG = {"bytes": "c", "chars": "m", "lines": "l", "max-line-length": "L", "words": "w", "files0-from": "files0:"}


@dataclass(slots=True)
class _Counts:
    """The counts of one file, or of all."""

    lines: int = 0
    words: int = 0
    characters: int = 0
    size: int = 0
    longest: int = 0

    def add(self, other: "_Counts") -> None:
        """Add the counts of another file."""
        self.lines += other.lines
        self.words += other.words
        self.characters += other.characters
        self.size += other.size
        self.longest = max(self.longest, other.longest)

    def wanted(self, letters: str) -> list[int]:
        """Return the requested numbers, in wc's order."""
        every = {"l": self.lines, "w": self.words, "m": self.characters, "c": self.size, "L": self.longest}
        return [number for letter, number in every.items() if letter in letters]


async def wc(call: Call) -> int:
    """Count lines, words and bytes."""
    try:
        options = parse_options("wc", call.argv, "cmlLw", _LONG)
        names = await _names(call, options)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    letters = "".join(key for key, _ in options.given if len(key) == 1) or "lwc"
    code = 0
    rows: list[tuple[_Counts, str]] = []
    total = _Counts()
    piped = False
    for name in names or [""]:
        try:
            file = open_input(call, name or "-")
        except OSError as error:
            code = await call.fail(f"wc: {name}: {reason(error)}")
            if error.errno == errno.EISDIR:
                # A folder can be opened, but has nothing to count.
                piped = True
                rows.append((_Counts(), name))
            continue
        try:
            piped = piped or not file.path.startswith("/")
            counts = await _count(call, file)
        except OSError as error:
            code = await call.fail(f"wc: {name}: {reason(error)}")
            rows.append((_Counts(), name))
            continue
        finally:
            file.release()
        rows.append((counts, name))
        total.add(counts)
    if len(names) > 1:
        rows.append((total, "total"))
    await _print(call, rows, letters, _width(rows, letters, len(names), total, piped=piped))
    return code


async def _names(call: Call, options: Options) -> list[str]:
    if not options.has("files0"):
        return options.operands
    data = await whole(call, options.last("files0"))
    return [decode(name) for name in data.split(b"\0") if name]


def _width(rows: list[tuple[_Counts, str]], letters: str, files: int, total: _Counts, *, piped: bool) -> int:
    """Return the width of the numbers: that of all files' size, or 7 if a size is unknown."""
    if files <= 1 and len(rows) <= 1 and len(set(letters)) == 1:
        return 1
    return max(7 if piped else 1, len(str(total.size)))


async def _count(call: Call, file: OpenFile) -> _Counts:
    counts = _Counts()
    in_word = False
    column = 0
    async for data in chunks(call, file):
        counts.size += len(data)
        counts.lines += data.count(b"\n")
        counts.characters += sum(1 for byte in data if byte & 0xC0 != 0x80) if not data.isascii() else len(data)
        words = len(data.split())
        counts.words += words - (in_word and not data[:1].isspace())
        in_word = not data[-1:].isspace()
        text = data.decode("utf-8", "replace")
        for index, part in enumerate(text.split("\n")):
            column = (column if index == 0 else 0) + len(part.expandtabs(8))
            counts.longest = max(counts.longest, column)
    return counts


async def _print(call: Call, rows: list[tuple[_Counts, str]], letters: str, width: int) -> None:
    for counts, name in rows:
        line = " ".join(f"{number:>{width}}" for number in counts.wanted(letters))
        await call.out(encode(f"{line} {name}\n" if name else f"{line}\n"))
