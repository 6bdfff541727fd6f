"""The app in a real terminal, tmux's: keys are typed into it, and its screen is read."""

import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

__all__ = ["Window"]

ROOT = Path(__file__).resolve().parents[2]


class Window:
    """A separate tmux server with one window, in which `kluster ARGV` or another `module` runs."""

    def __init__(
        self,
        folder: Path,
        *argv: str,
        module: str = "lab",
        size: tuple[int, int] = (120, 40),
        env: Mapping[str, str] | None = None,
    ) -> None:
        # Not in `folder`: a socket's path is limited to about 100 characters.
        self._place = tempfile.TemporaryDirectory(prefix="tmux-")
        self._pictures = folder / "screens"
        self._pictures.mkdir(parents=True, exist_ok=True)
        cols, rows = size
        command = f"{shlex.join([sys.executable, '-m', module, *argv])}; echo ended with $?; exec sleep 86400"
        # The size in the environment is that of another terminal, and programs trust it.
        foreign = {"TMUX", "NO_COLOR", "COLUMNS", "LINES"}
        clean = {name: value for name, value in os.environ.items() if name not in foreign}
        subprocess.run(
            [*self._tmux, "-f", "/dev/null", "new-session", "-d", "-x", str(cols), "-y", str(rows), command],
            check=True,
            cwd=ROOT,
            env={**clean, **(env or {}), "TERM": "xterm-256color"},
        )
        self._run("set-option", "-g", "escape-time", "0")

    @property
    def _tmux(self) -> list[str]:
        return ["tmux", "-S", f"{self._place.name}/socket"]

    def _run(self, *argv: str) -> str:
        return subprocess.run([*self._tmux, *argv], check=True, capture_output=True, text=True, timeout=30).stdout

    def close(self) -> None:
        """End everything in it."""
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)
        self._place.cleanup()

    def keys(self, *keys: str) -> None:
        """Press keys, by tmux's names."""
        self._run("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type `text`, and Enter."""
        self._run("send-keys", "-l", text)
        self._run("send-keys", "Enter")

    def resize(self, cols: int, rows: int) -> None:
        """Change the window's size."""
        self._run("resize-window", "-x", str(cols), "-y", str(rows))

    def screen(self) -> str:
        """Return the screen."""
        return self._run("capture-pane", "-p")

    def until(self, pattern: str, seconds: float = 30, *, every: float = 0.0) -> str:
        """Wait until a line of the screen matches; return the screen.

        The screen is read `every` s, or less and less often.
        """
        limit = time.monotonic() + seconds
        pause = every or 0.05
        while not re.search(pattern, shown := self.screen(), re.MULTILINE):
            assert time.monotonic() < limit, f"no {pattern!r} within {seconds} s:\n{shown}"
            time.sleep(pause)
            # Each read starts a program, so long waits are checked less often.
            pause = every or min(1.2 * pause, 1.0)
        return shown

    def keep(self, name: str) -> None:
        """Save the screen as text."""
        (self._pictures / f"{name}.txt").write_text(self.screen(), encoding="utf-8")
