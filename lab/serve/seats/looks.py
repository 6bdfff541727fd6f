"""The looks of all seats of a process: one at a time, in turn, within a share of the processor."""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Looker", "Looks", "Turns"]


@dataclass(slots=True)
class _Wish:
    """A seat that waits for a look."""

    since: float
    #: Whether its player asked for the look.
    asked: bool


class Turns:
    """Decides which seat is checked next, and when. Pure: it only handles names and times.

    Seats whose players asked come first, then the seat with the oldest look. A pause follows each look, in
    proportion to its length, so that looks take at most `share` of a processor.
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._wishes: dict[str, _Wish] = {}
        self._ended: dict[str, float] = {}
        self._free = -math.inf

    def __len__(self) -> int:
        return len(self._wishes)

    def want(self, name: str, now: float, *, asked: bool = False) -> None:
        """Record that a look at `name` is due or was requested."""
        wish = self._wishes.setdefault(name, _Wish(now, asked))
        wish.asked = wish.asked or asked

    def forget(self, name: str) -> None:
        """Forget a seat that has been closed."""
        self._wishes.pop(name, None)
        self._ended.pop(name, None)

    def begin(self) -> str:
        """Take the next name."""
        never = -math.inf
        name = min(
            self._wishes,
            key=lambda each: (
                not self._wishes[each].asked,
                self._ended.get(each, never),
                self._wishes[each].since,
            ),
        )
        del self._wishes[name]
        return name

    def end(self, name: str, now: float, seconds: float) -> None:
        """Record the end of a look at `name`, and its seconds."""
        self._ended[name] = now
        self._free = now + seconds * (1 / self._share - 1)

    def pause(self, now: float) -> float:
        """Return how long to wait until the next look may begin."""
        return max(0.0, self._free - now)


class Looker(Protocol):
    """A seat that can be looked at."""

    def begin_look(self) -> None:
        """Handle the start of a look; called on the loop."""

    def look(self) -> Callable[[], None]:
        """Look, in a thread; return a function that displays the result on the loop."""


class Looks:
    """Runs the looks of the seats of this process."""

    def __init__(self, share: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._turns = Turns(share)
        self._clock = clock
        self._lookers: dict[str, Looker] = {}
        self._wanted = asyncio.Event()
        #: The number of looks, and their total seconds.
        self.count, self.seconds = 0, 0.0

    @property
    def waiting(self) -> int:
        """How many seats wait for a look."""
        return len(self._turns)

    def want(self, name: str, looker: Looker, *, asked: bool = False) -> None:
        """Have `looker` look when its turn comes."""
        self._lookers[name] = looker
        self._turns.want(name, self._clock(), asked=asked)
        self._wanted.set()

    def forget(self, name: str) -> None:
        """Stop looks at the seat called `name`."""
        self._turns.forget(name)
        self._lookers.pop(name, None)

    async def run(self) -> None:
        """Look whenever a seat is due, until cancelled."""
        while True:
            await self._wanted.wait()
            # A player who asks meanwhile still comes first.
            await asyncio.sleep(self._turns.pause(self._clock()))
            if not len(self._turns):
                self._wanted.clear()
                continue
            name = self._turns.begin()
            if looker := self._lookers.get(name):
                await self._look(name, looker)

    async def _look(self, name: str, looker: Looker) -> None:
        looker.begin_look()
        began = self._clock()
        show = await asyncio.to_thread(looker.look)
        ended = self._clock()
        self.count += 1
        self.seconds += ended - began
        self._turns.end(name, ended, ended - began)
        show()
