"""cut: columns of lines, as they arrive."""

import re

from lab.cluster.sim.bash.language.octets import encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.bash.tools.inputs import by_lines, each_input
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options

__all__ = ["cut"]

_LONG = {
    "bytes": "b", "characters": "c", "delimiter": "d", "fields": "f", "complement": "complement",
    "only-delimited": "s", "output-delimiter": "output:", "zero-terminated": "z",
}  # fmt: skip
_HINT = "Try 'cut --help' for more information."
_FAR = 1 << 40
Range = tuple[int, int]


async def cut(call: Call) -> int:
    """Print columns of lines."""
    try:
        options = parse_options("cut", call.argv, "b:c:d:f:nsz", _LONG)
        cutter = _Cutter(options)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    return await each_input(call, "cut", options.operands, lambda file, _: _all(call, file, cutter))


async def _all(call: Call, file: OpenFile, cutter: "_Cutter") -> None:
    async for lines in by_lines(call, file, cutter.end):
        await call.out(b"".join(cutter.of(line.removesuffix(cutter.end)) for line in lines))


def _ranges(text: str, kind: str) -> list[Range]:
    """Return the ranges of a list, sorted and merged; raise `UsageError`."""
    what = "fields" if kind == "f" else "byte/character positions"
    singular = "field" if kind == "f" else "byte/character position"
    found: list[Range] = []
    for part in re.split(r"[,\s]", text):
        match = re.fullmatch(r"(\d*)(-?)(\d*)", part)
        if match is None or not part:
            if part and re.fullmatch(r"[\d-]+", part) is None:
                raise UsageError(f"cut: invalid {singular} value ‘{part}’\n{_HINT}")
            if kind == "f" or part:
                raise UsageError(
                    f"cut: invalid {'field range' if kind == 'f' else 'byte or character range'}\n{_HINT}"
                )
            raise UsageError(f"cut: invalid {singular} value ‘{part}’\n{_HINT}")
        if part == "-":
            raise UsageError(f"cut: invalid range with no endpoint: -\n{_HINT}")
        low = int(match[1]) if match[1] else 1
        high = int(match[3]) if match[3] else (_FAR if match[2] else low)
        if low == 0:
            raise UsageError(f"cut: {what} are numbered from 1\n{_HINT}")
        if high < low:
            raise UsageError(f"cut: invalid decreasing range\n{_HINT}")
        found.append((low, high))
    return sorted(found)


class _Cutter:
    """Cuts one line after the other."""

    def __init__(self, options: Options) -> None:
        kinds = [key for key, _ in options.given if key in "bcf"]
        if not kinds:
            raise UsageError(f"cut: you must specify a list of bytes, characters, or fields\n{_HINT}")
        if len(kinds) > 1:
            raise UsageError(f"cut: only one list may be specified\n{_HINT}")
        self._kind = kinds[0]
        if options.has("d") and self._kind != "f":
            raise UsageError(f"cut: an input delimiter may be specified only when operating on fields\n{_HINT}")
        if options.has("s") and self._kind != "f":
            raise UsageError(
                f"cut: suppressing non-delimited lines makes sense\n\tonly when operating on fields\n{_HINT}"
            )
        if len(encode(options.last("d", "\t"))) > 1:
            raise UsageError(f"cut: the delimiter must be a single character\n{_HINT}")
        self._ranges = _ranges(options.last(self._kind), self._kind)
        self._others = options.has("complement")
        self._delimiter = encode(options.last("d", "\t")) or b"\0"
        self._between = encode(options.last("output")) if options.has("output") else None
        self._only = options.has("s")
        self.end = b"\0" if options.has("z") else b"\n"

    def _wanted(self, number: int) -> bool:
        return any(low <= number <= high for low, high in self._ranges) != self._others

    def of(self, line: bytes) -> bytes:
        """Return the printed part of a line, with its end."""
        if self._kind == "f":
            return self._fields(line)
        parts: list[bytes] = []
        start = None
        for at in range(1, len(line) + 2):
            inside = at <= len(line) and self._wanted(at)
            starts_new = inside and self._between is not None and any(low == at for low, _ in self._ranges)
            if start is not None and (not inside or (starts_new and not self._joined(at))):
                parts.append(line[start - 1 : at - 1])
                start = None
            if inside and start is None:
                start = at
        return (self._between or b"").join(parts) + self.end

    def _joined(self, at: int) -> bool:
        """Return whether a place is within an earlier range."""
        return any(low < at <= high for low, high in self._ranges)

    def _fields(self, line: bytes) -> bytes:
        if self._delimiter not in line:
            return b"" if self._only else line + self.end
        fields = line.split(self._delimiter)
        wanted = [field for number, field in enumerate(fields, 1) if self._wanted(number)]
        return (self._between if self._between is not None else self._delimiter).join(wanted) + self.end
