"""What runs behind a service: a program of the model, or a process of its own."""

from collections.abc import Callable
from typing import Protocol

__all__ = ["Job", "Launcher", "NativeService"]


class NativeService(Protocol):
    """A program of the model that is registered for a service; systemd starts and stops it."""

    def start(self) -> int | None:
        """Start; nothing is remembered from an earlier run. A program that ends at once returns its exit code."""

    def stop(self) -> None:
        """Stop."""


class Job(Protocol):
    """The running process of a service."""

    def end(self) -> None:
        """End it."""


#: Starts a command line on the machine, as a process of that number; calls back with its exit code and its last
#: words when it ends.
Launcher = Callable[[str, int, Callable[[int, str], None]], Job]
