"""The cost of the play screen: the time to the first screen, and the processor use while idle. Prints a table."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.tui.tmux import Window

RUNS = 5
IDLE = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")
_PROGRAMS = {"play screen": ["-m", "lab", "play"], "simulated lab": ["-m", "lab.cluster.sim.process.owner"]}


def first_screen(folder: Path) -> float:
    """Return the seconds from `kluster play` to the first screen, a cold process."""
    folder.mkdir()
    began = time.monotonic()
    window = Window(folder, "play", env={"KLUSTER_HOME": str(folder)})
    try:
        window.until("Learn to repair", 30)
        return time.monotonic() - began
    finally:
        window.close()


def idle_shares(folder: Path, backend: str) -> dict[str, float]:
    """Return the share of a core that each program uses while idle, looks included.

    The programs are the play screen and the owner of a simulated lab.
    """
    folder.mkdir()
    window = Window(folder, "play", "kluster005", "--backend", backend, env={"KLUSTER_HOME": str(folder)})
    try:
        window.until("the clock runs", 300)
        window.keys("Enter")
        window.until(r"✗ +silence +0 of 20", 90)
        ours = [pid for pid in _processes() if f"KLUSTER_HOME={folder}" in _environment(pid)]
        found = {
            name: pid
            for pid in ours
            for name, words in _PROGRAMS.items()
            if _words(pid)[1:][: len(words)] == words
        }
        before, began = {name: _ticks(pid) for name, pid in found.items()}, time.monotonic()
        time.sleep(IDLE)
        passed = (time.monotonic() - began) * _TICKS
        return {name: (_ticks(pid) - before[name]) / passed for name, pid in found.items()}
    finally:
        window.close()
        env = {**os.environ, "KLUSTER_HOME": str(folder)}
        subprocess.run([sys.executable, "-m", "lab", "delete", "--yes"], env=env, check=False, capture_output=True)


def _processes() -> list[str]:
    return [path.name for path in Path("/proc").iterdir() if path.name.isdecimal()]


def _environment(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/environ").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _words(pid: str) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")
    except OSError:
        return []


def _ticks(pid: str) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def main() -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        starts = [first_screen(folder / f"start-{run}") for run in range(RUNS)]
        print("| what | figure |\n| --- | --- |")
        each = ", ".join(f"{seconds:.2f}" for seconds in starts)
        print(f"| from `kluster play` to the first screen, median, s | {statistics.median(starts):.2f} ({each}) |")
        for program, share in idle_shares(folder / "idle", "sim").items():
            print(f"| processor while idle, {program}, % of a core | {100 * share:.1f} |")


if __name__ == "__main__":
    main()
