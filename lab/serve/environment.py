"""The environment of a process with seats, and its port."""

import os
from pathlib import Path

__all__ = ["PORT", "environment"]

#: The port of a worker on another machine.
PORT = 8006
#: Settings as for a lab's own process: shells' threads, and large blocks whose memory is returned at once.
_SHELLS = {"RUST_MIN_STACK": str(256 * 1024**2), "TOKIO_WORKER_THREADS": "8"}
_MALLOC = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072"}
#: Variables that Textual would read from the environment of the server's user.
_NOT_OURS = ("TEXTUAL", "COLUMNS", "LINES", "NO_COLOR", "KLUSTER_")


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a worker whose labs are in `home`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
    terminal = {"COLORTERM": "truecolor", "TERM": "xterm-256color"}
    return {**kept, **_SHELLS, **_MALLOC, **terminal, "KLUSTER_HOME": str(home)}
