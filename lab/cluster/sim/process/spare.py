"""A spare process that will own a lab: it loads its modules while this process loads its own.

It owns nothing until its stdin names a lab. If stdin ends before that, it ends, too.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

__all__ = ["Spare", "prepared", "take"]

#: The stack size of a thread. It is address space: only used pages take memory.
_STACK = 1024**3
#: Settings of the shell library and libc. Programs that can't be stopped take threads for good: some can be lost.
_ENVIRONMENT: Mapping[str, str] = {
    "RUST_MIN_STACK": str(_STACK if sys.maxsize > 2**32 else 16 * 1024**2),
    "TOKIO_WORKER_THREADS": "8",
    "MALLOC_ARENA_MAX": "2",
    # Large blocks are returned at once; otherwise memory from breaking a lab stays between long-lived blocks.
    "MALLOC_MMAP_THRESHOLD_": "131072",
}
_prepared: "list[Spare]" = []


class Spare:
    """A process that waits for the name of its lab."""

    def __init__(self) -> None:
        # A session of its own, so that Ctrl-C and a closed terminal do not end it.
        detached: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            detached = {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
        top = str(Path(__file__).parents[4])
        path = os.pathsep.join(filter(None, [top, os.environ.get("PYTHONPATH", "")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lab.cluster.sim.process.owner"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, cwd=top, env={**os.environ, **_ENVIRONMENT, "PYTHONPATH": path}, **detached,
        )  # fmt: skip

    @property
    def pid(self) -> int:
        """The pid of the process."""
        return self._process.pid

    def own(self, lab: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
        """Let it own a lab; return its answer (None if it could not start) and its other output."""
        answer, noise = None, ""
        with _stream(self._process.stdin) as told, _stream(self._process.stdout) as said:
            try:
                told.write(json.dumps(lab).encode() + b"\n")
                told.flush()
                for line in said:
                    if line.startswith(b"{"):
                        answer = json.loads(line)
                        break
                    noise += line.decode(errors="replace")
            except OSError as error:
                noise += str(error)
        self._leave()
        return answer, noise

    def dismiss(self) -> None:
        """End it, since it is not needed."""
        with contextlib.suppress(OSError), _stream(self._process.stdin), _stream(self._process.stdout):
            self._leave()

    def _leave(self) -> None:
        # It runs on independently; this process never waits for it.
        self._process.returncode = self._process.poll() or 0


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # noqa: S101 -- for the type checker
    return stream


@contextlib.contextmanager
def prepared() -> Iterator[Spare]:
    """Start a spare process ahead, for use while the body runs."""
    spare = Spare()
    _prepared.append(spare)
    try:
        yield spare
    finally:
        if spare in _prepared:
            _prepared.remove(spare)
            spare.dismiss()


def take() -> Spare:
    """Return the process that was started ahead, or start one now."""
    return _prepared.pop() if _prepared else Spare()
