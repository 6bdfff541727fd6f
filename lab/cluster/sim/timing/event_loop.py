"""The one event loop that all simulated clusters of this process live on, in a thread of its own."""

import asyncio
import select
import selectors
import sys
import threading
from collections.abc import Callable
from contextvars import Context
from typing import TypeVarTuple

__all__ = ["background_loop"]

Args = TypeVarTuple("Args")

if sys.platform == "linux":
    #: Descriptors from here on are none of select's (FD_SETSIZE).
    _SELECTABLE = 1024

    class _Selector(selectors.EpollSelector):
        """An epoll that waits as long as it is told, where by itself it rounds up to whole milliseconds.

        A turned clock waits a fraction of one each time before it goes on.
        """

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            """Wait for a file, at most `timeout` s."""
            if timeout is not None and 0 < timeout < 0.001 and self.fileno() < _SELECTABLE:
                select.select([self.fileno()], [], [], timeout)
                timeout = 0
            return super().select(timeout)

    class _Platform(asyncio.SelectorEventLoop):
        """A loop with that selector."""

        def __init__(self) -> None:
            super().__init__(_Selector())

elif sys.platform == "win32":
    _Platform = asyncio.ProactorEventLoop
else:
    _Platform = asyncio.SelectorEventLoop


class _Loop(_Platform):
    """A loop whose callbacks from other threads run in contexts of their own.

    The library has one context for all commands of a script, enters it in each thread that calls one, and has the
    loop start what was called in the same one. A context can be entered only once at a time: whoever came second
    failed ("cannot enter context"), a command with an error, the loop by never starting one.
    """

    def call_soon_threadsafe(
        self,
        callback: Callable[[*Args], object],
        *args: *Args,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Have `callback` called on the loop, in a copy of `context`."""
        return super().call_soon_threadsafe(callback, *args, context=None if context is None else context.copy())


_loop: asyncio.AbstractEventLoop | None = None
_loop_lock = threading.Lock()


def background_loop() -> asyncio.AbstractEventLoop:
    """Return the loop; its thread is started with the first that asks."""
    global _loop  # noqa: PLW0603 -- one loop a process, made on first use
    with _loop_lock:
        if _loop is None or _loop.is_closed():
            _loop = _Loop()
            threading.Thread(target=_run, args=(_loop,), name="simulator", daemon=True).start()
        return _loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
