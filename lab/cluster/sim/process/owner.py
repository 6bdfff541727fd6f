"""The process that owns a simulated lab: it runs the model, and serves all others that look at it.

Started by the first that needs it (see attached.py and spare.py), which tells it on stdin what it owns; it ends by
itself when nobody has used the lab for a while, when the lab is deleted, and when its folder is gone.
"""

import base64
import json
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Listener
from pathlib import Path
from typing import Any, TextIO

from lab import __version__
from lab.cluster.sim.commands.registry import load_first
from lab.cluster.sim.process import health, wire
from lab.cluster.sim.process.cluster import SimCluster, SimNode
from lab.cluster.sim.shell import memory_guard
from lab.cluster.sim.shell.input_feed import Feed
from lab.cluster.sim.timing.event_loop import background_loop
from lab.errors import LabError
from lab.progress import Silent

__all__ = ["main"]

_LOOK_EVERY = 5.0
#: How long a shell may take to answer, and the model to be written down, until the process ends without.
_PATIENCE = 15.0


class Owner:
    """Serves one lab."""

    def __init__(self, cluster: SimCluster, folder: Path, idle: float) -> None:
        self._cluster = cluster
        self._folder = folder
        self._idle = idle
        #: Copies of the cluster that are in use, by name.
        self._copies: dict[str, SimCluster] = {}
        self._lock = threading.Lock()
        self._users = 0
        #: Whether it is about to end, and takes no more requests.
        self._leaving = False
        # Whoever started it needs a moment to come.
        self._used = time.monotonic() + _PATIENCE
        self._address: wire.Address | None = None

    def serve(self, ready: Callable[[], None]) -> None:
        """Listen until nobody wants the lab any more; `ready` is called once others can connect."""
        key = secrets.token_hex(16)
        with Listener(authkey=key.encode(), backlog=64) as listener:
            family = "AF_PIPE" if sys.platform == "win32" else "AF_UNIX"
            self._address = wire.Address(str(listener.address), family, key, os.getpid())
            self._address.write(self._folder)
            threading.Thread(target=self._watch, daemon=True, name="idle").start()
            ready()
            while True:
                try:
                    connection = listener.accept()
                except (OSError, EOFError, AuthenticationError):
                    continue
                threading.Thread(target=self._serve, args=(connection,), daemon=True, name="user").start()

    def end(self) -> None:
        """Keep the lab in its file and end this process."""
        last = threading.Timer(_PATIENCE, os._exit, (1,))
        last.daemon = True
        last.start()
        if wire.Address.read(self._folder) == self._address:
            with suppress(OSError):
                (self._folder / wire.ADDRESS).unlink()
        if self._address is not None:
            with suppress(OSError):
                os.unlink(self._address.path)  # noqa: PTH108 -- no path on Windows
                os.rmdir(os.path.dirname(self._address.path))  # noqa: PTH106, PTH120 -- likewise
        self._cluster.close()
        os._exit(0)

    def _watch(self) -> None:
        load = health.Load()
        while True:
            time.sleep(min(_LOOK_EVERY, self._idle))
            with self._lock:
                # One that keeps memory or a processor makes way for a fresh one as soon as it can.
                spent = load.heavy() or memory_guard.swollen()
                left = not self._users and time.monotonic() - self._used > (
                    min(1.0, self._idle) if spent else self._idle
                )
                self._leaving |= left
            if left or not self._folder.is_dir() or not health.shells_answer(_PATIENCE):
                self.end()

    def _serve(self, connection: wire.Line) -> None:
        with self._lock:
            if self._leaving:
                connection.close()
                return
            self._users += 1
        try:
            with connection, suppress(OSError, EOFError):
                request = json.loads(connection.recv_bytes())
                if request.get("protocol") != wire.PROTOCOL and request["what"] not in wire.ENDINGS:
                    refused = wire.mismatch(self._cluster.name, __version__, request.get("kluster", "another"))
                    connection.send_bytes(wire.ANSWER + json.dumps(wire.failure(refused)).encode())
                    return
                connection.send_bytes(wire.TAKEN)
                Conversation(self._cluster, connection, request, self._copies).hold()
                if request["what"] in {"delete", "end"}:
                    # The connection ends with the process: whoever asked can see that it has.
                    self.end()
        finally:
            with self._lock:
                self._users -= 1
                self._used = time.monotonic()


