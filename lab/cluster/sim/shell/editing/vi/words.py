"""Moves by words, sentences and paragraphs over lines of text."""

from collections.abc import Callable, Sequence

from lab.cluster.sim.shell.editing.positions import Pos

__all__ = [
    "Walk",
    "char_class",
    "paragraph",
    "sentence_back",
    "sentence_forward",
    "word_back",
    "word_end",
    "word_end_back",
    "word_forward",
]

#: Scripts that make words of their own, and signs that make none, by code.
_CJK = [(0x3040, 0x309F), (0x30A0, 0x30FF), (0x3300, 0x9FFF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF)]
_PUNCTUATION = [(0x2000, 0x206F), (0x2190, 0x2BFF), (0x3000, 0x303F), (0xFF01, 0xFF0F)]


def char_class(char: str, *, big: bool = False) -> int:
    """Return 0 for blanks and the end of a line, 1 for punctuation, more for letters that make a word together."""
    if not char or char in " \t":
        return 0
    if big:
        return 1
    code = ord(char)
    if code < 0x80:
        return 2 if char.isalnum() or char == "_" else 1
    if code < 0x100:
        return 2 if code >= 0xC0 or char in "ªµº" else 1
    for number, (first, last) in enumerate(_CJK):
        if first <= code <= last:
            return 0x100 + number
    return 1 if any(first <= code <= last for first, last in _PUNCTUATION) else 2


class Walk:
    """A place that goes through a text, a character at a time, over the end of each line as over a character."""

    def __init__(self, lines: Sequence[str], at: Pos, *, big: bool = False) -> None:
        self.lines = lines
        self.row, self.col = at
        self.big = big

    @property
    def pos(self) -> Pos:
        """The place."""
        return Pos(self.row, self.col)

    @property
    def char(self) -> str:
        """The character there, nothing at the end of a line."""
        return self.lines[self.row][self.col : self.col + 1]

    @property
    def kind(self) -> int:
        """The class of the character there."""
        return char_class(self.char, big=self.big)

    @property
    def on_empty_line(self) -> bool:
        """Whether the line is empty."""
        return not self.lines[self.row]

    def forward(self) -> int:
        """Step on; return 0 within a line, 2 on to its end, 1 to the next line, -1 at the text's end."""
        length = len(self.lines[self.row])
        if self.col < length:
            self.col += 1
            return 2 if self.col == length else 0
        if self.row < len(self.lines) - 1:
            self.row, self.col = self.row + 1, 0
            return 1
        return -1

    def back(self) -> int:
        """Step back; return 0 within a line, 1 to the end of the line before, -1 at the text's start."""
        if self.col > 0:
            self.col -= 1
            return 0
        if self.row > 0:
            self.row -= 1
            self.col = len(self.lines[self.row])
            return 1
        return -1

    def over(self, kind: int, step: Callable[[], int]) -> bool:
        """Go on while the characters are of one class; return whether the text ended."""
        while self.kind == kind:
            if step() == -1:
                return True
        return False


def word_forward(walk: Walk, count: int, *, stop_at_end: bool) -> bool:
    """Go to the start of a word after; with `stop_at_end` the last move ends at a line's end.

    Return False if there is none.
    """
    for left in range(count - 1, -1, -1):
        kind = walk.kind
        last_line = walk.row == len(walk.lines) - 1
        step = walk.forward()
        if step == -1 or (step >= 1 and last_line):
            return False
        if step >= 1 and stop_at_end and left == 0:
            return True
        if kind:
            while walk.kind == kind:
                step = walk.forward()
                if step == -1 or (step >= 1 and stop_at_end and left == 0):
                    return True
        while walk.kind == 0 and not walk.on_empty_line:
            step = walk.forward()
            if step == -1 or (step >= 1 and last_line):
                return True
    return True


def word_back(walk: Walk, count: int) -> bool:
    """Go back to the start of a word; return False at the start of the text."""
    for _ in range(count):
        if walk.back() == -1:
            return False
        while walk.kind == 0 and not walk.on_empty_line:
            if walk.back() == -1:
                return True
        if walk.on_empty_line:
            continue
        if walk.over(walk.kind, walk.back):
            return True
        walk.forward()
    return True


