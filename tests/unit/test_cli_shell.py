"""A terminal connected to a shell: keys, output, size, and the restored terminal afterwards."""

import fcntl
import os
import pty
import queue
import signal
import struct
import termios
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from lab.commands.terminal import attach

PROMPT = b"$ "


@dataclass
class EchoShell:
    """Prints a prompt, then its input in capitals; `q` ends it."""

    output: "queue.Queue[bytes]" = field(default_factory=queue.Queue)
    sizes: "queue.Queue[tuple[int, int]]" = field(default_factory=queue.Queue)
    closed: bool = False

    def __post_init__(self) -> None:
        self.output.put(PROMPT)

    def read(self, timeout: float | None = None) -> bytes | None:
        return self.output.get(timeout=timeout)

    def write(self, data: bytes) -> None:
        self.output.put(b"" if data == b"q" else data.upper())

    def resize(self, rows: int, cols: int) -> None:
        self.sizes.put((rows, cols))

    def close(self) -> None:
        self.closed = True
        self.output.put(b"")


@dataclass
class Terminal:
    keyboard: int
    stream: int

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += os.read(self.keyboard, size - len(data))
        return data

    def resize(self, rows: int, cols: int) -> None:
        fcntl.ioctl(self.stream, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    master, slave = pty.openpty()
    yield Terminal(master, slave)
    for number in (master, slave):
        try:
            os.close(number)
        except OSError:
            continue


def test_keys_go_in_and_bytes_come_out_untouched(terminal: Terminal) -> None:
    shell, seen = EchoShell(), []
    before = termios.tcgetattr(terminal.stream)

    def person() -> None:
        terminal.read(len(PROMPT))
        for keys in (b"abc", b"\x03", b"\r", b"\xc3\xa4"):
            os.write(terminal.keyboard, keys)
            seen.append(terminal.read(len(keys)))
        os.write(terminal.keyboard, b"q")

    typing = threading.Thread(target=person)
    typing.start()
    attach(shell, terminal.stream, terminal.stream)
    typing.join()

    assert seen == [b"ABC", b"\x03", b"\r", b"\xc3\xa4"]
    assert shell.closed
    assert termios.tcgetattr(terminal.stream) == before


def test_the_end_of_a_command_is_noticed_even_in_two_pieces(terminal: Terminal) -> None:
    shell, ends = EchoShell(), []

    def person() -> None:
        terminal.read(len(PROMPT))
        for keys in (b"ls\r", b"\x1b]133;c", b"\x1b]13", b"3;d;0\x07"):
            os.write(terminal.keyboard, keys)
            terminal.read(len(keys))
        os.write(terminal.keyboard, b"q")

    typing = threading.Thread(target=person)
    typing.start()
    attach(shell, terminal.stream, terminal.stream, command_ended=lambda: ends.append("ended"))
    typing.join()

    assert ends == ["ended"]


def test_the_window_s_size_is_passed_on(terminal: Terminal) -> None:
    shell, sizes = EchoShell(), []

    def person() -> None:
        terminal.read(len(PROMPT))
        terminal.resize(33, 111)
        os.kill(os.getpid(), signal.SIGWINCH)
        sizes.append(shell.sizes.get(timeout=10))
        os.write(terminal.keyboard, b"q")

    typing = threading.Thread(target=person)
    typing.start()
    attach(shell, terminal.stream, terminal.stream)
    typing.join()

    assert sizes == [(33, 111)]


def test_a_terminal_that_is_hung_up_ends_the_shell(terminal: Terminal) -> None:
    shell = EchoShell()

    def person() -> None:
        terminal.read(len(PROMPT))
        os.close(terminal.keyboard)

    typing = threading.Thread(target=person)
    typing.start()
    attach(shell, terminal.stream, terminal.stream)
    typing.join()

    assert shell.closed
