"""Subcommands and suggestions for typos, as in programs made with cobra."""

from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Found", "find", "suggestions"]


@dataclass(slots=True)
class Found:
    """The command that a command line names, and the words behind it."""

    name: str
    words: list[str] = field(default_factory=list)


def find(names: Sequence[str], words: Sequence[str]) -> Found:
    """Return the command at the start of `words`; a word may be a unique prefix of a name."""
    found = Found("", list(words))
    while found.words:
        lead = f"{found.name} " if found.name else ""
        below = {name[len(lead) :].split(" ")[0] for name in names if name.startswith(lead) and name != found.name}
        word = found.words[0]
        fits = [word] if word in below else [name for name in below if name.startswith(word)]
        if len(fits) != 1 or not word:
            break
        found.name = lead + fits[0]
        found.words.pop(0)
    return found


def suggestions(names: Sequence[str], word: str) -> list[str]:
    """Return which of `names` may have been meant by `word`."""
    return [
        name
        for name in names
        if _distance(word.lower(), name.lower()) <= 2 or name.lower().startswith(word.lower())
    ]


def _distance(one: str, other: str) -> int:
    """Return how many letters must be put in, taken out or changed."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (a != b))
    return row[-1]
