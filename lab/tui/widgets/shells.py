"""The trainee's shells: one terminal a node, in tabs. A shell is opened when its tab is first shown."""

import functools
from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import ContentSwitcher, Static, Tab, Tabs

from lab.tui.desk import Desk
from lab.tui.terminal import Terminal

__all__ = ["Shells"]

#: Takes what the terminal on a node shows, with its size in columns and rows.
Record = Callable[[str, bytes, int, int], None]


class Shells(Vertical):
    """A terminal on each node."""

    DEFAULT_CSS = """
    Shells {
        & > .nodes { height: 1; }
        & > .nodes > Tabs { height: 1; width: 1fr; & Underline { display: none; } }
        & > .nodes > .key { width: auto; color: $text-muted; padding: 0 2; }
        & > ContentSwitcher { height: 1fr; }
    }
    """

    def __init__(self, desk: Desk, *, prefix: str, record: Record) -> None:
        super().__init__(id="desk")
        self._desk = desk
        self._prefix = prefix
        self._record = record

    def compose(self) -> ComposeResult:
        """Lay out the tabs over the terminals."""
        nodes = self._desk.nodes
        tabs = Tabs(*(Tab(node, id=f"tab-{node}") for node in nodes))
        tabs.can_focus = False
        with Horizontal(classes="nodes"):
            yield tabs
            yield Static("F6: next node", classes="key")
        with ContentSwitcher(initial=f"terminal-{nodes[0]}"):
            for node in nodes:
                yield Terminal(
                    self._desk.shell_on(node),
                    label=node,
                    prefix=self._prefix,
                    tap=functools.partial(self._shown, node),
                    id=f"terminal-{node}",
                )

    def _shown(self, node: str, data: bytes) -> None:
        emulator = self.query_one(f"#terminal-{node}", Terminal).emulator
        self._record(node, data, emulator.cols, emulator.rows)

    @property
    def node(self) -> str:
        """The node whose terminal is shown."""
        return (self.query_one(ContentSwitcher).current or "").removeprefix("terminal-")

    @property
    def terminal(self) -> Terminal:
        """The terminal that is shown."""
        return self.query_one(f"#terminal-{self.node}", Terminal)

    def show(self, node: str) -> None:
        """Show the terminal of `node`, and put the focus there if it was in here."""
        inside = self.has_focus_within
        self.query_one(Tabs).active = f"tab-{node}"
        self.query_one(ContentSwitcher).current = f"terminal-{node}"
        if inside:
            self.screen.set_focus(self.terminal)

    def show_next(self) -> None:
        """Show the next node's."""
        nodes = self._desk.nodes
        self.show(nodes[(nodes.index(self.node) + 1) % len(nodes)])

    @on(Tabs.TabActivated)
    def _activated(self, event: Tabs.TabActivated) -> None:
        node = (event.tab.id or "").removeprefix("tab-")
        if node != self.node:
            self.show(node)
            self.screen.set_focus(self.terminal)
