"""The drill on the play screen: each step live with its result; in an exam, without results."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from lab.core.drill import DrillStep
from lab.errors import LabError
from lab.grader import Told
from lab.progress import Progress
from lab.tui.desk import Desk
from lab.tui.screens.submit import Submit
from tests.tui.playing import Game, game, picture, until_text

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
