"""Show a thread's result on the screen that started the thread, unless the screen was left meanwhile."""

from collections.abc import Callable
from typing import Any, ParamSpec

from textual.screen import Screen

__all__ = ["show_from_thread"]

P = ParamSpec("P")


def show_from_thread(screen: Screen[Any], show: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Call `show` in the app's own thread, unless `screen` was left or the app is ending."""

    def show_if_there() -> object:
        there = screen.app.is_running and screen in screen.app.screen_stack
        return show(*args, **kwargs) if there else None

    screen.app.call_from_thread(show_if_there)
