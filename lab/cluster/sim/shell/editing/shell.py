"""Commands that an editor has run for it."""

from dataclasses import dataclass

__all__ = ["Shell", "ShellResult"]


@dataclass(frozen=True, slots=True)
class Shell:
    """A command that is to be run by a shell, with what it reads."""

    command: str
    stdin: str | None


@dataclass(frozen=True, slots=True)
class ShellResult:
    """What it printed and how it ended."""

    output: str
    code: int
