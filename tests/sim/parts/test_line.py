"""Connections and streams that several threads use: nobody reads from a descriptor of another file."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pipe

import pytest

from lab.cluster.sim.process.input_stream import chunks
from lab.cluster.sim.process.line import Line


@pytest.fixture
def ends() -> Iterator[tuple[Line, Line]]:
    one, other = Pipe()
    with Line(one) as near, Line(other) as far:
        yield near, far


def test_a_stream_that_was_closed_is_not_confused_with_the_next_file() -> None:
    reader, writer = os.pipe()
    with open(reader, "rb") as stream:  # noqa: PTH123
        os.write(writer, b"ours")
        read = chunks(stream)
    os.close(writer)
    next_reader, next_writer = os.pipe()
    try:
        assert next_reader == reader, "the system gives the lowest free number"
        os.write(next_writer, b"a stranger's")

        assert list(read) == [b"ours"]
    finally:
        os.close(next_reader)
        os.close(next_writer)


def test_a_connection_that_is_closed_wakes_its_reader(ends: tuple[Line, Line]) -> None:
    near, _ = ends
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(near.recv_bytes)
        while not near._users:
            assert not reading.done()

        near.close()

        assert isinstance(reading.exception(30), EOFError | OSError)


def test_the_descriptor_stays_open_until_the_last_thread_has_left(ends: tuple[Line, Line]) -> None:
    near, far = ends
    left, gone = threading.Event(), threading.Event()

    def read() -> bool:
        with near._used():
            left.set()
            gone.wait(30)
            return not near._connection.closed

    with ThreadPoolExecutor() as pool:
        reading = pool.submit(read)
        assert left.wait(30)
        near.close()
        gone.set()

        assert reading.result(30)
    assert near._connection.closed
    with pytest.raises(EOFError):
        far.recv_bytes()


def test_a_closed_connection_is_used_no_more(ends: tuple[Line, Line]) -> None:
    near, far = ends
    far.send_bytes(b"too late")
    near.close()
    near.close()

    for use in (near.recv_bytes, lambda: near.send_bytes(b"x"), near.poll):
        with pytest.raises(OSError, match="closed"):
            use()


def test_what_was_sent_before_the_end_arrives(ends: tuple[Line, Line]) -> None:
    near, far = ends
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(near.recv_bytes)
        near.send_bytes(b"the answer")
        near.close()
        assert reading.exception(30)

    assert far.recv_bytes() == b"the answer"
