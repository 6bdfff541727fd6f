"""A radio button whose state is readable without colours, and whose label may take several lines."""

import textwrap

from textual.content import Content, ContentText
from textual.geometry import Size
from textual.widgets import RadioButton

__all__ = ["Radio"]

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
