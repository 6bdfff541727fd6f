"""A session of processes and its controlling terminal, as the kernel has them."""

from typing import Any, Protocol

from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.machine.signals import Signal

__all__ = ["ControllingTerminal", "Session"]


class ControllingTerminal(Protocol):
    """What a session's processes know of their terminal."""

    name: str
    #: The process group that the keys are for.
    foreground: int
    rows: int
    columns: int

    def opened(self) -> OpenFile:
        """Return a description of the terminal, as opening /dev/tty does."""

    async def interact(self, shell: Any) -> int:  # noqa: ANN401 -- a `Shell`, which knows its process
        """Run an interactive shell here: ask for lines until it is left; return its exit code."""

    def hang_up(self) -> None:
        """The session's leader has ended."""


class Session:
    """One session; `terminal` is none for services and for commands from outside."""

    def __init__(self, leader: int, terminal: ControllingTerminal | None = None) -> None:
        self.leader = leader
        self.terminal = terminal

    def may_use(self, group: int) -> Signal | None:
        """Return none if `group` may read the terminal, else the signal that it gets for it."""
        if self.terminal is None or self.terminal.foreground == group:
            return None
        return Signal.SIGTTIN
