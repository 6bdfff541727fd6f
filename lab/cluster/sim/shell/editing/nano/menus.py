"""nano's bottom bars: the actions of keys in each place."""

from lab.cluster.sim.shell.editing.canvas import Row, Span

__all__ = ["MENUS", "bars", "yes_no_bars"]

_KEY_STYLE = "7"
_MAIN = (
    "^G Help|^X Exit|^O Write Out|^R Read File|^W Where Is|^\\ Replace|^K Cut|^U Paste|^T Execute|^J Justify|"
    "^C Location|^/ Go To Line|M-U Undo|M-E Redo|M-A Set Mark|M-6 Copy|M-] To Bracket|^Q Where Was|M-Q Previous|"
    "M-W Next|^B Back|^F Forward|^◂ Prev Word|^▸ Next Word|^A Home|^E End|^P Prev Line|^N Next Line|"
    "M-▴ Scroll Up|M-▾ Scroll Down|^▴ Prev Block|^▾ Next Block|M-( Begin of Paragr.|M-) End of Paragraph|"
    "^Y Prev Page|^V Next Page|M-\\ First Line|M-/ Last Line"
)
MENUS = {
    "main": _MAIN,
    "search": "^G Help|^C Cancel|M-C Case Sens|M-R Reg.exp.|M-B Backwards|^R Replace|^P Older|^N Newer|"
    "^T Go To Line",
    "replace": "^G Help|^C Cancel|M-C Case Sens|M-R Reg.exp.|M-B Backwards|^R No Replace|^P Older|^N Newer",
    "with": "^G Help|^C Cancel|^P Older|^N Newer",
    "goto": "^G Help|^C Cancel|^W Begin of Paragr.|^O End of Paragraph|^Y First Line|^V Last Line|^T Go To Text",
    "write": "^G Help|^C Cancel|M-D DOS Format|M-M Mac Format|M-A Append|M-P Prepend|M-B Backup File|^T Browse",
    "insert": "^G Help|^C Cancel|M-F New Buffer|M-N No Conversion|^X Execute Command|^T Browse",
    "execute": "^G Help|^C Cancel|M-F New Buffer|M-\\ Pipe Text|^S Spell Check|^Y Linter|^J Full Justify|"
    "^O Formatter|^V Cut Till End|^Z Suspend",
}  # fmt: skip


def bars(menu: str, width: int) -> list[Row]:
    """Return the two rows that describe keys."""
    items = MENUS[menu].split("|")[: (width + 40) // 20 * 2]
    size = width // ((len(items) + 1) // 2)
    rows: list[list[Span]] = [[], []]
    for number, item in enumerate(items):
        key, _, what = item.partition(" ")
        room = size + (width % size if number + 2 >= len(items) else 0)
        rows[number % 2] += _item(key, what, room)
    return [tuple(row) for row in rows]


def _item(key: str, what: str, room: int) -> list[Span]:
    shown = " " + what[: room - len(key) - 1]
    return [Span(key, _KEY_STYLE), Span(shown.ljust(room - len(key)))]


def yes_no_bars(width: int, *, all_: bool) -> list[Row]:
    """Return the two rows below a question."""
    size = 16 if width >= 32 else width // 2
    first = _item(" Y", "Yes", size) + (_item(" A", "All", size) if all_ else [])
    return [tuple(first), tuple(_item(" N", "No", size) + _item("^C", "Cancel", size))]
