"""The page about keys: the keys of the focused part come first."""

from collections.abc import Collection

from rich.console import Group
from rich.table import Table
from rich.text import Text

from lab.tui.terminal.keys import spoken

__all__ = ["keys_page"]

#: The parts of the play screen: id -> title.
_PARTS = {"brief": "brief", "desk": "terminal", "help": "list of hints"}

_HERE: dict[str, tuple[tuple[str, str], ...]] = {
    "desk": (
        ("any key", "goes to the shell, also with Ctrl and Alt, except {first} and the function keys"),
        ("{first} {first}", "sends {first} itself to the shell; {first} F5 sends F5"),
        ("{first} Tab", "leaves the terminal"),
        ("{first} PageUp", "scrolls back, like Shift+PageUp and the wheel; End returns"),
        ("{first} [", "reads back by key: arrows or hjkl move, v or V selects, Enter copies, q ends"),
        ("{first} /", "searches the output; n and N repeat the search, ? searches the other way"),
        ("mouse", "dragging copies; two clicks copy a word, three a line; the middle button pastes"),
        ("Shift+mouse", "selects in your own terminal instead"),
        ("Enter", "opens a new shell after this one has ended"),
    ),
    "brief": (
        ("Up, Down", "go to the next objective, and scroll, like PageUp, PageDown and the wheel"),
        ("Enter", "shows what was found, what was expected, and why, as far as you may see it"),
        ("Tab", "goes to the next part"),
    ),
    "help": (
        ("Up, Down", "choose an entry; hints that you have taken are shown again for free"),
        ("Enter", "takes the next hint; if it costs points, you are asked first"),
        ("i", "puts the marked command into the terminal without running it"),
        ("Tab", "goes to the hint's text: arrows choose a command, Enter puts it into the terminal"),
    ),
}

_EVERYWHERE = (
    ("F1", "?", "keys: this page, for the focused part"),
    ("F2", "b", "brief: objectives, letters, board"),
    ("F3", "t", "terminal"),
    ("F4", "h", "help: hints, and the pages that an exam allows"),
    ("F5", "g", "grade now; the lab also grades in the background"),
    ("F6", "n", "next terminal, on another node or the same one"),
    ("Shift+F6", "c", "another shell on the same node; `exit` ends it"),
    ("F7", "d", "cause: choose a cause for each symptom"),
    ("F8", "z", "zoom: the focused part fills the window; again: back"),
    ("F9", "s", "submit: end the attempt and get the score"),
    ("F10", "q", "leave: the lab stays, and can be resumed"),
    ("F11", "w", "pause: stops the clock and the simulator"),
    ("Ctrl+P", "p", "palette: all commands and themes; in the terminal only after {first}"),
)

#: Keys of actions that may do nothing: a mode refuses them, or the window is too narrow.
_ACTIONS = {"F5": "grade", "F8": "zoom", "F11": "pause"}


def keys_page(prefix: str, part: str, refused: Collection[str] = ()) -> Group:
    """Return the page for a focus in `part`: brief, desk or help. `refused` actions are left out."""
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
            "\nIn lists and dialogs, Tab and the arrows move, Enter chooses, and Escape closes. The mouse works "
            "everywhere. `kluster shell` in another window works just as well."
        ),
    )


def _grid(rows: tuple[tuple[str, ...], ...], first: str) -> Table:
    table = Table.grid(padding=(0, 2), pad_edge=True)
    for row in rows:
        table.add_row(*(Text(cell.replace("{first}", first)) for cell in row))
    return table
