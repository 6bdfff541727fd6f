"""What the play screen's compositor renders for a change."""

from collections.abc import Callable

import pytest
from textual._compositor import Compositor
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from lab.tui.compositor import RowCompositor


class _Parts(Screen[None]):
    CSS = """
    #left { width: 30; border: round red; }
    #right { width: 1fr; border: heavy blue; padding: 1; }
    #over { layer: above; offset: 20 3; width: 24; height: 4; background: green; }
    #bar { dock: top; height: 1; }
    _Parts { layers: below above; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._compositor = RowCompositor()
        self.rendered: list[str | None] = []

    def compose(self) -> ComposeResult:
        yield Static("the bar", id="bar")
        with Horizontal():
            with VerticalScroll(id="left"):
                for number in range(40):
                    yield Static(f"line {number} of the left part", id=f"line-{number}")
            with Vertical(id="right"):
                yield Static("a text in the right part\nof two lines", id="text")
        yield Static("what lies above", id="over")


_CHANGES = [
    [Region(0, 0, 80, 1)],
    [Region(31, 5, 49, 1)],
    [Region(0, 0, 80, 1), Region(2, 20, 20, 2)],
    [Region(22, 4, 3, 1), Region(50, 4, 5, 1)],
    [Region(0, 2, 80, 10)],
]


async def test_an_update_has_the_same_bytes_as_textuals_own() -> None:
    app: App[None] = App()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = _Parts()
        await app.push_screen(screen)
        await pilot.pause()
        compositor = screen._compositor

        for change in _CHANGES:
            compositor._dirty_regions.update(change)
            ours = compositor.render_partial_update()
            compositor._dirty_regions.update(change)
            textuals = Compositor.render_partial_update(compositor)

            assert ours is not None
            assert textuals is not None
            assert ours.render_segments(app.console) == textuals.render_segments(app.console)
        assert compositor.render_partial_update() is None


def _noting(widget: Widget, rendered: list[tuple[str | None, int]]) -> Callable[[Region], list[Strip]]:
    """Return the widget's `render_lines`, which notes whose lines it renders, and how many."""
    render = widget.render_lines

    def noting(crop: Region) -> list[Strip]:
        rendered.append((widget.id, crop.height))
        return render(crop)

    return noting


async def test_hidden_or_unchanged_parts_are_not_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    app: App[None] = App()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = _Parts()
        await app.push_screen(screen)
        await pilot.pause()
        rendered: list[tuple[str | None, int]] = []
        for widget in (screen, *screen.query(Widget)):
            monkeypatch.setattr(widget, "render_lines", _noting(widget, rendered))
        screen._compositor._dirty_regions.add(Region(22, 4, 3, 1))

        screen._compositor.render_partial_update()

    assert rendered == [("over", 1)]
