"""Radio buttons: readable without colours, with labels of several lines, and with a message on Enter."""

import textwrap
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content, ContentText
from textual.geometry import Size
from textual.message import Message
from textual.widgets import RadioButton, RadioSet

__all__ = ["Radio", "RadioGroup"]

#: The width of the button and of the space behind it.
_INDENT = 4


class Radio(RadioButton):
    """Shows a dot only if it is on.

    Textual's own button shows the state by the dot's colour, and truncates the label.
    """

    BUTTON_INNER = " "

    def watch_value(self) -> None:
        """Show or hide the dot."""
        self.BUTTON_INNER = "●" if self.value else " "
        super().watch_value()

    def _make_label(self, label: ContentText) -> Content:
        """Return the label with all its lines; Textual keeps only the first one."""
        return Content.from_text(label, markup=False)

    def render(self) -> Content:
        """Return the button with its label, wrapped, beside it."""
        lines = self._lines(self.size.width)
        label = Content(f"\n{' ' * _INDENT}".join(lines)).stylize_before(self.get_visual_style("toggle--label"))
        return Content.assemble(self._button, " ", label)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 -- Textual's
        """Return how many lines the label takes."""
        return max(1, len(self._lines(width)))

    def _lines(self, width: int) -> list[str]:
        room = max(10, width - _INDENT)
        return [part for line in self._label.plain.splitlines() for part in textwrap.wrap(line, room) or [""]]


class RadioGroup(RadioSet):
    """A set of radio buttons that says when one was chosen by Enter."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "Choose", show=False)]

    class Chosen(Message):
        """A button was chosen by Enter, perhaps the one that was on before."""

    def action_choose(self) -> None:
        """Turn the marked button on, and say so."""
        self.action_toggle_button()
        self.post_message(self.Chosen())
