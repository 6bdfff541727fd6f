"""The counter of everything that can still act: a turned clock advances when it is zero.

Everything that runs in a simulated cluster is counted from its start, before its starter continues. It is not
counted while it waits in a `Pause`. It is counted again from the end of the pause, before the loop reaches the
waiting task.
"""

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Count", "Pause"]


#: How many rounds end tasks that start while others end.
_ROUNDS = 10


class Count:
    """The number of tasks that can still act, and a callback for the moment when none can."""

    def __init__(self) -> None:
        self.busy = 0
        #: The tasks of all processes, including waiting ones.
        self.tasks: set[asyncio.Task[None]] = set()
        #: Called each time the count becomes zero.
        self.at_zero: Callable[[], None] = lambda: None

    def add(self) -> None:
        """Count one more."""
        self.busy += 1

    async def end_all(self) -> None:
        """End all processes, including those that start while others end."""
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
    """A wait of a counted task: until the pause ends, the task is not counted.

    The task creates the pause and awaits it at once: `await Pause(count)`. Another task ends it by `set_result`,
    `set_exception` or `cancel` (`task.cancel()` does), or by `end`, which has no effect on a pause that is over.
    """

    def __init__(self, count: Count) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._busy = count
        count.remove()

    def end(self, result: object = None) -> None:
        """Let the waiting task continue, if it still waits."""
        if not self.done():
            self.set_result(result)

    def fail(self, problem: BaseException) -> None:
        """Let the waiting task continue with an exception, if it still waits."""
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
        """Cancel the pause, by ending the waiting task."""
        ended = super().cancel(msg)
        if ended:
            self._busy.add()
        return ended
