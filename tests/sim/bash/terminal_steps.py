"""Sequences of keys for a shell at a terminal, and the comparison of their screens."""

import json
import re
from pathlib import Path
from typing import Any

from lab.tui.terminal.emulator import Emulator

__all__ = ["BEGIN", "COLUMNS", "ROWS", "keys_of", "recorded", "recording_file", "screen_of", "sequences"]

ROWS, COLUMNS = 60, 80
# The first input: the same prompt, folder and empty screen everywhere.
BEGIN = b"PS1='$ ' HISTFILE=; cd /tmp; printf '\\e[H\\e[2J'\r"
_FOLDER = Path(__file__).parent / "corpus"
_CONTROL = re.compile(r"\^([A-Z\\])")
_NUMBER = re.compile(r"^(\[[0-9]+\][+-]?) *[0-9]{3,}(?=$| [A-Z])")
_LATER_NUMBER = re.compile(r"^ +[0-9]{3,}(?= +\|)")


def sequences() -> list[list[str]]:
    """Return all sequences: each a list of steps."""
    text = (_FOLDER / "terminal.txt").read_text(encoding="utf-8")
    return [block.strip("\n").split("\n") for block in text.split("\n----\n")]


def keys_of(step: str) -> bytes:
    """Return the keys of a step: a control key, or a line and Enter."""
    if found := _CONTROL.fullmatch(step):
        return bytes([ord(found[1]) & 0x1F])
    return step.encode() + b"\r"


def screen_of(emulator: Emulator) -> list[str]:
    """Return the lines of a screen with process numbers made equal."""
    lines = [emulator.line(row).text.rstrip() for row in range(emulator.rows)]
    while lines and not lines[-1]:
        lines.pop()
    return [_LATER_NUMBER.sub(" NUMBER", _NUMBER.sub(r"\1 NUMBER", line)) for line in lines]


def recording_file() -> Path:
    """Return the file of recordings."""
    return _FOLDER / "terminal.json"


def recorded() -> list[dict[str, Any]]:
    """Return the recordings: the steps of each sequence, and the screen behind each step.

    The recorded shell was called `-bash`, as by login. Those of nodes are called `bash`, as by `bash -l`.
    """
    text = recording_file().read_text(encoding="utf-8").replace('"-bash: ', '"bash: ')
    found: list[dict[str, Any]] = json.loads(text)
    return found
