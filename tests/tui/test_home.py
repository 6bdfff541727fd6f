"""Home: Enter plays, at once and whatever the size of the window."""

import pytest
from textual.widgets import Button, OptionList

from tests.tui.playing import Game, game, shown, until_text
from tests.tui.scripted_shell import until
from tests.tui.test_play import leave

__all__ = ["game"]


@pytest.mark.parametrize("size", [(50, 14), (60, 20), (120, 37)])
async def test_enter_plays_what_is_chosen(
    game: Game, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLUSTER_SCENARIOS", str(game.scenario.parent))
    async with game.home(size) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.focused, Button))
        play = pilot.app.screen.query_one("#start")
        assert pilot.app.focused is play
        assert pilot.app.screen.region.contains_region(play.region)
        await until_text(pilot, "Play (Enter)")
        await pilot.press("enter")
        await shown(pilot, "BootScreen")


async def test_enter_goes_on_with_what_was_begun(game: Game) -> None:
    async with game.play() as pilot:
        await leave(pilot)
    async with game.home() as pilot:
        await until_text(pilot, "under repair")
        assert isinstance(pilot.app.focused, OptionList)
        await pilot.press("enter")
        await shown(pilot, "PlayScreen")


async def test_whoever_has_begun_to_choose_is_left_there(game: Game) -> None:
    async with game.play() as pilot:
        await leave(pilot)
    async with game.home() as pilot:
        mode = pilot.app.screen.query_one("#mode")
        labs = pilot.app.screen.query_one("#labs", OptionList)
        if not labs.option_count:
            mode.focus()
            await until(pilot, lambda: bool(labs.option_count))
            assert pilot.app.focused is mode
