"""history and fc: the lines that the user typed."""

import re
from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.usage import BuiltinError, Given, options
from lab.cluster.sim.bash.builtins.words import strings
from lab.cluster.sim.bash.language.history import HistoryError, expand_history
from lab.cluster.sim.bash.language.octets import decode, encode
from lab.cluster.sim.bash.running.opening import open_file

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["fix_command", "history"]


async def history(shell: "Shell", arguments: "list[Argument]") -> int:  # noqa: C901 -- one case after the other
    """Print the typed lines, or change the history."""
    given = options(strings(arguments), "acd:npsrw")
    words = given.words
    if len({letter for letter, _ in given.options if letter in "anrw"}) > 1:
        raise BuiltinError("cannot use more than one of -anrw")
    if given.has("c"):
        shell.history.clear()
        if not given.has("a", "n", "r", "w"):
            return 0
    if given.has("s"):
        if words:
            _replace_last(shell, " ".join(words))
        return 0
    if given.has("p"):
        return await _expand(shell, words)
    if given.has("d"):
        _delete(shell, given.value("d"))
        return 0
    if given.has("a", "n", "r", "w"):
        return await _file(shell, given, words)
    if words and not words[0].isdigit():
        raise BuiltinError(f"{words[0]}: numeric argument required")
    if len(words) > 1:
        raise BuiltinError("too many arguments")
    await _print(shell, int(words[0]) if words else None)
    return 0


async def _print(shell: "Shell", count: int | None) -> None:
    lines = list(enumerate(shell.history, shell.history_first))
    shown = lines if count is None else lines[len(lines) - count :] if count else []
    await shell.out("".join(f"{number:5d}  {line}\n" for number, line in shown))


def _replace_last(shell: "Shell", line: str) -> None:
    """Replace the last line, which is the command that asks for it, by another line."""
    if shell.history and re.match(r"\s*history\b", shell.history[-1]):
        shell.history.pop()
    shell.history.append(line)


async def _expand(shell: "Shell", words: list[str]) -> int:
    if shell.history and re.match(r"\s*history\b", shell.history[-1]):
        shell.history.pop()
    code = 0
    for word in words:
        try:
            expanded = expand_history(word, shell.history, first_number=shell.history_first)
        except HistoryError:
            code = await shell.complain(f"history: {word}: history expansion failed")
        else:
            await shell.out(f"{expanded.text}\n")
    return code


def _delete(shell: "Shell", place: str) -> None:
    found = re.fullmatch(r"(-?\d+)(?:-(-?\d+))?", place)
    if found is None:
        raise BuiltinError(f"{place}: history position out of range")
    last = shell.history_first + len(shell.history) - 1

    def index(text: str) -> int:
        number = int(text)
        number = last + 1 + number if number < 0 else number
        if not shell.history_first <= number <= last:
            raise BuiltinError(f"{text}: history position out of range")
        return number - shell.history_first

    start = index(found[1])
    end = index(found[2]) if found[2] else start
    del shell.history[start : end + 1]


async def _file(shell: "Shell", given: Given, words: list[str]) -> int:
    name = words[0] if words else shell.variables.text("HISTFILE")
    if not name:
        return 0
    path = shell.path(name)
    try:
        if given.has("r", "n"):
            file = open_file(shell.process, path, "r")
            data = b""
            while more := await file.read(shell.process, 1 << 16):
                data += more
            shell.history.extend(decode(data).splitlines())
        else:
            file = open_file(shell.process, path, "w" if given.has("w") else "a")
            start = 0 if given.has("w") else shell.history_saved
            text = "".join(f"{line}\n" for line in shell.history[start:])
            await file.write(shell.process, encode(text))
            shell.history_saved = len(shell.history)
        file.release()
    except OSError as error:
        raise BuiltinError(f"{name}: cannot open: {error.strerror}") from None
    return 0


async def fix_command(shell: "Shell", arguments: "list[Argument]") -> int:
    """List typed lines, or run one again."""
    words = strings(arguments)
    # A negative number is a place in the history, not an option.
    split = next((n for n, word in enumerate(words) if re.fullmatch(r"-\d+", word)), len(words))
    given = options(words[:split], ":e:lnrs")
    places = [*given.words, *words[split:]]
    if given.has("s"):
        return await _again(shell, places)
    if not given.has("l"):
        raise BuiltinError("not simulated: an editor for the history (use --backend kind)")
    kept = shell.history[:-1] if shell.history else []
    if not kept:
        return 0
    first = _place(shell, kept, places[0]) if places else max(len(kept) - 16, 0)
    last = _place(shell, kept, places[1]) if len(places) > 1 else len(kept) - 1
    order = range(first, last + 1) if first <= last else range(first, last - 1, -1)
    numbers = reversed(order) if given.has("r") else order
    lines = []
    for at in numbers:
        number = "" if given.has("n") else str(shell.history_first + at)
        lines.append(f"{number}\t {kept[at]}\n")
    await shell.out("".join(lines))
    return 0


def _place(shell: "Shell", kept: list[str], word: str) -> int:
    if re.fullmatch(r"-?\d+", word):
        number = int(word)
        at = len(kept) + number if number <= 0 else number - shell.history_first
        return min(max(at, 0), len(kept) - 1)
    for at in range(len(kept) - 1, -1, -1):
        if kept[at].startswith(word):
            return at
    raise BuiltinError("no command found")


async def _again(shell: "Shell", places: list[str]) -> int:
    changes = []
    while places and "=" in places[0]:
        changes.append(places.pop(0).partition("=")[::2])
    kept = shell.history[:-1]
    if not kept:
        raise BuiltinError("no command found")
    line = kept[_place(shell, kept, places[0]) if places else len(kept) - 1]
    for old, new in changes:
        line = line.replace(old, new)
    if shell.history:
        shell.history[-1] = line
    await shell.err(f"{line}\n")
    return await shell.run_text(line)
