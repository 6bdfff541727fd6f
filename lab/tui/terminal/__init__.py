"""A terminal for the trainee's shell, as a Textual widget, and an app base class that gives it the keys.

Begin with `widget`. It may import `lab.cluster.base` (the protocol of a shell), and no screen.
"""

from lab.tui.terminal.app import TerminalApp
from lab.tui.terminal.marks import CommandEnded, CommandStarted, FolderChanged, Mark
from lab.tui.terminal.pump import OpenShell
from lab.tui.terminal.widget import Terminal

__all__ = [
    "CommandEnded",
    "CommandStarted",
    "FolderChanged",
    "Mark",
    "OpenShell",
    "Terminal",
    "TerminalApp",
]
