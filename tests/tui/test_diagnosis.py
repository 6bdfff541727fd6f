"""The form of the diagnosis: its initial focus."""

from textual.pilot import Pilot
from textual.widgets import Select

from tests.tui.playing import Game, game, shown
from tests.tui.scripted_shell import until

__all__ = ["game"]


async def submit(pilot: Pilot[None]) -> None:
    await pilot.press("f9")
    await shown(pilot, "Confirm")
    await pilot.press("y")
    await shown(pilot, "Diagnosis")


async def test_it_begins_at_the_first_open_list(game: Game) -> None:
    async with game.play() as pilot:
        game.lab.diagnose("port", "hull", "leak")
        await submit(pilot)

        await until(pilot, lambda: isinstance(pilot.app.focused, Select))
        assert pilot.app.focused is not None
        assert pilot.app.focused.id == "component-starboard"


async def test_one_that_is_complete_is_submitted_by_enter(game: Game) -> None:
    async with game.play() as pilot:
        game.lab.diagnose("port", "hull", "leak")
        game.lab.diagnose("starboard", "mast", "rot")
        await submit(pilot)
        await pilot.press("enter")

        await shown(pilot, "DebriefScreen")
