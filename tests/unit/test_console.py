"""Printed output: steps, tables, errors; on a terminal and elsewhere, wide and narrow."""

import io
import json
import os
import pty
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TextIO

import pytest

from lab.commands.score_table import score_table
from lab.commands.steps import LiveSteps, PlainSteps, neutral, steps
from lab.console import Console, duration, printable
from lab.core.score_view import CheckView, DiagnosisView, ScoreView, SymptomView
from lab.errors import LabError
from lab.progress import Progress, step


class Stream(io.StringIO):
    """Collects text; pretends to be the kind of stream that a test needs."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a StringIO's is read-only
        return self._encoding


def streams(encoding: str = "utf-8") -> tuple[Console, Stream, Stream]:
    out, err = Stream(encoding), Stream(encoding)
    return Console(io.StringIO(), out, err), out, err


@contextmanager
def terminal() -> Iterator[tuple[TextIO, list[bytes]]]:
    """Yield a stream that is a terminal, and its output (complete once the context is left)."""
    master, slave = pty.openpty()
    seen: list[bytes] = []

    def read() -> None:
        while True:
            try:
                data = os.read(master, 4096)
            except OSError:  # no process has it open any more
                return
            if not data:
                return
            seen.append(data)

    reader = threading.Thread(target=read)
    with os.fdopen(slave, "w", encoding="utf-8") as stream:
        reader.start()
        yield stream, seen
    reader.join(timeout=10)
    os.close(master)


def work(progress: Progress) -> None:
    with step(progress, "Start the [bold]nodes[/bold]"):
        progress.advance(0.5, "half")
        progress.note("one is slow\x1b[31m")
    with pytest.raises(LabError), step(progress, "Fail"):
        raise LabError("no")


def test_steps_are_plain_lines_where_there_is_no_terminal() -> None:
    console, out, err = streams()

    work(steps(console))

    first, note, last, failed = err.getvalue().splitlines()
    assert first == "Start the [bold]nodes[/bold] ... "
    assert note == "  one is slow"
    assert last.startswith("Start the [bold]nodes[/bold] ... \N{CHECK MARK}")
    assert failed.startswith("Fail ... \N{BALLOT X}")
    assert failed.endswith(" s")
    assert out.getvalue() == ""
    assert "\x1b" not in err.getvalue()


def test_a_record_of_steps_is_data() -> None:
    console, out, err = streams()
    work(steps(console, record=True))
    assert "Fail ... " in out.getvalue()
    assert err.getvalue() == ""


def test_ticks_are_words_where_there_are_no_ticks() -> None:
    console, _, err = streams("ascii")
    work(steps(console))
    assert "... done" in err.getvalue()
    assert "... failed" in err.getvalue()
    err.getvalue().encode("ascii")


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_nothing_moves_on_a_terminal_that_does_not_want_it(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with terminal() as (stream, _):
        assert isinstance(steps(Console(sys.stdin, stream, stream)), LiveSteps)
        monkeypatch.setenv(variable, value)
        assert isinstance(steps(Console(sys.stdin, stream, stream)), PlainSteps)


def test_forced_colours_do_not_make_a_pipe_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    console, out, _ = streams()
    assert isinstance(steps(console), PlainSteps)
    console.markdown("**bold**")
    assert out.getvalue() == "**bold**\n"


def test_live_steps_leave_their_lines_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with terminal() as (stream, seen):
        work(steps(Console(sys.stdin, stream, stream)))
    text = printable(b"".join(seen).decode())
    assert "one is slow" in text
    assert "Start the [bold]nodes[/bold]" in text
    assert "\N{BALLOT X}" in text
    assert b"\x1b[?25h" in b"".join(seen)  # the cursor is shown again


def test_neutral_steps_are_one_step() -> None:
    console, _, err = streams()
    with neutral(steps(console), "Somebody is at work") as progress:
        work(progress)
    assert err.getvalue().startswith("Somebody is at work ... ")
    assert "Fail" not in err.getvalue()
    assert "slow" not in err.getvalue()


def test_a_neutral_step_says_how_far_it_is_and_not_with_what() -> None:
    console, _, err = streams()
    console.for_programs = True
    with neutral(steps(console), "Somebody is at work") as progress, step(progress, "fill the store"):
        progress.advance(0.25, "100 MiB")
    told = [json.loads(line) for line in err.getvalue().splitlines()]
    assert {"advance": 0.25, "words": "(step 1)"} in told
    assert "MiB" not in err.getvalue()
    assert "fill" not in err.getvalue()


def test_a_neutral_step_that_fails_says_so() -> None:
    console, _, err = streams()
    with pytest.raises(LabError), neutral(steps(console), "Somebody is at work"):
        raise LabError("no")
    assert "\N{BALLOT X}" in err.getvalue()


def test_an_error_has_its_three_parts_and_obeys_nothing() -> None:
    console, out, err = streams()
    error = LabError("It [red]broke[/red].", "line 1 \x1b]0;title\x07\nline 2", "Do \x1b[2Jthis.")
    error.add_note("And that.")

    console.error(error)

    assert err.getvalue() == (
        "Error: It [red]broke[/red].\n  line 1 ]0;title\n  line 2\n  And that.\n  -> Do this.\n"
    )
    assert out.getvalue() == ""


def test_an_error_is_not_cut_into_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    console, _, err = streams()
    console.error(LabError("No.", "/a/path/" + "x" * 100, "kluster " + "y" * 100))
    assert len(err.getvalue().splitlines()) == 3


def test_markdown_is_rendered_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    with terminal() as (stream, seen):
        Console(sys.stdin, stream, stream).markdown("**bold** and `code`")
    assert "**" not in b"".join(seen).decode()


def test_who_is_not_there_is_not_asked() -> None:
    console, _, err = streams()
    assert not console.interactive
    assert not console.confirm("Sure?")
    assert err.getvalue() == "Sure? [y/N] "


@pytest.mark.parametrize(
    ("typed", "meant"), [("y\n", True), ("Yes\n", True), ("\n", False), ("no\n", False), ("", False)]
)
def test_only_a_yes_is_a_yes(typed: str, *, meant: bool) -> None:
    assert Console(io.StringIO(typed), Stream(), Stream()).confirm("Sure?") is meant


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (59.6, "1 min 0 s"), (754, "12 min 34 s"), (3725, "1 h 2 min")]
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


CHECK = CheckView(
    id="silence-1",
    title="An object can be created, read and deleted through the API",
    status="fail",
    points=0,
    maximum=6,
    seconds=0.1,
    blocked_by=None,
    note="",
    name=None,
    found=None,
    expected=None,
    why=None,
)
SYMPTOM = SymptomView(
    symptom="silence",
    title="kubectl gets no answer",
    fault=None,
    culprit=None,
    solved=False,
    points=3,
    maximum=20,
    attempt=3,
    void="",
    hint_tier=None,
    hint_cost=0,
    solution_seen=False,
    diagnosis=DiagnosisView(component=None, cause=None),
    checks=(
        replace(CHECK, status="pass", points=6),
        CHECK,
        replace(CHECK, status="blocked", blocked_by="distance"),
        replace(CHECK, status="unreadable"),
    ),
)
SCORE = ScoreView(
    lab="kluster005",
    scenario="kluster005",
    mode="training",
    over=False,
    solved=False,
    points=3,
    attempt=3,
    maximum=100,
    diagnosis_points=None,
    diagnosis_maximum=8,
    seconds=None,
    void=(),
    symptoms=(SYMPTOM, replace(SYMPTOM, symptom="distance", title="Pods do not reach each other")),
)


def table(score: ScoreView, *, marks: bool = True, reasons: bool = False) -> str:
    console, out, _ = streams()
    console.show(score_table(score, marks=marks, reasons=reasons))
    return out.getvalue()


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_table_fits(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = table(SCORE).splitlines()
    assert max(map(len, lines)) <= width
    assert [line for line in lines if line != line.rstrip()] == []


def test_the_table_says_it_in_marks_and_in_words() -> None:
    text = table(SCORE)
    for mark, word in (
        ("\N{CHECK MARK}", "pass"),
        ("\N{BALLOT X}", "fail"),
        ("\N{DOTTED CIRCLE}", "blocked"),
        ("?", "unread"),
    ):
        assert f" {mark} {word} " in text
    assert "blocked by: Pods do not reach each other (distance)" in text
    assert "3 of 100 points" in text
    table(SCORE, marks=False).encode("ascii")


def test_the_table_shows_cluster_output_as_it_is() -> None:
    check = replace(CHECK, found="pod [red]x[/red] :smile: \x1b[31mred", expected="none", why="W")
    text = table(replace(SCORE, symptoms=(replace(SYMPTOM, checks=(check,)),)))
    assert "found: pod [red]x[/red] :smile: red" in text
    assert "expected: none" in text
    assert "why: W" in text


def test_the_table_shows_void_points() -> None:
    assert "whole attempt is void. Tools: changed" in table(replace(SCORE, void=("Tools: changed",)))
    void = replace(SCORE, symptoms=(replace(SYMPTOM, void="Pods: one is missing"),))
    assert "void: Pods: one is missing" in table(void)
