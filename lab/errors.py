"""The lab's one error type and the exit codes it ends in."""

from enum import IntEnum

__all__ = ["ExitCode", "LabError", "UnreadableError", "UsageProblem"]


class ExitCode(IntEnum):
    """Exit codes of every command, as documented in the README."""

    DONE = 0
    UNSOLVED = 1
    USAGE = 2
    ENVIRONMENT = 3
    UNREADABLE = 4
    BUSY = 5
    REFUSED = 6
    INTERRUPTED = 130


class LabError(Exception):
    """Something a person has to know: what was asked, what was found, and what to do about it.

    It is printed once, at the top, without a traceback; `exit_code` is what the command ends in.
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
    """What was asked for does not exist or does not fit."""

    exit_code = ExitCode.USAGE


class UnreadableError(LabError):
    """The cluster gave no answer that can be judged: neither a pass nor a failure."""

    exit_code = ExitCode.UNREADABLE
