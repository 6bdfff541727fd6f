"""The turns of looks: fair between seats, and within a share of the processor."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest

from lab.serve.seats.looks import Looks, Turns


def test_the_seat_with_the_oldest_look_is_next() -> None:
    turns = Turns(0.5)
    for name in ("a", "b", "c"):
        turns.want(name, 0.0)
    order = []
    for at in range(3):
        order.append(turns.begin())
        turns.end(order[-1], float(at), 0.1)
    for name in ("c", "b", "a"):
        turns.want(name, 5.0)
    assert order == ["a", "b", "c"]
    assert [turns.begin() for _ in range(3)] == ["a", "b", "c"]


def test_players_who_asked_come_first() -> None:
    turns = Turns(0.5)
    turns.want("a", 0.0)
    turns.want("b", 1.0)
    turns.want("b", 2.0, asked=True)
    assert turns.begin() == "b"


@pytest.mark.parametrize(("share", "seconds", "pause"), [(0.5, 1.0, 1.0), (0.25, 1.0, 3.0), (1.0, 1.0, 0.0)])
def test_a_look_is_followed_by_a_pause_that_keeps_the_share(share: float, seconds: float, pause: float) -> None:
    turns = Turns(share)
    turns.want("a", 0.0)
    turns.begin()
    turns.end("a", 10.0, seconds)
    assert turns.pause(10.0) == pytest.approx(pause)
    assert turns.pause(20.0) == 0.0


def test_a_seat_that_is_always_due_starves_nobody() -> None:
    turns, seen, at = Turns(0.5), Counter[str](), 0.0
    names = [f"seat-{number}" for number in range(25)]
    for _ in range(250):
        for name in names:
            turns.want(name, at)
        name = turns.begin()
        seen[name] += 1
        at += 0.2
        turns.end(name, at, 0.1)
    assert set(seen.values()) == {10}


def test_a_seat_that_is_gone_is_not_looked_at() -> None:
    turns = Turns(0.5)
    turns.want("a", 0.0)
    turns.forget("a")
    assert len(turns) == 0


class _Looker:
    def __init__(self, log: list[str], name: str, done: asyncio.Event) -> None:
        self._log, self._name, self._done = log, name, done

    def begin_look(self) -> None:
        self._log.append(f"begin {self._name}")

    def look(self) -> Callable[[], None]:
        return self._show

    def _show(self) -> None:
        self._log.append(f"show {self._name}")
        self._done.set()


def test_looks_run_one_at_a_time() -> None:
    async def work() -> list[str]:
        looks, log = Looks(0.9), list[str]()
        events = {name: asyncio.Event() for name in "ab"}
        running = asyncio.create_task(looks.run())
        for name, done in events.items():
            looks.want(name, _Looker(log, name, done))
        for done in events.values():
            await done.wait()
        running.cancel()
        assert looks.count == 2
        return log

    assert asyncio.run(work()) == ["begin a", "show a", "begin b", "show b"]
