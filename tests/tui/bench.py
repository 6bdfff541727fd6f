# ruff: noqa: T201 -- it prints what it found
"""The cost of the terminal, compared with tmux: `python -m tests.tui.bench` (on a quiet machine, a minute).

Both run in a pseudo-terminal of 200x60, and are measured from outside: from the key's write to the first output.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from lab.tui.terminal import Terminal, TerminalApp
from tests.tui.local_shell import LocalShell, bash

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS, COLS = 60, 200
LINES = 20_000
KEYS = 300


class Bare(TerminalApp[None]):
    """Only a terminal."""

    def compose(self) -> ComposeResult:
        yield Terminal(bash())

    def on_mount(self) -> None:
        self.query_one(Terminal).focus()


def settle(shell: LocalShell, quiet: float = 1.0) -> None:
    """Read until there was no output for `quiet` s."""
    while shell.read(quiet):
        pass


def latency(shell: LocalShell) -> list[float]:
    """Milliseconds from a key to the first output."""
    took = []
    for number in range(KEYS):
        since = time.perf_counter()
        shell.write(b"x" if number % 40 < 20 else b"\x7f")
        shell.read(5)
        took.append((time.perf_counter() - since) * 1000)
        settle(shell, 0.06)
    return took


def flood(shell: LocalShell, path: Path) -> tuple[float, list[float]]:
    """Seconds until the end of a file's output shows, and the longest standstill of the screen in milliseconds."""
    since = last = time.perf_counter()
    pauses = []
    shell.write(f"\x15clear; cat {path}; echo END''{path.name}\r".encode())
    seen = b""
    while f"END{path.name}".encode() not in seen:
        data = shell.read(30)
        if not data:
            break
        pauses.append((time.perf_counter() - last) * 1000)
        last = time.perf_counter()
        seen = (seen + data)[-200_000:]
    took = time.perf_counter() - since
    settle(shell)
    return took, pauses


def under_flood(shell: LocalShell) -> float:
    """Seconds from Ctrl-C until it shows, during endless output; a minute if it never does."""
    shell.write(b"yes\r")
    until = time.perf_counter() + 2
    while time.perf_counter() < until:
        shell.read(0.1)
    since = time.perf_counter()
    shell.write(b"\x03")
    seen = b""
    while b"^C" not in seen and time.perf_counter() - since < 60:
        seen = (seen + (shell.read(30) or b""))[-200_000:]
    took = time.perf_counter() - since
    settle(shell)
    return took


def idle(shell: LocalShell) -> float:
    """The idle processor use, in percent."""
    ticks = os.sysconf("SC_CLK_TCK")

    def used() -> float:
        fields = Path(f"/proc/{shell.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / ticks

    before, since = used(), time.perf_counter()
    shell.read(10)
    return 100 * (used() - before) / (time.perf_counter() - since)


def files(folder: Path) -> dict[str, Path]:
    """Write the files to print."""
    kinds: dict[str, Callable[[int], str]] = {
        "numbers": str,
        "pods": lambda n: (
            f"shop   web-7d4b9c-{n:05}   1/1   Running   0   3d2h   10.244.1.{n % 255}   kluster005-worker"
        ),
        "coloured": lambda n: (
            f"\x1b[01;34mfolder{n}\x1b[0m  \x1b[01;32mrun{n}\x1b[0m  \x1b[38;5;{n % 256}mfile\x1b[0m end"
        ),
    }
    paths = {name: folder / name for name in kinds}
    for name, line in kinds.items():
        paths[name].write_text("".join(f"{line(number)}\n" for number in range(LINES)), encoding="ascii")
    return paths


def measure(name: str, argv: list[str], paths: dict[str, Path]) -> None:
    shell = LocalShell(argv, ROWS, COLS, {"PYTHONPATH": str(Path.cwd())})
    settle(shell, 3)
    took = sorted(latency(shell))
    high = took[int(len(took) * 0.99)]
    print(f"{name:8} key to screen: median {statistics.median(took):.1f} ms, 99th {high:.1f} ms")
    for kind, path in paths.items():
        seconds, pauses = flood(shell, path)
        print(f"{name:8} {LINES:,} lines ({kind}): {seconds:.2f} s, longest pause {max(pauses):.0f} ms")
    print(f"{name:8} Ctrl-C under `yes`, to its echo: {under_flood(shell):.2f} s")
    print(f"{name:8} idle: {idle(shell):.1f} % of a core")
    shell.close()


def main() -> None:
    if sys.argv[1:] == ["--app"]:
        Bare().run()
        return
    with tempfile.TemporaryDirectory() as folder:
        paths = files(Path(folder))
        print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
        measure("lab", [sys.executable, "-m", "tests.tui.bench", "--app"], paths)
        socket = f"{folder}/tmux"
        alone = [";", "set", "-g", "destroy-unattached", "on"]
        measure("tmux", ["tmux", "-S", socket, "-f", "/dev/null", "new", "bash --norc", *alone], paths)


if __name__ == "__main__":
    main()
