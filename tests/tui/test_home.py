"""Home: Enter plays, at once and in windows of any size."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from textual.widgets import Button, OptionList

from lab.tui.options import PlayOptions
from lab.tui.screens.boot import BootScreen
from lab.tui.widgets.radio import Radio
from tests.tui.playing import Game, game, shown, until_text
from tests.tui.scripted_shell import until
from tests.tui.test_play import leave

__all__ = ["game"]


@pytest.mark.parametrize("size", [(50, 14), (60, 20), (120, 37)])
async def test_enter_plays_the_choice(game: Game, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLUSTER_SCENARIOS", str(game.scenario.parent))
    async with game.home(size) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.focused, Button))
        play = pilot.app.screen.query_one("#start")
        assert pilot.app.focused is play
        assert pilot.app.screen.region.contains_region(play.region)
        await until_text(pilot, "Play (Enter)")
        await pilot.press("enter")
        await shown(pilot, "BootScreen")


async def test_enter_chooses_and_then_plays(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BootScreen, "_work", lambda _self: None)
    monkeypatch.setenv("KLUSTER_SCENARIOS", str(game.scenario.parent))
    async with game.home() as pilot:
        await until(pilot, lambda: bool(pilot.app.screen.query("#scenario Radio")))
        screen = pilot.app.screen
        screen.query_one("#mode").focus()
        await pilot.press("down", "enter")
        assert screen.query_one("#mode-exam", Radio).value
        assert pilot.app.focused is screen.query_one("#start")
        await pilot.press("enter")
        await shown(pilot, "BootScreen")
        assert pilot.app.screen._options.mode == "exam"  # type: ignore[attr-defined]


def test_the_lab_is_created_with_the_seed() -> None:
    def argv(**options: Any) -> list[str]:
        screen = SimpleNamespace(_options=PlayOptions(scenario="s", **options))
        return BootScreen._argv(cast("BootScreen", screen), "create")

    assert argv(seed=7)[-5:] == ["--seed", "7", "--yes", "--", "s"]
    assert "--seed" not in argv()


async def test_tab_stops_only_where_something_can_be_done(game: Game) -> None:
    async with game.home() as pilot:
        await until(pilot, lambda: bool(pilot.app.screen.query("#scenario Radio")))
        stops = [str(each.id) for each in pilot.app.screen.focus_chain]

        assert stops == ["scenario", "mode", "backend", "start", "leave"]


async def test_enter_resumes_the_unfinished_lab(game: Game) -> None:
    async with game.play() as pilot:
        await leave(pilot)
    async with game.home() as pilot:
        await until_text(pilot, "under repair")
        assert isinstance(pilot.app.focused, OptionList)
        await pilot.press("enter")
        await shown(pilot, "PlayScreen")


async def test_the_focus_stays_where_the_user_chooses(game: Game) -> None:
    async with game.play() as pilot:
        await leave(pilot)
    async with game.home() as pilot:
        mode = pilot.app.screen.query_one("#mode")
        labs = pilot.app.screen.query_one("#labs", OptionList)
        if not labs.option_count:
            mode.focus()
            await until(pilot, lambda: bool(labs.option_count))
            assert pilot.app.focused is mode


async def test_the_lab_that_was_named_is_the_marked_one(game: Game) -> None:
    for name in ("mine", "other"):
        async with game.play(name=name) as pilot:
            await leave(pilot)
    async with game.home(name="other") as pilot:
        labs = pilot.app.screen.query_one("#labs", OptionList)
        await until(pilot, lambda: labs.option_count == 2)
        assert labs.highlighted is not None
        assert labs.get_option_at_index(labs.highlighted).id == "other"
