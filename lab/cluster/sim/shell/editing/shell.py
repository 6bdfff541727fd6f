"""Commands that an editor runs."""

from dataclasses import dataclass

__all__ = ["Shell", "ShellResult"]


@dataclass(frozen=True, slots=True)
class Shell:
    """A command for a shell, with its input."""

    command: str
    stdin: str | None


@dataclass(frozen=True, slots=True)
class ShellResult:
    """The output and the exit code of the command."""

    output: str
    code: int
