"""Messages of the play screen: where they appear, and that they cover nothing that is being read or typed."""

from typing import Any

import pytest
from textual.pilot import Pilot

from lab.tui.app import PlayApp
from lab.tui.terminal import Terminal
from tests.tui.playing import Game, game, until_text
from tests.tui.scripted_shell import until

__all__ = ["game"]


@pytest.fixture(autouse=True)
def lasting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let messages last: one of two seconds may come and go between two looks of a test on a busy machine."""
    notify = PlayApp.notify

    def notify_for_long(app: PlayApp, message: str, **options: Any) -> None:
        notify(app, message, **{**options, "timeout": 600})

    monkeypatch.setattr(PlayApp, "notify", notify_for_long)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 37)])
async def test_a_message_over_the_terminal_leaves_its_last_lines_free(game: Game, size: tuple[int, int]) -> None:
    def leaves_free() -> bool:
        toast, terminal = pilot.app.screen.query_one("Toast").region, pilot.app.screen.query_one(Terminal)
        cursor = terminal.emulator.cursor
        assert cursor is not None
        last = terminal.content_region.y + cursor.y
        return bool(toast.height) and not any(row in toast.line_range for row in range(last - 3, last + 1))

    async with game.play(size) as pilot:
        if size[0] > 110:
            await pilot.press("f8")
        await pilot.press("f5")
        await until(pilot, lambda: _toasts(pilot) == 1)
        await until(pilot, leaves_free)
        pilot.app.clear_notifications()
        game.shell.say("line\r\n" * 40)
        await pilot.press("f5")
        await until(pilot, lambda: _toasts(pilot) == 1)
        await until(pilot, leaves_free)


async def test_help_takes_messages_away(game: Game) -> None:
    async with game.play((80, 24)) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: _toasts(pilot) == 1)
        await pilot.press("f4")
        await until(pilot, lambda: _toasts(pilot) == 0)


async def test_advice_beside_the_terminal_covers_nothing(game: Game) -> None:
    game.advise_on_failures()
    async with game.play((120, 37)) as pilot:
        await until_text(pilot, "✗ port 0 of 40")
        panel = pilot.app.screen.query_one("#help")
        assert panel.border_title == "Hints"
        game.fail_kubectl()
        await until_text(pilot, "kubectl failed 2 times")
        await until(pilot, lambda: panel.border_title == "Hints: new advice")
        assert _toasts(pilot) == 0
        await pilot.press("f4")
        await until(pilot, lambda: panel.border_title == "Hints")


async def test_a_message_announces_advice_that_is_not_on_the_screen(game: Game) -> None:
    game.advise_on_failures()
    async with game.play((80, 24)) as pilot:
        await until(pilot, lambda: pilot.app.screen.desk.seen is not None)  # type: ignore[attr-defined]
        game.fail_kubectl()
        await until(pilot, lambda: _toasts(pilot) == 1)


@pytest.mark.parametrize(("size", "messages"), [((80, 24), 1), ((120, 37), 0)])
async def test_the_last_repair_is_announced_in_the_brief_or_over_the_terminal(
    game: Game, size: tuple[int, int], messages: int
) -> None:
    async with game.play(size) as pilot:
        await until(pilot, lambda: pilot.app.screen.desk.seen is not None)  # type: ignore[attr-defined]
        game.mend("left", "right")
        pilot.app.screen.desk.watch.asked()  # type: ignore[attr-defined]
        await until_text(pilot, "Everything is repaired.")
        assert _toasts(pilot) == messages


def _toasts(pilot: Pilot[None]) -> int:
    return len(pilot.app.screen.query("Toast"))
