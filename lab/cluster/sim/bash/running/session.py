"""A session of processes and its controlling terminal, as in the kernel."""

from typing import Any, Protocol

from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.machine.signals import Signal

__all__ = ["ControllingTerminal", "Session"]


class ControllingTerminal(Protocol):
    """The terminal as its session's processes see it."""

    name: str
    #: The process group that receives the keys.
    foreground: int
    rows: int
    columns: int

    def opened(self) -> OpenFile:
        """Return a description of the terminal, as opening /dev/tty does."""

    async def interact(self, shell: Any) -> int:  # noqa: ANN401 -- a `Shell`, which knows its process
        """Run an interactive shell here: read and run lines until the user leaves; return its exit code."""

    def hang_up(self) -> None:
        """Handle the end of the session's leader."""


class Session:
    """One session; `terminal` is None for services and for commands from outside."""

    def __init__(self, leader: int, terminal: ControllingTerminal | None = None) -> None:
        self.leader = leader
        self.terminal = terminal

    def may_use(self, group: int) -> Signal | None:
        """Return None if `group` may read the terminal, else the signal for the attempt."""
        if self.terminal is None or self.terminal.foreground == group:
            return None
        return Signal.SIGTTIN
