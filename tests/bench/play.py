"""What the play screen takes: until the first screen, and while nobody does anything. Prints a table."""

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


def idle_share(folder: Path, backend: str) -> float:
    """Return the share of a core that the play screen takes while nobody does anything, the looks included."""
    folder.mkdir()
    window = Window(folder, "play", "kluster005", "--backend", backend, env={"KLUSTER_HOME": str(folder)})
    try:
        window.until("the clock runs", 300)
        window.keys("Enter")
        window.until(r"✗ +silence +0 of 20", 90)
        pid = next(pid for pid in _processes() if f"KLUSTER_HOME={folder}" in _environment(pid) and _plays(pid))
        before, began = _ticks(pid), time.monotonic()
        time.sleep(IDLE)
        return (_ticks(pid) - before) / _TICKS / (time.monotonic() - began)
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


def _plays(pid: str) -> bool:
    words = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")
    return words[1:4] == ["-m", "lab", "play"]


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
        print(f"| processor while idle, sim, % of a core | {100 * idle_share(folder / 'idle', 'sim'):.1f} |")


if __name__ == "__main__":
    main()
