"""ulimit, umask and times."""

import re
from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.usage import BuiltinError, options
from lab.cluster.sim.bash.builtins.words import strings

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["times", "ulimit", "umask"]

#: Letter -> (the limited resource, its unit, its value on a node).
_LIMITS = {
    "R": ("real-time non-blocking time", "microseconds", "unlimited"), "c": ("core file size", "blocks", "0"),
    "d": ("data seg size", "kbytes", "unlimited"), "e": ("scheduling priority", "", "0"),
    "f": ("file size", "blocks", "unlimited"), "i": ("pending signals", "", "31711"),
    "l": ("max locked memory", "kbytes", "unlimited"), "m": ("max memory size", "kbytes", "unlimited"),
    "n": ("open files", "", "1048576"), "p": ("pipe size", "512 bytes", "8"),
    "q": ("POSIX message queues", "bytes", "819200"), "r": ("real-time priority", "", "0"),
    "s": ("stack size", "kbytes", "8192"), "t": ("cpu time", "seconds", "unlimited"),
    "u": ("max user processes", "", "unlimited"), "v": ("virtual memory", "kbytes", "unlimited"),
    "x": ("file locks", "", "unlimited"),
}  # fmt: skip
_MODE = re.compile(r"([ugoa]*)([-+=])([rwxXst]*)")
_BITS = {"r": 4, "w": 2, "x": 1}
_SHIFTS = {"u": 6, "g": 3, "o": 0}


async def ulimit(shell: "Shell", arguments: "list[Argument]") -> int:
    """Print or change the resource limits of the shell's processes."""
    letters, words = _limit_letters(strings(arguments))
    hard, soft = "H" in letters, "S" in letters
    chosen = [letter for letter in letters if letter not in "HSa"]
    if "a" in letters:
        await shell.out("".join(_line(shell, letter) for letter in _LIMITS))
        return 0
    chosen = chosen or ["f"]
    if not words:
        if len(chosen) > 1:
            await shell.out("".join(_line(shell, letter) for letter in chosen))
        else:
            await shell.out(f"{_value(shell, chosen[0])}\n")
        return 0
    for letter in chosen:
        _set_limit(shell, letter, words[0], raises=hard or not soft)
    return 0


def _limit_letters(words: list[str]) -> tuple[str, list[str]]:
    given = options(words, "SHa" + "".join(_LIMITS) + "bkPT")
    return given.letters, given.words


def _value(shell: "Shell", letter: str) -> str:
    return shell.limits.get(letter, _LIMITS.get(letter, ("", "", "unlimited"))[2])


def _line(shell: "Shell", letter: str) -> str:
    name, unit, _ = _LIMITS.get(letter, ("", "", ""))
    where = f"({unit}, -{letter})" if unit else f"(-{letter})"
    return f"{name:<20} {where + ' ':>20}{_value(shell, letter)}\n"


def _set_limit(shell: "Shell", letter: str, word: str, *, raises: bool) -> None:
    name = _LIMITS.get(letter, ("", "", ""))[0]
    before = _value(shell, letter)
    if word in {"hard", "soft"}:
        return
    if word != "unlimited" and not word.isdigit():
        raise BuiltinError(f"{word}: invalid number")
    if (
        raises
        and before != "unlimited"
        and shell.place.user_id
        and (word == "unlimited" or int(word) > int(before))
    ):
        raise BuiltinError(f"{name}: cannot modify limit: Operation not permitted")
    shell.limits[letter] = word


async def umask(shell: "Shell", arguments: "list[Argument]") -> int:
    """Print or change the permission bits that new files don't get."""
    given = options(strings(arguments), "pS")
    process = shell.process
    if given.words:
        process.umask = _mask(given.words[0], process.umask)
        if not given.has("S"):
            return 0
    shown = _symbolic(process.umask) if given.has("S") else f"{process.umask:04o}"
    lead = f"umask {'-S ' if given.has('S') else ''}" if given.has("p") else ""
    await shell.out(f"{lead}{shown}\n")
    return 0


def _symbolic(mask: int) -> str:
    parts = []
    for who, shift in _SHIFTS.items():
        bits = ~(mask >> shift) & 7
        parts.append(f"{who}={''.join(letter for letter, bit in _BITS.items() if bits & bit)}")
    return ",".join(parts)


def _mask(word: str, before: int) -> int:
    if word[:1].isdigit():
        if not re.fullmatch(r"[0-7]+", word) or int(word, 8) > 0o777:
            raise BuiltinError(f"{word}: octal number out of range")
        return int(word, 8)
    allowed = ~before & 0o777
    for part in word.split(","):
        found = _MODE.fullmatch(part)
        if found is None:
            bad = re.sub(r"^[ugoa]*", "", part)[:1]
            kind = "character" if part and part[:1] in "ugoa" and bad in {"", "="} else "operator"
            raise BuiltinError(f"`{bad}': invalid symbolic mode {kind}")
        bits = sum(_BITS.get(letter, 0) for letter in set(found[3]))
        who = "ugo" if not found[1] or "a" in found[1] else found[1]
        for each in set(who):
            shifted = bits << _SHIFTS[each]
            if found[2] == "+":
                allowed |= shifted
            elif found[2] == "-":
                allowed &= ~shifted
            else:
                allowed = (allowed & ~(7 << _SHIFTS[each])) | shifted
    return ~allowed & 0o777


async def times(shell: "Shell", arguments: "list[Argument]") -> int:
    """Print the processor time of the shell and its children: always 0, since the simulation uses none."""
    options(strings(arguments), "")
    await shell.out("0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n")
    return 0
