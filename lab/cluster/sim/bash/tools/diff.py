"""diff: the differences of two files or two folders."""

import posixpath
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from lab.cluster.sim.bash.language.octets import encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools import diff_formats
from lab.cluster.sim.bash.tools.edit_script import Block, blocks
from lab.cluster.sim.bash.tools.inputs import reason, whole
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options
from lab.cluster.sim.bash.tools.places import is_folder, modified, real_place

__all__ = ["diff"]

_LETTERS = "aBbcC:dEehHiI:lL:nNpqrsS:tTuU:wW:x:X:yZ"
_LONG = {
    "brief": "q",
    "report-identical-files": "s",
    "context": "c?",
    "unified": "u?",
    "recursive": "r",
    "new-file": "N",
    "ignore-case": "i",
    "ignore-all-space": "w",
    "ignore-space-change": "b",
    "ignore-blank-lines": "B",
    "ignore-trailing-space": "Z",
    "side-by-side": "y",
    "width": "W",
    "suppress-common-lines": "suppress",
    "text": "a",
    "exclude": "x",
    "label": "L",
    "color": "color?",
    "strip-trailing-cr": "cr",
    "minimal": "d",
    "normal": "normal",
    "no-dereference": "no-dereference",
    "ignore-matching-lines": "I",
    "expand-tabs": "t",
}
_HINT = "diff: Try 'diff --help' for more information."
_TROUBLE = 2


async def diff(call: Call) -> int:
    """Print the differences: return 0 for none, 1 for some, 2 for trouble."""
    try:
        options = parse_options("diff", call.argv, _LETTERS, _LONG, code=_TROUBLE, hint=_HINT)
        words = options.operands
        if len(words) < 2:
            last = words[-1] if words else "diff"
            raise UsageError(f"diff: missing operand after '{last}'\n{_HINT}", _TROUBLE)
        if len(words) > 2:
            raise UsageError(f"diff: extra operand '{words[2]}'\n{_HINT}", _TROUBLE)
        if options.has("e", "n", "l"):
            raise UsageError(f"not simulated: diff {' '.join(call.argv)} (use --backend kind)", _TROUBLE)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    left, right = words
    folders = [word != "-" and is_folder(call, real_place(call, word)) for word in words]
    if all(folders):
        return await _Run(call, options).folders(left, right)
    if folders[0] and right != "-":
        left = f"{left.rstrip('/')}/{posixpath.basename(right)}"
    elif folders[1] and left != "-":
        right = f"{right.rstrip('/')}/{posixpath.basename(left)}"
    return await _Run(call, options).files(left, right)


