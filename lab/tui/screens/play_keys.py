"""The keys of the play screen: the function keys, and the letters after the prefix key."""

from typing import Final

from textual.binding import Binding, BindingType

from lab.core.modes import Act

__all__ = ["ACTS", "BINDINGS", "LETTERS"]

#: Actions that a mode may refuse.
ACTS: Final = {"grade": Act.SEE_STATES, "pause": Act.PAUSE}
#: The actions of the letters after the prefix key.
LETTERS: Final = {
    "?": "keys",
    "b": "pane('brief')",
    "t": "pane('desk')",
    "h": "pane('help')",
    "g": "grade",
    "n": "next_node",
    "c": "new_shell",
    "d": "diagnose",
    "w": "pause",
    "z": "zoom",
    "s": "submit",
    "q": "leave",
    "p": "app.command_palette",
}
# Highest priority: input right behind one of these keys is for the part that the key leads to.
BINDINGS: Final[list[BindingType]] = [
    Binding("f1", "keys", "Keys", priority=True, tooltip="Show the keys, first those of the focused part"),
    Binding("f2", "pane('brief')", "Brief", priority=True, tooltip="Go to the objectives, letters and board"),
    Binding("f3", "pane('desk')", "Shell", priority=True, tooltip="Go to the terminal"),
    Binding("f4", "pane('help')", "Help", priority=True, tooltip="Go to the hints and the pages to read"),
    Binding("f5", "grade", "Grade", priority=True, tooltip="Check the cluster now, and update the objectives"),
    Binding("f5", "explain('grade')", show=False, priority=True),
    Binding("f6", "next_node", "Node", show=False, priority=True, tooltip="Show the next terminal"),
    # Many terminals send F18 for Shift+F6.
    Binding(
        "shift+f6,f18",
        "new_shell",
        "New shell",
        show=False,
        priority=True,
        tooltip="Open another shell on this node",
    ),
    Binding("f7", "diagnose", "Cause", priority=True, tooltip="Choose a cause for each symptom"),
    Binding("f8", "zoom", "Zoom", priority=True, tooltip="Let the focused part fill the window, or go back"),
    Binding("f8", "explain('zoom')", show=False, priority=True),
    Binding(
        "f9", "submit", "Submit", priority=True, tooltip="End the attempt and get the score, after a question"
    ),
    Binding(
        "f11",
        "pause",
        "Pause",
        priority=True,
        tooltip="Stop the clock, and on the simulator the cluster, until you resume",
    ),
    Binding("f11", "explain('pause')", show=False, priority=True),
    Binding("f10", "leave", "Leave", priority=True, tooltip="Leave, after a question; the lab can be resumed"),
]
