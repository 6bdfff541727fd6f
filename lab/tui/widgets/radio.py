"""A radio button whose state can be read without colours."""

from textual.widgets import RadioButton

__all__ = ["Radio"]


class Radio(RadioButton):
    """Shows a dot only where it is on; Textual's own tells by the dot's colour."""

    BUTTON_INNER = " "

    def watch_value(self) -> None:
        """Show the dot or take it away."""
        self.BUTTON_INNER = "●" if self.value else " "
        super().watch_value()
