"""cat and tee: pass bytes on as they arrive."""

from collections.abc import Sequence

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.open_files import OpenFile, PipeWriter, RegularFile
from lab.cluster.sim.bash.tools.inputs import by_lines, chunks, each_input, reason
from lab.cluster.sim.bash.tools.options import UsageError, parse_options
from lab.cluster.sim.machine.signals import Signal

__all__ = ["cat", "tee"]

_LONG = {
    "show-all": "A", "number-nonblank": "b", "show-ends": "E", "number": "n", "squeeze-blank": "s",
    "show-tabs": "T", "show-nonprinting": "v",
}  # fmt: skip
_IMPLIED = {"A": "vET", "e": "vE", "t": "vT"}


async def cat(call: Call) -> int:
    """Print files one after the other."""
    try:
        options = parse_options("cat", call.argv, "AbeEnstTuv", _LONG)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    letters = "".join(_IMPLIED.get(key, key) for key, _ in options.given)
    shown = _Shown(letters)
    return await each_input(call, "cat", options.operands, lambda file, _: _pass_on(call, file, shown))


async def _pass_on(call: Call, file: OpenFile, shown: "_Shown") -> None:
    target = call.process.descriptors.get(1)
    if target is not None and isinstance(target, RegularFile) and target.path == file.path:
        raise OSError(0, "input file is output file")
    if not shown.changes:
        async for data in chunks(call, file):
            await call.out(data)
        return
    async for lines in by_lines(call, file):
        await call.out(b"".join(shown.of(line) for line in lines))


class _Shown:
    """Lines as the options ask for, numbered through all files."""

    def __init__(self, letters: str) -> None:
        self._letters = set(letters)
        self._number = 0
        self._blank = False

    @property
    def changes(self) -> bool:
        """Whether the options change lines."""
        return bool(self._letters & set("bnsETv"))

    def of(self, line: bytes) -> bytes:
        """Return a line as the options show it; nothing for a line that is left out."""
        letters = self._letters
        blank = line == b"\n"
        if blank and self._blank and "s" in letters:
            return b""
        self._blank = blank
        lead = b""
        if ("b" in letters and not blank) or ("n" in letters and "b" not in letters):
            self._number += 1
            lead = b"%6d\t" % self._number
        body, end = (line[:-1], b"\n") if line.endswith(b"\n") else (line, b"")
        if "v" in letters:
            body = b"".join(_visible(byte) for byte in body)
        if "T" in letters:
            body = body.replace(b"\t", b"^I")
        if "E" in letters and end:
            if "v" not in letters and body.endswith(b"\r"):
                body = body[:-1] + b"^M"
            end = b"$\n"
        return lead + body + end


def _visible(byte: int) -> bytes:
    if byte >= 0x80:
        return b"M-" + _visible(byte - 0x80)
    if byte < 0x20 and byte != 0x09:
        return bytes([0x5E, byte + 0x40])
    return b"^?" if byte == 0x7F else bytes([byte])


async def tee(call: Call) -> int:  # noqa: C901 -- one case after the other
    """Copy stdin to stdout and to files as it arrives."""
    longs = {"append": "a", "ignore-interrupts": "i", "output-error": "output-error?"}
    try:
        options = parse_options("tee", call.argv, "aip", longs)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    if options.has("i"):
        call.process.ignored.add(Signal.SIGINT)
    code, outputs = await _outputs(call, options.operands, "a" if options.has("a") else "w")
    stdout: OpenFile | None = call.process.descriptors.get(1)
    goes_on = options.has("p", "output-error")
    try:
        while data := await call.chunk():
            if stdout is not None:
                try:
                    await stdout.write(call.process, data)
                except BrokenPipeError:
                    if not goes_on:
                        raise
                    stdout = None
            for name, file in list(outputs):
                try:
                    await file.write(call.process, data)
                except OSError as error:
                    if isinstance(file, PipeWriter) and not goes_on:
                        raise
                    code = await call.fail(f"tee: {name}: {reason(error)}")
                    outputs.remove((name, file))
                    file.release()
    finally:
        for _, file in outputs:
            file.release()
    return code


async def _outputs(call: Call, names: Sequence[str], mode: str) -> tuple[int, list[tuple[str, OpenFile]]]:
    code = 0
    found: list[tuple[str, OpenFile]] = []
    for name in names:
        try:
            found.append((name, call.open(name, mode)))
        except OSError as error:
            code = await call.fail(f"tee: {name}: {reason(error)}")
    return code, found
