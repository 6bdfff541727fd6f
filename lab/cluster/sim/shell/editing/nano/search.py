"""nano's searches: search, replace, go to line, brackets."""

import re
from collections.abc import Iterator

from lab.cluster.sim.shell.editing.nano.keys import Typing
from lab.cluster.sim.shell.editing.nano.prompts import ask, ask_line
from lab.cluster.sim.shell.editing.nano.state import Nano, Prompt
from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.text.bounded_regex import EndlessSearchError, Regex

__all__ = ["find_again", "goto_line", "replace", "to_bracket", "where_is"]

_SWITCHES = {"M-C": "Case Sensitive", "M-R": "Reg.exp.", "M-B": "Backwards"}


def where_is(nano: Nano, *, backwards: bool) -> Typing[None]:
    """Ask for a pattern and search for it; keys at the question lead to other functions."""
    nano.search_flags.discard("Backwards")
    if backwards:
        nano.search_flags.add("Backwards")
    key, pattern = yield from _ask_pattern(nano, replacing=False)
    if key == "^C":
        nano.say("Cancelled")
    elif key == "^T":
        yield from goto_line(nano)
    elif key == "^R":
        yield from replace(nano)
    else:
        _find(nano, pattern)


def _ask_pattern(nano: Nano, *, replacing: bool) -> Typing[tuple[str, str]]:
    """Ask for a pattern; return the key that ended the question and the pattern (by default the last one)."""
    answer = ""
    while True:
        notes = "".join(f" [{name}]" for name in _SWITCHES.values() if name in nano.search_flags)
        last = f" [{_shortened(nano.searched[-1], nano.cols)}]" if nano.searched else ""
        prompt = Prompt(
            "replace" if replacing else "search",
            f"Search{notes}{' (to replace)' if replacing else ''}{last}",
            answer,
        )
        others = [*_SWITCHES, "^R", *([] if replacing else ["^T"]), "^Y", "^V"]
        key, answer = yield from ask_line(nano, prompt, others=others, history=nano.searched)
        if key in _SWITCHES:
            nano.search_flags ^= {_SWITCHES[key]}
            continue
        if key in {"^Y", "^V"}:
            nano.go(Pos(0 if key == "^Y" else nano.text.last, 0))
            return "^C", ""
        pattern = answer or (nano.searched[-1] if nano.searched else "")
        if key == "Enter" and not pattern:
            return "^C", ""
        if key == "Enter" and answer:
            nano.searched = [one for one in nano.searched if one != answer] + [answer]
        return key, pattern


def _shortened(text: str, cols: int) -> str:
    return text if len(text) <= cols // 3 else text[: cols // 3] + "..."


def _regex(nano: Nano, pattern: str) -> Regex | None:
    source = pattern if "Reg.exp." in nano.search_flags else re.escape(pattern)
    try:
        return Regex(source, 0 if "Case Sensitive" in nano.search_flags else re.IGNORECASE)
    except re.error:
        nano.say(f'Bad regex "{pattern}"', alert=True)
        return None


def _matches(nano: Nano, regex: Regex, *, backwards: bool) -> Iterator[tuple[Pos, int, bool]]:
    """Yield the matches after or before the cursor: place, length, and whether it is past the text's end."""
    lines, here = nano.text.lines, nano.text.cursor
    step = -1 if backwards else 1
    for number in range(len(lines) + 1):
        row = (here.row + step * number) % len(lines)
        around = row != here.row + step * number or number == len(lines)
        found = list(regex.finditer(lines[row]))
        for match in reversed(found) if backwards else found:
            pos = Pos(row, match.start())
            if number == 0 and not (pos < here if backwards else pos > here):
                continue
            if number == len(lines) and (pos < here if backwards else pos > here):
                continue
            yield pos, match.end() - match.start(), around


def _find(nano: Nano, pattern: str) -> None:
    nano.message = ""
    regex = _regex(nano, pattern)
    if regex is None:
        return
    try:
        found = next(_matches(nano, regex, backwards="Backwards" in nano.search_flags), None)
    except EndlessSearchError as error:
        nano.say(str(error), alert=True)
        return
    if found is None:
        nano.say(f'"{_shortened(pattern, nano.cols)}" not found')
        return
    pos, length, around = found
    if pos == nano.text.cursor:
        nano.say("This is the only occurrence")
    elif around:
        nano.say("Search Wrapped")
    _show(nano, pos, length)


def _show(nano: Nano, pos: Pos, length: int) -> None:
    nano.go(pos)
    nano.window.follow(center=True)
    nano.found = (pos, length)


def find_again(nano: Nano, *, backwards: bool) -> Typing[None]:
    """Repeat the last search."""
    nano.search_flags.discard("Backwards")
    if backwards:
        nano.search_flags.add("Backwards")
    if nano.searched:
        _find(nano, nano.searched[-1])
    else:
        yield from where_is(nano, backwards=backwards)


