"""What an event takes: `python -m tests.bench.seats [SEATS] [SECONDS]`. Prints a table in Markdown, and ends.

The server runs as `kluster serve` does, with its workers; the browsers are plain websocket clients in a process of
their own, which is counted apart. `python -m tests.bench.seats search [SECONDS]` holds events of more and more
seats, and finds the largest at which 95 % of the keys are on the screen within 300 ms, and what a seat costs.
"""

import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from lab.chain import entries
from tests.bench.seat_load import JOINING, LIMIT, Told

SEATS, SECONDS = 25, 60.0
#: Of the search: where it begins, its steps, the most seats, and the 95th percentile to be held, in s.
_FIRST, _STEP, _FINE, _MOST, _HELD = 25, 10, 5, 95, 0.3
#: What is asked for in the table of the search.
_MANY = 250
#: How long seats are left alone before their idle time is measured, and for how long it is, in s.
_CALM, _IDLE = 20.0, 30.0


@dataclass
class Figures:
    """What one event took. Memory in MB, processor as the share of a core, times in s."""

    seats: int
    broken: float
    shells: float
    told: Told
    lost: int
    doubled: int
    before_doors: float
    memory: float
    processor: float
    server: float
    idle: float

    @property
    def held(self) -> bool:
        """Whether keys are quick enough for the search."""
        return not self.told.unseen and _at(self.told.keys, 0.95) < _HELD


def main() -> None:
    """Measure, and print the table."""
    search = sys.argv[1:2] == ["search"]
    seats = int(sys.argv[1]) if len(sys.argv) > 1 and not search else SEATS
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    if search:
        _search(seconds)
    else:
        _print(_rows(measured(seats, seconds)), ("what", f"{seats} seats", "target for 25"))


def measured(seats: int, seconds: float) -> Figures:
    """Hold an event of so many seats that are played for so long; return what it took."""
    with tempfile.TemporaryDirectory(prefix="kluster-bench-") as name:
        folder = Path(name)
        (folder / "event.yaml").write_text(
            f"schema: 1\ntitle: bench\nseats: {seats}\nminutes: 90\n", encoding="utf-8"
        )
        began = time.monotonic()
        with _serving(folder) as process:
            _until_all(folder, "ready")
            broken, before_doors = time.monotonic() - began, _memory(process.pid)
            began = time.monotonic()
            _act(folder, "start")
            _until_all(folder, "playing")
            shells = time.monotonic() - began
            _say(f"{seats} seats are ready, and are played for {seconds:g} s")
            before, server = _processor(process.pid), _processor(process.pid, alone=True)
            with _playing(folder, seconds) as told:
                processor = (_processor(process.pid) - before) / told.seconds
                server = (_processor(process.pid, alone=True) - server) / told.seconds
                memory = _memory(process.pid)
                lost, doubled = _mistyped(folder, told)
                time.sleep(_CALM)
                before, at = _processor(process.pid), time.monotonic()
                time.sleep(_IDLE)
                idle = (_processor(process.pid) - before) / (time.monotonic() - at)
    return Figures(
        seats, broken, shells, told, lost, doubled, before_doors, memory, processor, server, idle
    )  # fmt: skip


def _search(seconds: float) -> None:
    """Find the largest event whose keys are quick enough; each is held anew."""
    found: list[Figures] = []
    while (seats := _next(found)) is not None:
        found.append(measured(seats, seconds))
        _say(f"{seats} seats: {1000 * _at(found[-1].told.keys, 0.95):.0f} ms")
    held = [each for each in found if each.held]
    _print([_row(each) for each in sorted(found, key=lambda each: each.seats)], _HEADS)
    print()
    if not held:
        print(f"None of them holds {1000 * _HELD:.0f} ms at the 95th percentile.")
        return
    most = max(held, key=lambda each: each.seats)
    _print(_costs(found, most), ("what", "one seat", f"{_MANY} seats"))


