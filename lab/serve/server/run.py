"""Serve an event: the server runs until it is interrupted, and ends its workers when it ends."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from lab.errors import LabError, UsageProblem
from lab.places import scenarios_folder
from lab.serve.apart import tls
from lab.serve.event import codes
from lab.serve.event.folder import EventFolder
from lab.serve.post import SERVER
from lab.serve.server.certificate import fingerprint, made, require_pair
from lab.serve.server.child import Child
from lab.serve.server.hall import Hall
from lab.serve.server.line import LONGEST
from lab.serve.server.link import Way
from lab.serve.server.remote import Remote, address
from lab.serve.server.web import web
from lab.signals import ENDS
from lab.store import now
from lab.writing import write_durably

__all__ = ["Listening", "hold", "lan_address"]

_LISTENING = "listening.json"
#: The options of `Listening` that name files.
_FILES = ("cert", "key", "keys", "metrics_token")
LOOPBACK = "127.0.0.1"
#: The share of the machine for looks.
_LOOKS = 0.3
_PING = 20.0
#: The longest token for the metrics, in characters.
_LONGEST_TOKEN = 1000
_TOKEN = re.compile(rf"[!-~]{{1,{_LONGEST_TOKEN}}}")


@dataclass(frozen=True, slots=True)
class Listening:
    """How to listen."""

    port: int = 8005
    #: Whether other machines can connect.
    lan: bool = False
    cert: Path | None = None
    key: Path | None = None
    #: Whether to create a certificate if none is given.
    tls: bool = False
    workers: int = 0
    #: The addresses of workers on other machines; with them, no process is started here.
    apart: tuple[str, ...] = ()
    #: The folder with the certificates for them.
    keys: Path | None = None
    #: The origin of a proxy before the server, such as `https://class.example.com`; empty if there is none.
    public: str = ""
    #: The file with the token that may read the metrics.
    metrics_token: Path | None = None

    def keep(self, folder: Path, port: int) -> None:
        """Store in the event's folder how it listens, so that open pages reconnect after a restart."""
        told = {
            "port": port,
            "lan": self.lan,
            "tls": self.tls,
            "workers": self.workers,
            "apart": self.apart,
            "public": self.public,
            **{name: str(path.resolve()) if (path := getattr(self, name)) else None for name in _FILES},
        }
        (folder / _LISTENING).write_text(json.dumps(told), encoding="utf-8")

    @classmethod
    def before(cls, folder: Path) -> "Listening":
        """Return how the event in `folder` listened before; the defaults if that is unknown."""
        try:
            told = json.loads((folder / _LISTENING).read_text(encoding="utf-8"))
            paths = {name: Path(told[name]) if told.get(name) else None for name in _FILES}
            return cls(**{**told, **paths, "apart": tuple(told.get("apart", ()))})
        except (OSError, ValueError, KeyError, TypeError):
            return cls()


