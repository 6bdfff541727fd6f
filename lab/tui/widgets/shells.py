"""The trainee's shells: a terminal on each node, and additional ones on request, in tabs.

A node's first shell opens when its tab is first shown, and stays. An additional shell disappears when it ends.
"""

import functools
from collections.abc import Callable

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import ContentSwitcher, Static, Tab, Tabs

from lab.tui.desk import Desk
from lab.tui.terminal import Terminal

__all__ = ["NodeTerminal", "Shells"]

#: Takes a terminal's output, with the terminal's name and its size in columns and rows.
Record = Callable[[str, bytes, int, int], None]

#: The most shells, in case a user holds the key down.
_MOST = 9


class NodeTerminal(Terminal):
    """A terminal on `node`; `number` distinguishes the terminals of a node, counted from 1."""

    def __init__(self, desk: Desk, node: str, number: int, *, prefix: str, record: Record) -> None:
        self.node = node
        self.number = number
        #: A unique name that is valid as a file name.
        self.seat = node if number == 1 else f"{node}-{number}"
        super().__init__(
            desk.shell_on(node),
            label=node if number == 1 else f"{node} ({number})",
            prefix=prefix,
            tap=functools.partial(self._shown, record),
            id=f"terminal-{self.seat}",
        )

    def _shown(self, record: Record, data: bytes) -> None:
        record(self.seat, data, self.emulator.cols, self.emulator.rows)


class _More(Static):
    """The button for an additional shell."""

    class Wanted(Message):
        """The user asks for an additional shell."""

    def on_click(self, event: events.Click) -> None:
        """Post the request."""
        event.stop()
        self.post_message(self.Wanted())


class Shells(Vertical):
    """The terminals; one of them is shown."""

    DEFAULT_CSS = """
    Shells {
        & > .nodes { height: 1; }
        & > .nodes > Tabs { height: 1; width: 1fr; & Underline { display: none; } }
        & > .nodes > .key { width: auto; color: $text-muted; padding: 0 1; }
        & > .nodes > _More { width: auto; padding: 0 1; background: $surface; &:hover { text-style: reverse; } }
        & > ContentSwitcher { height: 1fr; }
    }
    """

    def __init__(self, desk: Desk, *, prefix: str, record: Record) -> None:
        super().__init__(id="desk")
        self._desk = desk
        self._prefix = prefix
        self._record = record

    def compose(self) -> ComposeResult:
        """Lay out the tabs above the terminals."""
        terminals = [self._terminal(node, 1) for node in self._desk.nodes]
        tabs = Tabs(*(_tab(terminal) for terminal in terminals))
        tabs.can_focus = False
        with Horizontal(classes="nodes"):
            yield tabs
            yield Static("F6: next", classes="key")
            yield _More("+ shell")
        with ContentSwitcher(initial=terminals[0].id):
            yield from terminals

    def _terminal(self, node: str, number: int) -> NodeTerminal:
        return NodeTerminal(self._desk, node, number, prefix=self._prefix, record=self._record)

    @property
    def terminals(self) -> list[NodeTerminal]:
        """All terminals, in the order of their tabs."""
        found = list(self.query(NodeTerminal))
        nodes = self._desk.nodes
        return sorted(found, key=lambda terminal: (nodes.index(terminal.node), terminal.number))

    @property
    def terminal(self) -> NodeTerminal:
        """The shown terminal."""
        return self.query_one(f"#{self.query_one(ContentSwitcher).current}", NodeTerminal)

    def show(self, terminal: NodeTerminal) -> None:
        """Show `terminal`, and focus it if the focus was in here."""
        inside = self.has_focus_within
        self.query_one(Tabs).active = f"tab-{terminal.seat}"
        self.query_one(ContentSwitcher).current = terminal.id
        if inside:
            self.screen.set_focus(terminal)

    def show_next(self) -> None:
        """Show the next terminal."""
        terminals = self.terminals
        self.show(terminals[(terminals.index(self.terminal) + 1) % len(terminals)])

    async def add(self) -> NodeTerminal | None:
        """Open an additional shell on the shown node, and show it; return None if there are enough."""
        node, terminals = self.terminal.node, self.terminals
        if len(terminals) >= _MOST:
            return None
        taken = {each.number: each for each in terminals if each.node == node}
        number = next(each for each in range(1, _MOST + 1) if each not in taken)
        terminal = self._terminal(node, number)
        before = taken[max(each for each in taken if each < number)]
        await self.query_one(ContentSwitcher).mount(terminal)
        await self.query_one(Tabs).add_tab(_tab(terminal), after=f"tab-{before.seat}")
        self.show(terminal)
        self.screen.set_focus(terminal)
        return terminal

    @on(_More.Wanted)
    async def _more_wanted(self) -> None:
        await self.add()

    @on(Terminal.Ended)
    async def _ended(self, event: Terminal.Ended) -> None:
        """Remove an additional shell that ended normally; keep a node's first shell, and errors."""
        terminal = event.control
        if not isinstance(terminal, NodeTerminal) or terminal.number == 1 or event.error:
            return
        if terminal is self.terminal:
            self.show(next(each for each in self.terminals if each.node == terminal.node))
        await self.query_one(Tabs).remove_tab(f"tab-{terminal.seat}")
        await terminal.remove()

    @on(Tabs.TabActivated)
    def _activated(self, event: Tabs.TabActivated) -> None:
        if event.tab.id != event.tabs.active:  # another tab was activated meanwhile
            return
        for terminal in self.terminals:
            if event.tab.id == f"tab-{terminal.seat}" and terminal is not self.terminal:
                self.show(terminal)
                self.screen.set_focus(terminal)


def _tab(terminal: NodeTerminal) -> Tab:
    return Tab(terminal.node if terminal.number == 1 else f"({terminal.number})", id=f"tab-{terminal.seat}")
