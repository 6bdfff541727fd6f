"""A page to read by keys, with stops: places where Enter does something."""

from typing import ClassVar

from rich.console import RenderableType
from rich.segment import Segment
from rich.style import Style
from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Static

__all__ = ["Stop", "Walk"]


class Stop(Static):
    """A place in a `Walk`. `choice` is the value of the stop."""

    DEFAULT_CSS = """
    Stop { height: auto; width: 1fr; }
    Stop:hover { background: $block-hover-background; }
    """

    class Came(Message):
        """A stop was added."""

        def __init__(self, place: "Stop") -> None:
            super().__init__()
            self.place = place

        @property
        def control(self) -> "Stop":
            """The stop that sent the message."""
            return self.place

    class Chosen(Came):
        """The user chose a stop, by Enter or the mouse."""

    def __init__(self, content: RenderableType | Content, choice: str, *, classes: str = "") -> None:
        super().__init__(content, markup=False, classes=classes)
        self.choice = choice

    def on_mount(self) -> None:
        """Announce the stop."""
        self.post_message(self.Came(self))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines; a stop that is marked leaves out its own colours, made for another background."""
        lines = super().render_lines(crop)
        # One that is being removed has no screen any more, but its ancestors.
        if not self.has_class("-current") or not any(
            isinstance(each, Walk) and each.has_focus for each in self.ancestors
        ):
            return lines
        over = Style(color=self.rich_style.color)
        return [
            Strip(
                [Segment(text, (style or Style()) + over, control) for text, style, control in line],
                line.cell_length,
            )
            for line in lines
        ]

    def on_click(self, event: events.Click) -> None:
        """Choose it."""
        event.stop()
        self.post_message(self.Chosen(self))


class Walk(VerticalScroll):
    """A page that scrolls. Up and Down go to the next stop in view, and scroll if there is none."""

    # Not in the style of Stop: Textual looks for its rules only below a Stop.
    DEFAULT_CSS = """
    Walk:focus Stop.-current { background: $block-cursor-background; color: $block-cursor-foreground; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "walk(-1)", show=False),
        Binding("down", "walk(1)", show=False),
        Binding("enter", "choose", show=False),
    ]

    #: The stop that was selected last; it may be gone.
    _marked_last: Stop | None = None

    @property
    def stops(self) -> list[Stop]:
        """The stops from top to bottom, without those in hidden parts."""
        return [stop for stop in self.query(Stop) if _shown(stop)]

    @property
    def current(self) -> Stop | None:
        """The stop that Enter chooses."""
        return next((stop for stop in self.stops if stop.has_class("-current")), None)

    def go_to(self, chosen: Stop | None) -> None:
        """Select `chosen`: Enter then chooses it."""
        self._marked_last = chosen
        for stop in self.stops:
            stop.set_class(stop is chosen, "-current")

    def on_focus(self) -> None:
        """Select the first stop in view, unless a stop is already selected."""
        if not self.current:
            self.go_to(next((stop for stop in self.stops if self._in_view(stop)), None))

    def action_walk(self, step: int) -> None:
        """Select the next stop (-1: the previous one); scroll by a line while it is not in view."""
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
        """Choose the selected stop."""
        if current := self.current:
            self.post_message(Stop.Chosen(current))

    @on(Stop.Came)
    def _begin(self, event: Stop.Came) -> None:
        """Select the first stop that is added."""
        # A page has many stops. The first one is stored, so that adding a stop needs no search.
        chosen = self._marked_last
        if chosen and chosen.is_attached and chosen.has_class("-current") and _shown(chosen):
            return
        if not self.current and event.control in self.stops:
            self.go_to(event.control)

    @on(Stop.Chosen)
    def _stay(self, event: Stop.Chosen) -> None:
        """Keep the clicked stop selected."""
        self.go_to(event.control)

    def _in_view(self, stop: Stop) -> bool:
        """Whether a stop is fully visible, or fills the whole view."""
        view, place = self.content_region, stop.region
        seen = Region(place.x, place.y, place.width, min(place.height, view.height))
        return bool(place.height) and view.y <= seen.y and seen.bottom <= view.bottom


def _shown(stop: Stop) -> bool:
    """Return whether no part that a stop is in is hidden."""
    return all(part.display for part in stop.ancestors_with_self)