def _next(found: list[Figures]) -> int | None:
    """Return the size of the next event: larger until keys are too slow, then between; None at the end."""
    low = max((each.seats for each in found if each.held), default=0)
    high = min((each.seats for each in found if not each.held), default=None)
    if high is None:
        larger = low + _STEP if low else _FIRST
        return larger if larger <= _MOST else None
    between = low + (high - low) // 2 // _FINE * _FINE
    return between if low < between < high else None


_HEADS = (
    "seats",
    "key to screen, ms: median, p95, p99",
    "memory, MB",
    "processor, % of a core",
    "idle, %",
    "lost",
)


def _row(each: Figures) -> tuple[str, ...]:
    keys = ", ".join(f"{1000 * _at(each.told.keys, share):.0f}" for share in (0.5, 0.95, 0.99))
    lost = each.lost + each.doubled + each.told.unseen
    return (
        str(each.seats), keys, f"{each.memory:.0f}", f"{100 * each.processor:.0f}", f"{100 * each.idle:.0f}",
        str(lost),
    )  # fmt: skip


def _costs(found: list[Figures], most: Figures) -> list[tuple[str, ...]]:
    """Return what a seat costs, and many; a further seat's memory is the slope between events."""
    sizes = [float(each.seats) for each in found]
    memory = [each.memory for each in found]
    if len(set(sizes)) > 1:
        slope, base = statistics.linear_regression(sizes, memory)
    else:
        slope, base = memory[0] / sizes[0], 0.0
    playing, idle = most.processor / most.seats, most.idle / most.seats
    return [
        ("memory, MB", f"{slope:.1f}", f"{base + slope * _MANY:.0f}"),
        ("processor while it is played, % of a core", f"{100 * playing:.1f}", f"{100 * playing * _MANY:.0f}"),
        ("processor while it is idle, % of a core", f"{100 * idle:.1f}", f"{100 * idle * _MANY:.0f}"),
        (
            "bytes to its browser a second",
            f"{most.told.received / most.told.seconds / most.seats:.0f}",
            f"{most.told.received / most.told.seconds / most.seats * _MANY:.0f}",
        ),
        (f"machines of 2 cores at {most.seats} seats each", "", str(-(-_MANY // most.seats))),
    ]


def _rows(each: Figures) -> list[tuple[str, ...]]:
    told = each.told
    keys = ", ".join(f"{1000 * _at(told.keys, share):.0f}" for share in (0.5, 0.95, 0.99, 1.0))
    joins = ", ".join(f"{_at(told.joins, share):.2f}" for share in (0.5, 0.95, 1.0))
    commands = ", ".join(f"{1000 * _at(told.commands, share):.0f}" for share in (0.5, 0.95))
    typed = sum(map(len, told.lines.values()))
    return [
        ("until all labs are broken, s", f"{each.broken:.1f}", ""),
        ("memory of server and workers before the doors open, MB", f"{each.before_doors:.0f}", ""),
        ("from the start of the clock to all shells, s", f"{each.shells:.1f}", ""),
        (f"join to prompt, all within {JOINING:g} s, s: median, p95, slowest", joins, "p95 2"),
        (f"key to screen, {len(told.keys)} keys, ms: median, p95, p99, slowest", keys, "p95 150, p99 400"),
        (f"keys and prompts not seen within {LIMIT:g} s", str(told.unseen), "0"),
        (f"lines not run as typed, lost and doubled, of {typed}", f"{each.lost}, {each.doubled}", "0, 0"),
        ("pieces of input taken, of those sent", f"{told.taken} of {told.sent}", "all"),
        ("Enter to prompt, ms: median, p95", commands, ""),
        ("bytes to a browser a second", f"{told.received / told.seconds / each.seats:.0f}", ""),
        ("processor while all play: server and workers, the server alone, % of a core",
         f"{100 * each.processor:.0f}, {100 * each.server:.0f}", ""),
        ("processor of the load generator, % of a core", f"{100 * told.processor:.0f}", ""),
        ("memory of server and workers while all play, MB", f"{each.memory:.0f}", "1000"),
        ("processor with all seats idle, % of a core", f"{100 * each.idle:.1f}", "25"),
    ]  # fmt: skip


def _print(rows: list[tuple[str, ...]], heads: tuple[str, ...]) -> None:
    for row in (heads, ("---",) * len(heads), *rows):
        print(f"| {' | '.join(row)} |", flush=True)


def _say(words: str) -> None:
    print(f"# {words}", file=sys.stderr, flush=True)


def _at(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))] if values else float("inf")


# --- the event ---


@contextlib.contextmanager
def _serving(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(
        [sys.executable, "-m", "lab", "serve", str(folder), "--port", "0"], stdout=subprocess.DEVNULL
    ) as process:
        try:
            while not (folder / "server.json").is_file():
                if process.poll() is not None:
                    raise RuntimeError("the server has ended")
                time.sleep(0.1)
            yield process
        finally:
            process.terminate()
            process.wait(120)


@contextlib.contextmanager
def _playing(folder: Path, seconds: float) -> Iterator[Told]:
    """Play all seats; while the body runs the browsers look on."""
    command = [sys.executable, "-m", "tests.bench.seat_load", _address(folder)["url"], json.dumps(_codes(folder))]
    with subprocess.Popen([*command, str(seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as load:
        assert load.stdout
        assert load.stdin
        yield Told(**json.loads(load.stdout.readline()))
        load.stdin.close()


def _seats(folder: Path) -> dict[str, dict[str, Any]]:
    seats: dict[str, dict[str, Any]] = json.loads((folder / "state.json").read_text(encoding="utf-8"))["seats"]
    return seats


def _codes(folder: Path) -> list[str]:
    return [str(seat["code"]) for seat in _seats(folder).values()]


def _mistyped(folder: Path, told: Told) -> tuple[int, int]:
    """Return how many typed lines are not in the attempts as they were typed, and how many of these are too many.

    The attempts' files are a second behind.
    """
    lost = doubled = 0
    for _ in range(100):
        lost = doubled = 0
        for name, seat in _seats(folder).items():
            typed = Counter(told.lines[str(seat["code"])])
            ran = Counter(_commands(folder / "attempts" / f"{name}.jsonl"))
            lost += (typed - ran).total()
            doubled += (ran - typed).total()
        if not lost:
            break
        time.sleep(0.2)
    return lost, doubled


def _commands(attempt: Path) -> list[str]:
    events = [each["data"]["event"] for each in entries(attempt) if each["kind"] == "lab"]
    return [each["text"] for each in events if each["kind"] == "command"]


def _address(folder: Path) -> dict[str, str]:
    told: dict[str, str] = json.loads((folder / "server.json").read_text(encoding="utf-8"))
    return told


def _request(folder: Path, path: str, data: bytes | None = None) -> urllib.request.Request:
    told = _address(folder)
    headers = {
        "Cookie": f"kluster_seat={told['secret']}",
        "Origin": told["url"],
        "Content-Type": "application/json",
    }
    return urllib.request.Request(f"{told['url']}{path}", data=data, headers=headers)


def _act(folder: Path, what: str) -> None:
    with urllib.request.urlopen(_request(folder, "/board/act", json.dumps({"do": what}).encode())):
        pass


def _until_all(folder: Path, phase: str) -> None:
    with urllib.request.urlopen(_request(folder, "/board/events"), timeout=1800) as events:
        for line in events:
            if line.startswith(b"data: "):
                phases = [seat["phase"] for seat in json.loads(line[6:])["seats"]]
                if set(phases) == {phase}:
                    return
    raise TimeoutError(f"not all seats are {phase}")


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _memory(pid: int) -> float:
    """Return the memory of all processes in MB; each counts its share of what they share."""
    return sum(each.memory_full_info().pss for each in _family(pid)) / 1e6


def _processor(pid: int, *, alone: bool = False) -> float:
    processes = _family(pid)[:1] if alone else _family(pid)
    return sum(sum(each.cpu_times()[:2]) for each in processes)


if __name__ == "__main__":
    main()
