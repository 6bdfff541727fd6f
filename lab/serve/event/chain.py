"""The file of an attempt: append-only lines, each with the hash of the previous line.

A changed, removed or inserted line breaks the chain from there on; `verify` says where. A crash may leave an
unfinished last line. That is no break: the line is removed when the file is opened again, and the next line says
so.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import JsonValue

__all__ = ["BEGINNING", "Chain", "Verdict", "entries", "verify"]

#: The first line has this in place of a hash.
BEGINNING = "0" * 64


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _line(number: int, at: str, kind: str, data: dict[str, JsonValue], before: str) -> bytes:
    told = {"n": number, "at": at, "kind": kind, "data": data, "before": before}
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a verification: how many lines hold, the last one's hash, and the first problem."""

    lines: int
    head: str
    wrong: str = ""
    #: Bytes of an unfinished line at the end, left by a crash.
    torn: int = 0

    @property
    def whole(self) -> bool:
        """Whether there is no problem."""
        return not self.wrong


class Chain:
    """The lines of one attempt, open for appending. Appended lines are on the disk after `flush`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        found = verify(path)
        self._file: BinaryIO = path.open("ab")
        self._dirty = False
        self.torn = found.torn
        if found.torn:
            self._file.truncate(path.stat().st_size - found.torn)
        self.lines, self.head = _end_of(path) if found.wrong else (found.lines, found.head)

    def add(self, at: str, kind: str, **data: JsonValue) -> str:
        """Append a line, and return its hash."""
        self.lines += 1
        line = _line(self.lines, at, kind, data, self.head)
        self._file.write(line + b"\n")
        self.head = _hash(line)
        self._dirty = True
        return self.head

    def flush(self) -> None:
        """Write all appended lines to the disk."""
        if self._dirty:
            self._dirty = False
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self.flush()
        self._file.close()


def _end_of(path: Path) -> tuple[int, str]:
    """Return the number of lines and the hash of the last one, without verifying the others."""
    lines = path.read_bytes().splitlines()
    return len(lines), _hash(lines[-1]) if lines else BEGINNING


def verify(path: Path) -> Verdict:
    """Verify the chain at `path`; a missing file is an empty chain."""
    if not path.is_file():
        return Verdict(0, BEGINNING)
    whole, _, torn = path.read_bytes().rpartition(b"\n")
    number, head = 0, BEGINNING
    for line in whole.split(b"\n") if whole else ():
        wrong = _wrong(line, number + 1, head)
        if wrong:
            return Verdict(number, head, f"line {number + 1}: {wrong}", len(torn))
        number, head = number + 1, _hash(line)
    return Verdict(number, head, torn=len(torn))


def _wrong(line: bytes, number: int, before: str) -> str:
    try:
        told = json.loads(line)
        again = _line(told["n"], told["at"], told["kind"], told["data"], told["before"])
    except (ValueError, KeyError, TypeError):
        return "it is no line of an attempt"
    if told["n"] != number:
        return f"it has number {told['n']}"
    if told["before"] != before:
        return "the line before it is not the one that it was written after"
    return "" if again == line else "it is not written as it was"


def entries(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the data of all valid lines at `path`; nothing for a missing file."""
    if not path.is_file():
        return
    for line in path.read_bytes().rpartition(b"\n")[0].split(b"\n"):
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict):
            yield told
