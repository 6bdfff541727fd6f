"""This terminal, connected to a seat: the user's own, or another person's screen."""

import os
import sys

from lab.commands.terminal import attach
from lab.errors import LabError
from lab.serve.visit.address import Door
from lab.serve.visit.line import SeatLine, WatchLine

__all__ = ["look", "play"]


def look(door: Door, chair: str) -> None:
    """Display the screen of a chair in this terminal until Ctrl+]; the person there is told about it."""
    line = WatchLine(door, chair)
    line.begin()
    attach(line, sys.stdin.fileno(), sys.stdout.fileno())


def play(door: Door) -> None:
    """Play at one's own seat in this terminal, until Ctrl+].

    Raises:
        LabError: the server ended it, with its reason, or this is not a terminal.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise LabError("This is not a terminal.", remedy="Use a browser, or run it in a terminal.")
    size = os.get_terminal_size(sys.stdout.fileno())
    line = SeatLine(door, size.lines, size.columns)
    line.begin()
    attach(line, sys.stdin.fileno(), sys.stdout.fileno())
    if line.why:
        raise LabError(line.why)
