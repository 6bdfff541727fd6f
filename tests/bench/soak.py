"""A long play and its memory: `python -m tests.bench.soak [--minutes M] [--commands N]`.

An hour by default, with two rounds, 3,000 commands, and windows of all sizes. It prints the memory of the play
screen and of the simulated lab over time. The exit code is 1 if the play screen has grown by more than 15 MB since
the first sixth of the time.
"""

import argparse
import itertools
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.tui.own_window import OwnWindow

#: How many bytes the play screen may hold more at the end than after a sixth of the time.
_MAY_GROW = 15_000_000
#: The injected faults: with others, the API would not answer at once.
_FAULT = "strangers"
_SIZES = ((24, 80), (37, 120), (60, 200), (20, 60), (50, 132))
_F4, _F6, _F8, _F9 = "\x1bOS", "\x1b[17~", "\x1b[19~", "\x1b[20~"

#: A trainee's commands, exaggerated: long output, colours, wide characters, wrapped lines.
_COMMANDS = (
    "kubectl get pods -A -o wide",
    "kubectl describe nodes",
    "seq 1 3000",
    "crictl ps -a",
    "journalctl -u kubelet --no-pager | tail -400",
    "kubectl get nodes -o yaml",
    "cat /etc/kubernetes/manifests/*.yaml",
    'for n in $(seq 300); do printf \'\\033[3%dm%s\\033[0m %s\\n\' $((n % 8)) "colour $n" "$RANDOM$RANDOM"; done',
    "kubectl get networkpolicies -A -o json",
    "for n in $(seq 40); do echo \"日本語 ü é 👍 $n $RANDOM $(seq -s ' ' 90)\"; done",
    "sysctl -a",
    "etcdctl endpoint status",
    "kubectl get events -A",
    "find / | head -900",
    "ps aux",
    "ls -la --color=always /etc /usr/bin",
    "nonsense --with options",
    "kubectl api-resources",
)
#: Full-screen programs, the text that shows that they are there, and the keys that leave them.
_FULL_SCREEN = (("vi /etc/hosts", "│~ ", "\x1b:q!\r"), ("less /etc/hosts", r"\(END\)", "q"))


class Play:
    """`kluster play` on the simulator, played by a machine."""

    def __init__(self, home: Path) -> None:
        self._env = {"KLUSTER_HOME": str(home), "PYTHONPATH": str(Path.cwd())}
        argv = [sys.executable, "-m", "lab", "play", "--faults", _FAULT, "--backend", "sim"]
        self.window = OwnWindow(argv, *_SIZES[0], self._env)
        self._done = itertools.count()
        self._sizes = itertools.cycle(_SIZES)

    def begin(self) -> None:
        """Leave the letters for the terminal."""
        self.window.until("the clock runs", 120)
        self.window.keys("\r")
        self.window.until(r":~# *", 60)

    def command(self, text: str) -> None:
        """Run a command to its end."""
        done = f"done-{next(self._done)}"
        self.window.keys(f"{text}; echo {done[:4]}''{done[4:]}\r")
        self.window.until(rf"│{done}\b", 120)

    def full_screen(self, text: str, shown: str, leave: str) -> None:
        """Open a full-screen program, and leave it."""
        self.window.keys(f"{text}\r")
        self.window.until(shown, 120)
        self.window.keys(leave)
        self.window.until(lambda lines: not any(re.search(shown, line) for line in lines), 120)

    def resize(self) -> None:
        """Give the window the next size."""
        self.window.resize(*next(self._sizes))

    def next_node(self) -> None:
        """Go to the next node's terminal."""
        self.window.keys(_F6)
        self.window.until(r":~# *", 60)

    def look_around(self) -> None:
        """Open the hints, the advice and the zoom, and return."""
        self.window.keys(_F4)
        self.window.draw(0.5)
        self.window.keys("\x1bOR" + _F8)
        self.window.draw(0.5)
        self.window.keys(_F8 + "\x1bOR")

    def begin_anew(self) -> None:
        """Submit, look at the debrief, and play again."""
        self.window.resize(40, 120)
        self.window.keys(_F9)
        self.window.until("End the attempt")
        self.window.keys("y")
        self.window.until("What caused")
        self.window.keys("\t\t\r")
        self.window.until("› debrief", 240)
        self.window.until("after [0-9.]+ s", 120)
        self.window.keys("r")
        self.window.until("Play what")
        self.window.keys("\r")
        self.begin()

    def memory(self) -> tuple[int, int]:
        """Return the memory of the play screen and of the simulated lab, in bytes."""
        owners = [
            each.memory_info().rss
            for each in psutil.process_iter(["cmdline"])
            if "lab.cluster.sim.process.owner" in (each.info["cmdline"] or ()) and self._ours(each)
        ]
        return psutil.Process(self.window.pid).memory_info().rss, max(owners, default=0)

    def _ours(self, process: psutil.Process) -> bool:
        return bool(process.environ().get("KLUSTER_HOME") == self._env["KLUSTER_HOME"])

    def end(self) -> None:
        """End it, and remove the lab."""
        self.window.close()
        env = {**os.environ, **self._env}
        subprocess.run([sys.executable, "-m", "lab", "delete", "--yes"], env=env, check=False, capture_output=True)


def soak(play: Play, seconds: float, commands: int) -> Iterator[tuple[float, int, int, int]]:
    """Play for `seconds`; yield the seconds played, the commands run and the memory, sixty times."""
    chance = random.Random(5)
    play.begin()
    began = time.monotonic()
    told = 0
    for number in range(commands):
        if number == commands // 2:
            play.begin_anew()
        if number % 20 == 5:
            play.resize()
        if number % 25 == 7:
            play.full_screen(*chance.choice(_FULL_SCREEN))
        if number % 40 == 11:
            play.next_node()
        if number % 60 == 13:
            play.look_around()
        play.command(_COMMANDS[number % len(_COMMANDS)])
        played = time.monotonic() - began
        while (ahead := began + seconds * number / commands - time.monotonic()) > 0:
            play.window.draw(ahead)
        if number * 60 // commands > told:
            told += 1
            yield played, number, *play.memory()
    yield time.monotonic() - began, commands, *play.memory()


def main() -> int:
    """Play, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=60, help="how long at least")
    parser.add_argument("--commands", type=int, default=3000)
    asked = parser.parse_args()
    held = []
    with tempfile.TemporaryDirectory() as folder:
        play = Play(Path(folder))
        try:
            print("| minutes | commands | play screen, MB | simulated lab, MB |\n| --- | --- | --- | --- |")
            for seconds, commands, screen, lab in soak(play, 60 * asked.minutes, asked.commands):
                held.append(screen)
                print(f"| {seconds / 60:.1f} | {commands} | {screen / 1e6:.1f} | {lab / 1e6:.1f} |", flush=True)
        finally:
            play.end()
    early = held[len(held) // 6 - 1]
    grown = held[-1] - early
    print(f"\nFrom {early / 1e6:.1f} to {held[-1] / 1e6:.1f} MB since the first sixth: {grown / 1e6:+.1f} MB.")
    return int(grown > _MAY_GROW)


if __name__ == "__main__":
    sys.exit(main())
