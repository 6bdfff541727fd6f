"""Abstract widgets and screens: one metaclass that combines Textual's and Python's for abstract classes."""

from abc import ABCMeta

from textual.message_pump import _MessagePumpMeta

__all__ = ["Abstract"]


class Abstract(_MessagePumpMeta, ABCMeta):
    """The metaclass of widgets that can be created only if a subclass defines their abstract methods."""