def lan_address() -> str:
    """Return this machine's address in its network; the loopback address if it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: the system only chooses the source address.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return LOOPBACK
        return str(probe.getsockname()[0])


def hold(folder: EventFolder, listening: Listening, said: Callable[[str, Hall], None]) -> None:
    """Serve the event in `folder` until interrupted; call `said` with the address once browsers can join.

    Raises:
        LabError: the port is in use, the token can't be read, or the folder can't be written.
    """
    asyncio.run(_hold(folder, listening, said))


async def _hold(folder: EventFolder, listening: Listening, said: Callable[[str, Hall], None]) -> None:
    token = _token(listening)
    with _listen(listening) as listener:
        port = listener.getsockname()[1]
        host = lan_address() if listening.lan else LOOPBACK
        names = {LOOPBACK, "localhost", host}
        hosts = {f"{name}:{port}" for name in names}
        cert, key = listening.cert, listening.key
        if listening.tls and cert is None:
            cert, key = made(folder.path / "tls", names, now())
        shown = fingerprint(cert) if cert else ""
        if cert and key:
            require_pair(cert, key)
        apart = _apart(folder, listening)
        # Not earlier: if the port is in use or a file is wrong, the event stays unchanged.
        state = folder.load_state() if folder.begun else folder.create_state()
        hall = Hall(folder, state, apart or _children(folder, listening, len(state.seats)))
        listening.keep(folder.path, port)
        hall.fingerprint = shown
        server = _Server(
            uvicorn.Config(
                web(hall, hosts, secure=cert is not None, public=listening.public, metrics_token=token),
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                lifespan="off",
                ws="websockets-sansio",
                ws_max_size=LONGEST,
                ws_ping_interval=_PING,
                ws_ping_timeout=_PING,
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=2,
                ssl_certfile=cert,
                ssl_keyfile=key,
            )
        )
        scheme = "https" if cert else "http"
        with _ended_by_signals(server), _address(hall, f"{scheme}://{LOOPBACK}:{port}", cert):
            holding = asyncio.create_task(hall.run())
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            hall.address = f"{listening.public or f'{scheme}://{host}:{port}'}/"
            said(hall.address, hall)
            await asyncio.wait({holding, serving}, return_when=asyncio.FIRST_COMPLETED)
            server.should_exit = True
            await serving
            holding.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await holding


def _children(folder: EventFolder, listening: Listening, seats: int) -> list[Way]:
    """Return the workers of this machine."""
    cores = os.cpu_count() or 1
    workers = listening.workers or min(cores, seats)
    # The threads of a worker share one processor.
    return [Child(folder.home, min(0.9, _LOOKS * cores / workers)) for _ in range(workers)]


def _apart(folder: EventFolder, listening: Listening) -> list[Way]:
    """Return the workers of other machines.

    Raises:
        LabError: they can't be reached in this way, or don't have the event's scenario.

    """
    if not listening.apart:
        return []
    if listening.keys is None:
        raise UsageProblem("Workers on other machines need certificates.", remedy="Give --worker-keys DIR.")
    if folder.invited.loaded.folder.parent != scenarios_folder():
        raise LabError(
            f"Workers on other machines do not have the scenario in {folder.invited.loaded.folder}.",
            remedy="Play a scenario that comes with kluster, or serve the event on one machine.",
        )
    context = tls(listening.keys, listening=False)
    return [Remote(*address(each), context) for each in listening.apart]


def _token(listening: Listening) -> str:
    """Return the token for the metrics; empty if there is none.

    Raises:
        LabError: its file can't be read, or has none.

    """
    if listening.metrics_token is None:
        return ""
    try:
        with listening.metrics_token.open("rb") as file:
            # With room for the end of its line.
            text = file.read(_LONGEST_TOKEN + 3)
    except OSError as error:
        why = error.strerror or ""
        raise LabError(f"{listening.metrics_token} can't be read.", why, "Give a file with a token.") from None
    token = text.decode("ascii", errors="replace").strip()
    if not _TOKEN.fullmatch(token):
        remedy = f"Write one random word of at most {_LONGEST_TOKEN} letters and digits into it."
        raise LabError(f"{listening.metrics_token} has no token.", remedy=remedy)
    return token


class _Server(uvicorn.Server):
    """The server, which leaves signals to `_ended_by_signals`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Change nothing."""
        yield


@contextlib.contextmanager
def _ended_by_signals(server: uvicorn.Server) -> Iterator[None]:
    """While the body runs, let a signal end the server normally, even one that has not begun yet."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in ENDS}

    def end() -> None:
        server.should_exit = True

    for number in ENDS:
        loop.add_signal_handler(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


@contextlib.contextmanager
def _listen(listening: Listening) -> Iterator[socket.socket]:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("0.0.0.0" if listening.lan else LOOPBACK, listening.port))  # noqa: S104 -- asked for
        except OSError as error:
            raise LabError(
                f"Port {listening.port} can't be used.",
                error.strerror or "",
                "Choose another one: --port NUMBER",
            ) from error
        listener.listen(128)
        yield listener


@contextlib.contextmanager
def _address(hall: Hall, url: str, cert: Path | None) -> Iterator[None]:
    """While the body runs, keep the server's address in a file for commands of this user."""
    secret = codes.new_secret()
    hall.state.sessions.append(codes.fingerprint(secret))
    hall.guests.instructors[codes.fingerprint(secret)] = "this machine"
    path = hall.folder.path / SERVER
    told = {"url": url, "secret": secret, "pid": os.getpid(), "cert": str(cert.resolve()) if cert else None}
    # In one step, since others wait for the file; it is readable by this user only.
    write_durably(path, json.dumps(told))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            hall.state.sessions.remove(codes.fingerprint(secret))
        path.unlink(missing_ok=True)
