"""The threads that an app's workers run in."""

import contextvars
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

__all__ = ["FreshContexts"]

P = ParamSpec("P")
Result = TypeVar("Result")


class FreshContexts(ThreadPoolExecutor):
    """Runs each piece of work in a context of its own.

    Textual stores in a thread's context which worker runs there. In the thread's own context, that reference would
    keep the worker's screen and all its terminals until the thread ends.
    """

    def submit(self, fn: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs) -> Future[Result]:
        """Run `fn` in a thread."""
        context = contextvars.Context()
        return super().submit(lambda: context.run(fn, *args, **kwargs))
