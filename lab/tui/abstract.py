"""Abstract widgets and screens: Textual's metaclass and Python's for abstract classes in one."""

from abc import ABCMeta

from textual.message_pump import _MessagePumpMeta

__all__ = ["Abstract"]


class Abstract(_MessagePumpMeta, ABCMeta):
    """The metaclass of widgets that can't be made before a subclass has defined their abstract methods."""
