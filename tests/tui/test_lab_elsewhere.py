"""A played lab whose cluster fails, or which another terminal changes."""

import contextlib

import pytest

from lab.core.session import Failure, State
from lab.errors import LabError
from lab.progress import Silent
from lab.store import Store
from lab.tui.alone import alone_at
from lab.tui.app import PlayApp
from lab.tui.offers import resumable
from lab.tui.screens.play import PlayScreen
from tests import fakes
from tests.tui.playing import Game, game, picture, shown, until_text
from tests.tui.scripted_shell import until

__all__ = ["game"]


async def test_a_cluster_that_is_gone(game: Game) -> None:
    async with game.play() as pilot:
        await until_text(pilot, "✗ port")
        game.lab.cluster.delete()
        await pilot.press("f5")
        await shown(pilot, "Notice")
        assert "does not exist any more" in picture(pilot.app)
        await pilot.press("enter")

        await shown(pilot, "HomeScreen")


async def test_a_failed_look_is_reported_and_retried(game: Game) -> None:
    async with game.play() as pilot:
        await until_text(pilot, "✗ port")
        fakes.ToyCluster.surprises["start"] = LabError("Docker does not answer.", "", "Start it.")
        monkey = pytest.MonkeyPatch()
        with monkey.context() as patched:
            patched.setattr(fakes.ToyCluster, "start_stopped_nodes", lambda self: self.surprise("start") or ())
            await pilot.press("f5")
            await until_text(pilot, "! Docker does not answer. Start it.")
            await pilot.press("f5")
            await until(pilot, lambda: "Docker does not answer" not in picture(pilot.app))


async def test_one_that_is_submitted_elsewhere_ends_here(game: Game) -> None:
    async with game.play() as pilot:
        game.lab.submit()

        await shown(pilot, "DebriefScreen")


async def test_a_second_player_is_refused(game: Game) -> None:
    with alone_at("kluster005"):
        async with game.home(scenario=str(game.scenario)) as pilot:
            await shown(pilot, "Notice")

            assert "is being played in another window" in " ".join(picture(pilot.app).split())


async def test_a_lab_that_is_removed_elsewhere_ends_here_with_words(game: Game) -> None:
    async with game.play() as pilot:
        await until_text(pilot, "✗ port")
        await pilot.press("f9")
        await shown(pilot, "Confirm")
        game.lab.delete()
        game.ran("kubectl get nodes", 1)
        await shown(pilot, "Notice")
        assert "There is no lab called kluster005" in picture(pilot.app)
        await pilot.press("enter")
        await shown(pilot, "Confirm")
        await pilot.press("escape")

        await shown(pilot, "HomeScreen")
    assert not Store("kluster005").folder.exists()


@pytest.mark.parametrize("done", ["reset", "broken again"])
async def test_a_lab_that_is_set_back_elsewhere_ends_here_with_words(game: Game, done: str) -> None:
    async with game.play() as pilot:
        await until_text(pilot, "✗ port")
        game.lab.reset(Silent())
        if done == "broken again":
            game.lab.break_([], Silent())
        await shown(pilot, "Notice")
        assert f"was {done}, in another terminal" in " ".join(picture(pilot.app).split())
        await pilot.press("enter")

        await shown(pilot, "HomeScreen")


async def test_what_nobody_foresaw_is_kept_for_the_place_that_prints_errors(
    game: Game, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_screen: PlayScreen) -> None:
        raise ValueError("a surprise")

    monkeypatch.setattr(PlayScreen, "action_grade", fail)
    pilots = []
    with contextlib.suppress(ValueError):  # the pilot raises it too
        async with game.play() as pilot:
            pilots.append(pilot)
            await pilot.press("f5")

    app = pilots[0].app
    assert isinstance(app, PlayApp)
    assert isinstance(app.problem, ValueError)
    assert "Traceback" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("state", [State.CREATING, State.INJECTING, State.RESETTING, State.DELETING])
async def test_work_of_another_terminal_is_not_called_interrupted(game: Game, state: State) -> None:
    async with game.play() as pilot:
        with game.lab.store.update() as session:
            session.state = state
        await shown(pilot, "Notice")

        assert "Wait for that command; then: kluster play" in " ".join(picture(pilot.app).split())
        assert "interrupted" not in picture(pilot.app)


async def test_a_reset_that_failed_in_another_terminal_is_told_with_what_to_do(game: Game) -> None:
    async with game.play() as pilot:
        with game.lab.store.update() as session:
            session.enter(State.RESETTING)
            session.failure = Failure(title="The runtime is gone.", detail="")
        await shown(pilot, "Notice")

        said = " ".join(picture(pilot.app).split())
        assert "could not be reset, in another terminal" in said
        assert "Try again: kluster reset" in said
    # The first screen says it, too.
    assert [offer.about.partition(": ")[2].partition(",")[0] for offer in resumable()] == ["its reset failed"]
