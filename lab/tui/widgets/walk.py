"""A page to read by key, with stops in it: places where Enter does something."""

from typing import ClassVar

from rich.console import RenderableType
from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widgets import Static

__all__ = ["Stop", "Walk"]


class Stop(Static):
    """A place in a `Walk`. `choice` is what is chosen there."""

    DEFAULT_CSS = """
    Stop { height: auto; width: 1fr; }
    Stop:hover { background: $block-hover-background; }
    """

    class Came(Message):
        """A stop is there."""

        def __init__(self, place: "Stop") -> None:
            super().__init__()
            self.place = place

        @property
        def control(self) -> "Stop":
            """The stop that it is about."""
            return self.place

    class Chosen(Came):
        """A stop was chosen, by Enter or the mouse."""

    def __init__(self, content: RenderableType | Content, choice: str, *, classes: str = "") -> None:
        super().__init__(content, markup=False, classes=classes)
        self.choice = choice

    def on_mount(self) -> None:
        """Say that it is there."""
        self.post_message(self.Came(self))

    def on_click(self, event: events.Click) -> None:
        """Choose it."""
        event.stop()
        self.post_message(self.Chosen(self))


class Walk(VerticalScroll):
    """A page that scrolls. Up and Down go to the next stop in view, and scroll where there is none."""

    # Not in the style of Stop: Textual looks for its rules below a Stop only.
    DEFAULT_CSS = """
    Walk:focus Stop.-current { background: $block-cursor-background; color: $block-cursor-foreground; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "walk(-1)", show=False),
        Binding("down", "walk(1)", show=False),
        Binding("enter", "choose", show=False),
    ]

    @property
    def stops(self) -> list[Stop]:
        """The stops from the top to the bottom, without those in parts that are not displayed."""
        return [stop for stop in self.query(Stop) if all(part.display for part in stop.ancestors_with_self)]

    @property
    def current(self) -> Stop | None:
        """The stop that Enter chooses."""
        return next((stop for stop in self.stops if stop.has_class("-current")), None)

    def go_to(self, chosen: Stop | None) -> None:
        """Make `chosen` the stop that Enter chooses."""
        for stop in self.stops:
            stop.set_class(stop is chosen, "-current")

    def on_focus(self) -> None:
        """Begin at the first stop in view, unless one was gone to already."""
        if not self.current:
            self.go_to(next((stop for stop in self.stops if self._in_view(stop)), None))

    def action_walk(self, step: int) -> None:
        """Go to the next stop (-1: the one before), scrolling by a line as long as it is not in view."""
        stops, current = self.stops, self.current
        if current and not self._in_view(current):
            current = None
        if step < 0:
            stops.reverse()
        ahead = stops[stops.index(current) + 1 :] if current else [stop for stop in stops if self._in_view(stop)]
        if ahead and self._in_view(ahead[0]):
            self.go_to(ahead[0])
        elif step < 0:
            self.scroll_up(animate=False)
        else:
            self.scroll_down(animate=False)

    def action_choose(self) -> None:
        """Choose the stop that was gone to."""
        if current := self.current:
            self.post_message(Stop.Chosen(current))

    @on(Stop.Came)
    def _begin(self, event: Stop.Came) -> None:
        """Begin at the first one that comes."""
        if not self.current and event.control in self.stops:
            self.go_to(event.control)

    @on(Stop.Chosen)
    def _stay(self, event: Stop.Chosen) -> None:
        """Stay where somebody clicked."""
        self.go_to(event.control)

    def _in_view(self, stop: Stop) -> bool:
        """Whether the whole of a stop can be seen, or as much of it as there is room for."""
        view, place = self.content_region, stop.region
        seen = Region(place.x, place.y, place.width, min(place.height, view.height))
        return bool(place.height) and view.y <= seen.y and seen.bottom <= view.bottom
