"""The count of what can still do something: a turned clock goes on when it is zero.

Everything that runs in a simulated cluster is counted from the moment when it is started, which is before whoever
started it goes on. It is not counted while it waits in a `Pause`, and it is counted again from the moment when
somebody ends the pause, which is before the loop comes to the task that waited.
"""

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Count", "Pause"]


#: How often what starts while others end is ended.
_ROUNDS = 10


class Count:
    """How many tasks can still do something, and whom to tell when none can."""

    def __init__(self) -> None:
        self.busy = 0
        #: The tasks of all processes, those that wait included.
        self.tasks: set[asyncio.Task[None]] = set()
        #: Called each time the count comes to zero.
        self.at_zero: Callable[[], None] = lambda: None

    def add(self) -> None:
        """Count one more."""
        self.busy += 1

    async def end_all(self) -> None:
        """End all processes, and what they start while they end."""
        for _ in range(_ROUNDS):
            if not self.tasks:
                return
            tasks = list(self.tasks)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=1)

    def remove(self) -> None:
        """Count one less."""
        self.busy -= 1
        if not self.busy:
            self.at_zero()


class Pause(asyncio.Future[Any]):
    """What a counted task awaits: while nobody ends the pause, the task is not counted.

    The task makes it and awaits it at once: `await Pause(count)`. Another one ends it by `set_result`,
    `set_exception` or `cancel` (`task.cancel()` does), or by `end`, which does nothing to a pause that is over.
    """

    def __init__(self, count: Count) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._busy = count
        count.remove()

    def end(self, result: object = None) -> None:
        """Let whoever waits go on, if it waits still."""
        if not self.done():
            self.set_result(result)

    def fail(self, problem: BaseException) -> None:
        """Let whoever waits go on with an exception, if it waits still."""
        if not self.done():
            self.set_exception(problem)

    def set_result(self, result: object, /) -> None:
        """End it."""
        super().set_result(result)
        self._busy.add()

    def set_exception(self, exception: "type[BaseException] | BaseException", /) -> None:
        """End it with an exception."""
        super().set_exception(exception)
        self._busy.add()

    def cancel(self, msg: Any | None = None) -> bool:  # noqa: ANN401 -- as the base class has it
        """End it by ending the task that waits."""
        ended = super().cancel(msg)
        if ended:
            self._busy.add()
        return ended
