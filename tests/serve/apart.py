"""A worker on another machine, for tests: its certificates, its process, and a network that breaks."""

import asyncio
import contextlib
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lab.serve.apart import tls
from lab.serve.outpost import Outpost
from lab.serve.server.remote import Remote
from lab.store import now

__all__ = ["Network", "Pod", "keys", "listening", "meets"]


def keys(folder: Path) -> tuple[Path, Path]:
    """Make certificates for a server and a worker that know each other; return their folders."""
    sides = folder / "server", folder / "worker"
    for side, other in zip(sides, reversed(sides), strict=True):
        _make(side, other)
    return sides


def _make(side: Path, other: Path) -> None:
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, side.name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .sign(secret, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    private = secret.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for each in (side, other):
        each.mkdir(parents=True, exist_ok=True)
    (side / "tls.key").write_bytes(private)
    (side / "tls.crt").write_bytes(made.public_bytes(encoding))
    (other / "peer.crt").write_bytes(made.public_bytes(encoding))


@contextlib.asynccontextmanager
async def listening(worker: Path) -> AsyncIterator[Outpost]:
    """A worker without seats, which listens while the body runs."""
    found, ended = Outpost(0.3), asyncio.Event()
    serving = asyncio.create_task(found.serve("127.0.0.1", 0, tls(worker, listening=True), ended))
    while not found.probes:
        assert not serving.done(), serving.result()
        await asyncio.sleep(0)
    try:
        yield found
    finally:
        ended.set()
        await serving


async def meets(outpost: Outpost, context: ssl.SSLContext) -> None:
    """Connect to a worker as the server does, and leave."""
    _, writer = await Remote("127.0.0.1", outpost.port, context).open()
    writer.close()


def free_port() -> int:
    """Return a free port whose successor is free, too."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first, contextlib.suppress(OSError):
            port: int = first.getsockname()[1]
            with socket.create_server(("127.0.0.1", port + 1)):
                return port


class Pod:
    """The process of a worker, with its volume."""

    def __init__(self, labs: Path, certificates: Path) -> None:
        self._labs = labs
        self._keys = certificates
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start the process."""
        where = ["--host", "127.0.0.1", "--port", str(self.port)]
        what = ["--labs", str(self._labs), "--keys", str(self._keys)]
        with (self._labs.parent / "worker.log").open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "lab.serve.pod", *what, *where], stderr=log)

    def end(self) -> None:
        """End it as Kubernetes does."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0

    def abandon(self) -> None:
        """Kill it if it still runs."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Network:
    """The way to a port of this machine, which can be cut in the middle of a stream."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        #: How many connections were made.
        self.count = 0

    @contextlib.contextmanager
    def there(self) -> Iterator["Network"]:
        """Carry connections while the body runs."""
        threading.Thread(target=self._accept, daemon=True).start()
        try:
            yield self
        finally:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self._target))
                except OSError:
                    near.close()
                    continue
                self._open += [near, far]
                self.count += 1
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_carry, args=(one, other), daemon=True).start()

    def cut(self) -> None:
        """Break all connections; whatever is under way is lost."""
        ended, self._open = self._open, []
        for each in ended:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def _carry(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(1000):
            other.sendall(data)
    with contextlib.suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)
