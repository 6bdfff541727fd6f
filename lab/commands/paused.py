"""The message in a terminal on a node when its lab is paused in another terminal."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lab.commands.invocation import command
from lab.core.session import State
from lab.errors import LabError

if TYPE_CHECKING:
    from lab.store import Store

__all__ = ["PauseNews", "pauses_told"]

#: Seconds between two looks.
_EVERY = 0.5


class PauseNews:
    """Reports when the lab of `store` is paused, and when it is resumed."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._version = store.version()
        self._paused = False

    def look(self) -> str:
        """Return the news since the last look; an empty string for none."""
        version = self._store.version()
        if version == self._version:
            return ""
        self._version = version
        try:
            session = self._store.load()
        except LabError:  # the lab was removed
            return ""
        paused = session.state is State.PAUSED
        stands = session.pauses[-1].cluster_stands if paused else False
        if paused == self._paused or stands is None:  # None: it is being paused
            return ""
        self._paused = paused
        return _sentence(session.name, stands=stands) if paused else f"Lab {session.name} resumes."


def _sentence(lab: str, *, stands: bool) -> str:
    waits = "this shell waits" if stands else "its clock stands still"
    return f"Lab {lab} is paused: {waits}. Resume it, in another terminal, with: {command('resume', lab)}"


@contextmanager
def pauses_told(store: "Store", tell: Callable[[str], object]) -> Iterator[None]:
    """While the body runs, call `tell` in another thread with each sentence of `PauseNews`."""
    ended = threading.Event()
    news = PauseNews(store)

    def watch() -> None:
        while not ended.wait(_EVERY):
            if line := news.look():
                tell(line)

    watching = threading.Thread(target=watch, name="pauses", daemon=True)
    watching.start()
    try:
        yield
    finally:
        ended.set()
        watching.join()
