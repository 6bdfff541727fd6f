"""NO_COLOR: no colour at all, and what has the focus is seen all the same."""

import pytest
from rich.segment import Segment
from textual.app import App

from lab.tui import command
from lab.tui.app import PlayApp
from tests.tui.playing import Game, game, shown, until_text
from tests.tui.scripted_shell import until

__all__ = ["game"]


def segments(app: App[None]) -> list[Segment]:
    """Return what is on the screen, as it is written to the terminal."""
    return [segment for strip in app.screen._compositor.render_strips() for segment in strip]


def colours(app: App[None]) -> list[Segment]:
    return [each for each in segments(app) if each.style and (each.style.color or each.style.bgcolor)]


def reversed_text(app: App[None]) -> str:
    return " ".join(each.text for each in segments(app) if each.style and each.style.reverse)


async def test_there_is_none_on_any_screen(game: Game) -> None:
    async with game.play(colour=False) as pilot:
        game.shell.say("\x1b[31;44mred on blue\x1b[0m \x1b[1;38;2;9;200;9mgreen\x1b[0m\r\n")
        await until_text(pilot, "red on blue green")
        await until_text(pilot, "✗ port 0 of 40")
        assert colours(pilot.app) == []
        for key, screen in (("f7", "Diagnosis"), ("f9", "Confirm"), ("f1", "Page")):
            await pilot.press(key)
            await shown(pilot, screen)
            assert colours(pilot.app) == []
            await pilot.press("escape")
        game.mend("left", "right")
        game.lab.submit()
        await shown(pilot, "DebriefScreen")
        assert colours(pilot.app) == []


async def test_what_has_the_focus_is_seen_without(game: Game) -> None:
    async with game.play(colour=False) as pilot:
        await until_text(pilot, "✗ port 0 of 40")
        await pilot.press("f4", "home")
        await until(pilot, lambda: "how to look" in reversed_text(pilot.app))
        await pilot.press("f2")
        await until(pilot, lambda: " Brief " in reversed_text(pilot.app))
        assert "how to look" not in reversed_text(pilot.app)
        await pilot.press("f9")
        await shown(pilot, "Confirm")
        await until(pilot, lambda: "Go on playing" in reversed_text(pilot.app))


async def test_the_palette_has_no_colours_to_choose_then(game: Game) -> None:
    async with game.home(colour=False) as pilot:
        titles = [each.title for each in pilot.app.get_system_commands(pilot.app.screen)]

        assert [title for title in titles if "Colours" in title] == []


@pytest.mark.parametrize(("value", "colour"), [("1", False), ("", True), (None, True)])
def test_the_variable_is_asked(monkeypatch: pytest.MonkeyPatch, value: str | None, colour: bool) -> None:  # noqa: FBT001
    asked: list[bool] = []
    monkeypatch.setattr(command, "_require_terminal", lambda: None)
    monkeypatch.setattr(PlayApp, "run", lambda self: asked.append(self.options.colour))
    monkeypatch.delenv("NO_COLOR", raising=False)
    if value is not None:
        monkeypatch.setenv("NO_COLOR", value)
    command.play()

    assert asked == [colour]