def word_end(walk: Walk, count: int, *, stop: bool = False) -> bool:
    """Go to the end of a word; with `stop` the end that one is on counts. Return False at the end of the text."""
    for _ in range(count):
        kind = walk.kind
        if walk.forward() == -1:
            return False
        if not (kind and walk.kind == kind):
            if stop and kind:
                # It stood at the end of a word already.
                walk.back()
                stop = False
                continue
            if walk.over(0, walk.forward):
                return False
            kind = walk.kind
        if walk.over(kind, walk.forward):
            return False
        walk.back()
        stop = False
    return True


def word_end_back(walk: Walk, count: int, *, stop_at_end: bool = False) -> bool:
    """Go back to the end of a word; return False at the start of the text."""
    for _ in range(count):
        kind = walk.kind
        step = walk.back()
        if step == -1:
            return False
        if stop_at_end and step == 1:
            return True
        if kind and walk.kind == kind:
            while walk.kind == kind:
                step = walk.back()
                if step == -1 or (stop_at_end and step == 1):
                    return True
        while walk.kind == 0 and not walk.on_empty_line:
            step = walk.back()
            if step == -1 or (stop_at_end and step == 1):
                return True
    return True


def paragraph(lines: Sequence[str], row: int, direction: int, count: int) -> Pos | None:
    """Return where `}` or `{` goes; None if the text ends too early."""
    last = len(lines) - 1
    for left in range(count - 1, -1, -1):
        skipped, first = False, True
        while True:
            if lines[row]:
                skipped = True
            if not first and skipped and not lines[row]:
                break
            row += direction
            if not 0 <= row <= last:
                if left:
                    return None
                row -= direction
                return Pos(row, len(lines[row]) if direction > 0 else 0)
            first = False
    return Pos(row, 0)


def _is_sentence_end(line: str, col: int, *, two_spaces: bool) -> bool:
    """Whether a sentence ends with the character at `col`."""
    if line[col] not in ".!?":
        return False
    after = col + 1
    while line[after : after + 1] and line[after] in ")]\"'":
        after += 1
    rest = line[after:]
    return not rest or rest[0] == "\t" or (rest.startswith("  ") if two_spaces else rest[0] == " ") or rest == " "


def _starts(lines: Sequence[str], row: int, *, two_spaces: bool) -> list[int]:
    """Return the columns of a line at which sentences start."""
    line = lines[row]
    if not line:
        return [0] if row == 0 or lines[row - 1] else []
    found = []
    indent = len(line) - len(line.lstrip(" \t"))
    before = lines[row - 1] if row else ""
    ended = before.rstrip(" \t")
    if not ended or _is_sentence_end(ended, _last_of_sentence(ended), two_spaces=two_spaces):
        found.append(indent if row and indent < len(line) else 0)
    for col in range(len(line)):
        if _is_sentence_end(line, col, two_spaces=two_spaces):
            start = col + 1
            while start < len(line) and line[start] in ")]\"'":
                start += 1
            while start < len(line) and line[start] in " \t":
                start += 1
            if start < len(line):
                found.append(start)
    return found


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _last_of_sentence(line: str) -> int:
    """Return where the stop at a line's end is, before closing brackets and quotes."""
    col = len(line) - 1
    while col > 0 and line[col] in ")]\"'":
        col -= 1
    return col


def sentence_forward(lines: Sequence[str], at: Pos, *, two_spaces: bool) -> Pos | None:
    """Return the start of the next sentence, or the text's end; None if it is there already."""
    row = at.row
    while row < len(lines):
        for col in _starts(lines, row, two_spaces=two_spaces):
            if (row, col) > at:
                return Pos(row, col)
        row += 1
    end = Pos(len(lines) - 1, max(len(lines[-1]) - 1, 0))
    return end if end > at else None


def sentence_back(lines: Sequence[str], at: Pos, *, two_spaces: bool) -> Pos | None:
    """Return the start of the sentence, or of the one before if one is there; None at the text's start."""
    if at.row and at.col <= _indent(lines[at.row]) and not lines[at.row - 1] and lines[at.row]:
        return Pos(at.row - 1, 0)
    first = at.row
    if at.row and not lines[at.row]:
        # From blank lines the sentence before them is next.
        while first and not lines[first]:
            first -= 1
    for row in range(first, -1, -1):
        for col in reversed(_starts(lines, row, two_spaces=two_spaces)):
            if (row, col) < at:
                return Pos(row, col)
    return Pos(0, 0)
