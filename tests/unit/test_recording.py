"""Recordings of terminals as asciicasts: written live, readable after a crash, with markers."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lab.debrief import Moment
from lab.debrief.recording import Recorder, casts, with_markers

STARTED = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """Seconds since the start, set by a test."""

    seconds = 0.0

    def __call__(self) -> float:
        return STARTED.timestamp() + self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def recorder(tmp_path: Path, clock: Clock) -> Iterator[Recorder]:
    with closing(Recorder(tmp_path, STARTED, clock)) as recorder:
        yield recorder


def lines(folder: Path, node: str = "worker") -> list[Any]:
    return [json.loads(line) for line in (folder / f"{node}.cast").read_text().splitlines()]


def test_a_header_then_an_event_a_line(tmp_path: Path, recorder: Recorder, clock: Clock) -> None:
    clock.seconds = 1.5
    recorder.write("worker", b"$ \x1b[1mls\x1b[0m\r\n", 80, 24)
    clock.seconds = 2
    recorder.write("worker", b"x", 100, 30)
    header, *events = lines(tmp_path)  # before it is closed: it is written live
    assert {key: header[key] for key in ("version", "width", "height", "timestamp")} == {
        "version": 2,
        "width": 80,
        "height": 24,
        "timestamp": 1767225600,
    }
    assert events == [[1.5, "o", "$ \x1b[1mls\x1b[0m\r\n"], [2, "r", "100x30"], [2, "o", "x"]]


def test_nodes_have_a_file_each(tmp_path: Path, recorder: Recorder) -> None:
    recorder.write("worker", b"w", 80, 24)
    recorder.write("control-plane", b"c", 80, 24)
    assert list(casts(tmp_path)) == ["control-plane", "worker"]


def test_a_character_that_comes_in_two_pieces_stays_whole(tmp_path: Path, recorder: Recorder) -> None:
    for byte in "ü─".encode():
        recorder.write("worker", bytes([byte]), 80, 24)
    assert [event[2] for event in lines(tmp_path)[1:]] == ["ü", "─"]


def test_a_continued_recording_is_appended(tmp_path: Path, recorder: Recorder, clock: Clock) -> None:
    recorder.write("worker", b"one", 80, 24)
    recorder.close()
    with (tmp_path / "worker.cast").open("a") as file:
        file.write('[0.5, "o", "cut o')
    clock.seconds = 9
    with closing(Recorder(tmp_path, STARTED, clock)) as again:
        again.write("worker", b"two", 80, 24)
    merged = with_markers((tmp_path / "worker.cast").read_text(), [])
    events = [json.loads(line) for line in merged.splitlines()[1:]]
    assert events == [[0, "o", "one"], [9, "r", "80x24"], [9, "o", "two"]]


def test_another_attempt_starts_fresh(tmp_path: Path, recorder: Recorder, clock: Clock) -> None:
    recorder.write("worker", b"one", 80, 24)
    recorder.write("control-plane", b"one", 80, 24)
    recorder.close()
    later = datetime(2026, 1, 2, tzinfo=UTC)
    with closing(Recorder(tmp_path, later, clock)) as again:
        again.write("worker", b"two", 80, 24)
    assert [event[2] for event in lines(tmp_path)[1:]] == ["two"]
    assert list(casts(tmp_path, later)) == ["worker"]
    assert list(casts(tmp_path, STARTED)) == ["control-plane"]


def test_its_size_has_a_limit_and_says_so(tmp_path: Path, clock: Clock) -> None:
    for _ in range(2):  # also after it is resumed
        with closing(Recorder(tmp_path, STARTED, clock, limit=10_000)) as recorder:
            for _ in range(1000):
                recorder.write("worker", b"y\n" * 500, 80, 24)
    assert (tmp_path / "worker.cast").stat().st_size < 13_000
    assert lines(tmp_path)[-1][1:] == ["m", "the recording ends here: it has grown too large"]
    assert len([event for event in lines(tmp_path)[1:] if event[1] == "m"]) == 1


def test_a_disk_that_is_full_ends_no_game(tmp_path: Path, recorder: Recorder) -> None:
    (tmp_path / "worker.cast").mkdir()
    recorder.write("worker", b"x", 80, 24)


def test_a_clock_that_goes_back_changes_no_order(tmp_path: Path, recorder: Recorder, clock: Clock) -> None:
    for seconds, data in ((5, b"a"), (3, b"b"), (6, b"c")):
        clock.seconds = seconds
        recorder.write("worker", data, 80, 24)
    assert [event[::2] for event in lines(tmp_path)[1:]] == [[5, "a"], [5, "b"], [6, "c"]]


def test_moments_become_markers_between_the_events() -> None:
    recording = '{"version": 2, "width": 80, "height": 24}\n[1, "o", "a"]\n[3, "o", "b"]\n[3.0, "o", "c"]\n'
    moments = [
        Moment(2.0, "turned", "turned A: holds now"),
        Moment(2.5, "command", "$ true"),
        Moment(9.0, "submitted", "submitted 3 of 4"),
    ]
    merged = with_markers(recording, moments).splitlines()
    assert json.loads(merged[0])["version"] == 2
    assert [json.loads(line)[1:] for line in merged[1:]] == [
        ["o", "a"],
        ["m", "turned A: holds now"],
        ["o", "b"],
        ["o", "c"],
        ["m", "submitted 3 of 4"],
    ]


@pytest.mark.parametrize(
    "junk", ["", "[]", "5", '{"a": 1}', '["x", "o", "y"]', "[1, 2]", '[1, "o"', "\0\0", "null"]
)
def test_lines_that_are_no_events_are_left_out(junk: str) -> None:
    recording = f'{{"version": 2, "width": 80, "height": 24}}\n{junk}\n[1, "o", "a"]\n'
    assert [json.loads(line) for line in with_markers(recording, []).splitlines()[1:]] == [[1.0, "o", "a"]]


@pytest.mark.parametrize("recording", ["", "{", "[]"])
def test_a_recording_without_a_header_gets_one(recording: str) -> None:
    assert json.loads(with_markers(recording, []))["version"] == 2
