"""Keys that are typed while the play screen opens."""

from textual import events
from textual.pilot import Pilot
from textual.widgets import OptionList

from lab.tui.screens.play import PlayScreen
from tests.tui.playing import Game, game, shown, until_text
from tests.tui.scripted_shell import amid_work, until

__all__ = ["game"]


async def open_play_screen(pilot: Pilot[None]) -> None:
    """Leave the letters, and come back before the play screen is laid out."""
    await shown(pilot, "BootScreen")
    await until_text(pilot, "the clock runs")
    pilot.app.post_message(events.Key("enter", "\r"))
    await amid_work(lambda: isinstance(pilot.app.screen, PlayScreen))
    assert not pilot.app.screen.is_mounted


async def test_they_are_the_terminals(game: Game) -> None:
    async with game.home(scenario=str(game.scenario)) as pilot:
        await open_play_screen(pilot)
        for key in "ls":
            pilot.app.post_message(events.Key(key, key))
        await until(pilot, lambda: bool(game.shells) and game.shell.typed == b"ls")


async def test_function_keys_do_as_ever(game: Game) -> None:
    async with game.home(scenario=str(game.scenario)) as pilot:
        await open_play_screen(pilot)
        pilot.app.post_message(events.Key("f4", None))
        await until(pilot, lambda: isinstance(pilot.app.focused, OptionList))
