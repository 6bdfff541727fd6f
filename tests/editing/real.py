"""A real editor in a pseudo-terminal: keys go in; its screen, its cursor and its text come out."""

import contextlib
import fcntl
import os
import select
import shutil
import struct
import subprocess
import termios
import time
from dataclasses import dataclass
from pathlib import Path

from lab.tui.terminal.emulator import Emulator

__all__ = ["Picture", "RealEditor", "missing"]

#: An editor is at rest if it is found waiting this many times, this many seconds apart.
_LOOKS = 5
_AFTER_ESCAPE = 0.04
_SECOND_LOOK = 0.002
#: The kernel's names for the waits of an idle program.
_WAITING = {"poll_schedule_timeout.constprop.0", "do_select", "do_sys_poll", "n_tty_read", "wait_woken"}
#: An editor that has not come to rest after this many seconds hangs.
_PATIENCE = 20


@dataclass(frozen=True, slots=True)
class Picture:
    """A terminal's screen: the rows without trailing blanks, and the cursor's row and column."""

    rows: list[str]
    cursor: tuple[int, int]


def missing() -> str | None:
    """Return the packages that are missing for a recording."""
    wanted = {"vim.tiny": "vim-tiny", "nano": "nano"}
    packages = [package for program, package in wanted.items() if shutil.which(program) is None]
    return f"apt-get install {' '.join(packages)} (of Debian 12)" if packages else None


class RealEditor:
    """An editor running in `folder`, at a terminal of `rows` times `cols`."""

    def __init__(self, folder: Path, argv: list[str], rows: int, cols: int) -> None:
        self.screen = Emulator(rows, cols)
        self._rows = rows
        runtime = folder / ".runtime"
        runtime.mkdir(exist_ok=True)
        # The files of vim-tiny; a full Vim on the same machine has more there.
        shutil.copy("/usr/share/vim/vim90/debian.vim", runtime)
        env = {
            "HOME": str(folder / ".home"),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "VIMRUNTIME": str(runtime),
            "SHELL": "/bin/bash",
        }
        program = shutil.which({"vi": "vim.tiny", "view": "vim.tiny"}.get(argv[0], argv[0]))
        assert program, f"no {argv[0]} here"
        self._master, self._slave = os.openpty()
        self._resize(rows, cols)
        self._process = subprocess.Popen(
            argv,
            executable=program,
            cwd=folder,
            env=env,
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 -- it calls nothing else
        )
        self.rest()

    @property
    def ended(self) -> int | None:
        """The exit code of an editor that has ended."""
        return self._process.poll()

    def close(self) -> None:
        """End the editor."""
        self._process.kill()
        self._process.wait()
        os.close(self._slave)
        os.close(self._master)

    def type(self, keys: str) -> None:
        """Type `keys`, and wait until the editor has processed them and drawn."""
        data = keys.encode()
        before = self._has_read()
        os.write(self._master, data)
        self.rest(before + len(data))
        if keys.endswith("\x1b"):
            # The editor waited for the rest of a key. On a busy machine, it may draw late.
            time.sleep(_AFTER_ESCAPE)
            self.rest()

    def resize(self, rows: int, cols: int) -> None:
        """Change the terminal's size."""
        self._resize(rows, cols)
        self.screen.resize(rows, cols)
        self._rows = rows
        self.rest()

    def _resize(self, rows: int, cols: int) -> None:
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def rest(self, read: int = 0) -> None:
        """Wait until the editor has read `read` bytes in all and waits for more, or has ended."""
        deadline, quiet = time.monotonic() + _PATIENCE, 0
        while quiet < _LOOKS:
            assert time.monotonic() < deadline, "the editor does not come to rest"
            if self._drain(_SECOND_LOOK):
                quiet = 0
                continue
            if self.ended is not None:
                return
            quiet = quiet + 1 if self._waits() and self._has_read() >= read else 0

    def picture(self) -> Picture:
        """Return the terminal's screen."""
        rows = [self.screen.line(row).text.rstrip() for row in range(self._rows)]
        cursor = self.screen.cursor
        return Picture(rows, (cursor.y, cursor.x) if cursor else (-1, -1))

    def _drain(self, timeout: float) -> bool:
        got = False
        while select.select([self._master], [], [], 0 if got else timeout)[0]:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                return got
            got = True
            if answers := self.screen.feed(data).answers:
                os.write(self._master, answers)
        return got

    def _has_read(self) -> int:
        """Return how many bytes the editor has read so far, from the terminal and from files."""
        with contextlib.suppress(OSError):
            return int(Path(f"/proc/{self._process.pid}/io").read_text().split()[1])
        return 0

    def _waits(self) -> bool:
        unread = struct.unpack("i", fcntl.ioctl(self._slave, termios.FIONREAD, b"\0" * 4))[0]
        if unread:
            return False
        with contextlib.suppress(OSError):
            return Path(f"/proc/{self._process.pid}/wchan").read_text() in _WAITING
        return False
