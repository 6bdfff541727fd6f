"""The screen alone: answers, sizes, characters, and floods that are read without drawing."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from lab.tui.terminal.emulator import Emulator
from lab.tui.terminal.lines import Line


def screen(emulator: Emulator) -> list[str]:
    return [emulator.line(row).text for row in range(emulator.rows)]


def kept(emulator: Emulator) -> list[str]:
    lines = emulator.scrollback
    return [lines[number].text for number in range(lines.first, lines.end)]


def fed(output: str, rows: int = 4, cols: int = 20, keep: int = 100) -> Emulator:
    emulator = Emulator(rows, cols, keep=keep)
    emulator.feed(output.encode())
    return emulator


# --- answers and requests ---


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("\x1b[6n", "\x1b[1;1R"),
        ("\x1b[5n", "\x1b[0n"),
        ("\x1b[c", "\x1b[?61;1;21;22;28c"),
        ("\x1b[>c", "\x1b[>61;8400;1c"),
        ("\x1b[?2004$p", "\x1b[?2004;2$y"),
        ("\x1b]11;?\x07", "\x1b]11;rgb:0000/0000/0000\x07"),
        ("\x1bP$qm\x1b\\", "\x1bP1$r0m\x1b\\"),
    ],
)
def test_programs_get_answers(asked: str, answer: str) -> None:
    assert Emulator(4, 20).feed(asked.encode()).answers == answer.encode()


@pytest.mark.parametrize(
    "asked",
    [
        "\x1b]0;reboot\r\x07\x1b[21t",
        "\x1b]0;reboot\x07\x1b[20t",
        "\x1bP$qx\nreboot\n\x1b\\",
        "\x1b]50;reboot\x07\x1b]50;?\x07",
        "\x1b]52;c;cmVib290\x07\x1b]52;c;?\x07",
        "\x05",
    ],
)
def test_what_a_program_says_is_never_typed_back(asked: str) -> None:
    assert Emulator(4, 20).feed(asked.encode()).answers == b""


def test_bell_title_and_clipboard_are_reported() -> None:
    outcome = Emulator(4, 20).feed(b"\x07\x1b]2;vim\x07\x1b]52;c;aGk=\x07")
    assert (outcome.bell, outcome.title, outcome.clipboard) == (True, "vim", "hi")


def test_modes_that_keys_and_mouse_depend_on() -> None:
    emulator = fed("\x1b[?1h\x1b[?2004h\x1b[?1003h\x1b[?1049h\x1b[?5h\x1b[?2026h")
    assert emulator.application_cursor
    assert emulator.bracketed_paste
    assert emulator.mouse == "any"
    assert emulator.alternate
    assert emulator.reverse_video
    assert emulator.mid_frame
    emulator.leave_program()
    assert not emulator.application_cursor
    assert not emulator.bracketed_paste
    assert emulator.mouse == "off"
    assert not emulator.alternate
    assert not emulator.mid_frame


@pytest.mark.parametrize("program", ["", "\x1b[?1049h\x1b[Hvim"], ids=["none", "on-a-screen-of-its-own"])
def test_a_message_after_a_program_follows_the_former_screen(program: str) -> None:
    emulator = fed(f"one\r\ntwo\r\n{program}")
    emulator.leave_program()
    emulator.feed(b"three")
    assert screen(emulator)[:3] == ["one", "two", "three"]


# --- characters ---


def test_wide_and_combining_characters_take_their_columns() -> None:
    emulator = fed("e\u0301x漢字🙂|")
    assert screen(emulator)[0] == "e\u0301x漢字🙂|"
    assert emulator.line(0).length == 9
    assert emulator.cursor is not None
    assert emulator.cursor.x == 9


def test_a_wide_character_that_does_not_fit_wraps() -> None:
    emulator = fed("x" * 19 + "漢")
    assert screen(emulator)[:2] == ["x" * 19 + " ", "漢"]


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("\U0001f44d\U0001f3fd", "\U0001f44d"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f468"),
        ("\u2764\ufe0f", "\u2764"),
        ("1\ufe0f\u20e3", "1\u20e3"),
        ("\U0001f1e9\U0001f1ea", "DE"),
        ("e\u0301", "e\u0301"),
    ],
)
def test_what_terminals_disagree_on_is_shown_without_it(printed: str, shown: str) -> None:
    emulator = fed(f"{printed}|")
    line = emulator.line(0)

    assert line.text == f"{shown}|"
    assert emulator.cursor is not None
    assert line.length == emulator.cursor.x == cell_len(line.text)


def test_control_characters_stay_inside() -> None:
    emulator = fed("a\x9b31mb\x85c\x7fd\x00e\ue000\u200b")
    shown = "".join(screen(emulator))
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", shown)


def test_a_fault_of_the_library_costs_output_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    emulator = fed("before\r\n")

    def fault(_text: str) -> None:
        raise IndexError

    with monkeypatch.context() as patch:
        patch.setattr(emulator._board.blitter, "write_text", fault)
        patch.setattr(emulator._board, "print_text", fault)
        patch.setattr(emulator._board.parser, "_print_text", fault)
        emulator.feed(b"lost")
    emulator.feed(b"after")
    assert screen(emulator)[:2] == ["before", "after"]


# --- size ---


def test_lower_keeps_the_end_and_moves_the_rest_to_the_scroll_back() -> None:
    emulator = fed("one\r\ntwo\r\nthree\r\n$ ")
    emulator.resize(2, 20)
    assert screen(emulator) == ["three", "$"]
    assert kept(emulator) == ["one", "two"]
    assert emulator.cursor is not None
    assert (emulator.cursor.x, emulator.cursor.y) == (2, 1)


def test_narrower_and_wider_rewraps_lines() -> None:
    emulator = fed("$ a long command line")
    emulator.resize(4, 12)
    assert screen(emulator)[:2] == ["$ a long com", "mand line"]
    emulator.resize(4, 40)
    assert screen(emulator)[0] == "$ a long command line"
    assert emulator.cursor is not None
    assert (emulator.cursor.x, emulator.cursor.y) == (21, 0)


def test_what_lies_under_the_alternate_screen_survives_a_resize() -> None:
    emulator = fed("one\r\ntwo\r\nthree\r\n$ vim\x1b[?1049h\x1b[Hin vim")
    emulator.resize(2, 20)
    emulator.feed(b"\x1b[?1049l")
    assert screen(emulator) == ["three", "$ vim"]
    assert kept(emulator) == ["one", "two"]


def test_columns_that_are_new_have_tab_stops() -> None:
    emulator = fed("", cols=20)
    emulator.resize(4, 60)
    emulator.feed(b"\t" * 5 + b"x")
    assert screen(emulator)[0] == " " * 40 + "x"


def test_a_program_does_not_resize_the_screen() -> None:
    emulator = fed("one\r\ntwo\x1b[8;2;2t\x1b[1t\x1b[200t\x1b[?40h\x1b[132$|")
    assert screen(emulator)[:2] == ["one", "two"]
    emulator.feed(b"\r\n" + b"x" * 20)
    assert screen(emulator)[2] == "x" * 20


# --- scroll-back ---


def test_scroll_back_has_a_limit_and_lines_keep_their_number() -> None:
    emulator = fed("".join(f"{number}\r\n" for number in range(50)), keep=10)
    lines = emulator.scrollback
    assert (lines.first, lines.end) == (37, 47)
    assert lines[37].text == "37"
    emulator.feed(b"\x1b[3J")
    assert (len(lines), lines.first, lines.end) == (0, 47, 47)


def test_only_changed_lines_are_dirty() -> None:
    emulator = fed("one\r\ntwo")
    emulator.take_dirty()
    assert list(emulator.take_dirty()) == []
    emulator.feed(b"!")
    assert list(emulator.take_dirty()) == [1]
    emulator.feed(b"\x1b[?1049h")
    assert list(emulator.take_dirty()) == [0, 1, 2, 3]


# --- floods ---

ODD = [
    "tab\there",
    "漢字 é",
    "\x1b[5;7r",
    "\x1b[r",
    "\x1b[?1049h",
    "\x1b[?1049l",
    "\x1b[4h",
    "\x1b[4l",
    "\x1b[2J\x1b[H",
    "\x1b(0",
    "\x1b(B",
    "\x1b[?7l",
    "\x1b[?7h",
    "\x1b]0;t\x07",
    "\x1b]8;;http://x\x07",
    "\x1b]8;;\x07",
    "\x1b[3;3H",
]


def noise(source: random.Random) -> bytes:
    """Return many lines, most of them plain."""
    lines = []
    for _ in range(source.randint(0, 300)):
        kind = source.random()
        if kind < 0.7:
            lines.append(f"{source.random()} " * source.randint(0, 2) + " " * source.randint(0, 2))
        elif kind < 0.75:
            lines.append("y" * source.choice([19, 20, 21, 40, 41, 57]))
        elif kind < 0.985:
            on, off = (
                source.choice(["1", "0", "", "31", "38;5;99", "7", "4"]),
                source.choice(["0", "", "22", "44"]),
            )
            lines.append(
                f"\x1b[{on}m{'col' * source.randint(0, 4)}\x1b[{off}m{' ' * source.randint(0, 3)}\x1b[49m"
            )
        else:
            lines.append(source.choice(ODD))
    return "\r\n".join([*lines, source.choice(["", "$ ", "\x1b[3"])]).encode()


def looks(line: Line) -> tuple[list[tuple[str, object]], bool]:
    return [(char, style) for text, style, _ in line.segments for char in text], line.wrapped


def state(emulator: Emulator) -> object:
    lines = emulator.scrollback
    above = [looks(lines[number]) for number in range(lines.first, lines.end)]
    return above, lines.end, [looks(emulator.line(row)) for row in range(emulator.rows)], emulator.cursor


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1 << 32))
def test_skimming_leaves_what_drawing_leaves(seed: int) -> None:
    source = random.Random(seed)  # noqa: S311 -- to be repeated
    skimmed, drawn = Emulator(8, 20, keep=300), Emulator(8, 20, keep=300)
    for _ in range(3):
        output = noise(source)
        skimmed.feed(skimmed.skim(output))
        drawn.feed(output)
        assert state(skimmed) == state(drawn)


def test_a_flood_is_skimmed() -> None:
    output = b"".join(b"pod/web-%05d \x1b[32mRunning\x1b[0m\r\n" % number for number in range(900))
    assert Emulator(24, 80).skim(output) == b""


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(1, 30), st.integers(2, 50))
def test_nothing_that_is_printed_breaks_the_screen(output: bytes, rows: int, cols: int) -> None:
    emulator = Emulator(5, 20)
    emulator.feed(emulator.skim(output))
    emulator.resize(rows, cols)
    emulator.feed(b"\x1b[" + output)
    assert all(emulator.line(row).length <= cols for row in range(rows))
