"""Closed screens are freed: otherwise a play screen would hold all its terminals with their output."""

import asyncio
import gc
import weakref

from tests.tui.playing import Game, game, shown, until_text
from tests.tui.scripted_shell import until

__all__ = ["game"]


async def test_screens_that_were_left_are_forgotten(game: Game) -> None:
    async with game.play() as pilot:
        left = []
        for _ in range(3):
            left.append(weakref.ref(pilot.app.screen))
            await asyncio.to_thread(game.lab.submit, lambda *_: None)
            await shown(pilot, "DebriefScreen")
            left.append(weakref.ref(pilot.app.screen))
            pilot.app.screen.dismiss("again")
            await until_text(pilot, "the clock runs")
            await pilot.press("enter")
            await shown(pilot, "PlayScreen")

        def forgotten() -> bool:
            gc.collect()
            return all(screen() is None for screen in left)

        await until(pilot, forgotten)
