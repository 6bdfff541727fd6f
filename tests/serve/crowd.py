"""The people of an event: players in a thread of their own, each of whom reconnects as the page does."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Self

from tests.serve.player import Player

__all__ = ["Crowd"]


class Crowd:
    """While it is entered, everybody sits at a terminal. `patience` is how long nobody may wait, in s."""

    def __init__(self, players: Mapping[str, Player], patience: float) -> None:
        self.players = dict(players)
        self._patience = patience
        self._staying: list[asyncio.Task[None]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self.run(self._sit_down())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run `work` in the players' thread, and wait until it is done."""
        asyncio.run_coroutine_threadsafe(work, self._loop).result(self._patience)

    def each(self, does: Callable[[str, Player], Coroutine[Any, Any, Any]]) -> None:
        """Have everybody, by name, do something at the same time; wait until all have done it."""
        self.run(self._all(does))

    async def _all(self, does: Callable[[str, Player], Coroutine[Any, Any, Any]]) -> None:
        await asyncio.gather(*(does(name, player) for name, player in self.players.items()))

    async def _sit_down(self) -> None:
        self._staying = [asyncio.create_task(player.stay()) for player in self.players.values()]
        await self._all(lambda _, player: player.until(b"root@", self._patience))

    async def _leave(self) -> None:
        for task in self._staying:
            task.cancel()
        await asyncio.gather(*self._staying, return_exceptions=True)
        await self._all(lambda _, player: player.close())
