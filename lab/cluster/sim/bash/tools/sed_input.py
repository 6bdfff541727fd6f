"""The input of sed: lines of all files, and whether there is another line."""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from lab.cluster.sim.bash.language.octets import decode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.inputs import by_lines, open_input, reason

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.open_files import OpenFile

__all__ = ["Input"]


class Input:
    """The lines of files, one after the other, without their ends."""

    def __init__(
        self,
        call: Call,
        names: Sequence[str],
        end: str,
        *,
        separate: bool,
        before_wait: Callable[[], Awaitable[None]],
    ) -> None:
        self._call = call
        self._names = deque(names)
        self._end = end
        #: Whether each file has a last line of its own.
        self.separate = separate
        self._before_wait = before_wait
        self._file: OpenFile | None = None
        self._batches: AsyncIterator[list[bytes]] | None = None
        self._lines: deque[bytes] = deque()
        #: The current file's name, the number of the line in the stream or file, and whether the line had its end.
        self.name = "-"
        self.number = 0
        self.ended = True
        self.code = 0

    def add(self, name: str) -> None:
        """Add a file."""
        self._names.append(name)

    async def another_line(self) -> bool:
        """Return whether there is another line; with separate files, in this file."""
        while not await self._filled():
            if self.separate or not await self.open_next():
                return False
        return True

    async def next_line(self) -> str | None:
        """Return the next line of the open file; with files that are not separate, of the next one, too."""
        if not await self.another_line():
            return None
        line = self._lines.popleft()
        end = self._end.encode()
        self.ended = line.endswith(end)
        self.number += 1
        return decode(line[: -len(end)] if self.ended else line)

    async def open_next(self) -> bool:
        """Open the next file that can be read; return whether there is one."""
        self.close()
        while self._names:
            name = self._names.popleft()
            try:
                self._file = open_input(self._call, name)
            except OSError as error:
                folder = self._call.files.exists(self._call.path(name)) and name
                await self._complain(f"read error on {name}" if folder else f"can't read {name}", error)
                continue
            self.name = name
            self._batches = by_lines(self._call, self._file, self._end.encode())
            return True
        return False

    def close(self) -> None:
        """Close the current file."""
        self._batches = None
        if self._file is not None:
            self._file.release()
            self._file = None

    async def _filled(self) -> bool:
        while not self._lines:
            if self._batches is None:
                return False
            await self._before_wait()
            try:
                self._lines.extend(await anext(self._batches, []))
            except OSError as error:
                await self._complain(f"read error on {self.name}", error)
                self.close()
                return False
            if not self._lines:
                self.close()
        return True

    async def _complain(self, what: str, error: OSError) -> None:
        await self._before_wait()
        self.code = await self._call.fail(f"sed: {what}: {reason(error)}", 2 if what.startswith("can't") else 4)
