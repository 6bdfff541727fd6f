"""Long work as a list of named steps: who does it reports here, who shows it listens."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

__all__ = ["Progress", "Silent", "step"]


class Progress(Protocol):
    """Where long work says which step it is at."""

    def begin(self, title: str) -> None:
        """Start the step `title`; the step before it has ended."""

    def advance(self, fraction: float, note: str = "") -> None:
        """Say how far the running step is: `fraction` from 0 to 1, with a few words."""

    def end(self, *, ok: bool) -> None:
        """End the running step."""

    def note(self, text: str) -> None:
        """Say something beside the steps (a retry, a finding); it is not a step."""


class Silent:
    """Progress that nobody watches."""

    def begin(self, title: str) -> None:
        """Do nothing."""

    def advance(self, fraction: float, note: str = "") -> None:
        """Do nothing."""

    def end(self, *, ok: bool) -> None:
        """Do nothing."""

    def note(self, text: str) -> None:
        """Do nothing."""


@contextmanager
def step(progress: Progress, title: str) -> Iterator[None]:
    """Run the body as one step of `progress`, ended as failed if it raises."""
    progress.begin(title)
    try:
        yield
    except BaseException:
        progress.end(ok=False)
        raise
    progress.end(ok=True)
