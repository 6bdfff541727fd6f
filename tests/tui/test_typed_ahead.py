"""Keys that are typed while the play screen opens."""

import threading

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import OptionList

from lab.lab import Lab
from lab.tui.screens.play import PlayScreen
from tests import fakes
from tests.tui.playing import Game, game, picture, shown, until_text
from tests.tui.scripted_shell import ScriptedShell, amid_work, until

__all__ = ["game"]


async def open_play_screen(pilot: Pilot[None]) -> None:
    """Leave the letters, and return before the play screen is laid out."""
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


async def test_letters_stay_and_something_moves_while_the_lab_is_opened(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, asked = threading.Event(), threading.Event()
    opened = Lab.open

    def slow(name: str) -> Lab:
        asked.set()
        assert go_on.wait(20)
        return opened(name)

    async with game.home(scenario=str(game.scenario)) as pilot:
        await shown(pilot, "BootScreen")
        await until_text(pilot, "the clock runs")
        monkeypatch.setattr(Lab, "open", slow)
        pilot.app.post_message(events.Key("enter", "\r"))
        await amid_work(asked.is_set)
        await until_text(pilot, "Open the terminal …")
        assert "The ship leans." in picture(pilot.app)
        for key in "ls":
            pilot.app.post_message(events.Key(key, key))
        await until(pilot, lambda: len(pilot.app.screen.ahead) == 2)  # type: ignore[attr-defined]
        monkeypatch.setattr(Lab, "open", opened)
        go_on.set()
        await until(pilot, lambda: bool(game.shells) and game.shell.typed == b"ls")


async def test_a_shell_that_takes_its_time_says_for_how_long(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def slow(_node: object, rows: int, cols: int) -> ScriptedShell:
        assert go_on.wait(20)
        return game._open(rows, cols)

    monkeypatch.setattr(fakes.ToyNode, "shell", slow)
    async with game.home(scenario=str(game.scenario)) as pilot:
        await open_play_screen(pilot)
        await until_text(pilot, "opening …")
        first = picture(pilot.app)
        await until(pilot, lambda: picture(pilot.app) != first)
        go_on.set()
        await until_text(pilot, "Ctrl+G Tab: leave")
