"""A pager for the simulated terminal, with the basic keys of less."""

from typing import TYPE_CHECKING

from prompt_toolkit.application import Application
from prompt_toolkit.filters import has_focus
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import HSplit, Layout, Window
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.search import SearchDirection, start_search
from prompt_toolkit.widgets import SearchToolbar, TextArea

if TYPE_CHECKING:
    from lab.cluster.sim.tty import Terminal

__all__ = ["Pager"]


class Pager:
    """Text that is looked at page by page."""

    def __init__(self, terminal: "Terminal", name: str, text: str) -> None:
        self._terminal = terminal
        self._name = name
        search = SearchToolbar()
        self._area = TextArea(text=text, search_field=search, read_only=True, scrollbar=False, wrap_lines=False)
        status = Window(FormattedTextControl(self._status), height=1)
        self._app: Application[None] = Application(
            layout=Layout(HSplit([self._area, search, status]), focused_element=self._area),
            key_bindings=self._keys(),
            full_screen=True,
            input=terminal.input,
            output=terminal.output,
        )

    async def run(self) -> None:
        """Show the text until it is left."""
        with self._terminal.screen():
            await self._app.run_async(set_exception_handler=False)

    def _status(self) -> str:
        document = self._area.document
        last = document.cursor_position_row >= document.line_count - 1
        return "(END)" if last else self._name or ":"

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        here = has_focus(self._area)

        def move(*names: str, rows: int | None = None) -> None:
            for name in names:

                @keys.add(name, filter=here)
                def _(event: KeyPressEvent, rows: int | None = rows, name: str = name) -> None:
                    page = max(self._terminal.size.rows - 2, 1)
                    sign = -1 if name in {"b", "u", "pageup"} else 1
                    step = rows if rows is not None else sign * page
                    buffer = event.current_buffer
                    row = buffer.document.cursor_position_row + step
                    row = min(max(row, 0), buffer.document.line_count - 1)
                    buffer.cursor_position = buffer.document.translate_row_col_to_index(row, 0)

        move("j", "down", "enter", "e", rows=1)
        move("k", "up", "y", rows=-1)
        move("g", "<", "home", rows=-(10**9))
        move("G", ">", "end", rows=10**9)
        move("space", "f", "d", "pagedown", "b", "u", "pageup")

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
