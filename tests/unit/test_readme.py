"""README is short and gives nothing away."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"
#: Words for causes and repairs. A trainee reads README before the first attempt.
SPOILERS = (
    "etcd", "quota", "NOSPACE", "alarm", "defrag", "compact", "janitor.service",
    "sysctl", "forwarding", "ip_forward", "timer",
    "NetworkPolicy", "deny", "Pod Security", "PodSecurity", "admission", "restricted", "exempt", "mirror pod",
)  # fmt: skip
#: The play screen shows the letters and the board, which use these words.
ON_THE_BOARD = {"etcd", "alarm"}


def test_it_is_under_150_lines() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) < 150


@pytest.mark.parametrize("word", SPOILERS)
def test_it_names_no_cause(word: str) -> None:
    assert not re.search(rf"\b{re.escape(word)}", README.read_text(encoding="utf-8"), re.IGNORECASE)


def test_it_shows_no_picture_that_names_a_cause() -> None:
    pictures = re.findall(r"\(([^)]+\.svg)\)", README.read_text(encoding="utf-8"))
    assert pictures
    for picture in pictures:
        text = (README.parent / picture).read_text(encoding="utf-8").replace("&#160;", " ")
        found = [
            word
            for word in set(SPOILERS) - ON_THE_BOARD
            if re.search(rf"\b{re.escape(word)}", text, re.IGNORECASE)
        ]
        assert not found, (picture, found)
