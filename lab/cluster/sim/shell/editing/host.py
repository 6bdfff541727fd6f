"""An editor's interface to the outside."""

from typing import Protocol

__all__ = ["Host"]


class Host(Protocol):
    """The files and the clock where an editor runs. Paths may be relative."""

    def read(self, path: str) -> str | None:
        """Return a file's text; None if there is no such file. Raise `OSError` if it can't be read."""

    def write(self, path: str, text: str) -> None:
        """Write a file. Raise `OSError` if it can't be written."""

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder at `path`."""

    def may_write(self, path: str) -> bool:
        """Whether an existing file may be written."""

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder; folders end with `/`."""

    def now(self) -> float:
        """Return the time in seconds since the epoch."""

    def folder(self) -> str:
        """Return the folder for relative paths."""

    def version(self) -> str:
        """Return the editor's version text."""
