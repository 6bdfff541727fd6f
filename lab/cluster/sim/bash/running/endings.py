"""What a process is at, and how signals reach it where it waits."""

from enum import Enum

from lab.cluster.sim.machine.signals import Signal

__all__ = ["Interrupted", "Killed", "State"]


class State(Enum):
    """What a process is at; the value is the letter that `ps` shows."""

    RUNNING = "S"
    STOPPED = "T"
    ZOMBIE = "Z"


class Killed(BaseException):
    """A signal ends the process in which this is raised. Nobody but the process's own frame catches it."""

    def __init__(self, signal: Signal) -> None:
        super().__init__(signal.name)
        self.signal = signal


class Interrupted(Exception):  # noqa: N818 -- a signal is no error
    """A signal that the process handles came while it waited: its handler is to run, then it may wait again."""

    def __init__(self, signal: Signal) -> None:
        super().__init__(signal.name)
        self.signal = signal
