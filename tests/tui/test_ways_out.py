"""Ways out and ways on: the keys at the bottom, the palette, and the question before leaving."""

import re
from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.pilot import Pilot
from textual.widgets import Input

from lab.tui.screens.boot import BootScreen
from lab.tui.screens.debrief import DebriefScreen
from lab.tui.screens.home import HomeScreen
from lab.tui.screens.play import PlayScreen
from lab.tui.widgets.keyline import KeyLine
from lab.tui.widgets.topbar import TopBar
from tests.tui.playing import Game, game, picture, shown, until_text
from tests.tui.scripted_shell import amid_work, until

__all__ = ["game"]


KEYS = ("Keys", "Brief", "Shell", "Hints", "Grade", "Cause", "Zoom", "Submit", "Leave")


class Bars(App[None]):
    """The top line and the bottom line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(f"f{number}", f"do({number})", description) for number, description in enumerate(KEYS, start=1)
    ]

    def compose(self) -> ComposeResult:
        yield TopBar("play", "a-lab-with-quite-a-long-name")
        yield KeyLine(lesser=("do(7)", "do(6)"))


async def test_no_key_is_cut_off_and_the_way_out_stays_at_any_width() -> None:
    app = Bars()
    async with app.run_test(size=(250, 5)) as pilot:
        app.query_one(TopBar).show("12.5 of 100 points", "0:12:34", "causes 3 of 4", "training", "seen 0 s ago")
        for width in range(50, 251):
            await pilot.resize_terminal(width, 5)
            await until(pilot, lambda width=width: app.size.width == width)  # type: ignore[misc]
            top, *_, bottom = picture(app).splitlines()
            words = re.findall(r"f\d (\S+)", bottom)

            assert words[-1] == "Leave", (width, bottom)
            assert set(words) <= set(KEYS), (width, bottom)
            assert "12.5 of 100 points  ·  0:12:34" in top, (width, top)
            assert top.split("  ·  ")[-1] in {"causes 3 of 4", "training", "seen 0 s ago", "0:12:34"}, (width, top)
            assert "play" in top, (width, top)


async def test_what_ends_the_play_asks_first_however_it_is_begun(game: Game) -> None:
    async def asked(pilot: Pilot[None], *keys: str) -> None:
        await pilot.press(*keys)
        await shown(pilot, "Leave")
        assert "Leave the lab?" in picture(pilot.app)
        await pilot.press("escape")
        await shown(pilot, "PlayScreen")

    async with game.play() as pilot:
        await asked(pilot, "f10")
        await asked(pilot, "f2", "ctrl+q")
        await asked(pilot, "f4", "ctrl+q")
        await asked(pilot, "f3", "ctrl+g", "q")
        await pilot.press("ctrl+g", "p")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        await pilot.press(*"Leave", "enter")
        await shown(pilot, "Leave")


async def test_a_window_that_is_too_small_asks_as_well(game: Game) -> None:
    async with game.play() as pilot:
        await pilot.resize_terminal(20, 5)
        await shown(pilot, "TooSmall")
        await pilot.press("y")
        await until_text(pilot, "F10 leaves.")
        await pilot.press("f10")
        await until_text(pilot, "Leave? y: yes")
        await pilot.press("n")
        await until_text(pilot, "F10 leaves.")
        await pilot.press("ctrl+q")
        await until_text(pilot, "Leave? y: yes")
        await pilot.press("y")
        await amid_work(lambda: not pilot.app.is_running)


@pytest.mark.parametrize("screen", [HomeScreen, BootScreen, PlayScreen, DebriefScreen])
def test_each_key_has_a_description(screen: type[HomeScreen]) -> None:
    silent = [
        each for each in screen.BINDINGS if isinstance(each, Binding) and each.description and not each.tooltip
    ]

    assert silent == []


async def test_the_palette_offers_what_can_be_done_here_each_once_with_its_meaning(game: Game) -> None:
    async with game.play() as pilot:
        offered = [(each.title, each.help) for each in pilot.app.get_system_commands(pilot.app.screen)]

        assert ("Submit", "End the attempt and get the score, after a question (F9)") in offered
        assert len({title for title, _ in offered}) == len(offered)
        assert not {"Maximize", "Screenshot", "Quit", "Focus Next"} & {title for title, _ in offered}
        assert [title for title, help_ in offered if "The key for it" in help_ or not help_.strip()] == []


async def test_the_palettes_colours_are_the_ones_that_can_be_read(game: Game) -> None:
    async with game.home() as pilot:
        entry = next(
            each for each in pilot.app.get_system_commands(pilot.app.screen) if each.title == "Colours: contrast"
        )
        entry.callback()

        assert pilot.app.theme == "kluster-contrast"


async def test_the_keys_while_the_lab_is_made_and_when_it_is_ready(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BootScreen, "_work", lambda _self: None)
    async with game.home(scenario=str(game.scenario)) as pilot:
        await shown(pilot, "BootScreen")
        await until_text(pilot, "F10 Cancel")
        pilot.app.screen._state = "ready"  # type: ignore[attr-defined]
        await until_text(pilot, "Enter Begin F10 Back")


async def test_the_letters_can_be_read_on_when_the_lab_is_ready(game: Game) -> None:
    async with game.home((60, 20), scenario=str(game.scenario)) as pilot:
        await until_text(pilot, "the clock runs")

        assert pilot.app.focused is pilot.app.screen.query_one("#story")


async def test_zoom_is_offered_where_it_does_something_and_nowhere_else(game: Game) -> None:
    def parts() -> int:
        return picture(pilot.app).count("╭─")

    def offered() -> set[bool]:
        palette = " ".join(each.title for each in pilot.app.get_system_commands(pilot.app.screen))
        return {"F8 Zoom" in picture(pilot.app), "Zoom" in palette}

    async with game.play((60, 24)) as pilot:
        for width in (60, 79, 90, 109, 110, 169, 170, 250):
            wide = width >= 110
            await pilot.resize_terminal(width, 24)
            await until(pilot, lambda wide=wide: offered() == {wide})  # type: ignore[misc]
            await until(pilot, lambda wide=wide: parts() == (3 if wide else 1))  # type: ignore[misc]
            await pilot.press("f8")
            if wide:
                await until(pilot, lambda: parts() == 1)
                await pilot.press("f8")
                await until(pilot, lambda: parts() == 3)
            else:
                await _told_that_it_is_filled(pilot)
                await pilot.press("ctrl+g", "z")
                await _told_that_it_is_filled(pilot)


async def _told_that_it_is_filled(pilot: Pilot[None]) -> None:
    told = "Each part fills this window already."
    await until(pilot, lambda: [each.message for each in pilot.app._notifications] == [told])
    pilot.app.clear_notifications()
