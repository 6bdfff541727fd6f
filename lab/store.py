"""A lab's folder: its session, baseline, journal and timeline. A crash loses none of them."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import filelock
from pydantic import JsonValue, ValidationError

from lab.baseline import Baseline
from lab.chain import Chain
from lab.core.events import Event, EventKind
from lab.core.modes import Phase
from lab.core.names import require_name
from lab.core.session import Failure, Session
from lab.errors import ExitCode, LabError, UsageProblem
from lab.places import attempts_folder, lab_folder, labs
from lab.seals import Seals
from lab.writing import write_durably

__all__ = ["TIMELINE", "Store", "now"]

#: The file with the timeline.
TIMELINE = "timeline.jsonl"

#: The file whose time shows when somebody last worked on the cluster.
_STIRRED = "stirred"


def now() -> datetime:
    """Return the time, in UTC, to the millisecond."""
    return datetime.now(UTC).replace(microsecond=datetime.now(UTC).microsecond // 1000 * 1000)


class Store:
    """The files of the lab called `name`."""

    def __init__(self, name: str) -> None:
        require_name(name)
        self.name = name
        self.folder = lab_folder(name)
        #: The last session that was read for its attempt, with its version.
        self._asked: tuple[tuple[int, ...], Session] | None = None

    def exists(self) -> bool:
        """Whether the lab exists."""
        return (self.folder / "lab.json").is_file()

    def load(self) -> Session:
        """Return the session.

        Raises:
            UsageProblem: there is no such lab.
            LabError: its file is damaged.

        """
        if not self.exists():
            others = ", ".join(labs())
            there = f"The labs are: {others}." if others else "There is no lab yet."
            raise UsageProblem(f"There is no lab called {self.name}.", there, "Make one with: kluster create")
        try:
            session = Session.model_validate_json((self.folder / "lab.json").read_bytes())
        except ValidationError as error:
            raise LabError(
                f"The file of lab {self.name} is damaged.",
                f"{self.folder / 'lab.json'}: {error.errors()[0]['msg']}",
                f"Remove the lab with: kluster delete --name {self.name}",
            ) from error
        if session.name != self.name:
            raise LabError(
                f"The folder of lab {self.name} is a copy of lab {session.name}.",
                "A copied lab can't be used.",
                f"Remove the copy, and continue with: --name {session.name}",
                code=ExitCode.REFUSED,
            )
        return session

    def version(self) -> tuple[int, ...]:
        """Return a value that changes with each change of the session; empty without a lab."""
        try:
            found = (self.folder / "lab.json").stat()
        except OSError:
            return ()
        return found.st_ino, found.st_mtime_ns, found.st_size

    def save(self, session: Session) -> None:
        """Write the session, durably."""
        self._write("lab.json", session.model_dump_json(indent=1))

    def load_baseline(self) -> Baseline:
        """Return the baseline, or raise `LabError` if it can't be read."""
        try:
            return Baseline.model_validate_json((self.folder / "baseline.json").read_bytes())
        except (OSError, ValidationError) as error:
            raise LabError(
                f"Lab {self.name} has no baseline that can be read.",
                str(error),
                "Recreate it: kluster delete, then kluster create",
            ) from error

    def save_baseline(self, baseline: Baseline) -> None:
        """Write the baseline, durably."""
        self._write("baseline.json", baseline.model_dump_json(indent=1))

    def begin(self, what: str) -> None:
        """Record durably in the journal that `what` is about to be done."""
        self._append("journal.jsonl", json.dumps({"at": now().isoformat(), "begin": what}))

    def done(self, what: str) -> None:
        """Record in the journal that `what` was done."""
        self._append("journal.jsonl", json.dumps({"at": now().isoformat(), "done": what}))

    def event(self, kind: EventKind, text: str, **data: JsonValue) -> None:
        """Add an event to the timeline, and to the file of the running attempt."""
        told = Event(at=now(), kind=kind, text=text, data=data)
        self._append(TIMELINE, told.model_dump_json())
        if path := self._attempt(kind):
            # An unwritable file must not stop the play. The end of the attempt reports it.
            with suppress(OSError):
                self.keep(path, told.at, "lab", {"event": told.model_dump(mode="json")})

    def keep(
        self, path: Path, at: datetime, kind: str, data: dict[str, JsonValue], *, durably: bool = False
    ) -> None:
        """Append a line to the attempt file at `path`. Several processes may append to it.

        Raises:
            OSError: it can't be written.

        """
        with filelock.FileLock(self.folder / "attempt.lock", timeout=20):
            chain = Chain(path)
            chain.add(at.isoformat(), kind, **data)
            chain.close(durably=durably)

    def _attempt(self, kind: EventKind) -> Path | None:
        """Return the file of the attempt that an event of this kind belongs to."""
        version = self.version()
        if not version:
            return None
        if self._asked is None or self._asked[0] != version:
            self._asked = version, self.load()
        session = self._asked[1]
        last = kind == "submitted" or (kind == "reset" and session.ended is None)
        if session.attempt and (last or session.phase is Phase.RUNNING):
            return attempts_folder() / session.attempt
        return None

    def timeline(self) -> list[Event]:
        """Return the timeline without a last line that a crash cut off."""
        path = self.folder / TIMELINE
        if not path.is_file():
            return []
        events = []
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                events.append(Event.model_validate_json(line))
            except ValidationError:
                continue
        return events

    def stir(self) -> None:
        """Let other processes know that the cluster or the attempt changed, so that their next look is due."""
        with suppress(OSError):
            (self.folder / _STIRRED).touch()

    def stirred(self) -> int:
        """Return a number that changes with each `stir`, in any process."""
        try:
            return (self.folder / _STIRRED).stat().st_mtime_ns
        except OSError:
            return 0

    def discard(self) -> None:
        """Remove the lab's folder, with all that is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def update(self) -> Iterator[Session]:
        """Load the session and save the body's changes; other commands wait meanwhile."""
        self._make_folder()
        with filelock.FileLock(self.folder / "session.lock", timeout=20):
            session = self.load()
            yield session
            self.save(session)

    @contextmanager
    def telling_failure(self) -> Iterator[None]:
        """Keep the error that ends the body in the session: later commands say that it failed, and why."""
        try:
            yield
        except LabError as error:
            # A session that can't be written must not hide the error.
            with suppress(OSError, LabError, filelock.Timeout):
                if self.exists():
                    with self.update() as session:
                        session.failure = Failure(title=error.title, detail=error.detail)
            raise

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Lock the lab against other commands that change it.

        Raises:
            LabError: another command works on it.

        """
        self._make_folder()
        lock = filelock.FileLock(self.folder / "lock")
        try:
            with lock.acquire(timeout=0):
                yield
        except filelock.Timeout:
            raise LabError(
                f"Another command is working on lab {self.name}.",
                remedy="Wait until it has ended, or end it with Ctrl-C in its terminal.",
                code=ExitCode.BUSY,
            ) from None

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _no_room(self.folder, error) from error

    def _write(self, name: str, text: str) -> None:
        try:
            self._make_folder()
            with Seals(self.folder).writing(name, text):
                write_durably(self.folder / name, text)
        except OSError as error:
            raise _no_room(self.folder, error) from error

    def _append(self, name: str, line: str) -> None:
        self._make_folder()
        try:
            with (
                Seals(self.folder).adding(name, f"{line}\n"),
                (self.folder / name).open("a", encoding="utf-8") as file,
            ):
                file.write(f"{line}\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _no_room(self.folder, error) from error


def _no_room(folder: Path, error: OSError) -> LabError:
    return LabError(
        "The lab's folder can't be written.",
        f"{folder}: {error.strerror}",
        "Make room on the disk, or choose another place with KLUSTER_HOME.",
    )
