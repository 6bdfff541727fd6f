"""The owner process of a simulated lab: it runs the model and serves all other processes.

The first process to need a lab starts the owner (see attached.py and spare.py) and names the lab on its stdin. It
ends by itself when the lab is unused for a while, when the lab is deleted, and when its folder is gone.
"""

import json
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Listener
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from lab import __version__
from lab.cluster.sim.bash.running import memory_guard
from lab.cluster.sim.commands.registry import load_first
from lab.cluster.sim.process import health, wire
from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.process.conversation import Conversation
from lab.cluster.sim.process.line import Line
from lab.errors import LabError

if TYPE_CHECKING:
    from lab.cluster.sim.https.listener import ApiListener

__all__ = ["main"]

_LOOK_EVERY = 5.0
#: Seconds for a shell to answer, and for the model to be saved, before the process ends anyway.
_PATIENCE = 15.0


class Owner:
    """Serves one lab."""

    def __init__(self, cluster: SimCluster, folder: Path, idle: float) -> None:
        self._cluster = cluster
        self._folder = folder
        self._idle = idle
        #: Name -> copy of the cluster that is in use.
        self._copies: dict[str, SimCluster] = {}
        self._lock = threading.Lock()
        self._users = 0
        #: Whether it is about to end and accepts no more requests.
        self._leaving = False
        # The process that started it needs a moment to connect.
        self._used = time.monotonic() + _PATIENCE
        self._address: wire.Address | None = None
        #: The server for clients on this machine, once somebody has asked for it.
        self._listener: ApiListener | None = None

    def serve(self, ready: Callable[[], None]) -> None:
        """Listen until the lab is no longer used; call `ready` once others can connect."""
        key = secrets.token_hex(16)
        with Listener(authkey=key.encode(), backlog=64) as listener:
            family = "AF_PIPE" if sys.platform == "win32" else "AF_UNIX"
            self._address = wire.Address(str(listener.address), family, key, os.getpid())
            self._address.write(self._folder)
            threading.Thread(target=self._watch, daemon=True, name="idle").start()
            ready()
            while True:
                try:
                    connection = Line(listener.accept())
                except (OSError, EOFError, AuthenticationError):
                    continue
                threading.Thread(target=self._serve, args=(connection,), daemon=True, name="user").start()

    def end(self) -> None:
        """Save the lab and end this process."""
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

    def kubeconfig(self) -> str:
        """Listen for clients on this machine if need be; return what they need to connect."""
        try:
            from lab.cluster.sim.https.listener import ApiListener  # noqa: PLC0415 -- it needs the extra `serve`
        except ModuleNotFoundError as missing:
            raise LabError(
                f"kubeconfig needs the package {missing.name}, which is not installed.",
                remedy="Install Kluster with its extra `serve`: pipx install '.[serve]'",
            ) from None
        with self._lock:
            if self._listener is None:
                cluster = self._cluster
                self._listener = ApiListener(cluster.name, self._folder, lambda: cluster.world, self._in_use)
            return self._listener.kubeconfig

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        """Count a request over HTTPS as a user."""
        with self._lock:
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                self._used = time.monotonic()

    def _watch(self) -> None:
        load = health.Load()
        while True:
            time.sleep(min(_LOOK_EVERY, self._idle))
            with self._lock:
                left = self._unused(wasteful=load.heavy() or memory_guard.swollen())
                self._leaving |= left
            if left or not self._folder.is_dir() or not health.shells_answer(_PATIENCE):
                self.end()

    def _unused(self, *, wasteful: bool) -> bool:
        """Whether nobody has used it for so long that it ends.

        An owner that wastes memory or processor time ends as soon as it is unused, unless clients know its port:
        the next owner has another one.
        """
        most = min(1.0, self._idle) if wasteful and self._listener is None else self._idle
        return not self._users and time.monotonic() - self._used > most

    def _serve(self, connection: Line) -> None:
        with self._lock:
            if self._leaving:
                connection.close()
                return
            self._users += 1
        try:
            with connection, suppress(OSError, EOFError):
                asked = _asked(connection.recv_bytes())
                if asked.get("protocol") != wire.PROTOCOL and asked["what"] not in wire.ENDINGS:
                    refused = wire.mismatch(self._cluster.name, __version__, asked.get("kluster", "another"))
                    connection.send_bytes(wire.ANSWER + json.dumps(wire.failure(refused)).encode())
                    return
                connection.send_bytes(wire.TAKEN)
                Conversation(self._cluster, connection, asked, self._copies, self.kubeconfig).hold()
                if asked["what"] in wire.ENDINGS:
                    # The connection ends with the process, so the other side sees the end.
                    self.end()
        finally:
            with self._lock:
                self._users -= 1
                self._used = time.monotonic()


def _asked(data: bytes) -> dict[str, Any]:
    """Return a request as data; raise `EOFError`, which ends the connection, for anything else."""
    try:
        asked = json.loads(data)
    except ValueError:
        asked = None
    if not isinstance(asked, dict) or not isinstance(asked.get("what"), str):
        raise EOFError  # noqa: TRY004 -- it ends the connection
    return asked


def main() -> int:
    """Own the lab that stdin names; print `ready` on stdout once others can connect, or the error."""
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
    """Redirect `stream` to a file."""
    with suppress(OSError):
        opened = os.open(file, flags, 0o600)
        os.dup2(opened, stream.fileno())
        os.close(opened)


if __name__ == "__main__":
    sys.exit(main())
