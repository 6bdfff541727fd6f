"""The cost of an event: `python -m tests.bench.seats [SEATS] [SECONDS]`. Prints a table in Markdown.

The server runs as with `kluster serve`, with its workers. The browsers are plain websocket clients in a separate
process, which is counted separately. Each types a command every two seconds: first a word key by key, each timed
until the screen shows it, then a whole command line at once.
"""

import asyncio
import json
import os
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil

from tests.serve.player import Player, join

SEATS, SECONDS = 25, 60
#: The number of seconds within which all seats join.
JOINING = 10.0
_WORD = b"QZXVJ"
_COMMAND = b"kubectl get pods -n kube-system\r"
_KEY_PAUSE = 0.12
_ROUND = 2.0
_LIMIT = 20.0


def main() -> None:
    """Measure, and print the table."""
    if sys.argv[1:2] == ["--load"]:
        asyncio.run(_load(sys.argv[2], json.loads(sys.argv[3]), float(sys.argv[4])))
        return
    seats = int(sys.argv[1]) if len(sys.argv) > 1 else SEATS
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    with tempfile.TemporaryDirectory(prefix="kluster-bench-") as folder:
        _measure(Path(folder), seats, seconds)


def _measure(folder: Path, seats: int, seconds: float) -> None:
    (folder / "event.yaml").write_text(f"schema: 1\ntitle: bench\nseats: {seats}\nminutes: 90\n", encoding="utf-8")
    began = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "lab", "serve", str(folder), "--port", "0"], stdout=subprocess.PIPE
    ) as process:
        try:
            url = _url(folder)
            _until_all(folder, url, "ready")
            rows = [("until all labs are broken, s", f"{time.monotonic() - began:.1f}", "")]
            rows.append(
                ("memory of server and workers before the doors open, MB", f"{_memory(process.pid):.0f}", "")
            )
            began = time.monotonic()
            _act(folder, url, "start")
            _until_all(folder, url, "playing")
            rows.append(("from the start of the clock to all shells, s", f"{time.monotonic() - began:.1f}", ""))
            codes = json.loads((folder / "state.json").read_text(encoding="utf-8"))["seats"]
            print(f"# {seats} seats, {seconds:g} s", file=sys.stderr)
            before = _processor(process.pid)
            load = subprocess.run(
                [sys.executable, "-m", "tests.bench.seats", "--load", url,
                 json.dumps([seat["code"] for seat in codes.values()]), str(seconds)],
                stdout=subprocess.PIPE, check=True,
            )  # fmt: skip
            told = json.loads(load.stdout)
            rows += _rows(told, seats)
            share = (_processor(process.pid) - before) / told["seconds"]
            rows.append(("processor of server and workers meanwhile, % of a core", f"{100 * share:.0f}", ""))
            rows.append(("processor of the load generator, % of a core", f"{100 * told['processor']:.0f}", ""))
            rows.append(("memory of server and workers, MB", f"{_memory(process.pid):.0f}", "1000"))
            time.sleep(20)
            before, at = _processor(process.pid), time.monotonic()
            time.sleep(30)
            idle = (_processor(process.pid) - before) / (time.monotonic() - at)
            rows.append(("processor with all seats idle, % of a core", f"{100 * idle:.1f}", "25"))
        finally:
            process.terminate()
            process.wait(60)
    print("| what | figure | target |\n| --- | --- | --- |")
    for row in rows:
        print(f"| {' | '.join(row)} |")


def _rows(told: dict[str, Any], seats: int) -> list[tuple[str, str, str]]:
    def at(values: list[float], share: float) -> float:
        return sorted(values)[int(share * (len(values) - 1))]

    keys, joins = told["keys"], told["joins"]
    return [
        (f"join to prompt, {seats} within {JOINING:g} s, s: median, p95, slowest",
         f"{statistics.median(joins):.2f}, {at(joins, 0.95):.2f}, {max(joins):.2f}", "p95 2"),
        (f"key to screen, {len(keys)} keys, ms: median, p95, p99, slowest",
         ", ".join(f"{1000 * each:.0f}" for each in
                   (statistics.median(keys), at(keys, 0.95), at(keys, 0.99), max(keys))), "p95 150, p99 400"),
        ("keys that were not seen within 20 s", str(told["lost"]), "0"),
        ("pieces of input taken, of those sent", f"{told['taken']} of {told['sent']}", "all"),
        ("bytes to a browser a second", f"{told['bytes'] / told['seconds'] / seats:.0f}", ""),
    ]  # fmt: skip


def _url(folder: Path) -> str:
    for _ in range(600):
        if (folder / "server.json").is_file():
            return str(json.loads((folder / "server.json").read_text(encoding="utf-8"))["url"])
        time.sleep(0.1)
    raise TimeoutError("no server")


def _secret(folder: Path) -> str:
    return str(json.loads((folder / "server.json").read_text(encoding="utf-8"))["secret"])


def _request(folder: Path, url: str, path: str, data: bytes | None = None) -> urllib.request.Request:
    headers = {"Cookie": f"kluster_seat={_secret(folder)}", "Origin": url, "Content-Type": "application/json"}
    return urllib.request.Request(f"{url}{path}", data=data, headers=headers)


def _act(folder: Path, url: str, what: str) -> None:
    with urllib.request.urlopen(_request(folder, url, "/board/act", json.dumps({"do": what}).encode())):
        pass


def _until_all(folder: Path, url: str, phase: str) -> None:
    with urllib.request.urlopen(_request(folder, url, "/board/events"), timeout=600) as events:
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
    """Return the memory of all processes in MB; shared memory is divided among its users."""
    return sum(each.memory_full_info().pss for each in _family(pid)) / 1e6


def _processor(pid: int) -> float:
    return sum(sum(each.cpu_times()[:2]) for each in _family(pid))


# --- the load generator ---


async def _load(url: str, codes: list[str], seconds: float) -> None:
    keys: list[float] = []
    joins: list[float] = []
    lost = 0
    players = [Player(url, await asyncio.to_thread(join, url, code)) for code in codes]

    async def play(player: Player, wait: float) -> None:
        nonlocal lost
        await asyncio.sleep(wait)
        began = time.perf_counter()
        await player.connect()
        await player.until(b"root@", _LIMIT * 3)
        joins.append(time.perf_counter() - began)
        end = time.perf_counter() + seconds
        await asyncio.sleep(random.uniform(0, _ROUND))
        while time.perf_counter() < end:
            at = time.perf_counter()
            for count in range(1, len(_WORD) + 1):
                typed = time.perf_counter()
                player.forget()
                await player.type(_WORD[count - 1 : count])
                try:
                    await player.until(_WORD[:count], _LIMIT)
                    keys.append(time.perf_counter() - typed)
                except TimeoutError:
                    lost += 1
                await asyncio.sleep(max(0.0, _KEY_PAUSE - (time.perf_counter() - typed)))
            await player.type(b"\x15" + _COMMAND)
            await asyncio.sleep(max(0.0, _ROUND - (time.perf_counter() - at)))

    began, processor = time.perf_counter(), time.process_time()
    await asyncio.gather(*(play(each, JOINING * i / len(players)) for i, each in enumerate(players)))
    took = time.perf_counter() - began
    print(json.dumps({
        "keys": keys, "joins": joins, "lost": lost, "seconds": took,
        "processor": (time.process_time() - processor) / took,
        "sent": sum(each.number for each in players), "taken": sum(each.taken for each in players),
        "bytes": sum(each.received for each in players),
    }))  # fmt: skip
    for each in players:
        await each.close()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    struct.pack("!I", 0)
    main()
