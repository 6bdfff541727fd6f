"""Our editors give Debian's results for the same keys: text, files, cursor and each row of the screen."""

import re
from collections.abc import Iterator

import pytest

from tests.editing.cases import Case, Recording, cases_of, load, texts
from tests.editing.replay import replay

RECORDINGS = {"vi": load("vi"), "nano": load("nano")}
GROUPS = sorted(
    {(name, real.case.program, real.case.text) for name, recordings in RECORDINGS.items() for real in recordings}
)


def _without_time(screen: list[str]) -> list[str]:
    return [re.sub(r"\d+ seconds? ago", "N seconds ago", row).replace("...  N", "... N") for row in screen]


def _differences(ours: Recording, real: Recording) -> Iterator[str]:
    if ours.buffer != real.buffer:
        yield f"text: {ours.buffer!r}, not {real.buffer!r}"
    if (ours.exit_code, ours.files) != (real.exit_code, real.files):
        yield f"ended with {ours.exit_code} and {ours.files}, not {real.exit_code} and {real.files}"
    if ours.cursor != real.cursor:
        yield f"cursor at {ours.cursor}, not {real.cursor}"
    for number, (row, wanted) in enumerate(
        zip(_without_time(ours.screen), _without_time(real.screen), strict=False), 1
    ):
        if row != wanted:
            yield f"row {number}: {row!r}, not {wanted!r}"


def _wrong(recordings: list[Recording], name: str) -> dict[Case, list[str]]:
    starts = texts(name)
    return {
        real.case: wrong
        for real in recordings
        if (wrong := list(_differences(replay(real.case, starts[real.case.text]), real)))
    }


@pytest.mark.parametrize(("name", "program", "text"), GROUPS)
def test_what_the_real_editor_did(name: str, program: str, text: str) -> None:
    mine = [real for real in RECORDINGS[name] if (real.case.program, real.case.text) == (program, text)]
    assert not _wrong(mine, name)


@pytest.mark.parametrize(("name", "least"), [("vi", 1000), ("nano", 180)])
def test_all_sequences_are_recorded(name: str, least: int) -> None:
    assert [real.case for real in RECORDINGS[name]] == list(cases_of(name))
    assert len(RECORDINGS[name]) > least
