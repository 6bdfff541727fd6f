"""`:s` and its repetitions, and `:g`."""

import re
from dataclasses import dataclass

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.buffer import Tracked
from lab.cluster.sim.shell.editing.vi.errors import Failure
from lab.cluster.sim.shell.editing.vi.excall import Call
from lab.cluster.sim.shell.editing.vi.keyboard import Typing
from lab.cluster.sim.shell.editing.vi.patterns import Found, Pattern, pattern_end
from lab.cluster.sim.shell.editing.vi.state import Vi

__all__ = ["global_", "repeat", "substitute"]


@dataclass(slots=True)
class _Wish:
    """The substitution, and its flags."""

    pattern: Pattern
    source: str
    replacement: str
    flags: str


def substitute(vi: Vi, call: Call) -> Typing[None]:
    """`:s/pattern/replacement/flags count`."""
    text = call.raw.lstrip(" \t")
    delimiter = text[:1]
    if not delimiter or delimiter.isalnum() or (delimiter in '"|&#' and delimiter != "#"):
        yield from _repeated(vi, call, text)
        return
    if delimiter == "\\":
        raise Failure("E10: \\ should be followed by /, ? or &")
    end = pattern_end(text, 1, delimiter, literal_backslash=vi.options.like_vi("l"))
    source = (
        text[1:end].replace("\\" + delimiter, delimiter) if delimiter != "/" else text[1:end].replace("\\/", "/")
    )
    at = end + 1
    start = at
    while at < len(text) and text[at] != delimiter:
        at += 2 if text[at] == "\\" else 1
    bar = _unescaped(text, start, "|") if at >= len(text) else None
    if bar is not None:
        at = bar
    replacement = text[start : min(at, len(text))].replace("\\" + delimiter, delimiter)
    if bar is not None:
        text = text[:at] + "/" + text[at:]
    yield from _run(vi, call, source, replacement, text[at + 1 :])


def _unescaped(text: str, start: int, char: str) -> int | None:
    at = start
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == char:
            return at
        at += 1
    return None


def repeat(vi: Vi, call: Call) -> Typing[None]:
    """`:&`, `:&&` and `:~`: repeat the last substitution, for `:~` with the last search pattern."""
    flags = call.raw.strip(" \t")
    if call.name == "&&":
        flags = "&" + flags
    yield from _repeated(vi, call, flags, last_search=call.name == "~")


def _repeated(vi: Vi, call: Call, flags: str, *, last_search: bool = False) -> Typing[None]:
    if vi.last.substitute is None:
        raise Failure("E33: No previous substitute regular expression" if not last_search else
                      "E35: No previous regular expression")  # fmt: skip
    source, replacement, old = vi.last.substitute
    if flags.startswith("&"):
        flags = old + flags[1:]
    if last_search or "r" in flags:
        source = vi.last.search.pattern
    yield from _run(vi, call, source, replacement, flags.replace("r", ""))


def _run(vi: Vi, call: Call, source: str, replacement: str, rest: str) -> Typing[None]:
    flags, count, tail = _flags(rest)
    where = call.where
    if count is not None:
        if count == 0:
            raise Failure("E939: Positive count required")
        where.first = where.last
        where.last = min(where.last + count - 1, len(vi.lines))
    if source:
        vi.last.search.pattern, vi.last.search.offset = source, ""
        vi.registers.pattern = source
    try:
        pattern = _cased(vi, source, flags)
    except Failure as failure:
        vi.print(str(failure), "error")
        vi.print("E476: Invalid command", "error")
        return
    replacement = _whole(vi, replacement)
    name = vi.last.search.pattern
    vi.last.substitute = (name, replacement, flags)
    vi.last.substitute_pattern = name
    vi.last.replacement = replacement
    work = _Substitution(vi, _Wish(pattern, name, replacement, flags), call.rows)
    yield from work.run()
    if tail is not None:
        yield from vi.run_line(tail)


def _cased(vi: Vi, source: str, flags: str) -> Pattern:
    if "i" in flags:
        return vi.pattern("\\c" + (source or vi.last.search.pattern))
    if "I" in flags:
        return vi.pattern("\\C" + (source or vi.last.search.pattern))
    return vi.pattern(source)


