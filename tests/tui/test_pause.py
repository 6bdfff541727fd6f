"""Pausing on the play screen: what stops, how to resume, and who refuses."""

import json
import re
from datetime import timedelta

import pytest
from textual.pilot import Pilot

from lab import pausing
from lab.core.session import State
from lab.debrief.recording import casts
from lab.errors import LabError
from lab.store import Store
from lab.tui.screens.play import PlayScreen
from tests.fakes import ToyCluster
from tests.tui.playing import Game, game, looks_like, picture, shown, until_text
from tests.tui.scripted_shell import until

__all__ = ["game"]


def state() -> State:
    return Store("kluster005").load().state


def shift(pilot: Pilot[None], *, played: float = 0, paused: float = 0) -> None:
    """Add minutes of play before the pause, and lengthen the present pause."""
    with Store("kluster005").update() as session:
        assert session.started
        session.started -= timedelta(minutes=played + paused)
        for pause in session.pauses:
            pause.since -= timedelta(minutes=paused)
    [desk] = [each.desk for each in pilot.app.screen_stack if isinstance(each, PlayScreen)]
    # It is the same attempt.
    desk._begun = Store("kluster005").load()


def held(game: Game) -> bool:
    return bool(game.lab.cluster.held)  # type: ignore[attr-defined]


async def pause(pilot: Pilot[None]) -> None:
    await pilot.press("f11")
    await shown(pilot, "PauseScreen")


async def test_it_says_what_is_stopped_and_how_to_resume(game: Game) -> None:
    async with game.play() as pilot:
        await pause(pilot)
        assert state() is State.PAUSED
        assert held(game)
        await until_text(pilot, "The clock stands at 0:")
        await until_text(pilot, "The cluster is stopped too, and")
        await until_text(pilot, "`kluster resume` in any terminal")
        await pilot.press("enter")
        await shown(pilot, "PlayScreen")
        assert state() is State.BROKEN
        assert not held(game)


async def test_the_clock_leaves_the_pause_out(game: Game) -> None:
    async with game.play() as pilot:
        shift(pilot, played=60)
        await pause(pilot)
        shift(pilot, paused=600)
        await until_text(pilot, "The clock stands at 1:0")
        await pilot.press("f11")
        await shown(pilot, "PlayScreen")
        await until_text(pilot, "1:0")
        assert "11:0" not in picture(pilot.app)


async def test_a_real_cluster_keeps_running_and_the_screen_warns(game: Game) -> None:
    async with game.play() as pilot:
        ToyCluster.stands = False
        await pause(pilot)
        await until_text(pilot, "Only the clock of the attempt stops.")
        assert "shells wait" not in picture(pilot.app)


async def test_by_button_and_by_the_key_after_the_prefix(game: Game) -> None:
    async with game.play() as pilot:
        await pilot.press("ctrl+g", "w")
        await shown(pilot, "PauseScreen")
        await pilot.click("#resume")
        await shown(pilot, "PlayScreen")
        assert state() is State.BROKEN


async def test_the_palette_offers_it(game: Game) -> None:
    async with game.play() as pilot:
        entries = {each.title: each.help for each in pilot.app.get_system_commands(pilot.app.screen)}
        assert "until you resume" in entries["Pause"]


async def test_it_is_paused_and_resumed_in_another_terminal(game: Game) -> None:
    async with game.play() as pilot:
        pausing.pause(game.lab)
        await shown(pilot, "PauseScreen")
        pausing.resume(game.lab)
        await shown(pilot, "PlayScreen")


async def test_leaving_keeps_it_paused_and_coming_back_shows_that(game: Game) -> None:
    async with game.play() as pilot:
        await pause(pilot)
        await pilot.press("f10")
        await until(pilot, lambda: not pilot.app.is_running)
    assert state() is State.PAUSED
    async with game.home() as pilot:
        await until_text(pilot, "toy, training, sim: paused")
        await pilot.press("enter")
        await shown(pilot, "PauseScreen")
        await pilot.press("enter")
        await shown(pilot, "PlayScreen")
    assert state() is State.BROKEN


