"""Our editors do what Debian's did with the same keys: text, files, cursor and each row of the screen."""

import re
from collections.abc import Iterator

import pytest

from tests.editing.cases import Case, Recording, cases_of, load, texts
from tests.editing.replay import replay

VI = load("vi")
GROUPS = sorted({(recording.case.program, recording.case.text) for recording in VI})


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


@pytest.mark.parametrize(("program", "text"), GROUPS)
def test_vi_does_what_vim_tiny_did(program: str, text: str) -> None:
    mine = [real for real in VI if (real.case.program, real.case.text) == (program, text)]
    assert not _wrong(mine, "vi")


def test_all_sequences_are_recorded() -> None:
    assert [real.case for real in VI] == list(cases_of("vi"))
    assert len(VI) > 1000