class Conversation:
    """One request, until its answer."""

    def __init__(
        self, cluster: SimCluster, connection: wire.Line, request: dict[str, Any], copies: dict[str, SimCluster]
    ) -> None:
        self._original = cluster
        self._copies = copies
        self._connection = connection
        self._request = request
        self._sending = threading.Lock()

    def hold(self) -> None:
        """Do what was asked for and answer."""
        try:
            value = getattr(self, f"_{self._request['what']}")()
        except (LabError, OSError) as error:
            if isinstance(error, ConnectionError):
                raise
            answer = wire.failure(error)
        except Exception as error:  # noqa: BLE001 -- whoever asked is told
            answer = wire.failure(error)
        else:
            answer = {"value": value}
        self._send(wire.ANSWER, json.dumps(answer).encode())

    def _send(self, kind: bytes, data: bytes) -> None:
        with self._sending:
            self._connection.send_bytes(kind + data)

    @property
    def _cluster(self) -> SimCluster:
        if "copy" not in self._request:
            return self._original
        try:
            return self._copies[self._request["copy"]]
        except KeyError:
            raise LabError("That copy of the cluster is gone.", remedy="Look again.") from None

    @property
    def _node(self) -> SimNode:
        return next(node for node in self._cluster.nodes if node.name == self._request["node"])

    def _create(self) -> None:
        self._cluster.create(Silent())

    def _delete(self) -> None:
        self._cluster.delete()

    def _end(self) -> None:
        """Nothing to be done: the process ends behind the answer."""

    def _identity(self) -> dict[str, str]:
        return dict(self._cluster.identity())

    def _now(self) -> float:
        return self._cluster.control_plane.time.now()

    def _sleep(self) -> None:
        self._cluster.control_plane.time.sleep(self._request["seconds"])

    def _hurry(self) -> None:
        with self._cluster.hurried():
            self._send(wire.OUTPUT, b"")
            # Until whoever asked says so, or is gone.
            self._connection.recv_bytes()

    def _snapshot(self) -> None:
        with self._cluster.snapshot() as copy:
            name = secrets.token_hex(8)
            self._copies[name] = copy
            try:
                self._send(wire.OUTPUT, name.encode())
                # Until whoever asked says so, or is gone.
                self._connection.recv_bytes()
            finally:
                del self._copies[name]

    def _read(self) -> str:
        return self._node.read_file(self._request["path"])

    def _write(self) -> None:
        self._node.write_file(self._request["path"], self._request["text"], self._request["mode"])

    def _run(self) -> dict[str, Any]:
        given = self._request["stdin"]
        future = self._node.begin(
            self._request["argv"],
            stdin=base64.b64decode(given) if given is not None else None,
            timeout=self._request["timeout"],
            env=self._request["env"],
        )
        # Whoever waits for the answer may go away: then the command ends.
        threading.Thread(target=self._cancel_when_gone, args=(future.cancel,), daemon=True).start()
        result = future.result()
        return {name: getattr(result, name) for name in result.__slots__}

    def _cancel_when_gone(self, cancel: Callable[[], object]) -> None:
        try:
            self._connection.recv_bytes()
        except (OSError, EOFError):
            cancel()

    def _stream(self) -> int:
        feed = Feed(background_loop())

        loop = background_loop()
        # Not on the loop: who does not read must not stop the cluster.
        sender = ThreadPoolExecutor(max_workers=1)

        async def to_out(chunk: bytes) -> None:
            await loop.run_in_executor(sender, self._send, wire.OUTPUT, chunk)

        async def to_err(chunk: bytes) -> None:
            await loop.run_in_executor(sender, self._send, wire.ERROR, chunk)

        future = self._node.start(self._request["argv"], feed, to_out, to_err)

        def listen() -> None:
            try:
                while True:
                    frame = self._connection.recv_bytes()
                    feed.push(frame[1:])
            except (OSError, EOFError):
                future.cancel()

        threading.Thread(target=listen, daemon=True).start()
        try:
            return future.result()
        finally:
            feed.close()
            sender.shutdown(wait=False)

    def _shell(self) -> None:
        shell = self._node.shell(self._request["rows"], self._request["cols"])

        def listen() -> None:
            try:
                while True:
                    frame = self._connection.recv_bytes()
                    if frame[:1] == wire.SIZE:
                        shell.resize(*json.loads(frame[1:]))
                    elif frame[:1] == wire.CLOSE:
                        shell.close()
                    else:
                        shell.write(frame[1:])
            except (OSError, EOFError):
                shell.close()

        threading.Thread(target=listen, daemon=True).start()
        try:
            while data := shell.read():
                self._send(wire.OUTPUT, data)
        finally:
            shell.close()


def main() -> int:
    """Own the lab that stdin names; say `ready` on stdout once others can connect, or what is wrong."""
    threading.Thread(target=load_first, name="loading", daemon=True).start()
    told = sys.stdin.buffer.readline()
    if not told:
        return 0
    lab = json.loads(told)
    folder = Path(lab["folder"])
    cluster = SimCluster(lab["name"], folder, nodes=lab["roles"])
    owner = Owner(cluster, folder, lab["idle"])
    _redirect(sys.stderr, folder / wire.LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    _redirect(sys.stdin, Path(os.devnull), os.O_RDONLY)

    def say(answer: dict[str, Any]) -> None:
        print(json.dumps(answer), flush=True)  # noqa: T201 -- to the process that started this one
        _redirect(sys.stdout, Path(os.devnull), os.O_WRONLY)

    try:
        cluster.home.own()
    except LabError as error:
        say(wire.failure(error))
        return 1
    memory_guard.watch(owner.end)
    signal.signal(signal.SIGTERM, lambda _number, _frame: owner.end())
    owner.serve(lambda: say({"value": "ready"}))
    return 0


def _redirect(stream: TextIO, file: Path, flags: int) -> None:
    """Have `stream` lead to a file."""
    with suppress(OSError):
        opened = os.open(file, flags, 0o600)
        os.dup2(opened, stream.fileno())
        os.close(opened)


if __name__ == "__main__":
    sys.exit(main())
