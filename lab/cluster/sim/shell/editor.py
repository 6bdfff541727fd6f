"""A full-screen editor for the simulated terminal, with the basic keys of vi and of nano."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from prompt_toolkit.application import Application
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition, vi_navigation_mode
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.key_binding.vi_state import InputMode
from prompt_toolkit.layout import ConditionalContainer, HSplit, Layout, Window
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.search import start_search
from prompt_toolkit.widgets import SearchToolbar, TextArea

if TYPE_CHECKING:
    from lab.cluster.sim.shell.tty import Terminal

__all__ = ["Editor"]

_NANO_KEYS = "^O Write Out   ^X Exit   ^W Where Is   ^K Cut"


class Editor:
    """One file in an editor; `save` is called with the text whenever it is written."""

    def __init__(
        self, terminal: "Terminal", name: str, text: str, save: Callable[[str], None], *, vi: bool
    ) -> None:
        self._terminal = terminal
        self._name = name
        self._save = save
        self._vi = vi
        self._saved = text
        self._said = f'"{name}" {len(text.splitlines())}L, {len(text.encode())}B'
        self._command_open = False
        #: nano's question whether to save was asked.
        self._asking = False
        search = SearchToolbar()
        self._area = TextArea(text=text, search_field=search, scrollbar=False, wrap_lines=False)
        self._area.buffer.cursor_position = 0
        self._command = TextArea(
            height=1, prompt=":", multiline=False, accept_handler=lambda _: self._run_command()
        )
        status = Window(FormattedTextControl(self._status), height=1)
        command = ConditionalContainer(self._command, Condition(lambda: self._command_open))
        plain = ConditionalContainer(status, Condition(lambda: not self._command_open))
        self._app: Application[None] = Application(
            layout=Layout(HSplit([self._area, search, plain, command]), focused_element=self._area),
            key_bindings=self._keys(),
            editing_mode=EditingMode.VI if vi else EditingMode.EMACS,
            full_screen=True,
            input=terminal.input,
            output=terminal.output,
        )

    async def run(self) -> None:
        """Show the editor until it is left."""
        with self._terminal.screen():
            await self._app.run_async(pre_run=self._begin, set_exception_handler=False)

    def _begin(self) -> None:
        if self._vi:
            self._app.vi_state.input_mode = InputMode.NAVIGATION

    def _status(self) -> str:
        if self._vi and self._app.vi_state.input_mode == InputMode.INSERT:
            return "-- INSERT --"
        return self._said if self._vi else f"{self._said}   {_NANO_KEYS}"

    @property
    def _text(self) -> str:
        text = self._area.text
        return text if text.endswith("\n") or not text else text + "\n"

    def _write(self) -> None:
        self._save(self._text)
        self._saved = self._text
        self._said = f'"{self._name}" {len(self._text.splitlines())}L, {len(self._text.encode())}B written'

    def _leave(self, *, force: bool) -> None:
        if self._text not in {self._saved, self._saved + "\n"} and not force:
            self._said = "E37: No write since last change (add ! to override)"
            return
        self._app.exit()

    def _run_command(self) -> bool:
        command = self._command.text.strip()
        self._command_open = False
        self._app.layout.focus(self._area)
        self._app.vi_state.input_mode = InputMode.NAVIGATION
        if command in {"w", "wq", "x", "wq!", "w!"}:
            self._write()
        if command in {"q", "q!", "wq", "wq!", "x"}:
            self._leave(force=command == "q!")
        elif command.isdigit():
            row = min(int(command), self._area.document.line_count) - 1
            self._area.buffer.cursor_position = self._area.document.translate_row_col_to_index(max(row, 0), 0)
        elif command not in {"", "w", "w!"}:
            self._said = f"E492: Not an editor command: {command}"
        return False

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        if self._vi:
            self._vi_keys(keys)
        else:
            self._nano_keys(keys)
        return keys

    def _vi_keys(self, keys: KeyBindings) -> None:
        # This one first: the library's filters keep for good whatever they were joined with.
        in_text = Condition(lambda: self._app.layout.has_focus(self._area))

        @keys.add(":", filter=in_text & vi_navigation_mode)
        def _(event: KeyPressEvent) -> None:
            self._command.text = ""
            self._command_open = True
            event.app.layout.focus(self._command)
            event.app.vi_state.input_mode = InputMode.INSERT

        @keys.add("Z", "Z", filter=in_text & vi_navigation_mode)
        def _(event: KeyPressEvent) -> None:
            del event
            self._write()
            self._leave(force=True)

        @keys.add("escape", filter=Condition(lambda: self._command_open), eager=True)
        def _(event: KeyPressEvent) -> None:
            self._command_open = False
            event.app.layout.focus(self._area)
            event.app.vi_state.input_mode = InputMode.NAVIGATION

    def _nano_keys(self, keys: KeyBindings) -> None:
        @keys.add("c-o", eager=True)
        def _(event: KeyPressEvent) -> None:
            del event
            self._write()

        @keys.add("c-x", eager=True)
        def _(event: KeyPressEvent) -> None:
            del event
            if self._text in {self._saved, self._saved + "\n"}:
                self._leave(force=True)
            else:
                self._said = "Save modified buffer?  Y Yes  N No  ^C Cancel"
                self._asking = True

        @keys.add("y", filter=Condition(lambda: self._asking), eager=True)
        def _(event: KeyPressEvent) -> None:
            del event
            self._write()
            self._leave(force=True)

        @keys.add("n", filter=Condition(lambda: self._asking), eager=True)
        def _(event: KeyPressEvent) -> None:
            del event
            self._leave(force=True)

        @keys.add("c-c", eager=True)
        def _(event: KeyPressEvent) -> None:
            del event
            self._asking, self._said = False, ""

        @keys.add("c-w", eager=True)
        def _(event: KeyPressEvent) -> None:
            del event
            start_search(self._area.control)

        @keys.add("c-k", eager=True)
        def _(event: KeyPressEvent) -> None:
            buffer = event.current_buffer
            buffer.cursor_position += buffer.document.get_start_of_line_position()
            buffer.delete(len(buffer.document.current_line) + 1)
