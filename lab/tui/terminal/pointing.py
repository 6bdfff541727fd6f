"""The mouse in a terminal: for the program if it asked for it, else for selecting, pasting and scrolling."""

from abc import abstractmethod

from textual import events

from lab.tui.abstract import Abstract
from lab.tui.terminal.emulator import MouseAction
from lab.tui.terminal.view import View

__all__ = ["Pointing"]

_WHEEL_UP, _WHEEL_DOWN = 64, 65
_NO_BUTTON = 3


class Pointing(View, metaclass=Abstract):
    """A `View` whose mouse may belong to the program."""

    def __init__(self, *, keep: int, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(keep=keep, id=id, classes=classes)
        self._button: int | None = None

    @property
    @abstractmethod
    def running(self) -> bool:
        """Whether a program is running."""

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Send `data` to the program unchanged."""

    @abstractmethod
    def paste(self, text: str) -> None:
        """Send `text` as a paste."""

    @abstractmethod
    def press(self, key: str, times: int) -> None:
        """Send `key` as if it were pressed that many times."""

    def _reports(self, event: events.MouseEvent) -> bool:
        return self.emulator.mouse != "off" and not event.shift and self.running

    def _report(self, event: events.MouseEvent, button: int, action: MouseAction) -> None:
        event.stop()
        cell = self._cell(event)
        held = {name for name in ("shift", "meta", "ctrl") if getattr(event, name)}
        data = self.emulator.encode_mouse(cell.x, cell.y, button, action, held)
        self.send(data)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Report a click to the program, paste by the middle button, or begin to select."""
        if self._reports(event):
            event.prevent_default()
            self._button = event.button - 1
            self.capture_mouse()
            self._report(event, self._button, "press")
        elif event.button == 2:
            event.prevent_default()
            self.paste(self.app.clipboard)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Report a move to the program, or extend the selection."""
        if self._button is not None or (not self._selecting and self._reports(event)):
            event.prevent_default()
            self._report(event, _NO_BUTTON if self._button is None else self._button, "move")

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Report a release to the program, or end the selection."""
        if self._button is not None:
            event.prevent_default()
            button, self._button = self._button, None
            self.release_mouse()
            self._report(event, button, "release")

    def wheel(self, event: events.MouseEvent, lines: int) -> None:
        """Report the wheel to the program, or move its cursor, or scroll.

        The cursor moves in full-screen programs without mouse reports.
        """
        if self._reports(event):
            self._report(event, _WHEEL_UP if lines > 0 else _WHEEL_DOWN, "press")
        elif self.emulator.alternate and self.running:
            self.press("up" if lines > 0 else "down", abs(lines))
        else:
            self.scroll_back(lines)