def _flags(text: str) -> tuple[str, int | None, str | None]:
    """Return the flags, the count and the text behind a bar."""
    flags, at = "", 0
    while text[at : at + 1] and text[at] in "&cegiInp#lr":
        flags += text[at]
        at += 1
    rest = text[at:].lstrip(" \t")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    rest = rest[len(digits) :].lstrip(" \t")
    if rest[:1] in {"#", "l", "p"}:
        flags += rest[0]
        rest = rest[1:]
    if rest.startswith("|"):
        return flags, int(digits) if digits else None, rest[1:]
    if rest and not rest.startswith('"'):
        raise Failure(f"E488: Trailing characters: {rest}")
    return flags, int(digits) if digits else None, None


def _whole(vi: Vi, replacement: str) -> str:
    """Return a replacement with `~` replaced by the last one."""
    out, at = "", 0
    while at < len(replacement):
        if replacement[at] == "\\" and at + 1 < len(replacement):
            out += replacement[at + 1] if replacement[at + 1] == "~" else replacement[at : at + 2]
            at += 2
            continue
        out += vi.last.replacement if replacement[at] == "~" else replacement[at]
        at += 1
    return out


class _Substitution:
    """One substitution over some lines."""

    def __init__(self, vi: Vi, wish: _Wish, rows: range) -> None:
        self._vi = vi
        self._wish = wish
        self._rows = rows
        self._all = "g" in wish.flags
        if vi.options.on("gdefault"):
            self._all = not self._all
        self._ask = "c" in wish.flags
        self._count_only = "n" in wish.flags
        self._count = self._lines = 0
        self._last_row: int | None = None
        self._quit = False
        #: The cursor's final place: the match that was asked about last.
        self._asked_at: Pos | None = None

    def run(self) -> Typing[None]:
        vi, wish = self._vi, self._wish
        row, end = self._rows.start, self._rows.stop
        matched = False
        while row < end and row <= vi.buffer.last and not self._quit:
            before = len(vi.lines)
            found = wish.pattern.search(vi.lines, row)
            if found is None:
                row += 1
                continue
            matched = True
            row = (yield from self._line(row, found, end)) + 1
            end += len(vi.lines) - before
        self._report(matched=matched)

    def _line(self, row: int, found: Found | None, end: int) -> Typing[int]:
        """Substitute in one line and the lines joined to it; return the row of its end."""
        col = done = 0
        #: How many more lines may be joined to this one, if their ends match.
        left = end - row
        while found is not None and found.start.row == row:
            agreed = yield from self._agreed(found)
            if agreed is None:
                break
            done += agreed
            joins = found.end.row > row
            if agreed and not self._count_only:
                row, col = self._replace(row, found)
            else:
                col = found.end.col if not joins and found.end > found.start else found.start.col + 1
            left -= joins
            if self._quit or (joins and (not agreed or left <= 0 or self._count_only)):
                break
            found = self._next(row, col) if self._all or joins else None
        if done:
            self._count += done
            self._lines += 1
            self._last_row = row
        return row

    def _next(self, row: int, col: int) -> Found | None:
        """Return the next match of a line, except an empty match at its end."""
        length = len(self._vi.lines[row])
        if col > length:
            return None
        found = self._wish.pattern.search(self._vi.lines, row, col)
        if found is not None and found.start == found.end and found.start.col == col == length:
            return None
        return found

    def _replace(self, row: int, found: Found) -> tuple[int, int]:
        """Insert the replacement; return the row and column to continue from."""
        vi = self._vi
        text = _filled(self._wish.replacement, found.groups)
        start, end = found.start, found.end
        if end.row >= len(vi.lines):
            end = Pos(vi.buffer.last, len(vi.lines[-1]))
        vi.cursor = Pos(row, 0)
        vi.splice(start, end, text)
        made = text.split("\n")
        at = Pos(row + len(made) - 1, len(made[-1]) + (start.col if len(made) == 1 else 0))
        vi.cursor = at
        return at.row, at.col + (1 if found.start == found.end else 0)

    def _agreed(self, found: Found) -> "Typing[bool | None]":
        """Ask about one match if requested: True to replace it, False to skip it, None to end."""
        vi = self._vi
        if not self._ask:
            return True
        vi.cursor = found.start
        text = self._wish.replacement
        question = f"replace with {text} (y/n/a/q/l/^E/^Y)?"
        while True:
            vi.window.follow()
            vi.question = question
            vi.matched = found
            key = yield from vi.keyboard.get()
            vi.question, vi.matched = "", None
            vi.messages.clear()
            self._asked_at = None if key in {"a", "l"} else found.start
            if key in {"y", "l"}:
                self._quit = key == "l"
                return True
            if key == "n":
                return False
            if key == "a":
                self._ask = False
                return True
            if key in {"q", "\x1b", "\x03"}:
                self._quit = True
                return None

    def _report(self, *, matched: bool) -> None:
        vi, flags = self._vi, self._wish.flags
        if not matched:
            if "e" in flags or vi.globally:
                return
            raise Failure(f"E486: Pattern not found: {self._wish.source}")
        if "n" in flags:
            vi.say(_counted(self._count, self._lines, "match", "matches"), keep=True)
            vi.go_first(vi.cursor.row)
            return
        if self._last_row is not None:
            if self._asked_at is not None:
                vi.go(self._asked_at)
            else:
                vi.go_first(self._last_row)
        if vi.globally:
            vi.substituted = (vi.substituted[0] + self._count, vi.substituted[1] + self._lines)
            return
        if self._count > vi.options.number("report"):
            vi.say(_counted(self._count, self._lines, "substitution", "substitutions"), keep=True)
        if "p" in flags or "#" in flags or "l" in flags:
            vi.print(vi.line)


