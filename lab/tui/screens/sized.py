"""A screen whose classes name the window's size before the screen is styled."""

from textual import events
from textual.screen import Screen, ScreenResultType

__all__ = ["Sized"]


class Sized(Screen[ScreenResultType]):
    """A screen that is styled and laid out once when it is opened.

    Textual adds the classes for the window's width and height only after a first layout, and styles a screen again
    as it comes to the top. Each time, all widgets would be styled, laid out and drawn once more.

    A modal screen names it after `ModalScreen`: Textual takes styles from the first base class alone.
    """

    def __init__(self, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 -- Textual's names
        super().__init__(name, id, classes)
        width, height = self.app.size
        for extent, own, common in (
            (width, self.HORIZONTAL_BREAKPOINTS, self.app.HORIZONTAL_BREAKPOINTS),
            (height, self.VERTICAL_BREAKPOINTS, self.app.VERTICAL_BREAKPOINTS),
        ):
            breakpoints = (common if own is None else own) or []
            self.add_class(*self._get_breakpoint_classes(extent, breakpoints), update=False)
        self._opened = False

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Skip the styling that was done when the screen was opened."""
        if not self._opened:
            self._opened = True
            event.refresh_styles = False