async def test_the_other_button_leaves(game: Game) -> None:
    async with game.play() as pilot:
        await pause(pilot)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: not pilot.app.is_running)
    assert state() is State.PAUSED


async def test_no_look_and_no_advice_come_in_a_pause(game: Game) -> None:
    async with game.play() as pilot:
        await until_text(pilot, "✗ port")
        desk = pilot.app.screen.desk  # type: ignore[attr-defined]
        await pause(pilot)
        seen = desk.seen_at
        clock = desk.clock
        desk.clock = lambda: clock() + 3600
        game.mend("left")
        behind = pilot.app.screen_stack[-2]
        assert isinstance(behind, PlayScreen)
        # As its timers do.
        behind._tick()
        behind.look_if_due()
        await pilot.pause()
        assert desk.seen_at == seen
        assert [event.kind for event in game.lab.store.timeline()].count("advice") == 0
        await pilot.press("enter")
        await until_text(pilot, "✓ port")
        assert [event.kind for event in game.lab.store.timeline()].count("advice") == 0


async def test_a_failed_pause_is_reported(game: Game) -> None:
    async with game.play() as pilot:
        ToyCluster.surprises["hold"] = LabError("The simulator can't be reached.")
        await pilot.press("f11")
        await shown(pilot, "Notice")
        assert "can't be reached" in picture(pilot.app)
        assert state() is State.BROKEN


async def test_an_exam_says_that_its_clock_does_not_stop(game: Game) -> None:
    async with game.play(mode="exam") as pilot:
        for keys in (("f11",), ("ctrl+g", "w")):
            await pilot.press(*keys)
            await until_text(pilot, "The clock of an exam does not stop.")
            pilot.app.clear_notifications()
            await until(pilot, lambda: "does not stop" not in picture(pilot.app))
        assert state() is State.BROKEN
        assert "Pause" not in [each.title for each in pilot.app.get_system_commands(pilot.app.screen)]
        assert "Pause" not in picture(pilot.app)
        await pilot.press("f10")
        await shown(pilot, "Leave")
        assert "F11" not in picture(pilot.app)


@pytest.mark.parametrize("keys", [("f11",), ("left", "enter")])
async def test_leaving_offers_the_pause_instead(game: Game, keys: tuple[str, ...]) -> None:
    async with game.play((60, 20)) as pilot:
        await pilot.press("f10")
        await shown(pilot, "Leave")
        for answer in ("Leave (y)", "Pause (F11)", "Stay (Esc)"):
            assert answer in picture(pilot.app)
        await pilot.press(*keys)
        await shown(pilot, "PauseScreen")
        assert state() is State.PAUSED


async def test_recordings_leave_the_pause_out(game: Game) -> None:
    async with game.play() as pilot:
        await pause(pilot)
        shift(pilot, paused=60)
        await pilot.press("enter")
        await shown(pilot, "PlayScreen")
        game.shell.say("after the pause")
        await until_text(pilot, "after the pause")
    [cast] = casts(game.lab.store.folder).values()
    events = [json.loads(line) for line in cast.read_text().splitlines()[1:]]
    [said] = [seconds for seconds, _kind, data in events if "after the pause" in data]
    assert said < 600


async def test_the_header_of_the_debrief_leaves_it_out(game: Game) -> None:
    async with game.play() as pilot:
        await pause(pilot)
        shift(pilot, paused=60)
        await pilot.press("enter")
        await shown(pilot, "PlayScreen")
        game.lab.submit()
        await shown(pilot, "DebriefScreen")
        assert re.search(r"points  ·  0:00:\d\d", picture(pilot.app))
        await until_text(pilot, "paused for 1 h")


async def test_the_paused_screen_in_every_window(game: Game) -> None:
    async with game.play() as pilot:
        await pause(pilot)
        session = Store("kluster005").load()
        assert session.started
        clock = (session.pauses[-1].since - session.started).total_seconds()
        shift(pilot, played=12 + (34.5 - clock) / 60)
        await until_text(pilot, "0:12:34, paused")
        for size in ((60, 20), (80, 24), (120, 37), (200, 60)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            looks_like(pilot.app, "paused")
