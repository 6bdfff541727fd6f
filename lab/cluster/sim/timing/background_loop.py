"""The one event loop for all simulated clusters of this process, in a thread of its own."""

import asyncio
import sys
import threading

__all__ = ["background_loop"]

#: The stack of the loop's thread, in bytes, and how deep Python's calls may be on it: functions of a script that
#: call each other are calls of the interpreter's.
_STACK = 256 * 1024**2
_DEEPEST = 20_000
# Not later: if a thread parses Python meanwhile, its count of calls would no longer fit.
sys.setrecursionlimit(max(sys.getrecursionlimit(), _DEEPEST))

_loop: asyncio.AbstractEventLoop | None = None
_loop_lock = threading.Lock()


def background_loop() -> asyncio.AbstractEventLoop:
    """Return the loop; the first call starts its thread."""
    global _loop  # noqa: PLW0603 -- one loop a process, made on first use
    with _loop_lock:
        if _loop is None or _loop.is_closed():
            _loop = asyncio.new_event_loop()
            before = threading.stack_size(_STACK)
            try:
                threading.Thread(target=_run, args=(_loop,), name="simulator", daemon=True).start()
            finally:
                threading.stack_size(before)
        return _loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
