"""The connection between a shell and its screen: two threads, so that neither side waits for the other."""

import contextlib
import contextvars
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

from lab.cluster.base import Shell

__all__ = ["OpenShell", "Pump"]

#: Opens a shell on a terminal with these rows and columns, such as `Node.shell`.
OpenShell = Callable[[int, int], Shell]

#: The limit of waiting output. Beyond it the shell has to wait, so that an interrupt takes effect soon.
_AHEAD = 64 * 1024
_POLL = 0.2


class Pump:
    """Opens a shell and moves bytes both ways. Its thread calls `arrived` when there is output or an end.

    It has its own threads, since the app's pool of workers is small and a shell keeps two threads for hours. One
    thread reads, and closes the shell; the other one writes and resizes.
    """

    def __init__(self, open_shell: OpenShell, rows: int, cols: int, arrived: Callable[[], None]) -> None:
        self._open = open_shell
        self._size = self._wanted = (rows, cols)
        self._arrived = arrived
        self._output: deque[bytes] = deque()
        self._held = 0
        self._told = False
        self._closing = False
        self._change = threading.Condition()
        self._input: SimpleQueue[bytes | None] = SimpleQueue()
        self.ended = False
        self.closed = threading.Event()
        self.error: Exception | None = None

    def start(self) -> None:
        """Open the shell and begin."""
        self._thread(self._read)

    def take(self, limit: int) -> bytes:
        """Return at most `limit` bytes of output; nothing if there are no more for now."""
        with self._change:
            if not self._output:
                self._told = False
                return b""
            data = self._output.popleft()
            while self._output and len(data) < limit:
                data += self._output.popleft()
            if len(data) > limit:
                self._output.appendleft(data[limit:])
                data = data[:limit]
            self._held -= len(data)
            self._change.notify_all()
            return data

    def put_back(self, data: bytes) -> None:
        """Put `data`, the end of the last piece, back."""
        if data:
            with self._change:
                self._output.appendleft(data)
                self._held += len(data)

    @property
    def full(self) -> bool:
        """Whether the shell has to wait until output is taken."""
        return self._held > _AHEAD

    @property
    def over(self) -> bool:
        """Whether the shell has ended and all its output was taken."""
        with self._change:
            return self.ended and not self._output

    def send(self, data: bytes) -> None:
        """Queue `data` for the shell."""
        self._input.put(data)

    def resize(self, rows: int, cols: int) -> None:
        """Queue a new window size for the shell."""
        self._wanted = (rows, cols)
        self._input.put(b"")

    def close(self) -> None:
        """End the shell; no more output arrives."""
        with self._change:
            self._closing = True
            self._change.notify_all()

    def _thread(self, work: Callable[[Shell], None] | Callable[[], None], *args: Shell) -> None:
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(work, *args), name="terminal", daemon=True).start()

    def _read(self) -> None:
        try:
            shell = self._open(*self._size)
            self._thread(self._write, shell)
            with contextlib.closing(shell):
                while not self._closing:
                    data = shell.read(_POLL)
                    if data == b"":
                        break
                    if data:
                        self._hold(data)
        except Exception as error:  # noqa: BLE001 -- whatever a backend raises ends this shell, and not the app
            self.error = error
        self._input.put(None)
        self.closed.set()
        with self._change:
            self.ended = True
        if not self._closing:
            self._arrived()

    def _hold(self, data: bytes) -> None:
        with self._change:
            self._output.append(data)
            self._held += len(data)
            tell, self._told = not self._told or self.full, True
        if tell:
            self._arrived()
        with self._change:
            self._change.wait_for(lambda: self._held <= _AHEAD or self._closing)

    def _write(self, shell: Shell) -> None:
        size = self._size
        while (data := self._input.get()) is not None:
            try:
                if self._wanted != size:
                    size = self._wanted
                    shell.resize(*size)
                if data:
                    shell.write(data)
            except Exception:  # noqa: BLE001 -- the reader meets the same end, and tells it
                return
