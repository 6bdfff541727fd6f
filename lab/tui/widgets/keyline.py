"""The bottom line: the keys of the screen, as many as fit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

__all__ = ["Key", "KeyLine", "fitting"]


@dataclass(frozen=True)
class Key:
    """A key of the line: its text, and its action."""

    key: str
    display: str
    description: str
    action: str
    enabled: bool
    tooltip: str

    @property
    def width(self) -> int:
        """Its width in columns, with its description and its separator."""
        return cell_len(self.display) + cell_len(self.description) + 2


def fitting(keys: Sequence[Key], room: int, lesser: Sequence[str] = ()) -> list[Key]:
    """Return the whole keys that fit into `room` columns: always the last one, which is the way out.

    Keys for the actions in `lesser` are left out first, in that order, then those before the last.
    """
    shown = list(keys)
    for key in _in_order_of_leaving(keys, lesser):
        if sum(each.width for each in shown) <= room:
            break
        shown.remove(key)
    return shown


def _in_order_of_leaving(keys: Sequence[Key], lesser: Sequence[str]) -> Iterator[Key]:
    others = keys[:-1]
    yield from (key for action in lesser for key in others if key.action == action)
    yield from (key for key in reversed(others) if key.action not in lesser)


class KeyLine(Widget):
    """The keys of the screen with their actions; a click presses a key.

    Textual's footer has a widget for each key, and recreates all of them at each change of the focus. These
    widgets were more than half of all styling when the play screen opened.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyLine {
        dock: bottom;
        height: 1;
        color: $footer-foreground;
        background: $footer-background;
        text-wrap: nowrap;
    }
    """
    #: The key under the mouse.
    _under: reactive[Key | None] = reactive(None)

    def __init__(self, *, lesser: Sequence[str] = ()) -> None:
        super().__init__()
        self._lesser = lesser
        self._keys: list[Key] = []

    def on_mount(self) -> None:
        """Follow the keys of the screen."""
        self.screen.bindings_updated_signal.subscribe(self, self._show)

    def on_unmount(self) -> None:
        """Stop following the keys."""
        self.screen.bindings_updated_signal.unsubscribe(self)

    def _show(self, screen: Screen[object]) -> None:
        """Show the present keys. An unwatched window has no focus, and keeps its content."""
        if not screen.app.app_focus:
            return
        actions: dict[str, Key] = {}
        for _node, binding, enabled, tooltip in screen.active_bindings.values():
            if binding.show:
                display = screen.app.get_key_display(binding)
                key = Key(binding.key, display, binding.description, binding.action, enabled, tooltip)
                actions.setdefault(binding.action, key)
        # Screens add keys to those of the screens that they extend; the way out stays the last one.
        keys = sorted(actions.values(), key=lambda key: key.action == "leave")
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def render(self) -> RenderResult:
        """Return the keys that fit."""
        parts: list[str | Content] = []
        for key in self._shown():
            colours = "$footer-key-foreground on $block-hover-background" if key is self._under else ""
            shade = "" if key.enabled else "dim"
            parts += [
                Content.styled(key.display, f"bold {colours or '$footer-key-foreground'} {shade}"),
                Content.styled(f" {key.description}", f"{colours} {shade}"),
                " ",
            ]
        return Content.assemble(*parts)

    def _shown(self) -> list[Key]:
        return fitting(self._keys, self.app.size.width, self._lesser)

    def _at(self, column: int) -> Key | None:
        end = 0
        for key in self._shown():
            end += key.width
            if column < end:
                return key if column < end - 1 else None
        return None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Press the clicked key."""
        if key := self._at(event.x):
            if key.enabled:
                self.app.simulate_key(key.key)
            else:
                self.app.bell()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show which key a click would press, and describe it."""
        self._under = self._at(event.x)

    def on_leave(self) -> None:
        """Show no key as under the mouse."""
        self._under = None

    def watch__under(self, key: Key | None) -> None:
        """Describe the key under the mouse."""
        self.tooltip = key.tooltip if key else None
