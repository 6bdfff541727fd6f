"""An exam on the play screen: it shows no states, its clock counts down, and it submits automatically."""

import re
from datetime import timedelta

import pytest
from textual.widgets import Select

from lab.core.grading import Outcome
from lab.core.score_view import ScoreView
from lab.core.session import Ending, State
from lab.errors import LabError
from lab.grader import Told
from lab.store import Store, now
from lab.tui.desk import Desk
from lab.tui.screens.submit import Submit
from tests.tui.playing import Game, game, picture, shown, until_text
from tests.tui.scripted_shell import until
from tests.tui.test_play import leave

__all__ = ["game"]


def left(seconds: float) -> None:
    """Set the remaining time."""
    with Store("kluster005").update() as session:
        session.deadline = now() + timedelta(seconds=seconds)


def ending() -> Ending | None:
    return Store("kluster005").load().ending


async def test_the_clock_counts_down(game: Game) -> None:
    async with game.play(mode="exam") as pilot:
        left(2 * 3600)
        await until(pilot, lambda: bool(re.search(r" 1:\d\d:\d\d left ", picture(pilot.app))))


async def test_it_is_submitted_when_the_time_is_over(game: Game) -> None:
    async with game.play(mode="exam") as pilot:
        game.mend("left")
        left(0)
        await shown(pilot, "DebriefScreen")
        await until_text(pilot, "40 of 100 points")
    assert ending() is Ending.TIME_OVER


async def test_whatever_is_open_when_the_time_is_over(game: Game) -> None:
    async with game.play(mode="exam") as pilot:
        await pilot.press("f10")
        await shown(pilot, "Leave")
        pilot.app.action_command_palette()
        await shown(pilot, "CommandPalette")
        left(0)
        await shown(pilot, "DebriefScreen")
    assert ending() is Ending.TIME_OVER


async def test_a_diagnosis_that_is_being_given_counts(game: Game) -> None:
    async with game.play(mode="exam") as pilot:
        await pilot.press("f7")
        await shown(pilot, "Diagnosis")
        for name, answer in (("component-port", "hull"), ("cause-port", "leak"), ("cause-starboard", "rot")):
            pilot.app.screen.query_one(f"#{name}", Select).value = answer
        left(0)
        await shown(pilot, "DebriefScreen")
    session = Store("kluster005").load()
    assert {name: answer.cause for name, answer in session.diagnosis.items()} == {"left": "leak"}


async def test_an_exam_that_was_left_is_submitted_when_it_is_opened_again(game: Game) -> None:
    async with game.play(mode="exam") as pilot:
        await leave(pilot)
    left(-60)
    async with game.home(mode="exam") as pilot:
        await until_text(pilot, "the time is over; to be submitted")
        await pilot.press("enter")
        await shown(pilot, "DebriefScreen")
    assert ending() is Ending.TIME_OVER


async def test_a_submission_shows_no_states_while_it_may_fail(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise it would be a check: submit, read, and end the window in the middle."""

    def fail(desk: Desk, told: Told, *_drill: object) -> ScoreView:
        for check in desk.scenario.checks:
            told(check, Outcome.failed("it leans", "it stands"))
        raise LabError("Docker is away.")

    monkeypatch.setattr(Desk, "submit", fail)
    async with game.play(mode="exam") as pilot:
        pilot.app.push_screen(Submit(pilot.app.screen.desk))  # type: ignore[attr-defined]
        await until_text(pilot, "Docker is away.")
        assert "does not hold" not in picture(pilot.app)
        assert "upright" not in picture(pilot.app)


async def test_a_failed_submission_stays_closed(game: Game) -> None:
    async with game.play(mode="exam") as pilot:
        (game.lab.store.folder / "baseline.json").unlink()
        left(0)
        await shown(pilot, "Submit")
        await until_text(pilot, "no baseline")
        await until_text(pilot, "`kluster play` tries again")
        await pilot.press("escape")
        await until(pilot, lambda: not pilot.app.is_running)
    assert Store("kluster005").load().state is State.BROKEN


async def test_an_exam_can_not_be_begun_again_from_home(game: Game) -> None:
    async with game.play(mode="exam") as pilot:
        await leave(pilot)
    async with game.home(mode="exam", scenario=str(game.scenario)) as pilot:
        await until_text(pilot, "Resume it")
        await until_text(pilot, "Withdraw from the exam (no points)")
        assert "Restart on" not in picture(pilot.app)


async def test_another_lab_of_the_scenario_shows_no_debrief_during_an_exam(game: Game) -> None:
    async with game.play(name="mine") as pilot:
        await until(pilot, lambda: pilot.app.screen.desk.seen is not None)  # type: ignore[attr-defined]
        await leave(pilot)
    async with game.play(mode="exam") as pilot:
        await leave(pilot)
    async with game.home(name="mine") as pilot:
        await until_text(pilot, "mine")
        await pilot.press("end", "enter")
        await until_text(pilot, "An exam of this scenario is running.")
        assert "✗ port" not in picture(pilot.app)
