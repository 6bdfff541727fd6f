"""The page about keys: first those of the part that has the focus."""

from collections.abc import Collection

from rich.console import Group
from rich.table import Table
from rich.text import Text

from lab.tui.terminal.keys import spoken

__all__ = ["keys_page"]

#: The parts of the play screen by their ids -> what they are called.
_PARTS = {"brief": "brief", "desk": "terminal", "help": "list of hints"}

_HERE: dict[str, tuple[tuple[str, str], ...]] = {
    "desk": (
        ("any key", "is the shell's, Ctrl and Alt too, but for {first} and the function keys"),
        ("{first} {first}", "sends {first} to the shell; {first} F5 sends it F5"),
        ("{first} Tab", "leaves the terminal"),
        ("{first} PageUp", "scrolls back, as Shift+PageUp and the wheel do; End returns"),
        ("{first} [", "reads back by key: arrows or hjkl, v or V selects, Enter copies, q ends"),
        ("{first} /", "searches what was printed; n and N go on, ? searches the other way"),
        ("mouse", "drag copies; two clicks a word, three a line; the middle button pastes"),
        ("Shift+mouse", "is your own terminal's: it selects there"),
        ("Enter", "opens a new shell, when this one has ended"),
    ),
    "brief": (
        ("Up, Down", "go from objective to objective, and scroll, as PageUp, PageDown and the wheel do"),
        ("Enter", "opens what was found, what was expected, and why: as much as may be seen by now"),
        ("Tab", "goes to the next part"),
    ),
    "help": (
        ("Up, Down", "choose; a hint that was taken is shown again, for nothing"),
        ("Enter", "takes the next hint; what costs is asked first"),
        ("i", "puts the marked command of the hint into the terminal's line, and does not send it"),
        ("Tab", "goes to the hint's text: the arrows go from command to command, Enter takes one"),
    ),
}

_EVERYWHERE = (
    ("F1", "?", "this page, for the part that has the focus"),
    ("F2", "b", "brief: objectives, letters, board"),
    ("F3", "t", "terminal"),
    ("F4", "h", "help: hints, and the pages that an exam allows"),
    ("F5", "g", "grade now (it is graded in the background, too)"),
    ("F6", "n", "the next terminal: another node's, or another on the same node"),
    ("Shift+F6", "c", "a further shell on the same node; `exit` ends it"),
    ("F7", "d", "cause: say what is behind the symptoms"),
    ("F8", "z", "the focused part fills the window, and back"),
    ("F9", "s", "submit: the end"),
    ("F10", "q", "leave; the lab stays"),
    ("F11", "w", "pause: the clock stands still, and the simulator with it"),
    ("Ctrl+P", "p", "all commands, themes; in the terminal by {first} only"),
)

#: Keys of actions that a mode may refuse.
_ACTIONS = {"F5": "grade", "F11": "pause"}


def keys_page(prefix: str, part: str, refused: Collection[str] = ()) -> Group:
    """Return the page for a focus in `part`: brief, desk or help. It leaves out `refused` actions."""
    first = spoken(prefix)
    here = _grid(_HERE[part], first)
    keys = [row for row in _EVERYWHERE if _ACTIONS.get(row[0]) not in refused]
    everywhere = _grid((("key", f"after {first}", ""), *keys), first)
    return Group(
        Text(f"Here, in the {_PARTS[part]}", "bold"),
        here,
        Text("\nEverywhere", "bold"),
        everywhere,
        Text(
            "\nIn lists and questions: Tab and the arrows move, Enter chooses, Escape closes. The mouse works "
            "everywhere. `kluster shell` in another window is an equal way in."
        ),
    )


def _grid(rows: tuple[tuple[str, ...], ...], first: str) -> Table:
    table = Table.grid(padding=(0, 2), pad_edge=True)
    for row in rows:
        table.add_row(*(Text(cell.replace("{first}", first)) for cell in row))
    return table
