"""An app that gives a focused terminal all keys, and keeps columns aligned whatever the terminal prints."""

import sys
from typing import ClassVar, TypeVar

from textual.app import App
from textual.driver import Driver

from lab.tui.terminal.steady import steady
from lab.tui.terminal.widget import Terminal

__all__ = ["TerminalApp"]

Result = TypeVar("Result")


class TerminalApp(App[Result]):
    """An app in which a focused `Terminal` gets its keys before all bindings, even those with priority.

    Otherwise the palette's Ctrl-P and the quitting Ctrl-Q would never reach the shell.
    """

    ESCAPE_TO_MINIMIZE: ClassVar[bool] = False

    def get_driver_class(self) -> type[Driver]:
        """Return a driver that keeps columns aligned; on a POSIX terminal, it also keeps Alt."""
        if sys.platform == "win32":
            return steady(super().get_driver_class())
        from lab.tui.terminal.driver import PosixDriver  # noqa: PLC0415 -- it can't be imported on Windows

        return PosixDriver

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:  # noqa: FBT001, FBT002
        """Run the binding of `key`, unless the focused terminal takes the key."""
        if priority and isinstance(self.focused, Terminal) and self.focused.takes(key):
            return False
        return await super()._check_bindings(key, priority)
