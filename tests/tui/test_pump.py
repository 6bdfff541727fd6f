"""The two threads between a shell and its screen."""

import threading

import pytest

from lab.tui.terminal.pump import Pump
from tests.tui.scripted_shell import ScriptedShell


class Opened:
    """A pump over a scripted shell, and its reports."""

    def __init__(self, kind: type[ScriptedShell] = ScriptedShell) -> None:
        self.shell = kind(24, 80)
        self.told = threading.Semaphore(0)
        self.pump = Pump(lambda _rows, _cols: self.shell, 24, 80, self.told.release)
        self.pump.start()

    def wait(self) -> None:
        assert self.told.acquire(timeout=20), "it told nothing"


class DeafShell(ScriptedShell):
    """A shell that takes no input until a test lets it."""

    def __init__(self, rows: int, cols: int) -> None:
        super().__init__(rows, cols)
        self.writing = threading.Event()
        self.let = threading.Event()

    def write(self, data: bytes) -> None:
        self.writing.set()
        self.let.wait(20)
        super().write(data)


def drain(pump: Pump) -> bytes:
    """Take output until there is none left for now."""
    return b"".join(iter(lambda: pump.take(1000), b""))


def test_output_is_announced_once_until_it_is_taken() -> None:
    opened = Opened()
    opened.shell.say("one")
    opened.wait()
    opened.shell.say("two")
    opened.shell.end()
    opened.wait()  # the end is reported separately
    assert not opened.told.acquire(blocking=False)
    assert not opened.pump.over
    assert drain(opened.pump) == b"onetwo"
    assert opened.pump.over
    assert opened.pump.error is None


def test_output_is_taken_in_pieces_and_can_be_put_back() -> None:
    opened = Opened()
    opened.shell.say("0123456789")
    opened.wait()
    assert opened.pump.take(4) == b"0123"
    opened.pump.put_back(b"23")
    assert opened.pump.take(100) == b"23456789"
    opened.pump.close()


def test_a_shell_that_says_too_much_has_to_wait() -> None:
    opened = Opened()
    for _ in range(100):
        opened.shell.say(b"x" * 10_000)
    opened.shell.end()
    while not opened.pump.full:
        opened.wait()
    assert opened.shell.read(0) is not None  # most of it was not read yet
    got = 0
    while not opened.pump.over:
        got += len(drain(opened.pump))
    assert got == 990_000


def test_a_shell_that_takes_no_input_does_not_hold_up_its_output() -> None:
    opened = Opened(DeafShell)
    assert isinstance(opened.shell, DeafShell)
    opened.pump.send(b"pasted")
    assert opened.shell.writing.wait(20)
    opened.shell.say("still there")
    opened.wait()
    assert drain(opened.pump) == b"still there"
    opened.shell.let.set()
    opened.pump.close()
    assert opened.pump.closed.wait(20)


def test_of_many_sizes_the_shell_gets_the_last() -> None:
    opened = Opened(DeafShell)
    assert isinstance(opened.shell, DeafShell)
    opened.pump.send(b"x")
    assert opened.shell.writing.wait(20)
    opened.pump.resize(10, 20)
    opened.pump.resize(30, 40)
    opened.pump.send(b"y")
    opened.shell.let.set()
    while opened.shell.typed != b"xy":
        opened.shell.writing.wait(0.01)
    assert opened.shell.sizes == [(24, 80), (30, 40)]
    opened.pump.close()


@pytest.mark.parametrize("error", [OSError("gone"), ValueError("odd")])
def test_whatever_a_shell_raises_is_its_end(error: Exception) -> None:
    opened = Opened()
    opened.shell.end(error)
    opened.wait()
    assert opened.pump.over
    assert opened.pump.error is error
    assert opened.shell.closed


def test_closing_closes_the_shell_and_tells_nothing() -> None:
    opened = Opened()
    opened.pump.close()
    assert opened.pump.closed.wait(20)
    assert opened.shell.closed
    assert not opened.told.acquire(blocking=False)
