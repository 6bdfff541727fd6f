"""The drill on the play screen: each step live with its result; in an exam, without results."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from textual.pilot import Pilot

from lab import scoring
from lab.cluster.base import Cluster
from lab.core.drill import DrillStep
from lab.core.grading import Outcome
from lab.errors import LabError
from lab.grader import Told
from lab.progress import Progress, Silent
from lab.tui.desk import Desk
from lab.tui.screens.submit import Submit
from tests.tui.playing import Game, game, picture, until_text
from tests.tui.scripted_shell import until

__all__ = ["game"]


def drill(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a submission run a drill of two steps, and then fail."""

    def hold(_desk: Desk, _told: Told, progress: Progress, ended: Callable[[DrillStep], None]) -> None:
        progress.begin("Look at the cluster")
        progress.end(ok=True)
        for name, status, shown in (("reboot", "held", "all is back"), ("guards", "failed", "a pod was let in")):
            progress.begin(f"Step {name}")
            ended(DrillStep(name=name, title=f"Step {name}", status=status, shown=shown, seconds=1.0))
            progress.end(ok=True)
        progress.begin("Step store")
        raise LabError("Docker is away.")

    monkeypatch.setattr(Desk, "submit", hold)


def begin(pilot: Pilot[None]) -> None:
    desk = pilot.app.screen.desk  # type: ignore[attr-defined]
    desk.scenario = desk.scenario.model_copy(update={"drill": ["reboot", "guards", "store"]})
    pilot.app.push_screen(Submit(desk))


async def test_each_step_is_shown_with_its_result(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    drill(monkeypatch)
    async with game.play() as pilot:
        begin(pilot)
        await until_text(pilot, "Docker is away.")
        shown = picture(pilot.app)
        assert "The drill" in shown
        assert "✓ Looked at the cluster" in shown
        assert "✓ Step reboot" in shown
        assert "all is back" in shown
        assert "✗ Step guards" in shown
        assert "a pod was let in" in shown
        assert "› Step store …" in shown


async def test_a_check_that_another_fault_hides_names_that_symptom(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hold(desk: Desk, told: Told, _progress: Progress, _ended: Callable[[DrillStep], None]) -> None:
        first, last = (desk.symptoms[at].name for at in (0, -1))
        check = next(each for each in desk.scenario.checks if each.fault == last)
        told(check, Outcome.blocked(first, "no answer"))
        raise LabError("Docker is away.")

    monkeypatch.setattr(Desk, "submit", hold)
    async with game.play() as pilot:
        desk = pilot.app.screen.desk  # type: ignore[attr-defined]
        first, last = (desk.symptoms[at].symptom.name for at in (0, -1))
        begin(pilot)
        await until_text(pilot, "Docker is away.")
        shown = " ".join(picture(pilot.app).replace("│", " ").split())
        assert f"… {last}: " in shown
        assert f"is hidden by {first}" in shown


async def test_a_running_step_shows_its_seconds(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def hold(_desk: Desk, _told: Told, progress: Progress, ended: Callable[[DrillStep], None]) -> None:
        progress.begin("Step reboot")
        go_on.wait()
        ended(DrillStep(name="reboot", title="Step reboot", status="held", shown="all is back", seconds=1.0))
        raise LabError("Docker is away.")

    monkeypatch.setattr(Desk, "submit", hold)
    async with game.play() as pilot:
        begin(pilot)
        await until_text(pilot, "› Step reboot … 1 s")
        go_on.set()
        await until_text(pilot, "Docker is away.")
        await until_text(pilot, "✓ Step reboot")
        pilot.app.screen._tick()  # type: ignore[attr-defined]
        assert "› Step reboot" not in picture(pilot.app)


async def test_an_exam_shows_that_steps_happen_and_not_what_they_show(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    drill(monkeypatch)
    async with game.play(mode="exam") as pilot:
        begin(pilot)
        await until_text(pilot, "Docker is away.")
        shown = picture(pilot.app)
        assert "· Step guards" in shown
        assert "let in" not in shown
        assert "✗" not in shown.split("The drill")[1].split("Docker is away.")[0]


def _nobody(*_told: Any) -> None:
    """Be told, and do nothing."""


class Drill:
    """A drill that breaks the cluster while it runs, until it is released."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runs = threading.Event()
        self.goes_on = threading.Event()
        monkeypatch.setattr(scoring, "hold", self._hold)

    def _hold(self, cluster: Cluster, *_args: object, **_options: object) -> NoReturn:
        cluster.control_plane.run(["break", "left"])
        self.runs.set()
        assert self.goes_on.wait(60)
        raise LabError("Docker is away.")


@pytest.mark.parametrize("steps", [["reboot"], []], ids=["a drill", "a minute"])
async def test_the_brief_keeps_the_states_from_before(
    game: Game, monkeypatch: pytest.MonkeyPatch, steps: list[str]
) -> None:
    drill = Drill(monkeypatch)
    async with game.play() as pilot:
        game.mend("left")
        await pilot.press("f5")
        await until_text(pilot, "✓ port 40 of 40")
        play = pilot.app.screen
        desk = play.desk  # type: ignore[attr-defined]
        # A submission without a screen of its own, as from another terminal.
        desk.lab.loaded.scenario.drill[:] = steps

        def submit() -> None:
            with contextlib.suppress(LabError):
                desk.submit(_nobody, Silent(), _nobody)

        submission = threading.Thread(target=submit)
        submission.start()
        await until(pilot, drill.runs.is_set)
        before = desk.lab.session.last_statuses

        desk.watch.asked()
        assert not (await asyncio.to_thread(desk.look)).newer
        await until_text(pilot, "The states are from before that.")
        assert "✓ port 40 of 40" in " ".join(picture(pilot.app).split())
        assert desk.lab.session.last_statuses == before

        drill.goes_on.set()
        await until(pilot, lambda: not submission.is_alive())
        await until_text(pilot, "✗ port 0 of 40")
        assert "The states are from before that." not in picture(pilot.app)