def replace(nano: Nano) -> Typing[None]:
    """Ask for a pattern and its replacement, and ask for each match."""
    key, pattern = yield from _ask_pattern(nano, replacing=True)
    if key == "^R":
        yield from where_is(nano, backwards="Backwards" in nano.search_flags)
        return
    if key != "Enter":
        nano.say("Cancelled")
        return
    key, text = yield from ask_line(nano, Prompt("with", "Replace with"), history=nano.replaced)
    if key != "Enter":
        nano.say("Cancelled")
        return
    if text:
        nano.replaced.append(text)
    regex = _regex(nano, pattern)
    if regex is not None:
        try:
            yield from _replace_all(nano, regex, pattern, text)
        except EndlessSearchError as error:
            nano.say(str(error), alert=True)


def _replace_all(nano: Nano, regex: Regex, pattern: str, text: str) -> Typing[None]:
    """Go once around the text from the cursor, and replace the confirmed matches."""
    begin, top = nano.text.cursor, nano.window.top
    at = last = begin
    count, seen, around = 0, False, False
    answer = ""
    while answer != "^C" and (found := _first_from(nano, regex, at)) is not None:
        pos, match = found
        around = around or (seen and pos <= last)
        if around and pos >= begin:
            break
        seen, last = True, pos
        nano.go(pos)
        nano.window.follow(center=True)
        if answer != "a":
            nano.found = (pos, match.end() - match.start())
            answer = yield from ask(nano, "Replace this instance?", all_=True)
            nano.found = None
        length = match.end() - match.start()
        if answer in {"y", "a"}:
            made = match.expand(text) if "Reg.exp." in nano.search_flags else text
            after = Pos(pos.row, pos.col + len(made))
            nano.text.replace("replacement", pos, Pos(pos.row, match.end()), made, after)
            nano.text.pause()
            count += 1
            if pos.row == begin.row and pos < begin:
                begin = Pos(begin.row, begin.col + len(made) - length)
            at = after if length else Pos(pos.row, after.col + 1)
        else:
            at = Pos(pos.row, pos.col + 1)
    if not seen:
        nano.say(f'"{_shortened(pattern, nano.cols)}" not found')
        return
    nano.go(begin)
    nano.window.top = top
    nano.window.follow(center=True)
    nano.say(f"Replaced {count} occurrence{'' if count == 1 else 's'}")


def _first_from(nano: Nano, regex: Regex, at: Pos) -> tuple[Pos, re.Match[str]] | None:
    """Return the first match at `at` or after it, wrapping around the text's end."""
    lines = nano.text.lines
    for number in range(len(lines) + 1):
        row = (at.row + number) % len(lines)
        start = at.col if number == 0 else 0
        if start <= len(lines[row]) and (match := regex.search(lines[row], start)) is not None:
            return Pos(row, match.start()), match
    return None


def goto_line(nano: Nano) -> Typing[None]:
    """Go to a line, or a line and a column."""
    prompt = Prompt("goto", "Enter line number, column number")
    key, answer = yield from ask_line(nano, prompt, others=["^Y", "^V", "^T", "^W", "^O"])
    if key in {"^Y", "^V"}:
        nano.go(Pos(0 if key == "^Y" else nano.text.last, 0))
        return
    if key == "^T":
        yield from where_is(nano, backwards=False)
        return
    if key != "Enter" or not answer:
        nano.say("Cancelled")
        return
    match = re.fullmatch(r"\s*(-?\d*)\s*(?:[,.; ]\s*(-?\d+))?\s*", answer)
    if match is None or not (match[1] or match[2]):
        nano.say("Invalid line or column number")
        return
    row = int(match[1]) if match[1] else nano.text.cursor.row + 1
    row = row - 1 if row >= 0 else len(nano.text.lines) + row
    row = max(min(row, nano.text.last), 0)
    column = max(int(match[2]) - 1, 0) if match[2] else nano.window.want
    nano.go(Pos(row, nano.window.char_at(row, column)))
    nano.window.center()


def to_bracket(nano: Nano) -> None:
    """Go to the bracket that belongs to the one at the cursor."""
    row, col = nano.text.cursor
    pairs = "(){}[]<>"
    char = nano.text.line[col : col + 1]
    if not char or char not in pairs:
        nano.say("Not a bracket")
        return
    place = pairs.index(char)
    other = pairs[place ^ 1]
    forward = place % 2 == 0
    depth = 0
    while 0 <= row <= nano.text.last:
        line = nano.text.lines[row]
        while 0 <= col < len(line):
            depth += (line[col] == char) - (line[col] == other)
            if not depth:
                nano.go(Pos(row, col))
                return
            col += 1 if forward else -1
        row += 1 if forward else -1
        if 0 <= row <= nano.text.last:
            col = 0 if forward else len(nano.text.lines[row]) - 1
    nano.say("No matching bracket")
