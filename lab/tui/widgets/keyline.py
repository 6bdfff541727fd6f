"""The bottom line: the keys of the screen, as many as fit."""

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

__all__ = ["KeyLine"]


class KeyLine(Footer):
    """Textual's footer. In a narrow window it leaves out whole keys, but never the last one.

    The last key is the way out. Keys for the actions in `lesser` are left out first, in that order, then those
    before the last.
    """

    def __init__(self, *, lesser: Sequence[str] = ()) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self._lesser = lesser

    def compose(self) -> ComposeResult:
        """Lay out the keys that fit."""
        keys = [each for each in super().compose() if isinstance(each, FooterKey)]
        self._fit(keys)
        yield from keys

    def on_resize(self) -> None:
        """Show as many keys as fit now."""
        self._fit(list(self.query(FooterKey)))

    def _fit(self, keys: list[FooterKey]) -> None:
        room = self.app.size.width
        left_out: set[FooterKey] = set()
        for key in self._in_order_of_leaving(keys):
            if sum(_width(each) for each in keys if each not in left_out) <= room:
                break
            left_out.add(key)
        for key in keys:
            key.display = key not in left_out

    def _in_order_of_leaving(self, keys: list[FooterKey]) -> Iterator[FooterKey]:
        others = keys[:-1]
        yield from (key for action in self._lesser for key in others if key.action == action)
        yield from (key for key in reversed(others) if key.action not in self._lesser)


def _width(key: FooterKey) -> int:
    """Return the width of a key with its description and its separator."""
    return len(key.key_display) + len(key.description) + 2
