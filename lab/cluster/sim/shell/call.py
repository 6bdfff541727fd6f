"""One call of a command: its words, its streams, its clock, the node it runs on."""

import posixpath
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from bashkit import CommandContext

from lab.cluster.sim.plane.control_plane import ControlPlane

if TYPE_CHECKING:
    from lab.cluster.sim.machine.files import Files
    from lab.cluster.sim.shell.session import Session
    from lab.cluster.sim.shell.tty import Terminal
    from lab.cluster.sim.world.node import NodeModel
    from lab.cluster.sim.world.world import World

__all__ = ["Call", "Command", "Exit", "NotSimulated"]


Output = Callable[[bytes], Awaitable[None]]


class Exit(Exception):  # noqa: N818 -- it ends a command, and may be no error
    """A command ends here, with this code and message on stderr."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class NotSimulated(Exit):
    """Something that the simulator does not have; it says so instead of guessing."""

    def __init__(self, what: str) -> None:
        super().__init__(1, f"not simulated: {what} (use --backend kind)")


class Stdin:
    """A command's stdin, for a shell inside it."""

    def __init__(self, context: CommandContext) -> None:
        self._context = context
        self._back = b""

    async def get(self) -> bytes:
        """Return the next bytes; none at the end."""
        data, self._back = self._back, b""
        return data or await self._context.stdin.read_chunk() or b""

    def put_back(self, data: bytes) -> None:
        """Take back what was not read."""
        self._back = data + self._back


class Call:
    """What a command sees."""

    def __init__(self, session: "Session", name: str, context: CommandContext) -> None:
        self.session = session
        self.name = name
        self.argv: list[str] = list(context.argv)
        self.env: dict[str, str] = dict(context.env)
        self.cwd: str = context.cwd
        self._context = context

    @property
    def world(self) -> "World":
        """The cluster."""
        return self.session.world

    @property
    def plane(self) -> ControlPlane:
        """The cluster's control plane."""
        return self.session.world.plane

    @property
    def node(self) -> "NodeModel":
        """The node that the command runs on."""
        return self.session.node

    @property
    def files(self) -> "Files":
        """The files that the command sees."""
        return self.session.files

    def now(self) -> float:
        """Return the time."""
        return self.world.now()

    def path(self, path: str) -> str:
        """Return `path` made absolute."""
        return posixpath.normpath(posixpath.join(self.cwd, path))

    async def out(self, text: str | bytes) -> None:
        """Write to stdout."""
        if text:
            await self._context.stdout.write(text.encode() if isinstance(text, str) else text)

    async def err(self, text: str | bytes) -> None:
        """Write to stderr."""
        if text:
            await self._context.stderr.write(text.encode() if isinstance(text, str) else text)

    async def line(self, text: str = "") -> None:
        """Write a line to stdout."""
        await self.out(text + "\n")

    async def fail(self, text: str, code: int = 1) -> int:
        """Write a line to stderr and return `code`."""
        await self.err(text + "\n")
        return code

    async def stdin(self) -> bytes:
        """Return all of stdin."""
        return b"".join([chunk async for chunk in self._context.stdin])

    @property
    def source(self) -> "Stdin":
        """Return stdin as it comes."""
        return Stdin(self._context)

    @property
    def terminal(self) -> "Terminal | None":
        """Return the terminal that this command reads, if it does."""
        return self.session.terminal if self.session.fed else None

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        await self.world.clock.sleep(seconds, self.session.waiter)

    async def read(self, path: str) -> str:
        """Return the text of a file, or of stdin for `-`; raise `FileNotFoundError` if there is none."""
        if path in {"-", "/dev/stdin"}:
            return (await self.stdin()).decode(errors="replace")
        return self.files.read(self.path(path))

    async def run(self, argv: Sequence[str], *, stdin: bytes | None = None) -> int:
        """Run another command in a shell of its own, with the same output."""
        return await self._nested(argv, self.out, self.err, stdin, terminal=self.session.terminal)

    async def capture(self, argv: Sequence[str], *, stdin: bytes | None = None) -> tuple[str, int]:
        """Run another command away from the terminal; return all that it printed, and its exit code."""
        said = bytearray()

        async def keep(chunk: bytes) -> None:
            said.extend(chunk)

        code = await self._nested(argv, keep, keep, stdin, terminal=None)
        return said.decode(errors="replace"), code

    async def _nested(
        self, argv: Sequence[str], out: Output, err: Output, stdin: bytes | None, *, terminal: "Terminal | None"
    ) -> int:
        from lab.cluster.sim.shell.session import script_of  # noqa: PLC0415 -- a shell knows its commands

        path = ""
        if stdin is not None:
            path = f"/run/.stdin-{id(self):x}"
            self.files.write(path, stdin)
        inner = self.session.nested(env=self.env, cwd=self.cwd, terminal=terminal)
        try:
            with self.session.waiter.waiting():
                return await inner.run(script_of(argv, path), out, err)
        finally:
            inner.close()
            if path:
                self.files.remove(path)


Command = Callable[[Call], Awaitable[int]]
