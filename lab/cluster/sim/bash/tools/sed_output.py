"""The output of sed: its stdout, or the file that is edited in place, and the files of `w`."""

from lab.cluster.sim.bash.language.octets import encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.open_files import OpenFile

__all__ = ["FileOutput", "Output", "StdOutput", "unambiguous"]

_ESCAPES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 92: "\\\\"}
_PIECE = 1 << 15


class Output:
    """Collected output; a last line without its end gets it as soon as more follows."""

    def __init__(self, end: str) -> None:
        self._end = end
        self._parts: list[str] = []
        self._size = 0
        self._open_line = False

    def add(self, text: str, end: str = "") -> None:
        """Add a text with its end."""
        if self._open_line:
            self._parts.append(self._end)
            self._open_line = False
        self._parts += [text, end]
        self._size += len(text)

    def line(self, text: str, end: str, *, ended: bool) -> None:
        """Add a line of the input, whose end may be missing."""
        self.add(text, end if ended else "")
        self._open_line = not ended

    def taken(self) -> bytes:
        """Return the added text as bytes, and forget it."""
        parts, self._parts, self._size = self._parts, [], 0
        return encode("".join(parts))

    @property
    def full(self) -> bool:
        """Whether the output should be written."""
        return self._size > _PIECE

    async def write(self) -> None:
        """Write the added text, unless the caller takes it."""


class StdOutput(Output):
    """The program's stdout or stderr."""

    def __init__(self, call: Call, end: str, number: int = 1) -> None:
        super().__init__(end)
        self._call, self._number = call, number

    async def write(self) -> None:
        """Write the added text."""
        await (self._call.out if self._number == 1 else self._call.err)(self.taken())


class FileOutput(Output):
    """A file of the `w` command."""

    def __init__(self, call: Call, end: str, file: OpenFile) -> None:
        super().__init__(end)
        self._call, self._file = call, file

    async def write(self) -> None:
        """Write the added text."""
        if data := self.taken():
            await self._file.write(self._call.process, data)

    def close(self) -> None:
        """Close the file."""
        self._file.release()


def unambiguous(text: str, width: int) -> str:
    """Return a line as `l` shows it, folded at `width` columns (0: not folded)."""
    out: list[str] = []
    column = 0
    for byte in encode(text):
        shown = _ESCAPES.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}")
        if width and column + len(shown) > width - 1:
            out.append("\\\n")
            column = 0
        out.append(shown)
        column += len(shown)
    return "".join(out) + "$\n"
