"""Whether other threads of this process have something to do, as Linux tells it; elsewhere nobody knows."""

import os
import sys
import threading

__all__ = ["busy"]

if sys.platform == "linux":

    def busy() -> bool:
        """Whether another thread of this process runs, or would if it got a processor.

        Shells run on threads of a library, which can't be asked. On a busy machine one that was just woken may
        wait for a processor for longer than anybody would wait for a sign of it.
        """
        try:
            with open("/proc/loadavg", "rb", buffering=0) as load:  # noqa: PTH123 -- asked thousands of times
                running = load.read().split()[3].partition(b"/")[0]
            return running != b"1" and any(map(_runs, os.listdir("/proc/self/task")))  # noqa: PTH208
        except (OSError, IndexError):
            return False

    def _runs(thread: str) -> bool:
        if int(thread) == threading.get_native_id():
            return False
        try:
            with open(f"/proc/self/task/{thread}/stat", "rb", buffering=0) as stat:  # noqa: PTH123
                return stat.read().rpartition(b") ")[2][:1] in b"RD"
        except OSError:
            return False  # it has just ended

else:

    def busy() -> bool:
        """Whether another thread of this process runs: not known here."""
        return False
