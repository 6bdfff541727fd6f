"""How the loop that simulated clusters live on waits."""

import asyncio
import os
import sys
import time

import pytest

from lab.cluster.sim.timing.event_loop import background_loop

#: select's own limit; a process that has many clusters has more descriptors.
_FD_SETSIZE = 1024


def on_a_loop_of_its_own(seconds: float) -> float:
    """Return how long a sleep of `seconds` takes, in s, on a loop that was just made."""
    loop = type(background_loop())()

    async def sleeps() -> float:
        began = time.perf_counter()
        for _ in range(100):
            await asyncio.sleep(seconds)
        return (time.perf_counter() - began) / 100

    try:
        return loop.run_until_complete(sleeps())
    finally:
        loop.close()


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors are no small numbers there")
def test_a_loop_works_in_a_process_of_many_files() -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * _FD_SETSIZE:
        pytest.skip(f"at most {hard} files may be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * _FD_SETSIZE), hard))
    opened: list[int] = []
    try:
        while not opened or opened[-1] <= _FD_SETSIZE:
            opened.append(os.open(os.devnull, os.O_RDONLY))
        assert on_a_loop_of_its_own(0.0004) < 1
    finally:
        for file in opened:
            os.close(file)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.skipif(sys.platform != "linux", reason="only epoll rounds up")
def test_a_short_wait_is_shorter_than_epolls_shortest() -> None:
    assert min(on_a_loop_of_its_own(0.0002) for _ in range(5)) < 0.001
