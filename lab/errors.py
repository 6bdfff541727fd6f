"""The lab's one error type, and the exit codes of its commands."""

from enum import IntEnum
from typing import Self

__all__ = ["ExitCode", "LabError", "UnreadableError", "UsageProblem"]


class ExitCode(IntEnum):
    """Every exit code of `kluster`; `--help`, README and docs/commands.md list them with their `meaning`."""

    meaning: str

    def __new__(cls, number: int, meaning: str = "") -> Self:
        """Create the code `number` with its words in the tables of exit codes."""
        code = int.__new__(cls, number)
        code._value_ = number
        code.meaning = meaning
        return code

    DONE = 0, "done"
    UNSOLVED = 1, "not solved (check, submit, rehearse), or a changed file (verify)"
    USAGE = 2, "wrong usage: no such command, name or file"
    ENVIRONMENT = 3, "a problem with the machine or the cluster"
    UNREADABLE = 4, "part of the cluster could not be read; the rest is repaired"
    BUSY = 5, "busy: another command is using the lab"
    REFUSED = 6, "the lab's mode or state does not allow it, or you answered no"
    #: As EX_SOFTWARE of sysexits.h.
    INTERNAL = 70, "an error in the lab itself"
    #: As a process that SIGINT ends.
    INTERRUPTED = 130, "interrupted"
    #: As a process that SIGPIPE ends.
    PIPE_CLOSED = 141, "the reader of the output stopped early, such as head"


class LabError(Exception):
    """An error for a person: what was asked, what was found, and what to do.

    It is printed once, at the top, without a traceback. `exit_code` is the command's exit code.
    """

    exit_code = ExitCode.ENVIRONMENT

    def __init__(self, title: str, detail: str = "", remedy: str = "", *, code: ExitCode | None = None) -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail.strip()
        self.remedy = remedy
        if code is not None:
            self.exit_code = code

    def __str__(self) -> str:
        return "\n".join(part for part in (self.title, self.detail, self.remedy) if part)


class UsageProblem(LabError):  # noqa: N818 -- it reads as what it is where it is raised
    """The requested thing does not exist or does not fit."""

    exit_code = ExitCode.USAGE


class UnreadableError(LabError):
    """The cluster's answer could not be judged: neither a pass nor a failure."""

    exit_code = ExitCode.UNREADABLE
