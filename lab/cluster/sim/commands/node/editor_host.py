"""What an editor needs of the node on which it was called: files, the clock, a shell, the terminal."""

import posixpath
from typing import TYPE_CHECKING, cast

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.node.versions import version_text
from lab.cluster.sim.shell.editing.shell import Shell, ShellResult

if TYPE_CHECKING:
    from lab.cluster.sim.shell.editing.stage import Editor
    from lab.cluster.sim.shell.tty import Terminal

__all__ = ["CallHost", "edit"]


class CallHost:
    """The files and the clock of the node on which an editor was called."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def read(self, path: str) -> str | None:
        """Return a file's text, or None."""
        try:
            return self._call.files.read(self._call.path(path))
        except FileNotFoundError:
            return None

    def write(self, path: str, text: str) -> None:
        """Write a file, and notify the file's watchers at once."""
        whole = self._call.path(path)
        if not self.is_folder(posixpath.dirname(whole)):
            raise FileNotFoundError(path)
        self._call.files.write(whole, text)
        self._call.world.poke()

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder at `path`."""
        whole = self._call.path(path)
        return self._call.files.exists(whole) and not self._call.files.is_file(whole)

    def may_write(self, path: str) -> bool:
        """Whether the file's mode allows writing: root may write anyway, but is warned."""
        about = self._call.files.about(posixpath.dirname(self._call.path(path)))
        mode = about.get(posixpath.basename(path), {}).get("mode", 0o644)
        return bool(int(str(mode)) & 0o222)

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder."""
        whole = self._call.path(folder)
        return [name + "/" * self.is_folder(posixpath.join(whole, name)) for name in self._call.files.names(whole)]

    def now(self) -> float:
        """Return the time."""
        return self._call.now()

    def folder(self) -> str:
        """Return the folder of the call."""
        return self._call.cwd

    def version(self) -> str:
        """Return what `vi --version` prints."""
        return version_text("vi")


async def edit(call: Call, editor: "Editor") -> int:
    """Run an editor at the terminal of the call; return its exit code."""
    from lab.cluster.sim.shell.editing.stage import perform  # noqa: PLC0415 -- only for users at a terminal

    terminal = cast("Terminal", call.controlling)
    return await perform(terminal, editor, lambda asked: _run(call, asked), call.process.outside)


async def _run(call: Call, asked: Shell) -> ShellResult:
    """Run a command for an editor, and return its output."""
    stdin = None if asked.stdin is None else asked.stdin.encode()
    return ShellResult(*await call.capture(["bash", "-c", asked.command], stdin=stdin))