def _counted(count: int, lines: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many} on {lines} line{'' if lines == 1 else 's'}"


class _Case:
    r"""Text whose case is changed: by `\u` and `\l` one letter, by `\U` and `\L` all until `\E`."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self._one = self._all = ""

    def switch(self, sign: str) -> None:
        """Process one of these signs."""
        if sign in "ul":
            self._one = sign
        else:
            self._all = "" if sign in "eE" else sign

    def add(self, text: str) -> None:
        """Add text."""
        if self._all and text:
            text = text.upper() if self._all == "U" else text.lower()
        if self._one and text:
            text = (text[0].upper() if self._one == "u" else text[0].lower()) + text[1:]
            self._one = ""
        self.out.append(text)


def _filled(replacement: str, groups: tuple[str, ...]) -> str:
    """Return the text of a replacement; a line end in it is a newline."""
    made = _Case()
    plain = {"\\n": "\x00", "\\r": "\n", "\\t": "\t", "\r": "\n"}
    for sign in re.findall(r"\\.|.", replacement, re.DOTALL):
        if sign in plain:
            made.out.append(plain[sign])
        elif sign == "&":
            made.add(groups[0])
        elif len(sign) == 2 and sign[1].isdigit():
            made.add(groups[int(sign[1])] if int(sign[1]) < len(groups) else "")
        elif len(sign) == 2 and sign[1] in "uUlLeE":
            made.switch(sign[1])
        else:
            made.add(sign[-1])
    return "".join(made.out)


def global_(vi: Vi, call: Call) -> Typing[None]:
    """`:g` and `:v`: run a command on each line that matches, or does not."""
    if vi.globally:
        raise Failure("E147: Cannot do :global recursive with a range")
    inverse = call.bang or call.name == "vglobal"
    text = call.raw.lstrip(" \t")
    if not text:
        raise Failure("E148: Regular expression missing from :global")
    delimiter = text[0]
    end = pattern_end(text, 1, delimiter, literal_backslash=vi.options.like_vi("l"))
    source, command = text[1:end].replace("\\" + delimiter, delimiter), text[end + 1 :]
    if source:
        vi.last.search.pattern, vi.last.search.offset = source, ""
        vi.registers.pattern = source
    pattern = vi.pattern(source)
    rows = [row for row in call.rows if (pattern.search(vi.lines, row) is not None) != inverse]
    if not rows:
        name = vi.last.search.pattern
        vi.say(f"Pattern found in every line: {name}" if inverse else f"Pattern not found: {name}")
        return
    start_lines = len(vi.lines)
    yield from _each(vi, rows, command)
    more = len(vi.lines) - start_lines
    if vi.substituted[0] > vi.options.number("report"):
        vi.say(_counted(*vi.substituted, "substitution", "substitutions"), keep=True)
    elif not vi.buffer.empty and abs(more) > vi.options.number("report"):
        what = "more lines" if more > 0 else "fewer lines"
        vi.say(f"{abs(more)} {what}", keep=True)


def _each(vi: Vi, rows: list[int], command: str) -> Typing[None]:
    tracked = vi.buffer.tracked = Tracked(rows)
    vi.messages.below()
    vi.globally = True
    vi.substituted = (0, 0)
    try:
        while (row := tracked.next()) is not None:
            vi.cursor = Pos(row, 0)
            yield from vi.run_line(command or "p")
    finally:
        vi.globally = False
        vi.buffer.tracked = None
