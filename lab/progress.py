"""Long work as a list of named steps: the worker reports here, the display listens."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

__all__ = ["Progress", "Silent", "step"]


class Progress(Protocol):
    """A receiver of progress reports."""

    def begin(self, title: str) -> None:
        """Start the step `title`; the previous step has ended."""

    def advance(self, fraction: float, note: str = "") -> None:
        """Report progress of the running step: `fraction` from 0 to 1, with a few words."""

    def end(self, *, ok: bool) -> None:
        """End the running step."""

    def note(self, text: str) -> None:
        """Report something outside the steps (a retry, a finding)."""


class Silent:
    """Progress without a listener."""

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
    """Run the body as one step of `progress`; the step ends as failed if the body raises."""
    progress.begin(title)
    try:
        yield
    except BaseException:
        progress.end(ok=False)
        raise
    progress.end(ok=True)
