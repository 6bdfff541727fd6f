"""Work on labs takes turns."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab.errors import LabError
from lab.serve.seats.jobs import Jobs, Notes


def test_one_at_a_time_first_come_first_served() -> None:
    jobs, order, running, most = Jobs(), list[int](), list[int](), list[int]()
    first, entered = threading.Event(), threading.Event()

    def work(number: int) -> None:
        with jobs.turn():
            running.append(number)
            most.append(len(running))
            order.append(number)
            if number == 0:
                entered.set()
                first.wait()
            running.remove(number)

    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(work, 0)]
        entered.wait()
        for number in range(1, 6):
            futures.append(pool.submit(work, number))
            while jobs.waiting < number:
                pass
        first.set()
        for future in futures:
            future.result()
    assert order == [0, 1, 2, 3, 4, 5]
    assert max(most) == 1


def test_a_job_that_fails_lets_the_next_one_in() -> None:
    jobs = Jobs()
    with pytest.raises(ZeroDivisionError), jobs.turn():
        assert 1 // jobs.waiting
    with jobs.turn():
        assert jobs.waiting == 0


def test_notes_are_written_in_order() -> None:
    notes, written = Notes(), list[int]()
    for number in range(50):
        notes.write(lambda number=number: written.append(number))  # type: ignore[misc]
    notes.close()
    assert written == list(range(50))


def test_nothing_begins_after_the_end_and_what_runs_is_done() -> None:
    jobs, begun, ends = Jobs(), threading.Event(), threading.Event()
    done: list[str] = []

    def work(name: str) -> None:
        with jobs.turn():
            begun.set()
            ends.wait()
            done.append(name)

    with ThreadPoolExecutor(4) as pool:
        running = pool.submit(work, "running")
        begun.wait()
        waiting = [pool.submit(work, f"waiting {number}") for number in range(3)]
        while jobs.waiting < len(waiting):
            threading.Event().wait(0.001)
        jobs.close()
        for each in (*waiting, pool.submit(work, "late")):
            with pytest.raises(LabError):
                each.result(60)
        ends.set()
        running.result(60)
    assert done == ["running"]
