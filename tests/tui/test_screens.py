"""Every screen, as text, in four window sizes. KLUSTER_UPDATE=1 takes new pictures."""

import pytest
from textual.widgets import RadioSet

from lab.debrief import pages
from lab.tui import desk, words
from lab.tui.widgets import steps
from tests.tui.playing import Game, game, looks_like, shown, until_text
from tests.tui.scripted_shell import until

__all__ = ["game"]

SIZES = [(60, 20), (80, 24), (120, 37), (200, 60)]
PROMPT = "root@kluster005-control-plane:~# kubectl get nodes\r\n"


@pytest.fixture(autouse=True)
def _timeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove times from the pictures."""
    monkeypatch.setattr(words, "clock", lambda _passed: "0:12:34")
    monkeypatch.setattr(pages, "clock", lambda _seconds: "12:34")
    monkeypatch.setattr(steps.Steps, "_seconds", lambda _self: 0.0)
    monkeypatch.setattr(desk.Desk, "since", lambda _self, _at: 0.0)


@pytest.mark.parametrize("size", SIZES)
async def test_home(game: Game, size: tuple[int, int]) -> None:
    async with game.home(size) as pilot:
        backends = pilot.app.screen.query_one("#backend", RadioSet)
        await until(pilot, lambda: backends.pressed_button is not None)
        looks_like(pilot.app, "home")


@pytest.mark.parametrize("size", SIZES)
async def test_boot(game: Game, size: tuple[int, int]) -> None:
    async with game.home(size, scenario=str(game.scenario)) as pilot:
        await until_text(pilot, "the clock runs")
        await until_text(pilot, " Back")
        work = pilot.app.screen.query_one(steps.Steps)
        await until(pilot, lambda: work.scroll_offset.y == work.max_scroll_y)
        looks_like(pilot.app, "boot")


@pytest.mark.parametrize("size", SIZES)
async def test_play(game: Game, size: tuple[int, int]) -> None:
    async with game.play(size) as pilot:
        game.shell.say(PROMPT)
        await until(pilot, lambda: pilot.app.screen.desk.seen is not None)  # type: ignore[attr-defined]
        await until_text(pilot, "control-plane:~#")
        # In a narrow window there is nothing to zoom.
        for key in ("f8", "f3", "f2", "f4") if size[0] > 100 else ("f3", "f2", "f4"):
            await pilot.press(key)
            await pilot.pause()
            looks_like(pilot.app, f"play-{key}")
            if key == "f8":
                await pilot.press(key)


@pytest.mark.parametrize("size", SIZES)
async def test_an_exam(game: Game, size: tuple[int, int]) -> None:
    async with game.play(size, mode="exam") as pilot:
        await pilot.press("f2")
        await pilot.pause()
        looks_like(pilot.app, "exam")


@pytest.mark.parametrize("size", SIZES)
async def test_dialogs(game: Game, size: tuple[int, int]) -> None:
    async with game.play(size) as pilot:
        await until(pilot, lambda: pilot.app.screen.desk.seen is not None)  # type: ignore[attr-defined]
        await pilot.press("f9")
        await shown(pilot, "Confirm")
        looks_like(pilot.app, "submit")
        await pilot.press("escape", "f7")
        await shown(pilot, "Diagnosis")
        looks_like(pilot.app, "diagnosis")
        await pilot.press("escape", "f1")
        await shown(pilot, "Page")
        looks_like(pilot.app, "keys")


@pytest.mark.parametrize("size", SIZES)
async def test_debrief(game: Game, size: tuple[int, int]) -> None:
    async with game.play(size) as pilot:
        await until(pilot, lambda: pilot.app.screen.desk.seen is not None)  # type: ignore[attr-defined]
        game.mend("left", "right")
        game.lab.submit()
        await shown(pilot, "DebriefScreen")
        for key in ("f2", "f4", "f5"):
            await pilot.press(key)
            await pilot.pause()
            looks_like(pilot.app, f"debrief-{key}")
