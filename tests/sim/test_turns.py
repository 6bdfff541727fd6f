"""Threads that take turns: one runs at a time, in the order in which their waits end, whatever the host does."""

import asyncio
import threading
import time

import pytest

from lab.cluster.sim.timing.background_loop import background_loop
from lab.cluster.sim.timing.turns import TurnTakers, on_loop, result_of


async def in_rounds(rounds: int) -> int:
    """Let the loop go round so many times."""
    for _ in range(rounds):
        await asyncio.sleep(0)
    return rounds


def test_the_thread_whose_wait_ends_first_runs_next_however_slow_the_others_are() -> None:
    order: list[str] = []

    def work(name: str, rounds: int) -> None:
        for turn in range(2):
            on_loop(in_rounds(rounds))
            time.sleep(0.1 / rounds)  # the loop waits for a slow thread
            order.append(f"{name}{turn}")

    with TurnTakers() as pool:
        pool.submit(work, "slow", 50)
        pool.submit(work, "quick", 2)
    assert order == ["quick0", "quick1", "slow0", "slow1"]


def test_the_loop_stops_while_a_thread_runs() -> None:
    went_on = threading.Event()
    with TurnTakers():
        background_loop().call_soon_threadsafe(went_on.set)
        assert not went_on.wait(0.05)
        on_loop(in_rounds(1))
        assert went_on.is_set()


def test_results_and_errors_come_back_in_order() -> None:
    with TurnTakers() as pool:
        assert list(pool.map(lambda rounds: on_loop(in_rounds(rounds)), [5, 1, 3])) == [5, 1, 3]
        failed = pool.submit(list[int]().pop)
        with pytest.raises(IndexError):
            failed.result()


def test_calls_that_are_cancelled_do_not_begin() -> None:
    began: list[int] = []

    def call(number: int) -> None:
        on_loop(in_rounds(1))
        began.append(number)
        [][number]

    with TurnTakers() as pool:
        with pytest.raises(IndexError):
            list(pool.map(call, range(3)))
        waiting = pool.submit(began.append, 7)
        assert waiting.cancel()
    assert 7 not in began


def test_one_inside_another_and_a_result_that_several_wait_for() -> None:
    with TurnTakers() as outer:
        shared = outer.submit(lambda: on_loop(in_rounds(4)))

        def inner() -> list[int]:
            with TurnTakers() as pool:
                return [*pool.map(lambda rounds: on_loop(in_rounds(rounds)), [2, 1]), result_of(shared)]

        assert list(outer.map(lambda _: inner(), range(3))) == [[2, 1, 4]] * 3


def test_afterwards_the_loop_is_free() -> None:
    with TurnTakers() as pool:
        pool.submit(on_loop, in_rounds(1))
    went_on = threading.Event()
    background_loop().call_soon_threadsafe(went_on.set)
    assert went_on.wait(30)


def test_a_failure_of_the_body_leaves_the_loop_free() -> None:
    def interrupted() -> None:
        with TurnTakers() as pool:
            pool.submit(on_loop, in_rounds(3))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert on_loop(in_rounds(1)) == 1
