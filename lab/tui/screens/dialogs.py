"""Small questions and messages above another screen."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from rich.console import RenderableType
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from lab.tui.screens.sized import Sized

__all__ = ["Choose", "Confirm", "Leave", "Notice", "Page"]


class Confirm(ModalScreen[bool], Sized[bool]):
    """A question with two answers; Escape is the safe answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "answer(False)", "No"),
        Binding("y", "answer(True)", "Yes"),
        Binding("left,right", "app.focus_next", show=False),
    ]

    def __init__(self, question: str, text: str = "", *, yes: str = "Yes", no: str = "No") -> None:
        super().__init__()
        self._question, self._text, self._yes, self._no = question, text, yes, no

    def compose(self) -> ComposeResult:
        """Lay out the question above its answers."""
        with Vertical(classes="dialog"):
            yield Static(Content(self._question), classes="title")
            if self._text:
                yield Static(Content(self._text), classes="text")
            with Horizontal(classes="buttons"):
                yield Button(f"{self._yes} (y)", id="yes", variant="primary")
                yield Button(f"{self._no} (Esc)", id="no")

    def on_mount(self) -> None:
        """Focus the safe answer."""
        self.query_one("#no").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:  # noqa: FBT001 -- an action's parameter
        """Answer by a key."""
        self.dismiss(yes)


class Leave(ModalScreen[Literal["leave", "pause", "stay"]], Sized[Literal["leave", "pause", "stay"]]):
    """Asks whether to leave the lab or, if it `may_pause`, to pause it. Escape stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "answer('stay')", "No"),
        Binding("y", "answer('leave')", "Yes"),
        Binding("f11", "answer('pause')", "Pause"),
        Binding("right", "app.focus_next", show=False),
        Binding("left", "app.focus_previous", show=False),
    ]

    def __init__(self, *, may_pause: bool) -> None:
        super().__init__()
        self._may_pause = may_pause

    def compose(self) -> ComposeResult:
        """Lay out the question over its answers."""
        with Vertical(classes="dialog"):
            yield Static("Leave the lab?", classes="title")
            yield Static(
                "The clock keeps running, and the cluster stays. `kluster play` resumes the lab."
                + (" While it is paused, the clock stands still." if self._may_pause else ""),
                classes="text",
                markup=False,
            )
            with Horizontal(classes="buttons"):
                yield Button("Leave (y)", id="leave", variant="primary")
                if self._may_pause:
                    yield Button("Pause (F11)", id="pause")
                yield Button("Stay (Esc)", id="stay")

    def on_mount(self) -> None:
        """Begin at the safe answer."""
        self.query_one("#stay").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a pause only where there is one."""
        return self._may_pause or (action, *parameters) != ("answer", "pause")

    @on(Button.Pressed)
    async def _pressed(self, event: Button.Pressed) -> None:
        await self.run_action(f"answer('{event.button.id}')")

    def action_answer(self, answer: Literal["leave", "pause", "stay"]) -> None:
        """Answer by key."""
        self.dismiss(answer)


class Notice(ModalScreen[None], Sized[None]):
    """A text to read and close."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,space,q", "dismiss", "Close")]

    def __init__(self, title: str, text: Text | str) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        """Lay out the text above its button."""
        with Vertical(classes="dialog"):
            yield Static(Content(self._title), classes="title")
            with VerticalScroll(classes="text"):
                yield Static(self._text, markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Close", id="close", variant="primary")

    @on(Button.Pressed)
    def _pressed(self) -> None:
        self.dismiss()


class Page(ModalScreen[None], Sized[None]):
    """A page to read, with a title."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,f1", "dismiss", "Close")]

    def __init__(self, title: str, content: RenderableType) -> None:
        super().__init__()
        self._title, self._content = title, content

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        with Vertical(classes="dialog page"):
            yield Static(Content(self._title), classes="title")
            with VerticalScroll():
                yield Static(self._content, markup=False)
            yield Static("Esc closes", classes="foot")

    def on_mount(self) -> None:
        """Let keys scroll the page."""
        self.query_one(VerticalScroll).focus()


class Choose(ModalScreen[str | None], Sized[str | None]):
    """A list to choose from; Escape chooses nothing. `choices` are (value, shown text)."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "None of them")]

    def __init__(self, question: str, choices: Sequence[tuple[str, str]], text: str = "") -> None:
        super().__init__()
        self._question, self._choices, self._text = question, choices, text

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        with Vertical(classes="dialog"):
            yield Static(Content(self._question), classes="title")
            if self._text:
                yield Static(Content(self._text), classes="text")
            yield OptionList(*(Option(Content(shown), id=value) for value, shown in self._choices))
            yield Static("Enter chooses, Esc closes", classes="foot")

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)
