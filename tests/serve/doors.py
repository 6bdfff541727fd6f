"""The server of an event without its workers: requests are answered, and nobody plays."""

import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from lab.catalog import CATALOG
from lab.places import hints_folder, scenarios_folder
from lab.serve.event.folder import EventFolder
from lab.serve.event.model import load_event
from lab.serve.server.child import Child
from lab.serve.server.hall import Hall
from lab.serve.server.web import web
from tests.serve.player import join, post

__all__ = ["EVENT", "Doors", "doors", "event_in"]

EVENT = """\
schema: 1
title: Friday
seats: 3
people: [{name: Ada, learner: "4711"}, {name: Grace}]
minutes: 30
"""


def event_in(path: Path, text: str = EVENT) -> EventFolder:
    """Return the event of the event.yaml `text`, in the folder `path`."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "event.yaml").write_text(text, encoding="utf-8")
    return EventFolder(path, load_event(path, scenarios_folder(), hints_folder(), CATALOG))


class Doors:
    """The server's side of an event."""

    def __init__(self, folder: EventFolder, url: str, hall: Hall) -> None:
        self.folder, self.url, self.hall = folder, url, hall

    def cookie(self, seat: str) -> str:
        """Join a seat, or as the instructor."""
        code = self.hall.state.code if seat == "instructor" else self.hall.state.seats[seat].code
        return join(self.url, code)

    def post(self, path: str, said: object, cookie: str = "") -> tuple[int, dict[str, object]]:
        """Send JSON; return the status and the answer."""
        return post(self.url, path, said, cookie=cookie)[:2]

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Ask for a page; return the status and the page."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.there = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.there.set()


@contextlib.contextmanager
def doors(path: Path, text: str = EVENT, *, public: str = "", metrics_token: str = "") -> Iterator[Doors]:
    """Answer requests about the event while the body runs; the options are those of `web`."""
    folder = event_in(path, text)
    hall = Hall(folder, folder.create_state(), [Child(folder.home, 0.3)])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        app = web(hall, {host}, public=public, metrics_token=metrics_token)
        config = uvicorn.Config(app, log_level="warning", lifespan="off", ws="none")
        server = _Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            assert server.there.wait(60)
            yield Doors(folder, f"http://{host}", hall)
        finally:
            server.should_exit = True
            thread.join()
            for place in hall.places.values():
                place.record.close()
