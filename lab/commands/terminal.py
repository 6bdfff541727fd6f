"""The command's own terminal, connected to a shell on a node: raw keys in, bytes out, its size kept."""

import os
import select
import signal
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from lab.signals import ENDS, ended_by

if TYPE_CHECKING:
    from lab.cluster.base import Shell

__all__ = ["attach"]

_CHUNK = 1 << 14
_ENDED = b"\0"
#: The mark of a command's end, see docs/terminal.md.
_COMMAND_ENDED = b"\x1b]133;D"


def attach(shell: "Shell", stdin: int, stdout: int, *, command_ended: Callable[[], None] = lambda: None) -> None:
    """Join the terminal of `stdin` and `stdout` to `shell`, until the shell or the terminal ends; close the shell.

    `command_ended` is called in another thread when the shell says that a command has ended.

    Raises:
        KeyboardInterrupt: a signal ended it. The shell is closed nevertheless.

    """
    wake_out, wake_in = os.pipe()
    os.set_blocking(wake_in, False)
    with _raw(stdin), _signals_to(wake_in):
        reader = threading.Thread(
            target=_print, args=(shell, stdout, wake_in, command_ended), daemon=True, name="shell"
        )
        reader.start()
        try:
            _type(shell, stdin, stdout, wake_out)
        finally:
            shell.close()
            reader.join(timeout=2)
    if not reader.is_alive():
        os.close(wake_out)
        os.close(wake_in)


def _type(shell: "Shell", stdin: int, stdout: int, wake: int) -> None:
    """Send keys until the shell has ended or the terminal is closed."""
    while True:
        ready, _, _ = select.select([stdin, wake], [], [])
        if wake in ready:
            events = os.read(wake, _CHUNK)
            if signal.SIGWINCH in events:
                size = os.get_terminal_size(stdout)
                shell.resize(size.lines, size.columns)
            if any(number in events for number in ENDS):
                raise KeyboardInterrupt
            if _ENDED in events:
                return
        if stdin in ready:
            try:
                keys = os.read(stdin, _CHUNK)
            except OSError:  # the terminal was closed
                return
            if not keys:
                return
            shell.write(keys)


def _print(shell: "Shell", stdout: int, wake: int, command_ended: Callable[[], None]) -> None:
    before = b""
    try:
        while data := shell.read():
            seen = before + data
            if _COMMAND_ENDED in seen:
                command_ended()
            before = seen[1 - len(_COMMAND_ENDED) :]
            while data:
                data = data[os.write(stdout, data) :]
    finally:
        os.write(wake, _ENDED)


@contextmanager
def _raw(terminal: int) -> Iterator[None]:
    before = termios.tcgetattr(terminal)
    try:
        tty.setraw(terminal, termios.TCSADRAIN)
        yield
    finally:
        with suppress(termios.error):  # it was closed
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)


@contextmanager
def _signals_to(wake: int) -> Iterator[None]:
    """Have signals wake `_type` by their numbers: that of a new window size, and those that end a command.

    None of them interrupts anything else: the shell must be closed, else it stays on a real node.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGWINCH, lambda _number, _frame: None)
    woken_before = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    try:
        with ended_by(lambda _number, _frame: None):
            yield
    finally:
        signal.set_wakeup_fd(woken_before)
        signal.signal(signal.SIGWINCH, before)
