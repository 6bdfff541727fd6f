"""A running event, in separate processes, as `kluster serve` starts it."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from tests.serve.player import Player, join, post

__all__ = ["ONE", "THREE", "TWO", "Serving", "playing", "seated"]

#: The names of the first seats.
ONE, TWO, THREE = "seat-001", "seat-002", "seat-003"

#: Long: the machine may be busy with other tests.
_PATIENCE = 120.0


class Serving:
    """The server of the event in `folder`."""

    def __init__(self, folder: Path, event: str = "", *, patience: float = _PATIENCE) -> None:
        self.folder = folder
        self._patience = patience
        folder.mkdir(parents=True, exist_ok=True)
        if event:
            (folder / "event.yaml").write_text(event, encoding="utf-8")
        self.process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def begin(self, *options: str) -> None:
        """Start the server."""
        self._run("serve", str(self.folder), "--port", "0", *options)

    def resume(self) -> None:
        """Start the server of an event that was served before; it listens where it did."""
        self._run("event", "resume", str(self.folder))

    def _run(self, *command: str) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "lab", *command], stdout=log, stderr=log)
        self._until((self.folder / "server.json").is_file, "the server does not listen")
        self.url = self._address()["url"]

    def _address(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.folder / "server.json").read_text(encoding="utf-8"))
        return told

    @property
    def log(self) -> str:
        """The server's output."""
        return (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")

    def _until(self, condition: Callable[[], object], words: str) -> None:
        end = time.monotonic() + self._patience
        while not condition():
            assert self.process
            assert self.process.poll() is None, self.log
            assert time.monotonic() < end, f"{words}\n{self.log}"
            time.sleep(0.05)

    def end(self) -> None:
        """End the server as Ctrl-C does."""
        assert self.process
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(60) == 0, self.log

    def kill(self) -> None:
        """Kill the server process, as a power cut would."""
        assert self.process
        workers = self.workers
        self.process.kill()
        self.process.wait()
        for worker in workers:
            worker.wait(self._patience)
        (self.folder / "server.json").unlink()

    def abandon(self) -> None:
        """Kill the server process if it still runs, and leave everything else."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    @property
    def workers(self) -> list[psutil.Process]:
        """The worker processes."""
        assert self.process
        return psutil.Process(self.process.pid).children()

    @property
    def state(self) -> dict[str, Any]:
        """The stored state of the event."""
        told: dict[str, Any] = json.loads((self.folder / "state.json").read_text(encoding="utf-8"))
        return told

    def code(self, seat: str) -> str:
        """Return the code of a seat, or of a chair at one: seat-001.2."""
        name, _, person = seat.partition(".")
        kept = self.state["seats"][name]
        return str((kept["mates"][int(person) - 2] if person else kept)["code"])

    def cookie(self, seat: str) -> str:
        """Join a seat."""
        return join(self.url, self.code(seat))

    @property
    def instructor(self) -> str:
        """The cookie of this machine's instructor."""
        return f"kluster_seat={self._address()['secret']}"

    def act(self, do: str, **more: object) -> dict[str, Any]:
        """Send an instructor's request."""
        status, told, _ = post(self.url, "/board/act", {"do": do, **more}, cookie=self.instructor)
        assert status == 200, told
        return told

    def get(self, path: str, cookie: str = "", **headers: str) -> tuple[int, bytes, dict[str, str]]:
        """Ask for a page."""
        host = urlsplit(self.url).netloc
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.request("GET", path, headers={"Cookie": cookie, **headers})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, body, {name.lower(): value for name, value in answer.getheaders()}

    def board(self, kind: str = "board") -> dict[str, Any]:
        """Return the present content of a board."""
        host = urlsplit(self.url).netloc
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.request("GET", f"/{kind}/events", headers={"Cookie": self.instructor})
        answer = connection.getresponse()
        assert answer.status == 200
        line = answer.readline()
        connection.sock.close()
        told: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
        return told

    def seat(self, name: str) -> dict[str, Any]:
        """Return the board's data of a seat."""
        found: dict[str, Any] = next(seat for seat in self.board()["seats"] if seat["name"] == name)
        return found

    def until(self, condition: Callable[["Serving"], object], words: str) -> None:
        """Wait until `condition` holds."""
        self._until(lambda: condition(self), words)

    def until_phase(self, phase: str, *seats: str) -> None:
        """Wait until all seats, or the named ones, are in `phase`."""

        def there(_: "Serving") -> bool:
            found = [seat for seat in self.board()["seats"] if not seats or seat["name"] in seats]
            return all(seat["phase"] == phase for seat in found)

        self.until(there, f"not all seats are {phase}")


os.environ.setdefault("KLUSTER_SIM_IDLE", "15")


@contextlib.contextmanager
def playing(folder: Path, event: str) -> Iterator[Serving]:
    """While the body runs, serve `event` with one worker, started and with all seats playing."""
    served = Serving(folder, event)
    served.begin("--workers", "1")
    try:
        served.until_phase("ready")
        served.act("start")
        served.until_phase("playing")
        yield served
        served.end()
    finally:
        served.abandon()


async def seated(serving: Serving, chair: str, *, reads: bool = True) -> Player:
    """Sit down at a chair, and wait for its shell."""
    player = Player(serving.url, serving.cookie(chair), reads=reads)
    await player.connect()
    await player.until(b"root@", 60)
    return player
