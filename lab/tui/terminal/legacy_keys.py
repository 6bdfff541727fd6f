"""Alt and Ctrl-H in terminals without the kitty keyboard protocol (tmux, xterm, GNOME Terminal).

Textual's own parser drops the Alt of Alt-. and Alt-Backspace, and turns Alt-B into Ctrl-Left.
"""

from collections.abc import Iterable

from textual import events
from textual._xterm_parser import XTermParser

__all__ = ["LegacyKeysParser"]

#: Characters that may continue an Escape sequence. They are keys only if nothing more comes.
_INTRODUCERS = "[O]PX_^"


class LegacyKeysParser(XTermParser):
    """Textual's parser, extended to keep the Alt key."""

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:  # noqa: FBT001, FBT002
        """Return the keys of `sequence`; `alt` says whether Alt came before it."""
        if len(sequence) == 2 and sequence[0] == "\x1b" and sequence[1] not in _INTRODUCERS + "\x1b":
            sequence, alt = sequence[1], True
        for key in super()._sequence_to_key_events(sequence, alt):
            if alt and not key.key.startswith("alt+"):
                key.key = f"alt+{key.key}"
            yield key
