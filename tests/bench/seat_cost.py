"""What a seat costs in processor time, by threads: `python -m tests.bench.seat_cost [SEATS] [SECONDS]`.

The seats of one worker run in this process, with no server and no browser. Processor time is counted and not the
time of day, so that the figures say something on a busy machine, too. Prints a table in Markdown, and ends.
"""

import asyncio
import json
import os
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from datetime import UTC, datetime

import psutil

from lab import exams
from lab.cluster.sim.commands.registry import load_first
from lab.cluster.sim.timing.clock import stand_between
from lab.places import scenarios_folder
from lab.serve.event.model import HintRules
from lab.serve.seats.heap import Heap
from lab.serve.seats.house import House
from lab.serve.wire import Frame, Kind, read
from lab.tui.workers import FreshContexts

SEATS, SECONDS = 3, 15.0
#: Seats are left alone for so long, in s, before their idle time is measured.
_CALM = 20.0
_COMMANDS = (b"crictl ps", b"ls -l /etc/kubernetes/manifests", b"systemctl status kubelet | head -n 9")
#: The threads of a worker: by what their names begin with.
_THREADS = ("MainThread", "simulator", "seat", "terminal")


def main() -> None:
    """Measure, and print the table."""
    seats = int(sys.argv[1]) if len(sys.argv) > 1 else SEATS
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    with tempfile.TemporaryDirectory(prefix="kluster-bench-") as folder:
        os.environ.update(KLUSTER_HOME=folder, TERM="xterm-256color", COLORTERM="truecolor")
        Heap.tune()
        load_first()
        exams.seat_by_seat()
        stand_between()
        print("| ms of processor time | all | screens | simulator | looks | terminals |")
        print("| --- | --- | --- | --- | --- | --- |")
        asyncio.run(_Bench(seats, seconds).run())
        sys.stdout.flush()
        # Threads of shells that can't be stopped would be waited for.
        os._exit(0)


class _Bench:
    """Some seats of one worker, and whoever sits at them."""

    def __init__(self, seats: int, seconds: float) -> None:
        self._numbers = range(1, seats + 1)
        self._seconds = seconds
        self._house = House(self._hear, share=0.3)
        self._stages: dict[int, str] = {}
        self._output: defaultdict[int, bytearray] = defaultdict(bytearray)
        self._came = asyncio.Event()
        self._typed: Counter[int] = Counter()
        self._received: Counter[int] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> None:
        """Hold the seats, and print a row for each thing that they do."""
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(FreshContexts(max_workers=32, thread_name_prefix="seat"))
        running = asyncio.create_task(self._house.run())
        count = len(self._numbers)
        before = _threads()
        for number in self._numbers:
            self._open(number)
        await self._until(lambda: set(self._stages.values()) == {"ready"} and len(self._stages) == count)
        _row("a lab, made and broken", before, count)
        await self._row_of_idling("a second before the doors open")
        before = _threads()
        start: list[object] = [datetime.now(UTC).isoformat(), None, []]
        for number in self._numbers:
            self._take(Kind.START, number, start)
        await self._until(lambda: set(self._stages.values()) == {"playing"})
        await asyncio.sleep(_CALM / 2)
        _row("the start of the clock: play screen and shells", before, count)
        before = _threads()
        for number in self._numbers:
            self._take(Kind.ATTACH, number, {"page": "p", "first": 1, "cols": 120, "rows": 37}, view=1)
            await self._see(number, b"root@")
        _row("a browser that comes", before, count)
        await self._row_of_idling("an idle second")
        await self._type_keys()
        await self._type_commands()
        await self._row_of_idling("an idle second after that")
        memory = psutil.Process().memory_full_info().pss / 1e6
        print(f"\nMemory of the process with {count} seats: {memory:.0f} MB.")
        running.cancel()

    async def _row_of_idling(self, what: str) -> None:
        await asyncio.sleep(_CALM)
        before = _threads()
        await asyncio.sleep(self._seconds)
        _row(what, before, self._seconds * len(self._numbers))

    async def _type_keys(self) -> None:
        before, keys = _threads(), 0
        for _ in range(int(self._seconds)):
            for number in self._numbers:
                for key, seen in ((b"Q", b"Q"), (b"\x7f", b"root@")):
                    self._type(number, key)
                    await self._see(number, seen)
                    keys += 1
        _row("a key", before, keys)

    async def _type_commands(self) -> None:
        before, count = _threads(), 0
        for at in range(int(self._seconds)):
            for number in self._numbers:
                self._type(number, _COMMANDS[at % len(_COMMANDS)] + b"\r")
                await self._see(number, b"root@")
                count += 1
            await asyncio.sleep(0.3)
        _row("a command, with its output", before, count)

    # --- the seats ---

    def _open(self, number: int) -> None:
        plan = {
            "name": f"seat-{number}",
            "scenario": str(scenarios_folder() / "kluster005"),
            "mode": "training",
            "who": f"{number}",
            "faults": [],
            "theme": "dark",
            "hints": HintRules().model_dump(),
            "read": 0,
            "team": None,
            "notes": {},
        }
        self._take(Kind.OPEN, number, plan)

    def _take(self, kind: Kind, number: int, said: object, view: int = 0) -> None:
        self._house.take(Frame(kind, number, view, json.dumps(said).encode()))

    def _type(self, number: int, data: bytes) -> None:
        self._typed[number] += 1
        self._output[number].clear()
        self._house.take(Frame(Kind.INPUT, number, 1, self._typed[number].to_bytes(4, "big") + data))

    def _hear(self, data: bytes) -> None:
        """Take a frame of the seats."""
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        assert self._loop
        self._loop.create_task(self._heard(reader))

    async def _heard(self, reader: asyncio.StreamReader) -> None:
        frame = await read(reader)
        assert frame
        if frame.kind is Kind.OUTPUT:
            self._output[frame.seat] += frame.data
            self._received[frame.seat] += len(frame.data)
            shown = self._received[frame.seat].to_bytes(4, "big")
            self._house.take(Frame(Kind.DISPLAYED, frame.seat, 1, shown))
        elif frame.kind is Kind.STATUS:
            self._stages[frame.seat] = frame.said["phase"]
            assert self._stages[frame.seat] != "failed", frame.said
        self._came.set()

    async def _see(self, number: int, text: bytes) -> None:
        await self._until(lambda: text in self._output[number])

    async def _until(self, condition: "object") -> None:
        assert callable(condition)
        async with asyncio.timeout(600):
            while not condition():
                self._came.clear()
                await self._came.wait()


def _threads() -> Counter[str]:
    """Return the processor time of all threads in ms, by what their names begin with."""
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    taken: Counter[str] = Counter()
    for task in psutil.Process().threads():
        name = names.get(task.id, "")
        taken[next((each for each in _THREADS if name.startswith(each)), "other")] += int(
            1000 * (task.user_time + task.system_time)
        )
    return taken


def _row(what: str, before: Counter[str], per: float) -> None:
    after = _threads()
    spent = {name: (after[name] - before[name]) / per for name in (*_THREADS, "other")}
    figures = (sum(spent.values()), *(spent[name] for name in _THREADS))
    print(f"| {what} | {' | '.join(f'{figure:.1f}' for figure in figures)} |", flush=True)


if __name__ == "__main__":
    main()
