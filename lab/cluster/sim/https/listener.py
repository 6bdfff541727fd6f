"""The listener: a port of this machine's loopback, open until its cluster or this process ends."""

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import uvicorn

from lab.cluster.sim.https.accepting import Server
from lab.cluster.sim.https.answering import Api
from lab.cluster.sim.https.app import application
from lab.cluster.sim.https.keys import Keys
from lab.cluster.sim.https.turns import on_simulator
from lab.cluster.sim.https.upgrades import Upgrades
from lab.cluster.sim.world.world import World

__all__ = ["ApiListener"]

_MOST_CONNECTIONS = 200
_KEEP_ALIVE = 90
_LARGEST_HEAD = 64 * 1024
_LARGEST_MESSAGE = 1024**2
_LOOK = 0.2
#: Seconds in which the server must be up.
_START = 30.0


class ApiListener:
    """The HTTPS server of one cluster. It runs in a thread with a loop of its own."""

    def __init__(
        self, name: str, folder: Path, world: Callable[[], World],
        used: Callable[[], contextlib.AbstractContextManager[None]],
    ) -> None:  # fmt: skip
        """Begin to listen; `used` is entered while a request runs."""
        self._api = Api(world)
        keys = Keys(name)
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        config = uvicorn.Config(
            application(self._api, used), http="h11", ws=Upgrades,
            ws_max_size=_LARGEST_MESSAGE, lifespan="off", access_log=False, log_config=None,
            limit_concurrency=_MOST_CONNECTIONS, timeout_keep_alive=_KEEP_ALIVE, server_header=False,
            h11_max_incomplete_event_size=_LARGEST_HEAD, timeout_graceful_shutdown=1,
        )  # fmt: skip
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        config.load()
        self._server = Server(config, keys.context(folder))
        #: The text that a client needs.
        self.kubeconfig = keys.kubeconfig(self._socket.getsockname()[1])
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="https", daemon=True)
        self._thread.start()
        self._up.wait(_START)

    def close(self) -> None:
        """End all connections and free the port."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(_START)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        await on_simulator(self._api.begin)
        watching = asyncio.create_task(self._watch())
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            watching.cancel()
            await on_simulator(self._api.close)

    async def _watch(self) -> None:
        """End all connections when the API server ends, as its own end does."""
        process = ""
        while True:
            if self._server.started:
                self._up.set()
            if connections := list(self._server.server_state.connections):
                state, now, _ = await on_simulator(self._api.state)
                if state == "refused" or (process and now != process):
                    for connection in connections:
                        connection.transport.abort()
                process = now
            await asyncio.sleep(_LOOK if self._up.is_set() else 0.01)
