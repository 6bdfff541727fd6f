"""Record the screens of /bin/bash at a terminal: `python -m tests.sim.bash.record_terminal`."""

import json
import os
import pty
import select
import signal
import struct
import termios
from fcntl import ioctl

from lab.tui.terminal.emulator import Emulator
from tests.sim.bash.terminal_steps import BEGIN, COLUMNS, ROWS, keys_of, recording_file, screen_of, sequences

_QUIET = 0.3


def _read(descriptor: int, emulator: Emulator) -> None:
    """Read until there is no output for a while."""
    for _ in range(200):
        if not select.select([descriptor], [], [], _QUIET)[0]:
            return
        try:
            data = os.read(descriptor, 1 << 16)
        except OSError:
            return
        if not data:
            return
        emulator.feed(data)


def record(steps: list[str]) -> dict[str, object]:
    """Type the steps of one sequence; return the screens."""
    pid, descriptor = pty.fork()
    if not pid:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and a shell would inherit that
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": "/root",
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            "HISTFILE": "",
        }
        os.execve("/bin/bash", ["-bash", "--noprofile", "--norc", "-i"], environment)  # noqa: S606 -- as a login does
    ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    emulator = Emulator(ROWS, COLUMNS)
    screens = []
    _read(descriptor, emulator)
    os.write(descriptor, BEGIN)
    _read(descriptor, emulator)
    for step in steps:
        try:
            os.write(descriptor, keys_of(step))
        except OSError:
            break
        _read(descriptor, emulator)
        screens.append(screen_of(emulator))
    os.kill(pid, signal.SIGKILL)
    os.close(descriptor)
    os.waitpid(pid, 0)
    return {"steps": steps, "screens": screens}


if __name__ == "__main__":
    found = [record(steps) for steps in sequences()]
    recording_file().write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")
