"""An idle play screen does as little as possible."""

import pytest
from textual.app import App, ComposeResult
from textual.screen import Screen

from lab.tui.widgets.topbar import TopBar
from tests.tui.playing import picture


class Bar(App[None]):
    """The top line."""

    def compose(self) -> ComposeResult:
        yield TopBar("play", "a-lab")


async def test_the_clock_ticks_without_a_new_layout_of_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out = 0
    lay_out = Screen._refresh_layout

    def counted(*args: object, **kwargs: object) -> None:
        nonlocal laid_out
        laid_out += 1
        lay_out(*args, **kwargs)  # type: ignore[arg-type]

    app = Bar()
    async with app.run_test(size=(80, 5)) as pilot:
        bar = app.query_one(TopBar)
        bar.show("0 of 100 points", "0:00:09")
        await pilot.pause()
        monkeypatch.setattr(Screen, "_refresh_layout", counted)
        for second in range(10, 20):
            bar.show("0 of 100 points", f"0:00:{second}")
            await pilot.pause()
            assert f"0 of 100 points  ·  0:00:{second}" in picture(app)
        assert laid_out == 0

        bar.show("0 of 100 points", "0:00:20", "causes 3 of 4")
        await pilot.pause()
        assert "0:00:20  ·  causes 3 of 4" in picture(app)
        assert laid_out > 0
