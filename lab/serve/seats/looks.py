"""The looks of all seats of a process: one at a time, each seat in its turn, within a share of the processor."""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Looker", "Looks", "Turns"]


@dataclass(slots=True)
class _Wish:
    """A seat that is due."""

    since: float
    #: Whether its player waits for it.
    asked: bool


class Turns:
    """Whose look is next, and when. Pure: names and times go in and out.

    Those who asked come first, then whoever's last look is the oldest. After a look comes a pause, the longer the
    longer it took, so that looks take no more than `share` of a processor.
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._wishes: dict[str, _Wish] = {}
        self._ended: dict[str, float] = {}
        self._free = -math.inf

    def __len__(self) -> int:
        return len(self._wishes)

    def want(self, name: str, now: float, *, asked: bool = False) -> None:
        """Record that a look at `name` is due, or was asked for."""
        wish = self._wishes.setdefault(name, _Wish(now, asked))
        wish.asked = wish.asked or asked

    def forget(self, name: str) -> None:
        """Forget a seat that is gone."""
        self._wishes.pop(name, None)
        self._ended.pop(name, None)

    def begin(self) -> str:
        """Take the name whose turn it is."""
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
        """Record that a look at `name` ended, which took so long."""
        self._ended[name] = now
        self._free = now + seconds * (1 / self._share - 1)

    def pause(self, now: float) -> float:
        """Return how long to wait until the next look may begin."""
        return max(0.0, self._free - now)


class Looker(Protocol):
    """A seat that can be looked at."""

    def begin_look(self) -> None:
        """Note that a look begins; called on the loop."""

    def look(self) -> Callable[[], None]:
        """Look, in a thread; return what shows it on the loop."""


class Looks:
    """Runs the looks of the seats of this process."""

    def __init__(self, share: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._turns = Turns(share)
        self._clock = clock
        self._lookers: dict[str, Looker] = {}
        self._wanted = asyncio.Event()
        #: How many there were, and the seconds that they took.
        self.count, self.seconds = 0, 0.0

    @property
    def waiting(self) -> int:
        """How many seats wait for a look."""
        return len(self._turns)

    def want(self, name: str, looker: Looker, *, asked: bool = False) -> None:
        """Have `looker` look as soon as it is its turn."""
        self._lookers[name] = looker
        self._turns.want(name, self._clock(), asked=asked)
        self._wanted.set()

    def forget(self, name: str) -> None:
        """Look no more at the seat called `name`."""
        self._turns.forget(name)
        self._lookers.pop(name, None)

    async def run(self) -> None:
        """Look whenever a seat is due, until cancelled."""
        while True:
            await self._wanted.wait()
            # Whoever asks meanwhile comes first all the same.
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
