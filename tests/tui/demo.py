"""The terminal by hand: `python -m tests.tui.demo` (F10 quits)."""

from tempfile import gettempdir
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer, Log

from lab.tui.terminal import Terminal, TerminalApp
from tests.tui.local_shell import bash


class Demo(TerminalApp[None]):
    CSS = "Log { height: 6; border: round gray; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "quit", "Quit"),
        Binding("f2", "toggle_log", "Log"),
        Binding("f12", "picture", "Picture"),
    ]

    def compose(self) -> ComposeResult:
        yield Terminal(bash(), label="this machine")
        yield Log()
        yield Footer()

    def on_mount(self) -> None:
        self.query_one(Terminal).focus()

    def action_toggle_log(self) -> None:
        log = self.query_one(Log)
        log.display = not log.display

    def action_picture(self) -> None:
        self.query_one(Log).write_line(self.save_screenshot("demo.svg", gettempdir()))

    def on_terminal_marked(self, message: Terminal.Marked) -> None:
        self.query_one(Log).write_line(repr(message.mark))

    def on_terminal_prefixed(self, message: Terminal.Prefixed) -> None:
        self.query_one(Log).write_line(f"prefixed {message.letter!r}")

    def on_terminal_copied(self, message: Terminal.Copied) -> None:
        self.query_one(Log).write_line(f"copied {message.text!r}")

    def on_terminal_ended(self, message: Terminal.Ended) -> None:
        self.query_one(Log).write_line(f"ended {message.error!r}")


if __name__ == "__main__":
    Demo().run()
