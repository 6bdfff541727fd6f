"""The screen compared with tmux's: recorded output of programs, and tmux's screens (`tests.tui.record`)."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from rich.ansi import AnsiDecoder
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from lab.tui.terminal.emulator import Emulator
from lab.tui.terminal.lines import Line

RECORDINGS = sorted((Path(__file__).parent / "streams").glob("*.json"))
Cell = tuple[str, object, object, frozenset[str]]
LOOKS = ("bold", "dim", "italic", "underline", "reverse", "strike")


def load(path: Path) -> tuple[Emulator, list[dict[str, Any]]]:
    recording = json.loads(path.read_text(encoding="ascii"))
    return Emulator(recording["rows"], recording["cols"]), recording["steps"]


def draw(emulator: Emulator, output: bytes, pieces: int) -> None:
    """Draw `output` as a pump does, in pieces of the given size."""
    for at in range(0, len(output), pieces):
        emulator.feed(emulator.skim(output[at : at + pieces]))


def cells(segments: list[Segment]) -> list[Cell]:
    """Return characters with their colours and styles; for a blank, only the visible part."""
    found: list[Cell] = []
    for text, style, _ in segments:
        look = style or Style()
        color, background = (
            None if at is None or at.is_default else at.triplet or at.number for at in (look.color, look.bgcolor)
        )
        looks = {name for name in LOOKS if getattr(look, name)}
        seen = looks & {"underline", "reverse", "strike"}
        for character in text:
            if character == " " and "reverse" not in looks:
                found.append((character, None, background, frozenset(seen)))
            else:
                found.append((character, color, background, frozenset(looks)))
    return found


def shown(line: Line) -> list[Cell]:
    return cells(list(line.segments))


def expected(text: Text) -> list[Cell]:
    """Return the cells of a line of `tmux capture-pane -e`."""
    offsets = sorted({0, len(text), *(edge for span in text.spans for edge in (span.start, span.end))})
    pieces = []
    for start, end in pairwise(offsets):
        spans = [span.style for span in text.spans if span.start <= start < span.end]
        style = Style.combine([Style(), *(each for each in spans if isinstance(each, Style))])
        pieces.append(Segment(text.plain[start:end], style))
    return cells(pieces)


@pytest.mark.parametrize("pieces", [1 << 20, 7], ids=["whole", "in pieces"])
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_screen_is_what_tmux_shows(path: Path, pieces: int) -> None:
    emulator, steps = load(path)
    for step in steps:
        draw(emulator, step["output"].encode("latin-1"), pieces)
        lines = [emulator.line(row) for row in range(emulator.rows)]
        assert [line.text.rstrip() for line in lines] == step["screen"], step["keys"]
        cursor = emulator.cursor
        # tmux counts a cursor that is about to wrap one column further.
        place = cursor and [cursor.x, cursor.y]
        assert place == (step["cursor"] and [min(step["cursor"][0], emulator.cols - 1), step["cursor"][1]])
        assert emulator.alternate == step["alternate"]
        assert emulator.application_cursor == step["application_cursor"]


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_colours_are_what_tmux_shows(path: Path) -> None:
    emulator, steps = load(path)
    for step in steps:
        draw(emulator, step["output"].encode("latin-1"), 1 << 20)
        decoder = AnsiDecoder()  # Rich's own attributes do not concern the emulator
        for row, ansi in enumerate(step["ansi"]):
            wanted = expected(decoder.decode_line(ansi))
            assert shown(emulator.line(row))[: len(wanted)] == wanted, (step["keys"], row)


def test_every_program_was_recorded_in_both_sizes() -> None:
    assert len(RECORDINGS) == 12
