"""A terminal in the process of a lab's owner."""

import contextlib
import json
import threading

from lab.cluster.sim.process import wire
from lab.cluster.sim.process.line import Line

__all__ = ["AttachedShell"]


class AttachedShell:
    """A terminal in the owner's process."""

    def __init__(self, connection: Line) -> None:
        self._connection = connection
        self._reading = threading.Lock()
        self._ended = False

    def read(self, timeout: float | None = None) -> bytes | None:
        """Return output: None if none came in time, and empty bytes once the shell has ended."""
        with self._reading:
            if self._ended:
                return b""
            try:
                if not self._connection.poll(timeout):
                    return None
                frame = self._connection.recv_bytes()
            except (OSError, EOFError):
                frame = wire.ANSWER
            if frame[:1] == wire.ANSWER:
                self._ended = True
                self._connection.close()
                return b""
            return frame[1:]

    def write(self, data: bytes) -> None:
        """Send `data` as typed."""
        self._send(wire.INPUT + data)

    def resize(self, rows: int, cols: int) -> None:
        """Tell the shell its window's size."""
        self._send(wire.SIZE + json.dumps([rows, cols]).encode())

    def close(self) -> None:
        """End the shell. Safe to call again."""
        self._send(wire.CLOSE)
        self._ended = True
        # A reader learns of the end from the owner, and closes the connection.
        if self._reading.acquire(blocking=False):
            self._connection.close()
            self._reading.release()

    def _send(self, frame: bytes) -> None:
        with contextlib.suppress(OSError):
            self._connection.send_bytes(frame)
