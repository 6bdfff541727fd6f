"""NO_COLOR: no colour at all, and the focus is still visible."""

import pytest
from rich.segment import Segment
from textual.app import App
from textual.pilot import Pilot

from lab.tui import command
from lab.tui.app import PlayApp
from tests.tui.playing import Game, game, shown, until_text
from tests.tui.scripted_shell import until

__all__ = ["game"]


def segments(app: App[None]) -> list[Segment]:
    """Return the screen as it is written to the terminal."""
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


async def until_reversed(pilot: Pilot[None], *words: str, but: str = "") -> None:
    """Wait until `words` are reversed; of `but` nothing may be."""
    await until(pilot, lambda: all(each in reversed_text(pilot.app) for each in words))
    assert not but or but not in reversed_text(pilot.app)


async def test_the_focused_row_of_each_part_is_reversed(game: Game) -> None:
    async with game.play(colour=False) as pilot:
        await until_text(pilot, "✗ port 0 of 40")
        await until_reversed(pilot, " control-plane ")
        await pilot.press("f2")
        await until_reversed(pilot, " Brief ", "port", but="starboard")
        await pilot.press("down")
        await until_reversed(pilot, " Brief ", "starboard")
        await pilot.press("f4")
        await until_reversed(pilot, " Hints ", "how to look", but="Brief")
        await pilot.press("end")
        await until_reversed(pilot, "Repair one of them", but="how to look")
        await pilot.press("f2")
        await until_reversed(pilot, " Brief ", "starboard", but=" Hints ")


async def test_the_focused_row_of_each_dialog_is_reversed(game: Game) -> None:
    async with game.play(colour=False) as pilot:
        await until_text(pilot, "✗ port 0 of 40")
        await pilot.press("f9")
        await shown(pilot, "Confirm")
        await until_reversed(pilot, "Keep playing", but="Submit")
        await pilot.press("tab")
        await until_reversed(pilot, "Submit", but="Keep playing")
        await pilot.press("escape", "f4", "end", "enter")
        await shown(pilot, "Choose")
        await until_reversed(pilot, "port: It leans to port", but="starboard")
        await pilot.press("escape", "f7")
        await shown(pilot, "Diagnosis")
        await until_reversed(pilot, "component …", but="Save")
        await pilot.press("enter", "down")
        await until_reversed(pilot, "The hull", but="component …")
        await pilot.press("escape", "escape", "f11")
        await shown(pilot, "PauseScreen")
        await until_reversed(pilot, "Resume (Enter)", but="Leave")
        await pilot.press("tab")
        await until_reversed(pilot, "Leave (F10)", but="Resume")


async def test_the_focused_row_of_home_and_debrief_is_reversed(game: Game) -> None:
    async with game.play(colour=False) as pilot:
        game.lab.submit()
        await shown(pilot, "DebriefScreen")
        await until_reversed(pilot, "Score", but="Repairs")
        await pilot.press("f5")
        await until_reversed(pilot, "Repairs", but="Score")
        await pilot.press("h")
        await shown(pilot, "HomeScreen")
        await until_reversed(pilot, "ended unsolved", but="Play")
        for words in ("A cluster that", "Training:", "kind:", "0 of 100", "Play (Enter)", "Leave (F10)"):
            await pilot.press("tab")
            if words not in reversed_text(pilot.app):
                await until_reversed(pilot, words)
            assert "ended unsolved" not in reversed_text(pilot.app)


async def test_the_palette_has_no_colours_to_choose_then(game: Game) -> None:
    async with game.home(colour=False) as pilot:
        titles = [each.title for each in pilot.app.get_system_commands(pilot.app.screen)]

        assert [title for title in titles if "Colours" in title] == []


@pytest.mark.parametrize("size", [(60, 20), (120, 37)])
async def test_the_palette_shows_which_entry_enter_takes_without_colours(
    game: Game, size: tuple[int, int]
) -> None:
    async with game.home(size, colour=False) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: "Leave" in reversed_text(pilot.app))
        await pilot.press("down")
        await until(pilot, lambda: "Play the chosen scenario" in reversed_text(pilot.app))
        assert "Leave" not in reversed_text(pilot.app)


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
