"""Threads that use a turned cluster side by side take turns, so that what they do is the same each time.

A look, for example, asks a cluster from a thread for each check. Left alone, the threads would reach the
simulator's loop in whatever order the host runs them. Here one thread runs at a time, until it waits: for the loop
or for another thread. The loop stands still while a thread runs. The thread whose wait ends first runs next.
"""

import asyncio
import concurrent.futures
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from lab.cluster.sim.timing.background_loop import background_loop

__all__ = ["TurnTakers", "on_loop", "result_of"]

T = TypeVar("T")
P = ParamSpec("P")


class _Turn:
    """A thread's next turn, or its present one."""

    def __init__(self) -> None:
        self.given_up = False
        #: Set when the turn begins: each waiting thread is woken for its own turn only.
        self.began = threading.Event()


class _Turns:
    """Whose turn it is, of all threads of this process that take turns."""

    def __init__(self) -> None:
        #: The loop waits for it until no thread runs.
        self._at_rest = threading.Condition()
        self._ready: deque[_Turn] = deque()
        self._present: _Turn | None = None

    def enter(self) -> _Turn:
        """Wait until the loop is stopped for this thread; return the thread's turn."""
        turn = _Turn()

        async def stand_still() -> None:
            self.make_ready(turn)

        asyncio.run_coroutine_threadsafe(stand_still(), background_loop())
        self.take(turn)
        return turn

    def make_ready(self, turn: _Turn) -> None:
        """Queue `turn` behind those that are ready. The loop itself waits here until no thread runs."""
        with self._at_rest:
            if not turn.given_up:
                self._ready.append(turn)
            self._next()
            if _is_the_loop():
                self._at_rest.wait_for(lambda: self._present is None)

    def take(self, turn: _Turn) -> None:
        """Wait for this turn; an interrupt gives it up."""
        try:
            turn.began.wait()
        except BaseException:
            turn.given_up = True
            self.end(turn)
            raise

    def end(self, turn: _Turn | None) -> None:
        """Let the next thread run, or the loop."""
        with self._at_rest:
            if turn is not None and turn in self._ready:
                self._ready.remove(turn)
            if self._present is turn:
                self._present = None
            self._next()

    def _next(self) -> None:
        if self._present is not None:
            return
        if self._ready:
            self._present = self._ready.popleft()
            self._present.began.set()
        else:
            self._at_rest.notify_all()


class _Here(threading.local):
    """Whether this thread takes turns, and its present turn: None after an interrupt."""

    takes_turns = False
    turn: _Turn | None = None


_turns = _Turns()
_here = _Here()


def on_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` on the simulator's loop and return its result."""
    return result_of(asyncio.run_coroutine_threadsafe(work, background_loop()))


def result_of(future: "concurrent.futures.Future[T]") -> T:
    """Return the result of `future`. A thread that takes turns lets the others run meanwhile.

    Raises:
        BaseException: what the future raises, or an interrupt.

    """
    _let_others_run_until(future)
    return future.result()


def _let_others_run_until(future: "concurrent.futures.Future[Any]") -> None:
    """Wait until `future` is done, in turns if this thread takes turns."""
    if not _here.takes_turns or future.done():
        return
    present, _here.turn = _here.turn, None
    following = _Turn()
    future.add_done_callback(lambda _: _turns.make_ready(following))
    _turns.end(present)
    _turns.take(following)
    _here.turn = following


class TurnTakers(concurrent.futures.Executor):
    """An executor whose threads take turns with each other and with the thread that made it.

    It is used as a context manager, which may be nested.
    """

    def __init__(self) -> None:
        self._outermost = not _here.takes_turns
        self._begun: list[_Future[Any]] = []
        if self._outermost:
            _here.turn, _here.takes_turns = _turns.enter(), True

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "concurrent.futures.Future[T]":
        """Call `fn` in a new thread, which begins when this thread waits."""
        future = _Future[T]()
        turn = _Turn()

        def run() -> None:
            _turns.take(turn)
            _here.turn, _here.takes_turns = turn, True
            try:
                if future.set_running_or_notify_cancel():
                    future.set_result(fn(*args, **kwargs))
            except BaseException as problem:  # noqa: BLE001 -- whoever asks for the result gets it
                future.set_exception(problem)
            finally:
                _turns.end(_here.turn)

        self._begun.append(future)
        threading.Thread(target=run, name="turn-taker", daemon=True).start()
        _turns.make_ready(turn)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 -- as the base class
        """Wait for all calls. Afterwards, the thread that made the outermost executor takes no more turns."""
        for future in self._begun if wait else ():
            _let_others_run_until(future)
        if self._outermost and _here.takes_turns:
            _here.takes_turns = False
            _turns.end(_here.turn)


class _Future(concurrent.futures.Future[T]):
    """A future whose result is awaited in turns."""

    def result(self, timeout: float | None = None) -> T:
        """Return the result, without a limit of time if this thread takes turns."""
        _let_others_run_until(self)
        return super().result(timeout)


def _is_the_loop() -> bool:
    try:
        return asyncio.get_running_loop() is background_loop()
    except RuntimeError:
        return False
