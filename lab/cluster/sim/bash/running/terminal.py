"""A terminal as in the kernel: keys become lines and signals, and output goes out."""

import contextlib
import errno
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, cast

from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.bash.running.opening import error
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.bash.running.shell import Shell
from lab.cluster.sim.bash.running.waiting import Waiting
from lab.cluster.sim.machine.signals import Signal

if TYPE_CHECKING:
    from lab.cluster.sim.machine.process_table import ProcessTable
    from lab.cluster.sim.timing.counting import Pause

__all__ = ["Terminal", "TerminalFile"]

_SIGNALS = {
    0x03: (b"^C", Signal.SIGINT), 0x1C: (b"^\\", Signal.SIGQUIT), 0x1A: (b"^Z", Signal.SIGTSTP)
}  # fmt: skip
_END = 0x04
_ERASE = {0x7F, 0x08}
_KILL = 0x15
_WORD = 0x17
_ENTER = {0x0D, 0x0A}


class Terminal:
    """One terminal: its line discipline, and the process group in the foreground."""

    def __init__(self, emit: Callable[[bytes], None], rows: int, columns: int, *, name: str = "pts/0") -> None:
        self.name = name
        #: Passes output on to the viewer of the terminal.
        self.emit = emit
        self.rows, self.columns = rows, columns
        self.foreground = 0
        #: The process table of its process groups.
        self.table: ProcessTable[Process] | None = None
        #: Whether input is echoed (`stty -echo`), and whether each key is passed on at once (`read -n`).
        self.echo = True
        self.by_key = False
        #: Runs an interactive shell here, with the login's line editor.
        self.interactive: Callable[[Shell], Awaitable[int]] | None = None
        self._line = bytearray()
        #: Unread lines; an empty line is an end of file.
        self._ready: deque[bytes] = deque()
        self._waiting: list[Pause] = []

    async def interact(self, shell: Shell) -> int:
        """Run an interactive shell here until the user leaves; return its exit code."""
        if self.interactive is None:
            return 1
        return await self.interactive(shell)

    def opened(self) -> "TerminalFile":
        """Return a description of the terminal."""
        return TerminalFile(self)

    def hang_up(self) -> None:
        """Handle the loss of the other end: send SIGHUP to the foreground."""
        self._send(Signal.SIGHUP)

    def resize(self, rows: int, columns: int) -> None:
        """Store a new size and notify the foreground."""
        self.rows, self.columns = rows, columns
        self._send(Signal.SIGWINCH)

    def _send(self, signal: Signal) -> None:
        if self.table is not None and self.foreground:
            self.table.send_to_group(self.foreground, signal)

    # Keys

    def cooked(self, data: bytes) -> None:
        """Process keys that neither a line editor nor a full-screen program takes."""
        for key in data:
            self._key(key)

    def _key(self, key: int) -> None:
        if key in _SIGNALS:
            shown, signal = _SIGNALS[key]
            if self.echo:
                self.emit(shown)
            if signal is not Signal.SIGTSTP:
                self._line.clear()
                self._ready.clear()
            self._send(signal)
        elif self.by_key:
            self._give(b"\n" if key in _ENTER else bytes([key]))
            self._show(bytes([key]))
        elif key in _ENTER:
            self._show(b"\r")
            line = bytes(self._line) + b"\n"
            self._line.clear()
            self._give(line)
        elif key == _END:
            line = bytes(self._line)
            self._line.clear()
            self._give(line)
        elif key in _ERASE:
            self._erase(1)
        elif key == _KILL:
            self._erase(len(self._line))
        elif key == _WORD:
            kept = self._line.rstrip().rpartition(b" ")
            self._erase(len(self._line[len(kept[0]) + len(kept[1]) :].decode(errors="replace")))
        else:
            self._line.append(key)
            self._show(bytes([key]))

    def _erase(self, count: int) -> None:
        for _ in range(count):
            if not self._line:
                return
            while self._line and self._line.pop() & 0xC0 == 0x80:
                pass
            self._show(b"\b \b")

    def _show(self, data: bytes) -> None:
        """Echo."""
        if not self.echo:
            return
        if data in {b"\r", b"\n"}:
            data = b"\r\n"
        elif len(data) == 1 and data[0] < 0x20 and data != b"\t":
            data = bytes([0x5E, data[0] + 0x40])
        self.emit(data)

    def _give(self, data: bytes) -> None:
        self._ready.append(data)
        waiting, self._waiting = self._waiting, []
        for pause in waiting:
            pause.end()

    def unread(self) -> bytes:
        """Return unread input as keys, and forget it: for a line editor that begins now."""
        found = b"".join(line.replace(b"\n", b"\r") if line else bytes([_END]) for line in self._ready)
        found += bytes(self._line)
        self._ready.clear()
        self._line.clear()
        return found

    # Reading

    async def read(self, process: Process, size: int) -> bytes:
        """Return the next line or key; nothing at an end of file. SIGTTIN stops a reader in the background."""
        while True:
            self._may_read(process)
            await process.step()
            if self._is_background(process):
                continue
            if self._ready:
                data = self._ready.popleft()
                if len(data) > size:
                    self._ready.appendleft(data[size:])
                return data[:size]
            await process.pause(self._waiting.append)

    def _is_background(self, process: Process) -> bool:
        session = process.session
        return session is not None and session.terminal is self and self.foreground not in {0, process.group}

    def _may_read(self, process: Process) -> None:
        if not self._is_background(process):
            return
        if Signal.SIGTTIN in process.ignored:
            raise error(errno.EIO)
        process.place.table.send_to_group(process.group, Signal.SIGTTIN)

    def put_back(self, data: bytes) -> None:
        """Put surplus input back."""
        self._ready.appendleft(data)

    @contextlib.contextmanager
    def modes(self, *, echo: bool | None = None, by_key: bool | None = None) -> Iterator[None]:
        """While the body runs, set whether input is echoed, and whether keys or lines are passed on."""
        before = self.echo, self.by_key
        self.echo = before[0] if echo is None else echo
        self.by_key = before[1] if by_key is None else by_key
        try:
            yield
        finally:
            self.echo, self.by_key = before


class TerminalFile(OpenFile):
    """An open file description of a terminal."""

    terminal = True
    gives_back = True

    def __init__(self, terminal: Terminal) -> None:
        super().__init__()
        self.device = terminal
        self.path = f"/dev/{terminal.name}"

    async def read(self, process: Waiting, size: int) -> bytes:
        """Return the next line."""
        return await self.device.read(cast("Process", process), size)

    async def write(self, process: Waiting, data: bytes) -> None:
        """Print."""
        self.device.emit(data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    def put_back(self, data: bytes) -> None:
        """Put surplus input back."""
        if data:
            self.device.put_back(data)

    def modes(
        self, *, echo: bool | None = None, by_key: bool | None = None
    ) -> contextlib.AbstractContextManager[None]:
        """While the body runs, set whether input is echoed, and whether keys or lines are passed on."""
        return self.device.modes(echo=echo, by_key=by_key)
