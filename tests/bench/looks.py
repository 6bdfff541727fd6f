"""The time from a change of the cluster to its objective: `python -m tests.bench.looks [sim|kind] [CHANGES]`.

All four faults are injected and one is repaired, so looks take as long as during play. Then this one is broken and
repaired again: by a command in the play screen's terminal, by a file, and from another process. The time is
measured from outside: from Enter, or from the process' end, until tmux shows the changed objective. Prints a row.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from tests.tui.tmux import Window

CHANGES = {"sim": 60, "kind": 20}
TARGETS = {"sim": 2, "kind": 10}
_OFF, _ON = "sysctl -qw net.ipv4.ip_forward=0", "sysctl -qw net.ipv4.ip_forward=1"
_FILE = "/etc/sysctl.d/zz-bench.conf"
_REPAIRED, _BROKEN = r"✓ +distance +\d+ of 20", r"✗ +distance +\d+ of 20"
#: Where each change is made, and the commands that break and repair the objective.
WAYS = (
    ("in the terminal", _OFF, _ON),
    ("in another process", _OFF, _ON),
    ("in the terminal", f"echo net.ipv4.ip_forward=0 > {_FILE}", f"rm {_FILE}"),
)


def changes_to_objective(folder: Path, backend: str, count: int) -> list[float]:
    """Return the seconds from each of `count` changes until its objective changes on the screen."""
    env = {"KLUSTER_HOME": str(folder / "home")}
    window = Window(folder, "play", "kluster005", "--backend", backend, size=(200, 60), env=env)
    try:
        window.until("the clock runs", 400)
        window.keys("Enter")
        window.until(_BROKEN, 60)
        _kluster(env, "solve", "distance", "--yes")
        window.until(_REPAIRED, 90)
        took = []
        for where, lost, back in islice(cycle(WAYS), (count + 1) // 2):
            for command, pattern in ((lost, _BROKEN), (back, _REPAIRED)):
                if where == "in the terminal":
                    window.type(command)
                else:
                    _kluster(env, "exec", "--", *command.split())
                took.append(_seconds_until(window, pattern))
        return took
    finally:
        window.close()
        _kluster(env, "delete", "--yes")


def _seconds_until(window: Window, pattern: str) -> float:
    began = time.monotonic()
    window.until(pattern, 60)
    return time.monotonic() - began


def _kluster(env: dict[str, str], *argv: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "lab", *argv], env={**os.environ, **env}, check=True, capture_output=True
    )


def main() -> None:
    """Measure, and print the row."""
    backend = sys.argv[1] if len(sys.argv) > 1 else "sim"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else CHANGES[backend]
    with tempfile.TemporaryDirectory(prefix="kluster-bench-") as name:
        took = sorted(changes_to_objective(Path(name), backend, count))
    figures = (statistics.median(took), took[int(0.95 * (len(took) - 1))], took[-1])
    said = ", ".join(f"{each:.1f}" for each in figures)
    print(f"| from a change to its objective on {backend}, {count} changes, s: median, p95, slowest | {said} |"
          f" p95 {TARGETS[backend]} |")  # fmt: skip


if __name__ == "__main__":
    main()
