# ruff: noqa: T201 -- it prints what it wrote
"""Record programs and their expected screens: `python -m tests.tui.record [NAME...]`.

Each program runs in tmux. tmux hands over the bytes (`pipe-pane`) and, as an independent terminal, the resulting
screen (`capture-pane`). Needs tmux, vim, less, top and nano. Look at the recordings before you keep them.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

STREAMS = Path(__file__).parent / "streams"
SIZES = ((24, 80), (40, 120))
QUIET = 0.6

_TEXT = "".join(
    f'def step_{number}(value: int) -> str:  # 漢字 and é, 🙂 too\n    return f"{{value}} of {number}"\n\n'
    for number in range(40)
)
_COLOURS = (
    r"for i in $(seq 0 15); do printf '\e[48;5;%dm%3d\e[0m' $i $i; done; echo; "
    r"printf '\e[1mbold \e[2mdim\e[22m \e[3mitalic\e[23m \e[4munder\e[24m \e[7mreverse\e[27m \e[9mstrike\e[0m\n'; "
    r"printf '\e[38;2;255;100;0mtrue\e[48;2;0;0;90m colour\e[0m \e[38;5;208m208\e[0m \e[97;104mbright\e[0m\n'"
)

#: Keys by tmux's names, a list for each step; the screen is captured after each step.
PROGRAMS: dict[str, list[list[str]]] = {
    "bash": [
        ["seq 60", "Enter"],
        ["echo 漢字 é 🙂 " + "long " * 30],
        ["C-a"],
        ["C-e"],
        ["Enter"],
        ["C-r", "seq"],
        ["C-g"],
        ["printf 'e\\u0301|漢|x\\tTab\\rstart\\n'", "Enter"],
        ["ls --color=always /usr", "Enter"],
        ["clear", "Enter"],
    ],
    "colours": [[_COLOURS, "Enter"]],
    "vim": [
        ["vim -u NONE -N -n -c 'syntax on' text.py", "Enter"],
        ["G"],
        ["gg", "5", "dd"],
        ["i", "inserted 漢字 é", "Escape"],
        [":set number hlsearch", "Enter"],
        ["/step_1", "Enter"],
        [":split", "Enter", "C-f"],
        [":vsplit /etc/services", "Enter"],
        ["V", "j", "j"],
        ["Escape", ":qa!", "Enter"],
    ],
    "less": [
        ["less text.py", "Enter"],
        ["Space"],
        ["b", "j", "j"],
        ["/step_3", "Enter"],
        ["n"],
        ["G"],
        ["k"],
        ["q"],
    ],
    "top": [["top -d 5 -p $$", "Enter"], ["1"], ["c"], ["q"]],
    "nano": [["nano -I text.py", "Enter"], ["C-v"], ["C-k", "C-k"], ["C-w", "step_20", "Enter"], ["C-x"], ["n"]],
}


class Tmux:
    """A separate tmux server with one pane, whose output goes to a file."""

    def __init__(self, folder: Path, rows: int, cols: int) -> None:
        self._socket = folder / "tmux"
        self._output = folder / "output"
        self._output.touch()
        self._environment = {key: value for key, value in os.environ.items() if key != "TMUX"} | {
            "LC_ALL": "C.UTF-8"
        }
        rc = folder / "rc"
        rc.write_text("PS1='$ '\nHISTFILE=\n", encoding="utf-8")
        (folder / "text.py").write_text(_TEXT, encoding="utf-8")
        gate = folder / "gate"
        self("new-session", "-d", "-x", str(cols), "-y", str(rows), "-s", "pane", "cat")
        self("set", "-g", "status", "off")
        self("resize-window", "-t", "pane", "-x", str(cols), "-y", str(rows))
        shell = (
            f"until [ -e {gate} ]; do sleep 0.1; done; cd {folder}; TERM=xterm-256color exec bash --rcfile {rc}"
        )
        self("respawn-pane", "-k", "-t", "pane", shell)
        self("pipe-pane", "-O", "-t", "pane", f"cat >> {shlex.quote(str(self._output))}")
        time.sleep(QUIET)
        gate.touch()
        self.settle()

    def __call__(self, *arguments: str) -> str:
        command = ["tmux", "-S", str(self._socket), "-f", "/dev/null", *arguments]
        return subprocess.run(command, env=self._environment, check=True, capture_output=True, text=True).stdout

    def settle(self) -> None:
        """Wait until there was no output for a while."""
        size, since = -1, time.monotonic()
        while time.monotonic() < since + QUIET:
            if size != (now := self._output.stat().st_size):
                size, since = now, time.monotonic()
            time.sleep(0.05)

    def look(self) -> dict[str, Any]:
        """Return the screen, and the length of the output that led to it."""
        while True:
            size = self._output.stat().st_size
            shown = self("capture-pane", "-p", "-e", "-t", "pane").split("\n")[:-1]
            text = self("capture-pane", "-p", "-t", "pane").split("\n")[:-1]
            format_ = "#{cursor_x} #{cursor_y} #{cursor_flag} #{alternate_on} #{keypad_cursor_flag}"
            x, y, visible, alternate, application = self("display", "-p", "-t", "pane", format_).split()
            if size == self._output.stat().st_size:
                return {
                    "size": size,
                    "screen": [line.rstrip() for line in text],
                    "ansi": shown,
                    "cursor": [int(x), int(y)] if visible == "1" else None,
                    "alternate": alternate == "1",
                    "application_cursor": application == "1",
                }

    def output(self) -> bytes:
        """Return all output so far."""
        return self._output.read_bytes()


def record(keys: Sequence[Sequence[str]], rows: int, cols: int) -> dict[str, Any]:
    """Run one program; return its output and screens."""
    with tempfile.TemporaryDirectory() as folder:
        tmux = Tmux(Path(folder), rows, cols)
        steps = []
        done = 0
        for step in keys:
            for key in step:
                tmux("send-keys", "-t", "pane", key)
                time.sleep(0.1)
            tmux.settle()
            look = tmux.look()
            size = look.pop("size")
            steps.append({"keys": list(step), "output": tmux.output()[done:size].decode("latin-1"), **look})
            done = size
        tmux("kill-server")
    return {"rows": rows, "cols": cols, "steps": steps}


def main() -> None:
    STREAMS.mkdir(exist_ok=True)
    for name in sys.argv[1:] or PROGRAMS:
        for rows, cols in SIZES:
            recording = record(PROGRAMS[name], rows, cols)
            path = STREAMS / f"{name}-{cols}x{rows}.json"
            path.write_text(json.dumps(recording, indent=1, ensure_ascii=True) + "\n", encoding="ascii")
            print(path.name, [len(step["output"]) for step in recording["steps"]])


if __name__ == "__main__":
    main()
