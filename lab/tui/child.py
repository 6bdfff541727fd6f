"""Long work on a lab (create, break, reset) as a separate process, which can be cancelled as in a shell."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any, Protocol

from lab.errors import ExitCode, LabError
from lab.progress import Progress

__all__ = ["Child", "Runner"]

#: How long an interrupted command may take to clean up, in seconds: deleting a cluster takes several.
_CLEANING = 90.0


class Runner(Protocol):
    """Runs commands of the lab. Reports their steps to the progress that was given at its creation."""

    async def run(self, *argv: str) -> None:
        """Run `kluster ARGV` to its end; raise `LabError` if it fails or is cancelled."""

    def cancel(self) -> None:
        """Interrupt the command. It cleans up, and `run` raises."""


class Child:
    """One `kluster` command. Its steps go to `progress`; its error is raised here."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._process: asyncio.subprocess.Process | None = None
        self._cancelled = False

    async def run(self, *argv: str) -> None:
        """Run `kluster ARGV` to its end.

        Raises:
            LabError: it failed or was cancelled (its exit code is then `INTERRUPTED`).
        """
        if self._cancelled:
            raise _interrupted()
        process = await asyncio.create_subprocess_exec(
            *_kluster(),
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            # In a session of its own, so that the terminal's Ctrl-C reaches only the app.
            start_new_session=os.name == "posix",
            limit=1 << 20,
        )
        self._process = process
        try:
            problem, rest = await self._follow(process)
            code = await process.wait()
        except asyncio.CancelledError:
            await self._end(process)
            raise
        finally:
            self._process = None
        if code == ExitCode.INTERRUPTED or (self._cancelled and code == -signal.SIGTERM):
            # Before the command's code has started, the signal itself ends it, as with any command that is still
            # loading.
            raise _interrupted()
        if code:
            raise problem or LabError(f"kluster {argv[0]} ended with {code}.", "\n".join(rest[-20:]))

    def cancel(self) -> None:
        """Interrupt the command. It cleans up, and `run` raises."""
        self._cancelled = True
        if self._process:
            _interrupt(self._process)

    async def _follow(self, process: asyncio.subprocess.Process) -> tuple[LabError | None, list[str]]:
        """Read the command's output lines; return the error that it reported and all other lines."""
        problem: LabError | None = None
        rest: list[str] = []
        assert process.stderr is not None  # noqa: S101 -- asked for above
        async for line in process.stderr:
            try:
                told = json.loads(line)
            except ValueError:
                told = None
            if not isinstance(told, dict):
                rest.append(line.decode(errors="replace").rstrip())
            elif "error" in told:
                problem = LabError(**told["error"])
            else:
                self._tell(told)
        return problem, rest

    def _tell(self, told: dict[str, Any]) -> None:
        if "begin" in told:
            self._progress.begin(told["begin"])
        elif "advance" in told:
            self._progress.advance(told["advance"], told.get("words", ""))
        elif "end" in told:
            self._progress.end(ok=told["end"])
        elif "note" in told:
            self._progress.note(told["note"])

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        _interrupt(process)
        try:
            await asyncio.wait_for(process.communicate(), _CLEANING)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()


def _kluster() -> Sequence[str]:
    return (sys.executable, "-m", "lab", "--progress", "json")


def _interrupt(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()


def _interrupted() -> LabError:
    return LabError("Cancelled.", "The steps so far were undone.", code=ExitCode.INTERRUPTED)
