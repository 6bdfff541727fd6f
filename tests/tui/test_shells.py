"""Several shells: on several nodes, on one node, by key and by mouse; and a part that fills the window."""

import pytest
from textual.pilot import Pilot
from textual.widgets import Tab

from lab.store import Store
from lab.tui.widgets.shells import NodeTerminal, Shells
from tests.tui.playing import Game, game, picture, until_text
from tests.tui.scripted_shell import screen, until

__all__ = ["game"]


def shells(pilot: Pilot[None]) -> Shells:
    return pilot.app.screen.query_one(Shells)


def seats(pilot: Pilot[None]) -> list[str]:
    return [terminal.seat for terminal in shells(pilot).terminals]


async def more(pilot: Pilot[None], how: str) -> None:
    if how == "mouse":
        await pilot.click("_More")
    else:
        await pilot.press(*how.split())


@pytest.mark.parametrize("how", ["shift+f6", "f18", "ctrl+g c", "mouse"])
async def test_a_second_shell_on_the_same_node(game: Game, how: str) -> None:
    async with game.play() as pilot:
        await more(pilot, how)
        await until(pilot, lambda: len(game.shells) == 2)
        assert seats(pilot) == ["control-plane", "control-plane-2", "worker"]
        assert [str(tab.label) for tab in shells(pilot).query(Tab)] == ["control-plane", "(2)", "worker"]
        second = shells(pilot).terminal
        assert second.node == "control-plane"
        assert pilot.app.focused is second
        await pilot.press("l", "s")
        await until(pilot, lambda: game.shells[1].typed == b"ls")
        assert game.shells[0].typed == b""


async def test_a_terminal_that_is_hidden_before_its_size_settles_keeps_its_lines(game: Game) -> None:
    async with game.play() as pilot:
        first = shells(pilot).terminal
        await until(pilot, lambda: screen(first)[0] == "$")
        shells(pilot).show_next()
        await until(pilot, lambda: not first.size)
        first._fit()  # the delay after an earlier layout ends
        shells(pilot).show(first)
        await until(pilot, lambda: bool(first.size))
        assert screen(first)[0] == "$"
        assert min(game.shells[0].sizes) > (1, 2)


async def test_f6_goes_round_all_of_them_and_the_last_one_that_ends_goes(game: Game) -> None:
    async with game.play() as pilot:
        await pilot.press("ctrl+g", "c")
        await until(pilot, lambda: len(game.shells) == 2)
        seen = []
        for _ in range(3):
            await pilot.press("f6")
            seen.append(shells(pilot).terminal.seat)
        assert seen == ["worker", "control-plane", "control-plane-2"]
        await until(pilot, lambda: len(game.shells) == 3)
        game.shells[1].end()
        await until(pilot, lambda: seats(pilot) == ["control-plane", "worker"])
        assert shells(pilot).terminal.seat == "control-plane"
        assert pilot.app.focused is shells(pilot).terminal
        game.shells[0].end()
        await until_text(pilot, "Enter opens a new shell.")
        assert seats(pilot) == ["control-plane", "worker"]


async def test_f6_twice_at_once_ends_at_the_second_terminal(game: Game) -> None:
    """The tabs report each change later; a report of the first must not show the first again."""
    async with game.play() as pilot:
        await pilot.press("ctrl+g", "c")
        await until(pilot, lambda: len(game.shells) == 2)
        shells(pilot).show_next()
        shells(pilot).show_next()
        await pilot.pause()
        assert shells(pilot).terminal.seat == "control-plane"


async def test_a_further_shell_that_breaks_says_why(game: Game) -> None:
    async with game.play() as pilot:
        await pilot.press("ctrl+g", "c")
        await until(pilot, lambda: len(game.shells) == 2)
        game.shells[1].end(OSError("The connection broke."))
        await until_text(pilot, "The connection broke.")

        assert seats(pilot) == ["control-plane", "control-plane-2", "worker"]


async def test_what_runs_in_a_second_shell_is_its_nodes(game: Game) -> None:
    async with game.play() as pilot:
        await pilot.press("ctrl+g", "c")
        await until(pilot, lambda: len(game.shells) == 2)
        game.ran("crictl ps", 0, "output")
        await until(pilot, lambda: any(event.kind == "command" for event in Store("kluster005").timeline()))
        [command] = [event for event in Store("kluster005").timeline() if event.kind == "command"]

        assert command.data["node"] == "control-plane"
        assert {path.name for path in Store("kluster005").folder.glob("*.cast")} == {
            "control-plane.cast",
            "control-plane-2.cast",
        }


async def test_there_are_no_more_than_fit(game: Game) -> None:
    async with game.play() as pilot:
        for number in range(2, 9):
            await pilot.press("ctrl+g", "c")
            await until(pilot, lambda number=number: len(game.shells) == number)  # type: ignore[misc]
        assert len(seats(pilot)) == 9
        await pilot.press("ctrl+g", "c")
        await pilot.pause()

        assert len(seats(pilot)) == 9


async def test_zoom_fills_the_window_with_the_part_that_has_the_focus(game: Game) -> None:
    parts = {"f2": "#brief", "f3": "#desk", "f4": "#help"}
    async with game.play((200, 50)) as pilot:
        screen = pilot.app.screen
        for key, name in parts.items():
            part = screen.query_one(name)
            await pilot.press(key)
            before = part.region
            await pilot.press("f8")
            await until(pilot, lambda part=part: part.region.width == 200)  # type: ignore[misc]
            assert part.has_focus_within
            assert not any(screen.query_one(other).display for other in {*parts.values()} - {name})
            await pilot.press("f8")
            await until(pilot, lambda part=part, before=before: part.region == before)  # type: ignore[misc]


async def test_a_zoomed_part_gives_its_place_to_the_next(game: Game) -> None:
    async with game.play((200, 50)) as pilot:
        screen = pilot.app.screen
        await pilot.press("f8", "f4")
        await until(pilot, lambda: screen.query_one("#help").region.width == 200)
        await pilot.press("f3")
        await until(pilot, lambda: screen.query_one("#desk").region.width == 200)
        assert isinstance(pilot.app.focused, NodeTerminal)
        assert "Hints" not in picture(pilot.app)
