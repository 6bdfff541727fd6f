"""The whole state of one nano."""

from lab.cluster.sim.shell.editing.host import Host
from lab.cluster.sim.shell.editing.nano.keys import Keys
from lab.cluster.sim.shell.editing.nano.text import Text
from lab.cluster.sim.shell.editing.nano.window import Window
from lab.cluster.sim.shell.editing.positions import Pos

__all__ = ["Nano", "Prompt"]


class Prompt:
    """A question in the status bar, with the typed answer."""

    def __init__(self, menu: str, question: str, answer: str = "") -> None:
        #: Which keys the bottom bars show; `yes` and `all` are questions with one-key answers.
        self.menu = menu
        self.question = question
        self.answer = answer
        self.at = len(answer)


class Nano:
    """The state of one nano."""

    def __init__(self, host: Host, name: str, rows: int, cols: int) -> None:
        self.host = host
        self.name = name
        self.rows = rows
        self.cols = cols
        self.help = True
        self.text = Text("")
        self.keys = Keys()
        self.window = Window(self.text, self.edit_rows, cols)
        self.message = ""
        #: Number of keys until the message disappears.
        self.message_keys = 0
        self.alert = False
        self.prompt: Prompt | None = None
        self.mark: Pos | None = None
        #: A match that is highlighted until the next key, and its length.
        self.found: tuple[Pos, int] | None = None
        self.cut = ""
        #: Whether the last command cut or copied; then the next cut is appended.
        self.cutting = False
        self.exit_code: int | None = None
        self.readonly = False
        #: Options that are on, by their letters in the title bar.
        self.flags: set[str] = set()
        #: The last patterns and replacements, the newest last, and the last search's settings.
        self.searched: list[str] = []
        self.replaced: list[str] = []
        self.search_flags: set[str] = set()
        self.constant_place = False
        self.bell = False

    @property
    def edit_rows(self) -> int:
        """The number of rows for text."""
        return max(self.rows - (4 if self.help else 2), 1)

    def open(self, text: str) -> None:
        """Begin to edit a text."""
        self.text = Text(text)
        self.window = Window(self.text, self.edit_rows, self.cols)

    def say(self, text: str, *, alert: bool = False) -> None:
        """Show a message in the status bar."""
        self.message, self.message_keys, self.alert = text, 20, alert

    def go(self, pos: Pos, *, want: bool = True) -> None:
        """Move the cursor."""
        row = max(min(pos.row, self.text.last), 0)
        self.text.cursor = Pos(row, max(min(pos.col, len(self.text.lines[row])), 0))
        if want:
            self.window.set_want()

    def go_row(self, row: int) -> None:
        """Move the cursor to another row, in the wanted column."""
        row = max(min(row, self.text.last), 0)
        self.text.cursor = Pos(row, self.window.char_at(row, self.window.want))

    def selection(self) -> tuple[Pos, Pos] | None:
        """Return where the selection starts and ends."""
        if self.mark is None:
            return None
        first, last = sorted((self.mark, self.text.cursor))
        return first, last
