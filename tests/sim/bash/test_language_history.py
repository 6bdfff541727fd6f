"""History expansion gives the answers of `history -p` in /bin/bash, at a terminal with the same history."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lab.cluster.sim.bash.language.history import HistoryError, expand_history

_RECORDED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "corpus" / "history.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(("line", "text", "error"), _RECORDED["lines"])
def test_a_reference_becomes_what_bash_makes_of_it(line: str, text: str, error: str) -> None:
    try:
        found = expand_history(line, _RECORDED["history"]).text
    except HistoryError:
        assert error
    else:
        assert (found, "") == (text, error)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("!9", "!9: event not found"),
        ("!?nope?", "!?nope?: event not found"),
        ("echo !nope", "!nope: event not found"),
        ("^nope^x", ":s^nope^x: substitution failed"),
        ("!!:z", "z: unrecognized history modifier"),
        ("!!:3-1", ":3-1: bad word specifier"),
        ("^^x", ":s^^x: no previous substitution"),
        ("!-", "!-: event not found"),
        ('echo "a!b"', "!b: event not found"),
        ("!#:5", ":5: bad word specifier"),
    ],
)
def test_an_error_has_the_words_of_bash(line: str, message: str) -> None:
    with pytest.raises(HistoryError, match=f"^{re.escape(message)}$"):
        expand_history(line, ["echo one two"])


def test_print_only_and_change_are_distinguished() -> None:
    assert expand_history("!!:p", ["echo a"]).print_only
    assert expand_history("!!", ["echo a"]).changed
    assert not expand_history("echo a", ["echo a"]).changed
