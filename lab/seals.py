"""Seals: whether a lab's files are as kluster wrote them. An edit by hand breaks a file's seal.

A seal has the digest of the text before a write and of the text after it, so a crash in between breaks no seal.
Seals prevent nothing: the owner of the folder can also edit the seals. They reveal careless edits.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import filelock

from lab.untrusted_json import parsed
from lab.writing import write_durably

__all__ = ["Seals"]

_FILE = "seals.json"
_LOCK = "seals.lock"


class Seals:
    """The seals of the files in a lab's `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def writing(self, name: str, text: str) -> Iterator[None]:
        """Seal the file `name` with the `text` that the body writes in place of what is there.

        Raises:
            OSError: the folder can't be written.

        """
        with self._alone():
            self._seal(name, after=text.encode())
            yield

    @contextmanager
    def adding(self, name: str, line: str) -> Iterator[None]:
        """Seal the file `name` with the `line` that the body adds to it.

        Raises:
            OSError: the folder can't be written.

        """
        with self._alone():
            self._seal(name, line=line.encode())
            yield

    def broken(self) -> list[str]:
        """Return the edited files, including those that were rewritten since."""
        if not (self._folder / _FILE).is_file():
            return []
        try:
            with self._alone():
                kept = self._kept()
        except OSError:
            return []
        edited = (name for name in kept["files"] if not self._is_whole(kept["files"], name))
        return sorted({*kept["edited"], *edited})

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with filelock.FileLock(self._folder / _LOCK, timeout=20):
            yield

    def _seal(self, name: str, *, after: bytes | None = None, line: bytes = b"") -> None:
        kept, there = self._kept(), self._read(name)
        # A timeline grows long, and gets a line with each command: it is read and hashed once.
        digest = hashlib.sha256(there)
        before = digest.hexdigest()
        if name not in kept["edited"] and not _holds(kept["files"], name, there, before):
            kept["edited"].append(name)
        digest.update(line)
        kept["files"][name] = {
            "size": len(there),
            "before": before,
            "after": digest.hexdigest() if after is None else _digest(after),
            "line": line.decode(),
        }
        write_durably(self._folder / _FILE, json.dumps(kept))

    def _kept(self) -> dict[str, Any]:
        try:
            kept = parsed((self._folder / _FILE).read_bytes())
            return {"files": dict(kept["files"]), "edited": list(kept["edited"])}
        except FileNotFoundError:
            return {"files": {}, "edited": []}
        except (ValueError, TypeError, KeyError):
            return {"files": {}, "edited": [_FILE]}

    def _is_whole(self, seals: dict[str, Any], name: str) -> bool:
        there = self._read(name)
        return _holds(seals, name, there, _digest(there))

    def _read(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return b""


def _holds(seals: dict[str, Any], name: str, there: bytes, digest: str) -> bool:
    """Whether the seal of `name` fits its content `there`, whose digest is `digest`."""
    if name not in seals:
        return True
    try:
        seal = seals[name]
        if digest in {seal["before"], seal["after"]}:
            return True
        # A crash wrote only a part of this line.
        cut = there[seal["size"] :]
        return _digest(there[: seal["size"]]) == seal["before"] and bool(
            cut and seal["line"].encode().startswith(cut)
        )
    except (KeyError, TypeError, AttributeError):
        return False


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
