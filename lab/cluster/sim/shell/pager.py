"""A pager for the simulated terminal, with the basic keys of less."""

from typing import TYPE_CHECKING

from prompt_toolkit.application import Application
from prompt_toolkit.filters import Always, has_focus
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import HSplit, Layout, Window
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.search import SearchDirection, start_search
from prompt_toolkit.widgets import SearchToolbar, TextArea

if TYPE_CHECKING:
    from lab.cluster.sim.shell.tty import Terminal

__all__ = ["Pager"]


class Pager:
    """Text that is shown page by page."""

    def __init__(self, terminal: "Terminal", name: str, text: str) -> None:
        self._terminal = terminal
        self._name = name
        search = SearchToolbar()
        self._area = TextArea(text=text, search_field=search, read_only=True, scrollbar=False, wrap_lines=False)
        self._area.window.always_hide_cursor = Always()
        # The cursor's line is the first shown line, wherever a search or a key puts it.
        self._area.window.get_vertical_scroll = lambda _window: self._top
        status = Window(FormattedTextControl(self._status), height=1)
        self._app: Application[None] = Application(
            layout=Layout(HSplit([self._area, search, status]), focused_element=self._area),
            key_bindings=self._keys(),
            full_screen=True,
            input=terminal.input,
            output=terminal.output,
        )

    async def run(self) -> None:
        """Show the text until the user leaves."""
        with self._terminal.screen():
            await self._app.run_async(set_exception_handler=False)

    @property
    def _page(self) -> int:
        """The number of lines on the screen."""
        return max(self._terminal.size.rows - 1, 1)

    @property
    def _last_top(self) -> int:
        """The first line of the last page."""
        return max(self._area.document.line_count - self._page, 0)

    @property
    def _top(self) -> int:
        """The first shown line."""
        return min(self._area.document.cursor_position_row, self._last_top)

    def _status(self) -> str:
        return "(END)" if self._top >= self._last_top else self._name or ":"

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        here = has_focus(self._area)

        def move(*names: str, pages: float = 0, lines: int = 0) -> None:
            def scroll(event: KeyPressEvent) -> None:
                buffer = event.current_buffer
                row = self._top + lines + int(pages * self._page)
                row = min(max(row, 0), self._last_top)
                buffer.cursor_position = buffer.document.translate_row_col_to_index(row, 0)

            for name in names:
                keys.add(name, filter=here)(scroll)

        move("j", "down", "enter", "e", lines=1)
        move("k", "up", "y", lines=-1)
        move("g", "<", "home", lines=-(10**9))
        move("G", ">", "end", lines=10**9)
        move("space", "f", "pagedown", pages=1)
        move("b", "pageup", pages=-1)
        move("d", pages=0.5)
        move("u", pages=-0.5)

        @keys.add("q", filter=here)
        @keys.add("Q", filter=here)
        def _(event: KeyPressEvent) -> None:
            event.app.exit()

        @keys.add("/", filter=here)
        def _(event: KeyPressEvent) -> None:
            del event
            start_search(self._area.control, SearchDirection.FORWARD)

        @keys.add("n", filter=here)
        def _(event: KeyPressEvent) -> None:
            event.current_buffer.apply_search(event.app.current_search_state, include_current_position=False)

        return keys
