"""A client attached to a container's own program. On the simulator's loop."""

import asyncio
from collections.abc import Callable, Sequence

from lab.cluster.sim.https.executing import Execution, Output
from lab.cluster.sim.https.pods import Found, running
from lab.cluster.sim.machine.runtime import Container
from lab.cluster.sim.world.world import World

__all__ = ["Attachment", "attached"]

_LOOK = 0.5


def attached(world: World, found: Found, *, tty: bool, stdin: bool) -> "Execution | Attachment":
    """Return the container's program; raise `ApiError` if it does not run.

    A program that reads what is typed runs while a client is attached. All others run by themselves: the client
    sees what they print.
    """
    missing = f"container {found.name} not found in pod {found.pod}"
    _, container = running(found, f"unable to upgrade connection: {missing}")
    spec = container.spec
    if spec.get("stdin") and stdin and _typed_to(container.argv):
        return Execution(world, found, container.argv, tty=tty and bool(spec.get("tty")), stdin=True, main=True)
    return Attachment(world, container)


def _typed_to(argv: Sequence[str]) -> bool:
    return bool(argv) and argv[0].rpartition("/")[2] in {"sh", "bash", "ash", "cat", "head", "tail", "wc", "sort"}


class Attachment:
    """The output of a program, from now on."""

    def __init__(self, world: World, container: Container) -> None:
        self._world, self._container = world, container
        self._life: asyncio.Task[None] | None = None

    def begin(self, output: Output, over: Callable[[dict[str, object]], None]) -> None:
        """Send what the program prints; call `over` with a Status when it has ended."""
        self._life = asyncio.get_running_loop().create_task(self._live(output, over))

    def type(self, data: bytes) -> None:
        """The program does not read."""

    def resize(self, rows: int, cols: int) -> None:
        """The program has no terminal."""

    def stop(self) -> None:
        """The client is gone; the program goes on."""
        if self._life is not None:
            self._life.cancel()

    async def _live(self, output: Output, over: Callable[[dict[str, object]], None]) -> None:
        container = self._container
        seen = list(container.log)
        while container.running:
            await asyncio.sleep(_LOOK)
            self._world.clock.catch_up()
            seen = await self._news(seen, output)
        over({"metadata": {}, "status": "Success"})

    async def _news(self, seen: list[tuple[float, str, str]], output: Output) -> list[tuple[float, str, str]]:
        now = list(self._container.log)
        last = seen[-1] if seen else None
        # The log keeps its last lines only, so that positions move.
        start = next((at for at in range(len(now), 0, -1) if now[at - 1] is last), 0)
        for _, stream, line in now[start:]:
            await output(stream == "stderr", f"{line}\n".encode())
        return now
