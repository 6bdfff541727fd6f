"""Looks during play: none is lost, and none is older than displayed."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from lab import grader
from lab.core.session import Mode
from lab.lab import Lab
from lab.progress import Silent
from lab.tui.desk import Desk, Look
from tests.tui.playing import Game, game, until_text
from tests.tui.scripted_shell import until

__all__ = ["game"]


class Held:
    """Delays the looks that begin while it is on, until each is released; their results are older."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.on = False
        self.waiting: list[threading.Event] = []
        look = grader.look

        def held(*args: Any, **kwargs: Any) -> grader.Observed:
            observed = look(*args, **kwargs)
            if self.on:
                go = threading.Event()
                self.waiting.append(go)
                self._came.set()
                assert go.wait(20)
            return observed

        self._came = threading.Event()
        monkeypatch.setattr(grader, "look", held)

    def until_one_waits(self) -> None:
        assert self._came.wait(20)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    return Held(monkeypatch)


def broken(game: Game, clock: Callable[[], float]) -> Desk:
    lab = Lab.create("kluster005", game.scenario, backend="sim", mode=Mode.TRAINING, image=None, progress=Silent())
    lab.break_([], Silent())
    return Desk(lab, clock)


async def test_grade_while_a_look_runs_is_not_dropped(game: Game, held: Held) -> None:
    async with game.play() as pilot:
        await until_text(pilot, "✗ port 0 of 40")
        held.on = True
        await pilot.press("f5")
        await until(pilot, lambda: bool(held.waiting))
        held.on = False
        game.mend("left")
        await pilot.press("f5")
        await until_text(pilot, "✓ port 40 of 40 repaired")

        # The first look comes late, with an outdated result.
        held.waiting[0].set()
        await pilot.app.workers.wait_for_complete([each for each in pilot.app.workers if each.group == "look"])
        await pilot.pause()
        await until_text(pilot, "✓ port 40 of 40 repaired")
    assert game.lab.session.last_statuses["left-whole"] == "pass"


async def test_work_in_another_terminal_is_followed_by_a_look(game: Game) -> None:
    async with game.play() as pilot:
        await until_text(pilot, "✗ port 0 of 40")
        game.mend("left")
        game.lab.store.stir()

        await until_text(pilot, "✓ port 40 of 40 repaired")


@pytest.mark.parametrize(
    "act",
    [
        lambda lab: lab.solve(["left"], Silent()),
        lambda lab: lab.hint("port"),
        lambda lab: lab.diagnose("port", "hull", "leak"),
    ],
    ids=["solve", "hint", "diagnose"],
)
def test_what_another_command_changes_is_followed_by_a_look(game: Game, act: Callable[[Lab], object]) -> None:
    now = [0.0]
    desk = broken(game, lambda: now[0])
    desk.watch.began(0.0)
    desk.watch.ended(1.0, 1.0, news=True)
    now[0] = 5.0
    assert not desk.look_due()

    act(Lab.open("kluster005"))

    desk.look_due()
    now[0] += 1.0
    assert desk.look_due()


def test_the_age_is_that_of_the_look_that_is_shown(game: Game, held: Held) -> None:
    now = [100.0]
    desk = broken(game, lambda: now[0])
    assert desk.look().newer
    held.on = True
    now[0] = 110.0
    slow = threading.Thread(target=desk.look)
    slow.start()
    held.until_one_waits()
    now[0] = 117.0
    held.on = False
    assert desk.seen_at == 100.0
    held.waiting[0].set()
    slow.join()

    assert desk.seen_at == 110.0


def test_what_an_older_look_has_found_is_not_shown_and_not_kept(game: Game, held: Held) -> None:
    now = [100.0]
    desk = broken(game, lambda: now[0])
    held.on = True
    slow = threading.Thread(target=desk.look)
    slow.start()
    held.until_one_waits()
    held.on = False
    game.mend("left", "right")
    now[0] = 101.0
    assert desk.look().newer
    held.waiting[0].set()
    slow.join()

    assert desk.seen_at == 101.0
    assert desk.seen is not None
    assert desk.seen.solved
    assert game.lab.session.repaired.keys() >= {"left", "right"}
    assert set(game.lab.session.last_statuses.values()) == {"pass"}


def test_a_look_that_outlasts_the_attempt_changes_nothing_of_it(game: Game, held: Held) -> None:
    desk = broken(game, lambda: 100.0)
    held.on = True
    slow = threading.Thread(target=desk.look)
    slow.start()
    held.until_one_waits()
    held.on = False
    desk.lab.submit()
    before = game.lab.session
    held.waiting[0].set()
    slow.join()

    assert game.lab.session == before


async def test_header_and_brief_show_what_help_took(game: Game) -> None:
    async with game.play((100, 40)) as pilot:
        await pilot.press("f2")
        await until_text(pilot, "✗ port 0 of 40")
        for _ in range(2):
            game.lab.hint("port")
        await pilot.press("f5")
        await until_text(pilot, "✗ port 0 of 40 (hints: -10 %)")
        game.mend("left")
        await pilot.press("f5")
        await until_text(pilot, "✓ port 36 of 40 repaired (hints took 4)")
        await until_text(pilot, "36 of 100 points · ")
        await until_text(pilot, " · hints took 4 · ")
        game.lab.solve(["starboard"], Silent())
        await pilot.press("f5")
        await until_text(pilot, "✓ starboard 0 of 40 repaired (the solution took 40)")
        await until_text(pilot, "48 of 100 points · ")
        await until_text(pilot, " · hints took 4, solutions 40")


def test_a_look_that_a_drill_overtakes_changes_nothing(game: Game, held: Held) -> None:
    desk = broken(game, lambda: 1.0)
    assert desk.look().newer
    before = game.lab.session.last_statuses
    game.mend("left")
    held.on = True
    looks: list[Look] = []
    slow = threading.Thread(target=lambda: looks.append(desk.look()))
    slow.start()
    held.until_one_waits()
    # The drill of another terminal.
    with game.lab.store.alone():
        with game.lab.store.update() as session:
            session.drilling = True
        held.waiting[0].set()
        slow.join()
    assert looks == [Look(newer=False, news=False)]
    assert game.lab.session.last_statuses == before