class _Run:
    """One diff with its options."""

    def __init__(self, call: Call, options: Options) -> None:
        self._call = call
        self._options = options

    async def folders(self, left: str, right: str) -> int:
        call, options = self._call, self._options
        here = set(call.files.names(real_place(call, left)))
        there = set(call.files.names(real_place(call, right)))
        code = 0
        for name in sorted(here | there):
            if any(re.fullmatch(_glob(each), name) for each in options.every("x")):
                continue
            first, second = f"{left.rstrip('/')}/{name}", f"{right.rstrip('/')}/{name}"
            if (name not in here or name not in there) and not options.has("N"):
                await call.out(f"Only in {left if name in here else right}: {name}\n")
                code = max(code, 1)
                continue
            code = max(code, await self._pair(first, second))
        return code

    async def _pair(self, first: str, second: str) -> int:
        call, options = self._call, self._options
        kinds = [is_folder(call, real_place(call, word)) for word in (first, second)]
        if all(kinds):
            if options.has("r"):
                return await self.folders(first, second)
            await call.out(f"Common subdirectories: {first} and {second}\n")
            return 0
        if any(kinds):
            names = ["a directory" if kind else "a regular file" for kind in kinds]
            await call.out(f"File {first} is {names[0]} while file {second} is {names[1]}\n")
            return 1
        return await self.files(first, second, title=True)

    async def files(self, left: str, right: str, *, title: bool = False) -> int:  # noqa: C901 -- one case after the other
        """Compare two files; within a folder, print a line with the command before the changes."""
        call, options = self._call, self._options
        data: list[bytes] = []
        missing = []
        for word in (left, right):
            try:
                data.append(await whole(call, word))
            except OSError as error:
                if options.has("N") and reason(error).startswith("No such file"):
                    data.append(b"")
                    continue
                missing.append(f"diff: {word}: {reason(error)}\n")
        if missing:
            await call.err("".join(missing))
            return _TROUBLE
        await call.step(len(data[0] + data[1]) * 1e-8)
        if data[0] == data[1]:
            if options.has("s"):
                await call.out(f"Files {left} and {right} are identical\n")
            return 0
        binary = any(b"\0" in each[:32768] for each in data) and not options.has("a")
        first, second = self._side(left, data[0], 0), self._side(right, data[1], 1)
        found = self._blocks(first.lines, second.lines)
        if not found and not binary:
            if options.has("s"):
                await call.out(f"Files {left} and {right} are identical\n")
            if not options.has("y"):
                return 0
        if options.has("q"):
            await call.out(f"Files {left} and {right} differ\n")
            return 1
        if binary:
            await call.out(f"Binary files {left} and {right} differ\n")
            return 1
        if title and not options.has("y"):
            given = " ".join(word for word in call.argv if word.startswith("-"))
            await call.out(encode(f"diff {given}{' ' if given else ''}{left} {right}\n"))
        await call.out(self._shown(first, second, found))
        return int(bool(found))

    def _side(self, name: str, data: bytes, number: int) -> diff_formats.Side:
        labels = self._options.every("L")
        lines = data.splitlines(keepends=True) if b"\r" not in data else re.findall(rb"[^\n]*\n|[^\n]+$", data)
        if len(labels) > number:
            return diff_formats.Side(labels[number], "", lines)
        call = self._call
        path = real_place(call, name)
        at = modified(call, path) if name != "-" and call.files.exists(path) else call.now()
        whole_time = datetime.fromtimestamp(at, UTC)
        date = f"\t{whole_time:%Y-%m-%d %H:%M:%S}.{whole_time.microsecond * 1000:09d} +0000"
        return diff_formats.Side(name, date, lines)

    def _blocks(self, left: Sequence[bytes], right: Sequence[bytes]) -> list[Block]:
        found = blocks([self._key(line) for line in left], [self._key(line) for line in right])
        if self._options.has("B"):
            found = [
                block for block in found
                if any(line.strip() for line in left[block.left_start : block.left_end])
                or any(line.strip() for line in right[block.right_start : block.right_end])
            ]  # fmt: skip
        return found

    def _key(self, line: bytes) -> bytes:
        options = self._options
        if options.has("cr"):
            line = line.replace(b"\r\n", b"\n")
        if options.has("w"):
            line = b"".join(line.split())
        elif options.has("b"):
            line = re.sub(rb"[ \t]+", b" ", line.rstrip())
        elif options.has("Z"):
            line = line.rstrip()
        return line.lower() if options.has("i") else line

    def _shown(self, left: diff_formats.Side, right: diff_formats.Side, found: list[Block]) -> bytes:
        options = self._options
        if options.has("y"):
            width = options.last("W", "130")
            return diff_formats.side_by_side(
                left, right, found, int(width) if width.isdigit() else 130, common=not options.has("suppress")
            )
        if options.has("u", "U"):
            around = options.last("U") or options.last("u") or "3"
            return diff_formats.unified(left, right, found, int(around) if around.isdigit() else 3)
        if options.has("c", "C"):
            around = options.last("C") or options.last("c") or "3"
            return diff_formats.context(left, right, found, int(around) if around.isdigit() else 3)
        return diff_formats.normal(left, right, found)


def _glob(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
