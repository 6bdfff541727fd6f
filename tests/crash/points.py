"""The lab's folder as `kill -9` would leave it, at every write of a command that runs once."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import JsonValue

from lab import seals, store
from lab.chain import Chain
from lab.places import state_folder
from lab.seals import Seals
from lab.store import Store
from lab.writing import write_durably

__all__ = ["Point", "Points"]


@dataclass(frozen=True, slots=True)
class Point:
    """A moment at which the command has been killed."""

    number: int
    command: str
    #: The pending write, or the half-done one.
    at: str
    home: Path

    def __str__(self) -> str:
        return f"{self.number} {self.command}: {self.at}"


@dataclass
class Points:
    """Copies $KLUSTER_HOME at each write, into a new folder each. `saved` saves the cluster before."""

    into: Path
    saved: Callable[[], None]
    all: list[Point] = field(default_factory=list)
    _command: str = ""
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @contextmanager
    def of(self, command: str) -> Iterator[None]:
        """Take points while the body runs."""
        self._command = command
        try:
            yield
        finally:
            self._command = ""

    def take(self, at: str) -> None:
        """Copy the present files."""
        with self._lock:
            command, self._command = self._command, ""
            if not command:
                return
            try:
                self.saved()
                home = self.into / f"{len(self.all):03}"
                if state_folder().is_dir():
                    shutil.copytree(
                        state_folder(), home, copy_function=_copy, ignore=shutil.ignore_patterns("*.lock", "lock")
                    )
                self.all.append(Point(len(self.all), command, at, home))
            finally:
                self._command = command

    def tear(self, name: str) -> None:
        """Take a point in which the last line of the file called `name` is half written."""
        self.take(f"half a line of {name}")
        if self._command:
            for path in self.all[-1].home.rglob(name):
                whole = path.read_bytes()
                last = len(whole.splitlines()[-1])
                path.write_bytes(whole[: len(whole) - 1 - last // 2])


def _copy(source: str, target: str) -> None:
    """Appended files are copied; every other file is replaced on a write, so a hard link keeps its old content."""
    if source.endswith(".jsonl"):
        shutil.copy2(source, target)
    else:
        os.link(source, target)


@contextmanager
def taking(points: Points) -> Iterator[None]:
    """Take a point before each file is replaced, after each seal, and within each line."""

    def write(path: Path, text: str) -> None:
        points.take(f"before {path.name}")
        write_durably(path, text)

    adding, append, add = Seals.adding, Store._append, Chain.add

    def sealed(self: Seals, name: str, line: str) -> AbstractContextManager[None]:
        @contextmanager
        def opened() -> Iterator[None]:
            with adding(self, name, line):
                points.take(f"sealed, before a line of {name}")
                yield

        return opened()

    def appended(self: Store, name: str, line: str) -> None:
        append(self, name, line)
        points.tear(name)

    def chained(self: Chain, at: str, kind: str, **data: JsonValue) -> str:
        points.take(f"before a line of {self.path.name}")
        return add(self, at, kind, **data)

    with pytest.MonkeyPatch.context() as patch:
        for module in (store, seals):
            patch.setattr(module, "write_durably", write)
        patch.setattr(Seals, "adding", sealed)
        patch.setattr(Store, "_append", appended)
        patch.setattr(Chain, "add", chained)
        yield
