"""An idle play screen does as little as possible."""

import pytest
from textual.app import App, ComposeResult
from textual.screen import Screen

from lab.tui.desk import Look
from lab.tui.screens.play import PlayScreen
from lab.tui.widgets.topbar import TopBar
from tests.tui.playing import Game, game, picture
from tests.tui.scripted_shell import until

__all__ = ["game"]


class Bar(App[None]):
    """The top line."""

    def compose(self) -> ComposeResult:
        yield TopBar("play", "a-lab")


@pytest.fixture
def laid_out(monkeypatch: pytest.MonkeyPatch) -> list[Screen[object]]:
    """The screens that were laid out."""
    found: list[Screen[object]] = []
    lay_out = Screen._refresh_layout

    def counted(screen: Screen[object], *args: object, **kwargs: object) -> None:
        found.append(screen)
        lay_out(screen, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Screen, "_refresh_layout", counted)
    return found


async def test_the_clock_ticks_without_a_new_layout_of_the_screen(laid_out: list[Screen[object]]) -> None:
    app = Bar()
    async with app.run_test(size=(80, 5)) as pilot:
        bar = app.query_one(TopBar)
        bar.show("0 of 100 points", "0:00:09")
        await pilot.pause()
        laid_out.clear()
        for second in range(10, 20):
            bar.show("0 of 100 points", f"0:00:{second}")
            await pilot.pause()
            assert f"0 of 100 points  ·  0:00:{second}" in picture(app)
        bar.show("0 of 100 points", "0:00:20", "causes 3 of 4")
        await pilot.pause()

        assert "0:00:20  ·  causes 3 of 4" in picture(app)
        assert laid_out == []


async def test_a_look_that_finds_nothing_new_lays_nothing_out(game: Game, laid_out: list[Screen[object]]) -> None:
    async with game.play((120, 37)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, PlayScreen)
        game.shell.say("root@node:~# ")
        await until(pilot, lambda: screen.desk.seen is not None)
        await pilot.pause()
        laid_out.clear()
        for _ in range(3):
            screen._looked(screen.desk.clock(), Look(newer=True, news=False), None)
            await pilot.pause()

        assert laid_out == []
