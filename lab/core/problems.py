"""Errors in a file, with their places."""

import difflib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.errors import UsageProblem

__all__ = ["Problem", "ScenarioInvalid", "nearest", "quoted"]

#: The longest part of a value that a message quotes.
SHOWN = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """One error in a file; lines and columns are counted from 1."""

    file: Path
    line: int
    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        near = f" (did you mean {self.hint!r}?)" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {self.message}{near}"


class ScenarioInvalid(UsageProblem):
    """A scenario that can't be used, with all its errors."""

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        count = "one error" if len(problems) == 1 else f"{len(problems)} errors"
        super().__init__(f"{path} is not a valid scenario: {count}", "\n".join(map(str, problems)))
        self.problems = tuple(problems)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the word of `known` that `word` probably means, or an empty text."""
    known = sorted(known)
    if word in known:
        return word
    return next(iter(difflib.get_close_matches(word, known, n=1)), "")


def quoted(value: object) -> str:
    """Return `value` for a message: on one line, shortened, without control characters."""
    if not isinstance(value, str):
        return json.dumps(value)[:SHOWN]
    return repr(value if len(value) <= SHOWN else value[: SHOWN - 1] + "…")
