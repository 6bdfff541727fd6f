"""The brief: selecting its objectives by keys, and the pages behind them."""

import re
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widgets import Static

from lab.tui.widgets.brief import Brief
from lab.tui.widgets.walk import Stop, Walk
from tests.tui.playing import Game, game, picture, shown, until_text
from tests.tui.scripted_shell import until

__all__ = ["game"]


def brief(pilot: Pilot[None]) -> Brief:
    return pilot.app.screen.query_one(Brief)


def chosen(walk: Walk) -> str:
    return walk.current.choice if walk.current else ""


async def page(pilot: Pilot[None], *keys: str) -> str:
    """Return the page that `keys` open."""
    await pilot.press(*keys)
    await shown(pilot, "Page")
    seen = " ".join(picture(pilot.app).split())
    await pilot.press("escape")
    await shown(pilot, "PlayScreen")
    return seen


async def test_enter_opens_no_more_than_may_be_seen(game: Game) -> None:
    async with game.play() as pilot:
        await until_text(pilot, "✗ port 0 of 40")
        port = await page(pilot, "f2", "enter")
        assert "port: It leans to port" in port
        assert re.search(r"✗ It [a-z ]+0 of \d+ .{0,9}It does not hold", port), port
        assert "It does not hold." in port
        assert "It holds." in port
        assert "after the repair, after a hint" in port
        assert "FOUND-OUT" not in port
        assert "BECAUSE" not in port
        starboard = await page(pilot, "down", "enter")
        assert "It can't be checked before port is repaired." in starboard
        user = await page(pilot, "down", "enter")
        assert "found: it leans │" in user
        assert "expected: it leans no more" in user

        game.mend("left")
        await pilot.press("f5")
        await until_text(pilot, "✓ port 40 of 40")
        port = await page(pilot, "home", "up", "up", "enter")
        assert "found: FOUND-OUT whole" in port
        assert "why: BECAUSE-LEFT" in port


async def test_a_hint_that_names_the_cause_reveals_the_findings(game: Game) -> None:
    async with game.play() as pilot:
        await until_text(pilot, "✗ port 0 of 40")
        for _ in range(3):
            game.lab.hint("port")
        await pilot.press("f5")
        await until_text(pilot, "hints: -20")

        assert "found: FOUND-OUT left" in await page(pilot, "f2", "enter")


async def test_an_exam_opens_only_facts_known_before(game: Game) -> None:
    async with game.play(mode="exam") as pilot:
        opened = await page(pilot, "f2", "enter")

        assert "It leans." in opened
        assert not {"✗", "✓", "found:", "0 of 40", "It does not hold."} & set(opened.split("  "))
        assert "FOUND-OUT" not in opened


async def test_the_selected_objective_stays_while_states_change(game: Game) -> None:
    async with game.play() as pilot:
        await until_text(pilot, "✗ port 0 of 40")
        await pilot.press("f2", "down")
        await until(pilot, lambda: chosen(brief(pilot)) == "starboard")
        game.mend("left")
        await pilot.press("f5")
        await until_text(pilot, "✓ port 40 of 40")
        await pilot.press("f5")
        await pilot.pause()

        assert chosen(brief(pilot)) == "starboard"


async def test_a_click_opens_it_too(game: Game) -> None:
    async with game.play() as pilot:
        await until_text(pilot, "✗ port 0 of 40")
        await pilot.click(brief(pilot).stops[1])
        await shown(pilot, "Page")

        assert "starboard: It leans to starboard" in picture(pilot.app)


class Lines(App[None]):
    """A page of 60 lines, with a stop at lines 2, 30 and 59; the window shows 10."""

    STOPS: ClassVar[set[int]] = {2, 30, 59}

    def compose(self) -> ComposeResult:
        with Walk():
            for number in range(60):
                line = f"line {number}"
                yield Stop(line, str(number)) if number in self.STOPS else Static(line)

    def on_mount(self) -> None:
        self.query_one(Walk).focus()


async def test_arrows_read_every_line_between_two_stops() -> None:
    app = Lines()
    async with app.run_test(size=(30, 10)) as pilot:
        walk = app.query_one(Walk)
        assert chosen(walk) == "2"
        read, at = set(), []
        for key in ["down"] * 53 + ["up"] * 53:
            read |= set(re.findall(r"line \d+", picture(app)))
            at.append(chosen(walk))
            await pilot.press(key)
        assert read >= {f"line {number}" for number in range(60)}
        assert [each for each, before in zip(at, ["", *at], strict=False) if each != before] == [
            *("2", "30", "59"),
            *("30", "2"),
        ]


async def test_a_marked_stop_that_is_being_removed_is_drawn_as_before() -> None:
    app = Lines()
    async with app.run_test(size=(30, 10)) as pilot:
        stop = app.query_one(Walk).current
        assert stop is not None
        await stop.remove()
        await pilot.pause()
        stop._parent = None
        assert stop.render_lines(Region(0, 0, 8, 1))
