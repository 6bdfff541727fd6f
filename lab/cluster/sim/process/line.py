"""One end of a connection between a lab's owner and another process, used by several threads."""

import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

if sys.platform == "win32":
    from multiprocessing.connection import PipeConnection

    _Either = Connection | PipeConnection
else:
    _Either = Connection

__all__ = ["Line"]


class Line:
    """A connection that any thread may close, also while others read from it and write to it.

    The system gives the number of a closed descriptor to the next file that is opened. A thread that still used
    the number would take the bytes of a stranger, so the descriptor stays open until every thread has left.
    """

    def __init__(self, connection: _Either) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._users = 0
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def recv_bytes(self) -> bytes:
        """Return the next frame.

        Raises:
            EOFError: the other side has closed the connection, or another thread did.
            OSError: it is closed.

        """
        with self._used():
            return self._connection.recv_bytes()

    def send_bytes(self, frame: bytes) -> None:
        """Send a frame in one piece; raise `OSError` if the connection is closed."""
        with self._used(), self._sending:
            self._connection.send_bytes(frame)

    def poll(self, timeout: float | None = 0.0) -> bool:
        """Whether a frame, or the end, comes within `timeout` s; raise `OSError` if the connection is closed."""
        with self._used():
            return self._connection.poll(timeout)

    def close(self) -> None:
        """Close the connection, and wake the threads that wait for it. Safe to call again."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            if self._users and sys.platform != "win32":
                with suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as end:
                    end.shutdown(socket.SHUT_RDWR)
            else:
                self._connection.close()

    @contextmanager
    def _used(self) -> Iterator[None]:
        """Keep the descriptor open while the body runs; raise `OSError` if it is closed."""
        with self._lock:
            if self._closed:
                raise OSError("the connection is closed")
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if self._closed and not self._users:
                    self._connection.close()
