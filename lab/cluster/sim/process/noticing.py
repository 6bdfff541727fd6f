"""Notices what changed in the clusters of this process, and lets other processes know."""

import threading
from typing import Protocol

__all__ = ["Noticed", "noticer"]

#: What changes so soon after something else is noticed with it, in s.
_TOGETHER = 0.1
#: How often files are compared while a command runs, in s.
_EVERY = 5.0


class Noticed(Protocol):
    """A place whose cluster is followed."""

    def note_changes(self) -> None:
        """Look for changes; called in the noticer's thread."""


class Noticer:
    """One thread for all clusters of a process: it sleeps until one of them is heard of."""

    def __init__(self) -> None:
        self._followed: set[Noticed] = set()
        self._lock = threading.Lock()
        self._heard = threading.Event()
        self._pause = threading.Event()
        self._runs = False

    def hear(self) -> None:
        """Look at all that are followed before long."""
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
        """Follow the cluster at `place` no more."""
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
