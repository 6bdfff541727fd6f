"""The app in a real terminal, tmux's: keys are typed into it, and its screen is read."""

import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue

__all__ = ["Window"]

ROOT = Path(__file__).resolve().parents[2]


class Control:
    """A client of a tmux server in control mode: it hears what is drawn, and asks without starting a program."""

    def __init__(self, tmux: Sequence[str]) -> None:
        # The size of the window is the test's, not this client's.
        attach = [tmux[0], "-u", *tmux[1:], "-C", "attach-session", "-f", "ignore-size"]
        self._process = subprocess.Popen(attach, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._answers: SimpleQueue[str] = SimpleQueue()
        self._drawn = threading.Condition()
        #: How often something was drawn.
        self.count = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        """Take answers, which stand between %begin and %end with the same numbers, and hear what is drawn."""
        ends, answer = "", [""]
        for line in self._process.stdout or ():
            # A line about output may be cut within a character.
            text = line.decode(errors="replace").rstrip("\n")
            if ends:
                if text != ends:
                    answer.append(text)
                    continue
                # The last number says whether this client has asked.
                if ends.endswith(" 1"):
                    self._answers.put("".join(f"{each}\n" for each in answer))
                ends = ""
            elif text.startswith("%begin "):
                ends, answer = text.replace("%begin ", "%end ", 1), []
            else:
                with self._drawn:
                    self.count += 1
                    self._drawn.notify_all()

    def ask(self, command: str) -> str:
        """Return what tmux answers to `command`."""
        assert self._process.stdin
        self._process.stdin.write(f"{command}\n".encode())
        self._process.stdin.flush()
        return self._answers.get(timeout=30)

    def until_drawn(self, count: int, seconds: float) -> None:
        """Wait until something was drawn since there was `count`, for `seconds` at most."""
        with self._drawn:
            self._drawn.wait_for(lambda: self.count != count, seconds)

    def close(self) -> None:
        """End with the server, which has ended."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(30)
        self._reader.join(30)
        self._process.stdout.close()


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
        self._control = Control(self._tmux)

    @property
    def _tmux(self) -> list[str]:
        return ["tmux", "-S", f"{self._place.name}/socket"]

    def _run(self, *argv: str) -> str:
        return subprocess.run([*self._tmux, *argv], check=True, capture_output=True, text=True, timeout=30).stdout

    def close(self) -> None:
        """End everything in it."""
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)
        self._control.close()
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
        return self._control.ask("capture-pane -p")

    def until(self, pattern: str | Callable[[str], bool], seconds: float = 240) -> str:
        """Wait until a line of the screen matches, or until `pattern` holds of the screen; return the screen."""
        limit = time.monotonic() + seconds
        while True:
            drawn = self._control.count
            shown = self.screen()
            if pattern(shown) if callable(pattern) else re.search(pattern, shown, re.MULTILINE):
                return shown
            left = limit - time.monotonic()
            assert left > 0, f"no {pattern!r} within {seconds} s:\n{shown}"
            self._control.until_drawn(drawn, left)

    def keep(self, name: str) -> None:
        """Save the screen as text."""
        (self._pictures / f"{name}.txt").write_text(self.screen(), encoding="utf-8")
