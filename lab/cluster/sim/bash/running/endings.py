"""The states of a process, and how signals reach a waiting process."""

from enum import Enum

from lab.cluster.sim.machine.signals import Signal

__all__ = ["Interrupted", "Killed", "State"]


class State(Enum):
    """The state of a process; the value is the letter that `ps` prints."""

    RUNNING = "S"
    STOPPED = "T"
    ZOMBIE = "Z"


class Killed(BaseException):
    """A signal ends the process in which this is raised. Only the process's own frame catches it."""

    def __init__(self, signal: Signal) -> None:
        super().__init__(signal.name)
        self.signal = signal


class Interrupted(Exception):  # noqa: N818 -- a signal is no error
    """A signal that the process handles came during a wait: its handler runs, then the process may wait again."""

    def __init__(self, signal: Signal) -> None:
        super().__init__(signal.name)
        self.signal = signal
