"""uniq: repeated lines, as they arrive."""

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.inputs import by_lines, open_input, reason
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options

__all__ = ["uniq"]

_LONG = {
    "count": "c", "repeated": "d", "all-repeated": "D", "skip-fields": "f", "group": "group?", "ignore-case": "i",
    "skip-chars": "s", "unique": "u", "zero-terminated": "z", "check-chars": "w",
}  # fmt: skip
_HINT = "Try 'uniq --help' for more information."


async def uniq(call: Call) -> int:
    """Print adjacent equal lines once."""
    try:
        options = parse_options("uniq", call.argv, "cdDf:is:uzw:", _LONG)
        if len(options.operands) > 2:
            raise UsageError(f"uniq: extra operand ‘{options.operands[2]}’\n{_HINT}")
        run = _Run(options)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    source, target = [*options.operands, "-", "-"][:2] if options.operands else ["-", "-"]
    try:
        file = open_input(call, source)
    except OSError as error:
        doing = "error reading " if reason(error) == "Is a directory" else ""
        return await call.fail(f"uniq: {doing}{source if not doing else repr(source)}: {reason(error)}")
    try:
        out = call.open(target, "w") if target != "-" else None
        async for lines in by_lines(call, file, run.end):
            found = b"".join(run.take(line) for line in lines)
            await (call.out(found) if out is None else out.write(call.process, found))
        found = run.rest()
        await (call.out(found) if out is None else out.write(call.process, found))
        if out is not None:
            out.release()
    except BrokenPipeError:
        raise
    except OSError as error:
        return await call.fail(f"uniq: {target}: {reason(error)}")
    finally:
        file.release()
    return 0


def _number(options: Options, letter: str, what: str) -> int:
    text = options.last(letter, "0")
    if not text.isdigit():
        raise UsageError(f"uniq: {text}: invalid number of {what}")
    return int(text)


class _Run:
    """The state after the lines so far."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._fields = _number(options, "f", "fields to skip")
        self._skipped = _number(options, "s", "bytes to skip")
        self._compared = _number(options, "w", "bytes to compare") if options.has("w") else None
        self.end = b"\0" if options.has("z") else b"\n"
        self._group: list[bytes] = []
        self._key: bytes | None = None

    def _key_of(self, line: bytes) -> bytes:
        part = line.removesuffix(self.end)
        for _ in range(self._fields):
            part = part.lstrip(b" \t")
            blank = min((at for at in (part.find(b" "), part.find(b"\t")) if at >= 0), default=len(part))
            part = part[blank:]
        part = part[self._skipped :]
        part = part if self._compared is None else part[: self._compared]
        return part.lower() if self._options.has("i") else part

    def take(self, line: bytes) -> bytes:
        """Process one line; return the output for the lines before it."""
        key = self._key_of(line)
        if key == self._key:
            self._group.append(line)
            return b""
        done = self.rest()
        self._key, self._group = key, [line]
        return done

    def rest(self) -> bytes:
        """Return the output for the last group."""
        if not self._group:
            return b""
        options, count = self._options, len(self._group)
        first = self._group[0].removesuffix(self.end) + self.end
        if options.has("D"):
            return b"".join(line.removesuffix(self.end) + self.end for line in self._group) if count > 1 else b""
        if (options.has("d") and count == 1) or (options.has("u") and count > 1):
            return b""
        return (b"%7d " % count if options.has("c") else b"") + first
