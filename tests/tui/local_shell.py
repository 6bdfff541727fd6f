"""A shell on this machine behind the `Shell` protocol, for tests, the demo and the bench."""

import contextlib
import fcntl
import os
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lab.cluster.base import Shell
from lab.cluster.tools.toolbox import integration

__all__ = ["LocalShell", "bash"]


class LocalShell:
    """A program on a pseudo-terminal."""

    def __init__(self, argv: Sequence[str], rows: int, cols: int, env: Mapping[str, str] | None = None) -> None:
        self._fd, child = os.openpty()
        self.resize(rows, cols)
        environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8"}
        environment |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})}
        self.process = subprocess.Popen(
            argv,
            stdin=child,
            stdout=child,
            stderr=child,
            env=environment,
            preexec_fn=_take_terminal,  # noqa: PLW1509 -- a session of its own needs its controlling terminal
        )
        os.close(child)
        self._open = True

    def read(self, timeout: float | None = None) -> bytes | None:
        if not self._open:
            time.sleep(timeout or 0)
            return b""
        try:
            ready, _, _ = select.select([self._fd], [], [], timeout)
            return os.read(self._fd, 65536) if ready else None
        except OSError:
            return b""

    def read_or(self, other: int) -> bool:
        """Read, or see that the file descriptor `other` is readable; return whether it is. Waits for 1 s."""
        ready, _, _ = select.select([other, *([self._fd] if self._open else [])], [], [], 1)
        if other not in ready and ready and not self.read(0):
            # Nothing comes from a program that has closed its terminal.
            select.select([other], [], [], 1)
        return other in ready

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._fd, data) :]

    def resize(self, rows: int, cols: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def hang_up(self) -> None:
        """Close the terminal; the only signal is the system's own."""
        self._open = False
        os.close(self._fd)

    def close(self) -> None:
        """Close the terminal, and make sure that the program ends."""
        if not self._open:
            return
        self._open = False
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGHUP)
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self._fd)


def _take_terminal() -> None:
    # A test run in the background, or under nohup, ignores some; its child processes would inherit that.
    for ignored in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_DFL)
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def bash(folder: Path | None = None, env: Mapping[str, str] | None = None) -> Callable[[int, int], Shell]:
    """Return a function that opens a bash with command marks; its start-up file goes into `folder`."""
    place = folder or Path(tempfile.mkdtemp(prefix="shell-"))
    rc = place / "bashrc"
    rc.write_text(
        f"LAB_MARKS=1\nPS1='$ '\nbind 'set enable-bracketed-paste on'\n{integration()}", encoding="utf-8"
    )
    return lambda rows, cols: LocalShell(["bash", "--rcfile", str(rc), "-i"], rows, cols, env)
