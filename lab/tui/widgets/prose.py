"""Text in Markdown."""

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Markdown, Static
from textual.widgets.markdown import MarkdownBlock, MarkdownFence

from lab.debrief.markdown import parser
from lab.tui.snippets import are_commands, snippets
from lab.tui.widgets.walk import Stop

__all__ = ["Prose"]


class Prose(Markdown):
    """Markdown as on the exported pages. Code wraps; links are shown, not followed.

    With `commands`, each command in it is a `Stop`. Textual's own parser makes links of bare URLs, and
    treats a backslash before punctuation as a part of the URL.
    """

    def __init__(self, text: str = "", *, commands: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(text, id=id, open_links=False, parser_factory=parser)
        self._commands = commands

    def get_block_class(self, block_name: str) -> type[MarkdownBlock]:
        """Return the widget class of a block: code uses our own classes."""
        if block_name in {"fence", "code_block"}:
            return _Commands if self._commands else _Code
        return super().get_block_class(block_name)


class _Code(MarkdownFence):
    """A block of code with wrapped lines."""

    DEFAULT_CSS = """
    _Code { overflow: hidden; & > Label { width: 1fr; } }
    """

    @classmethod
    def highlight(cls, code: str, language: str, ansi: bool = False, dark: bool = False) -> Content:  # noqa: FBT001, FBT002
        """Highlight code by its language.

        Without a language, Textual would guess and load all lexers, which takes 0.3 s.
        """
        return super().highlight(code, language or "bash", ansi=ansi, dark=dark)

    @property
    def allow_horizontal_scroll(self) -> bool:
        """Return false: nothing is wider than the view."""
        return False


class _Commands(_Code):
    """A block whose commands can be chosen one by one, unless they are not for a shell."""

    DEFAULT_CSS = """
    _Commands { padding: 1 0 1 1; & > Static { height: auto; } & > .remark { color: $text-muted; } }
    """

    def compose(self) -> ComposeResult:
        """Lay out the commands with their comments."""
        if not are_commands(self.lexer or ""):
            yield from super().compose()
            return
        for snippet in snippets(self.code):
            remark = f"  # {snippet.remark}" if snippet.remark else ""
            if snippet.command:
                yield Stop(Content.assemble(snippet.command, (remark, "$text-muted")), snippet.command)
            else:
                yield Static(Content(remark.strip()), classes="remark")
