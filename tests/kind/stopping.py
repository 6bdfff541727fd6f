"""A Docker that stops half-way, as one lab sees it, and paused nodes."""

import contextlib
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

__all__ = ["DockerThatStops", "pause"]


def pause(node: str) -> None:
    """Pause a node. A busy node does not always freeze (cgroup v1): runc tries for a while, and gives up."""
    limit = time.monotonic() + 60
    while True:
        tried = subprocess.run(["docker", "pause", node], check=False, capture_output=True, text=True, timeout=120)
        if not tried.returncode:
            return
        assert time.monotonic() < limit, tried.stderr


class DockerThatStops:
    """A socket that forwards everything to Docker's until it is stopped; it can be restarted."""

    def __init__(self, path: Path, docker_socket: Path) -> None:
        self._path = path
        self._docker_socket = docker_socket
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self.stop()
        for thread in self._threads:
            thread.join(30)
        for each in self._open:
            each.close()

    def start(self) -> None:
        self._path.unlink(missing_ok=True)
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(self._path))
        self._server.listen()
        self._run(self._accept, self._server)

    def stop(self) -> None:
        for each in (self._server, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _run(self, target: Callable[..., None], *args: object) -> None:
        self._threads.append(threading.Thread(target=target, args=args, daemon=True))
        self._threads[-1].start()

    def _accept(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = server.accept()
                docker_side = socket.socket(socket.AF_UNIX)
                docker_side.connect(str(self._docker_socket))
                self._open += [client, docker_side]
                self._run(self._pass_on, client, docker_side)
                self._run(self._pass_on, docker_side, client)

    @staticmethod
    def _pass_on(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
