"""A process that is ready to own a lab: it loads what an owner needs while this one loads what it needs itself.

It owns nothing until it is told what, on its stdin. If that ends without a word, so does it.
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

#: The stack of a thread. It is address space: only what is used takes memory.
_STACK = 1024**3
#: What the library and libc read when they start. What can't be stopped keeps a thread: there are some to lose.
_ENVIRONMENT: Mapping[str, str] = {
    "RUST_MIN_STACK": str(_STACK if sys.maxsize > 2**32 else 16 * 1024**2),
    "TOKIO_WORKER_THREADS": "8",
    "MALLOC_ARENA_MAX": "2",
    # Large blocks are given back at once: else what a lab writes when it is broken stays between those that last.
    "MALLOC_MMAP_THRESHOLD_": "131072",
}
_prepared: "list[Spare]" = []


class Spare:
    """A process that waits to be told which lab it owns."""

    def __init__(self) -> None:
        # Its own session: a Ctrl-C or a closed terminal is not meant for it.
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
        """The process' number."""
        return self._process.pid

    def own(self, lab: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
        """Have it own a lab; return its answer, none if it could not even begin, and what else it said."""
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
        """Have it end, since it is not needed."""
        with contextlib.suppress(OSError), _stream(self._process.stdin), _stream(self._process.stdout):
            self._leave()

    def _leave(self) -> None:
        # It goes its own way; nobody here will wait for it.
        self._process.returncode = self._process.poll() or 0


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # noqa: S101 -- for the type checker
    return stream


@contextlib.contextmanager
def prepared() -> Iterator[Spare]:
    """While the body runs, have a process that will soon be ready to own a lab."""
    spare = Spare()
    _prepared.append(spare)
    try:
        yield spare
    finally:
        if spare in _prepared:
            _prepared.remove(spare)
            spare.dismiss()


def take() -> Spare:
    """Return the process that was started ahead, or one that begins now."""
    return _prepared.pop() if _prepared else Spare()
