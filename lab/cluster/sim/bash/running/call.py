"""One call of a program: its words, its descriptors, its clock, its node. Every program is given one."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lab.cluster.sim.bash.running.finding import find_program, program_at
from lab.cluster.sim.bash.running.lines import read_all
from lab.cluster.sim.bash.running.open_files import OpenFile, StringInput, absolute, pipe
from lab.cluster.sim.bash.running.opening import open_file
from lab.cluster.sim.bash.running.place import Command, Place
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.bash.running.starting import run_here, start_program

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.terminal import Terminal
    from lab.cluster.sim.machine.files import Files
    from lab.cluster.sim.plane.control_plane import ControlPlane
    from lab.cluster.sim.world.node import NodeModel
    from lab.cluster.sim.world.world import World

__all__ = ["Call", "Command", "Exit", "NotSimulated"]


class Exit(Exception):  # noqa: N818 -- it ends a command, and may be no error
    """The command ends here, with this exit code and message on stderr."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class NotSimulated(Exit):
    """A feature that the simulator lacks; it says so instead of guessing."""

    def __init__(self, what: str) -> None:
        super().__init__(1, f"not simulated: {what} (use --backend kind)")


class Call:
    """What a program sees of its process, its node and its cluster.

    A program is a process of its own: `process` waits, and receives signals. A program waits only through the
    methods here or those of `process`. Then the clock counts it while it works, and not while it waits. A loop
    that does not wait calls `step` in each round.
    """

    def __init__(self, process: Process, name: str, argv: Sequence[str]) -> None:
        self.process = process
        self.name = name
        #: The words behind the program's name.
        self.argv: list[str] = list(argv)
        self.env: dict[str, str] = process.environment
        self.cwd: str = process.folder

    @property
    def place(self) -> Place:
        """The node or container that the program runs in."""
        return self.process.place

    @property
    def world(self) -> "World":
        """The cluster."""
        return self.place.world

    @property
    def plane(self) -> "ControlPlane":
        """The cluster's control plane."""
        return self.place.world.plane

    @property
    def node(self) -> "NodeModel":
        """The node that the program runs on."""
        return self.place.node

    @property
    def files(self) -> "Files":
        """The files that the program sees."""
        return self.place.files

    def now(self) -> float:
        """Return the time."""
        return self.place.now()

    def path(self, path: str) -> str:
        """Return `path` as an absolute path."""
        return absolute(self.cwd, path)

    # Output

    async def out(self, text: str | bytes) -> None:
        """Write to stdout."""
        if text:
            await self.process.write(text.encode() if isinstance(text, str) else text, 1)

    async def err(self, text: str | bytes) -> None:
        """Write to stderr."""
        if text:
            await self.process.write(text.encode() if isinstance(text, str) else text, 2)

    async def line(self, text: str = "") -> None:
        """Write a line to stdout."""
        await self.out(text + "\n")

    async def fail(self, text: str, code: int = 1) -> int:
        """Write a line to stderr and return `code`."""
        await self.err(text + "\n")
        return code

    # Input

    async def chunk(self, size: int = 1 << 16) -> bytes:
        """Return the next bytes of stdin as soon as any arrive; return nothing at the end."""
        return await self.process.read(size)

    async def stdin(self) -> bytes:
        """Return all of stdin."""
        return await read_all(self.process, self.process.file(0))

    async def read(self, path: str) -> str:
        """Return the text of a file, or of stdin for `-`; raise `FileNotFoundError` if the file does not exist."""
        if path in {"-", "/dev/stdin"}:
            return (await self.stdin()).decode(errors="replace")
        return (await self.read_file(path)).decode(errors="replace")

    async def read_file(self, path: str) -> bytes:
        """Return the content of a file, device or /dev/fd/N; raise `OSError` as a kernel does."""
        file = self.open(path)
        try:
            return await read_all(self.process, file)
        finally:
            file.release()

    def open(self, path: str, mode: str = "r") -> OpenFile:
        """Open a file: `r`, `w` (truncated), `a`, `r+`; raise `OSError` as a kernel does. The caller closes it."""
        return open_file(self.process, self.path(path), mode)

    @property
    def terminal(self) -> "Terminal | None":
        """The terminal that this command reads, if any."""
        file = self.process.descriptors.get(0)
        return self.controlling if file is not None and file.terminal else None

    @property
    def controlling(self) -> "Terminal | None":
        """The controlling terminal of the command's session."""
        session = self.process.session
        return session.terminal if session is not None else None  # type: ignore[return-value]

    # Time

    async def sleep(self, seconds: float) -> None:
        """Wait for some of the cluster's time."""
        await self.process.sleep(seconds)

    async def step(self, seconds: float = 1e-5) -> None:
        """Charge a little processor time. Loops that do not wait call this in each round."""
        await self.process.step(seconds)

    # Other programs

    def start(
        self,
        argv: Sequence[str],
        *,
        descriptors: Mapping[int, OpenFile] | None = None,
        environment: Mapping[str, str] | None = None,
        group: int | None = None,
        place: Place | None = None,
        folder: str | None = None,
    ) -> Process:
        """Start a program as a child, found as execvp finds it. The child inherits whatever is not given.

        `descriptors` are used by the child as they are (the caller keeps its own uses). `group=0` creates a
        process group for the child. If the program does not exist, the child ends with 127 and prints nothing: ask
        `has_program` first.
        """
        return start_program(
            self.process, argv, descriptors=descriptors, environment=environment or self.env, group=group,
            folder=folder or self.cwd, place=place,
        )  # fmt: skip

    async def exec(self, argv: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
        """Run another program in this same process, as execvp does; raise `OSError` if the program can't run."""
        process = self.process
        path = self.has_program(argv[0])
        if path is None:
            raise FileNotFoundError(2, "No such file or directory")
        program = program_at(self.place, path, argv[1:], self.cwd)
        process.arguments = list(argv)
        process.environment = dict(environment if environment is not None else self.env)
        process.handled = set()
        return await run_here(process, program)

    def has_program(self, name: str) -> str | None:
        """Return the path of a program as execvp finds it; None if it does not exist or is not executable."""
        return find_program(self.place, name, self.env.get("PATH", ""), self.cwd)

    async def wait(self, child: Process) -> int:
        """Wait until `child` has ended; return its exit code."""
        return await self.process.wait_end(child)

    async def run(
        self, argv: Sequence[str], *, stdin: bytes | None = None, environment: Mapping[str, str] | None = None
    ) -> int:
        """Run another program with the same descriptors, or with `stdin`; return its exit code."""
        given = dict(self.process.descriptors)
        if stdin is not None:
            given[0] = StringInput(stdin)
        return await self.wait(self.start(argv, descriptors=given, environment=environment))

    async def capture(
        self, argv: Sequence[str], *, stdin: bytes | None = None, place: Place | None = None
    ) -> tuple[str, int]:
        """Run another program without a terminal; return its whole output and its exit code."""
        reader, writer = pipe()
        given: dict[int, OpenFile] = {0: StringInput(stdin or b""), 1: writer, 2: writer}
        child = self.start(argv, descriptors=given, place=place)
        writer.release()
        try:
            with self.process.holding():
                said = await read_all(self.process, reader)
        finally:
            reader.release()
        return said.decode(errors="replace"), await self.wait(child)
