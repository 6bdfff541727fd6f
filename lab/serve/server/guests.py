"""Who may do what: browsers exchange codes for secrets. The server keeps only the secrets' fingerprints.

The limit for wrong codes is global, not per address: a whole class shares one address.
"""

import time
from collections.abc import Callable

from lab.serve.event.codes import check, fingerprint, new_secret, normal
from lab.serve.event.folder import EventState

__all__ = ["INSTRUCTOR", "Guests", "TooManyError"]

#: The name of a browser that joined by the instructor's code.
INSTRUCTOR = "instructor"
#: How many wrong codes a minute are answered, in all; then codes are refused until the minute ends.
_WRONG = 60
_MINUTE = 60.0
#: How many browsers may have joined a seat: the oldest one is forgotten.
_BROWSERS = 8


class TooManyError(Exception):
    """There were too many wrong codes in this minute."""


class Guests:
    """The codes and secrets of an event. `state` holds them; `save` is called after each change."""

    def __init__(
        self, state: EventState, save: Callable[[], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._state = state
        self._save = save
        self._clock = clock
        self._wrong: list[float] = []
        #: How many codes were refused.
        self.refused = 0
        #: The names of instructors, by the fingerprints of their secrets.
        self.instructors: dict[str, str] = {}

    def join(self, typed: str) -> tuple[str, str] | None:
        """Return a secret, and the name of the chair (or `INSTRUCTOR`), for a code; None for a wrong one.

        Raises:
            TooManyError: nobody can join for a moment.

        """
        now = self._clock()
        self._wrong = [at for at in self._wrong if at > now - _MINUTE]
        if len(self._wrong) >= _WRONG:
            self.refused += 1
            raise TooManyError
        name = self._name_of(normal(typed[:40]))
        if name is None:
            self._wrong.append(now)
            self.refused += 1
            return None
        secret = new_secret()
        sessions = self._sessions(name)
        sessions.append(fingerprint(secret))
        del sessions[:-_BROWSERS]
        self._save()
        return secret, name

    def _name_of(self, code: str) -> str | None:
        found = INSTRUCTOR if check(code, self._state.code) else None
        # All codes are compared, so that the duration reveals nothing.
        for name, chair in self._state.chairs.items():
            if check(code, chair.code):
                found = name
        return found

    def _sessions(self, name: str) -> list[str]:
        return self._state.sessions if name == INSTRUCTOR else self._state.chairs[name].sessions

    def who(self, secret: str) -> str | None:
        """Return the name that belongs to `secret`: a chair's, or `INSTRUCTOR`; None if there is none."""
        if not secret or len(secret) > 100:
            return None
        mark = fingerprint(secret)
        if mark in self._state.sessions:
            return INSTRUCTOR
        return next((name for name, chair in self._state.chairs.items() if mark in chair.sessions), None)

    def instructor(self, secret: str) -> str:
        """Return the name of the instructor with `secret`, so that two instructors can see who did what."""
        number = 1 + sum(name.startswith("instructor") for name in self.instructors.values())
        return self.instructors.setdefault(fingerprint(secret), f"instructor {number}")

    def reissue(self, name: str) -> str:
        """Return a new code for a chair; the old code, and all browsers that joined by it, become invalid."""
        chair = self._state.chairs[name]
        chair.code, chair.sessions = self._state.fresh_code(), []
        self._save()
        return chair.code
