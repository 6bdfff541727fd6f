"""Seals: whether a lab's files are as kluster wrote them. An edit by hand breaks a file's seal.

A seal has the digest of the text before a write and of the text after it, so a crash in between breaks no seal.
Seals prevent nothing: the owner of the folder can also edit the seals. They reveal careless edits.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import filelock

from lab.untrusted_json import parsed
from lab.writing import write_durably

__all__ = ["Seals"]

_FILE = "seals.json"
_LOCK = "seals.lock"
#: Files are read in blocks of this size. Each command reads the timeline: a longer buffer each time would fragment
#: the heap of a play screen.
_BLOCK = 16 * 1024
#: The names of a lab's files. Others in the seals would lead out of its folder.
_NAME = re.compile(r"\w[\w.-]{0,99}")


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
        edited = (name for name in kept["files"] if not self._holds(kept["files"], name, self._digest(name)))
        return sorted({*kept["edited"], *edited})

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with filelock.FileLock(self._folder / _LOCK, timeout=20):
            yield

    def _seal(self, name: str, *, after: bytes | None = None, line: bytes = b"") -> None:
        kept = self._kept()
        # A timeline grows long, and gets a line with each command: it is read and hashed once.
        digest, size = self._hashed(name)
        before = digest.hexdigest()
        if name not in kept["edited"] and not self._holds(kept["files"], name, before):
            kept["edited"].append(name)
        digest.update(line)
        kept["files"][name] = {
            "size": size,
            "before": before,
            "after": digest.hexdigest() if after is None else hashlib.sha256(after).hexdigest(),
            "line": line.decode(),
        }
        write_durably(self._folder / _FILE, json.dumps(kept))

    def _kept(self) -> dict[str, Any]:
        try:
            kept = parsed((self._folder / _FILE).read_bytes())
            files, edited = dict(kept["files"]), list(kept["edited"])
            whole = all(_NAME.fullmatch(each) for each in (*files, *edited))
        except FileNotFoundError:
            return {"files": {}, "edited": []}
        except (ValueError, TypeError, KeyError):
            whole = False
        return {"files": files, "edited": edited} if whole else {"files": {}, "edited": [_FILE]}

    def _holds(self, seals: dict[str, Any], name: str, digest: str) -> bool:
        """Whether the seal of `name` fits its content, which has this `digest`."""
        if name not in seals:
            return True
        try:
            seal = seals[name]
            return digest in {seal["before"], seal["after"]} or self._is_cut_off(name, seal)
        except (KeyError, TypeError, AttributeError, ValueError):
            return False

    def _is_cut_off(self, name: str, seal: dict[str, Any]) -> bool:
        """Whether a crash wrote only a part of the line that `seal` is about."""
        line = seal["line"].encode()
        if self._digest(name, seal["size"]) != seal["before"]:
            return False
        with (self._folder / name).open("rb") as file:
            file.seek(max(0, seal["size"]))
            cut = file.read(len(line) + 1)
        return bool(cut) and line.startswith(cut)

    def _digest(self, name: str, size: int | None = None) -> str:
        """Return the digest of the first `size` bytes of a file, or of the whole file."""
        digest, _ = self._hashed(name, size)
        return digest.hexdigest()

    def _hashed(self, name: str, most: int | None = None) -> "tuple[hashlib._Hash, int]":
        """Return the hash of a file's first `most` bytes, or of all, and their number. A missing file is empty."""
        digest, size = hashlib.sha256(), 0
        left = sys.maxsize if most is None else most
        with suppress(FileNotFoundError, IsADirectoryError), (self._folder / name).open("rb") as file:
            while size < left and (block := file.read(min(left - size, _BLOCK))):
                digest.update(block)
                size += len(block)
        return digest, size
