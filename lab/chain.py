"""The file of an attempt: append-only lines, each with the hash of the previous line.

A changed, removed or inserted line breaks the chain from there on; `verify` says where. A crash may leave an
unfinished last line. That is no break: the line is removed when the file is opened again.

The hash of a line covers its number, time, kind, the previous hash, and a salted sum of its data. So the data of
a person can be removed later (`forgotten`) and the chain still verifies. The salt is removed with the data:
without it nobody can find the removed data by guessing.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from lab.untrusted_json import parsed

__all__ = ["BEGINNING", "Chain", "Verdict", "entries", "forgotten", "last", "tip", "verify"]

#: The first line has this in place of a hash.
BEGINNING = "0" * 64
#: The last line is searched in blocks of this size, from the end; a line may be longer.
_BLOCK = 64 * 1024


def _canonical(told: dict[str, Any]) -> bytes:
    try:
        return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _sum(salt: str, data: dict[str, JsonValue]) -> str:
    return hashlib.sha256(salt.encode() + _canonical(data)).hexdigest()


def _head(told: dict[str, Any]) -> str:
    """Return the hash of a line; it covers the data by its sum."""
    return hashlib.sha256(
        _canonical({name: told[name] for name in ("n", "at", "kind", "before", "sum")})
    ).hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a verification: the hash of each line that holds, and the first problem."""

    heads: tuple[str, ...]
    wrong: str = ""
    #: Bytes of an unfinished line at the end, left by a crash.
    torn: int = 0
    #: The number of lines whose data was removed.
    forgotten: int = 0

    @property
    def whole(self) -> bool:
        """Whether there is no problem."""
        return not self.wrong

    @property
    def lines(self) -> int:
        """The number of lines that hold."""
        return len(self.heads)

    @property
    def head(self) -> str:
        """The hash of the last line that holds."""
        return self.heads[-1] if self.heads else BEGINNING


class Chain:
    """The lines of one attempt, open for appending. Appended lines are on the disk after `flush`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        line, self.torn = _end_of(path)
        self._file = path.open("ab", buffering=0)
        #: Lines that are not in the file yet: a full disk loses none of them.
        self._pending = bytearray()
        self._dirty = False
        if self.torn:
            self._file.truncate(path.stat().st_size - self.torn)
        try:
            told = parsed(line) if line else None
            self.lines, self.head = (int(told["n"]), _head(told)) if told else (0, BEGINNING)
        except (ValueError, KeyError, TypeError):
            # The chain is broken there. Appending does not repair it.
            self.lines, self.head = len(path.read_bytes().splitlines()), hashlib.sha256(line).hexdigest()

    def add(self, at: str, kind: str, **data: JsonValue) -> str:
        """Append a line and return its hash."""
        self.lines += 1
        told: dict[str, Any] = {"n": self.lines, "at": at, "kind": kind, "before": self.head}
        told["salt"] = secrets.token_hex(16)
        told["sum"], told["data"] = _sum(told["salt"], data), data
        self._pending += _canonical(told) + b"\n"
        self.head = _head(told)
        return self.head

    def flush(self) -> None:
        """Write the appended lines to the disk.

        Raises:
            OSError: the disk is full; the next call tries again.

        """
        self._write()
        if self._dirty:
            os.fsync(self._file.fileno())
            self._dirty = False

    def _write(self) -> None:
        while self._pending:
            self._dirty = True
            del self._pending[: self._file.write(bytes(self._pending))]

    def close(self, *, durably: bool = True) -> None:
        """Close the file; with `durably`, after its lines are on the disk."""
        with self._file:
            self._write()
            if durably:
                self.flush()


def _end_of(path: Path) -> tuple[bytes, int]:
    """Return the last whole line, and the number of bytes after it."""
    if not path.is_file():
        return b"", 0
    with path.open("rb") as file:
        size = at = file.seek(0, os.SEEK_END)
        end = b""
        while at and end.count(b"\n") < 2:
            at = max(0, at - _BLOCK)
            file.seek(at)
            end = file.read(size - at)
    whole, _, torn = end.rpartition(b"\n")
    return whole.rpartition(b"\n")[2], len(torn)


def verify(path: Path) -> Verdict:
    """Return whether the chain at `path` is whole; no file is an empty chain."""
    if not path.is_file():
        return Verdict(())
    whole, _, torn = path.read_bytes().rpartition(b"\n")
    heads: list[str] = []
    empty = 0
    for line in whole.split(b"\n") if whole else ():
        told = _read(line)
        wrong = _wrong(told, line, len(heads) + 1, heads[-1] if heads else BEGINNING)
        if wrong:
            return Verdict(tuple(heads), f"line {len(heads) + 1}: {wrong}", len(torn), empty)
        heads.append(_head(told))
        empty += "data" not in told
    return Verdict(tuple(heads), torn=len(torn), forgotten=empty)


def _read(line: bytes) -> dict[str, Any]:
    """Return the content of a line; an empty dictionary if it is not a line of a chain."""
    try:
        told = parsed(line)
        _head(told)
        _canonical(told)
    except (ValueError, KeyError, TypeError):
        return {}
    return told if isinstance(told, dict) else {}


def _wrong(told: dict[str, Any], line: bytes, number: int, before: str) -> str:
    if not told:
        return "it is not a line of an attempt"
    if told["n"] != number:
        return f"it has number {told['n']}"
    if told["before"] != before:
        return "the line before it was replaced"
    if _canonical(told) != line or set(told) - {"salt", "data"} != {"n", "at", "kind", "before", "sum"}:
        return "it was changed"
    if "data" not in told and "salt" not in told:
        return ""
    try:
        same = _sum(told["salt"], told["data"]) == told["sum"]
    except (KeyError, AttributeError):
        same = False
    return "" if same else "its content is not what was written"


def entries(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the readable lines at `path` that have data; none without a file."""
    if not path.is_file():
        return
    for line in path.read_bytes().rpartition(b"\n")[0].split(b"\n"):
        if isinstance((told := _read(line)).get("data"), dict):
            yield told


def tip(path: Path) -> tuple[str, int, str]:
    """Return the hash of the first line, the number of lines, and the hash of the last line.

    Raises:
        OSError: the file can't be read.
        ValueError: it is not the file of an attempt.

    """
    end = _read(_end_of(path)[0])
    with path.open("rb") as file:
        first = _read(file.readline().rstrip(b"\n"))
    if not first or not end:
        raise ValueError(f"{path} is not the file of an attempt")
    return _head(first), int(end["n"]), _head(end)


def last(path: Path) -> dict[str, Any]:
    """Return the last line at `path`; an empty dictionary if there is no readable one."""
    try:
        return _read(_end_of(path)[0])
    except OSError:
        return {}


def forgotten(path: Path, which: Callable[[dict[str, Any]], bool]) -> tuple[str, int]:
    """Return the text of `path` without the data of the lines that match `which`, and their number."""
    lines, count = [], 0
    for line in path.read_bytes().rpartition(b"\n")[0].split(b"\n"):
        told = _read(line)
        if "data" in told and which(told):
            count += 1
            kept = {name: value for name, value in told.items() if name not in {"data", "salt"}}
            lines.append(_canonical(kept))
        else:
            lines.append(line)
    return b"".join(line + b"\n" for line in lines if line).decode("utf-8", "replace"), count
