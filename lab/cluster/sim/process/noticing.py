"""Notices changes in the clusters of this process, and tells other processes."""

import threading
from typing import Protocol

__all__ = ["Noticed", "noticer"]

#: Changes within so many seconds are noticed together.
_TOGETHER = 0.1
#: Seconds between two comparisons of files while a command runs.
_EVERY = 5.0


class Noticed(Protocol):
    """The home of a followed cluster."""

    def note_changes(self) -> None:
        """Look for changes; called in the noticer's thread."""


class Noticer:
    """One thread for all clusters of a process; it sleeps until one of them reports a change."""

    def __init__(self) -> None:
        self._followed: set[Noticed] = set()
        self._lock = threading.Lock()
        self._heard = threading.Event()
        self._pause = threading.Event()
        self._runs = False

    def hear(self) -> None:
        """Check all followed clusters soon."""
        self._heard.set()

    def follow(self, place: Noticed) -> None:
        """Follow the cluster at `place` from now on."""
        with self._lock:
            self._followed.add(place)
            if not self._runs:
                self._runs = True
                threading.Thread(target=self._run, name="noticer", daemon=True).start()
        self.hear()

    def leave(self, place: Noticed) -> None:
        """Stop following the cluster at `place`."""
        with self._lock:
            self._followed.discard(place)
        self.hear()

    def _run(self) -> None:
        while True:
            self._heard.wait(_EVERY)
            self._heard.clear()
            self._pause.wait(_TOGETHER)
            with self._lock:
                followed = list(self._followed)
                if not followed:
                    self._runs = False
                    return
            for each in followed:
                each.note_changes()


noticer = Noticer()
