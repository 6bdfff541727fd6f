"""The scroll-back: its lines, their numbers, and its small size."""

import gc
import sys

import pytest
from rich.segment import Segment
from rich.style import Style

from lab.tui.terminal.emulator import Emulator
from lab.tui.terminal.lines import PLAIN, Line
from lab.tui.terminal.scrollback import Scrollback

RED = Style(color="red")
LOOKS = (
    Line((), 0),
    Line((Segment("plain", PLAIN),), 5),
    Line((Segment("goes on", PLAIN),), 7, wrapped=True),
    Line((Segment("漢字", PLAIN),), 4),
    Line((Segment("red", RED), Segment(" and plain", PLAIN), Segment("red", RED)), 16),
    Line((Segment("bold", Style(bold=True)),), 4),
)


@pytest.mark.parametrize("pieces", [1, 7, 256, 5000])
@pytest.mark.parametrize("limit", [0, 1, 255, 256, 1000])
def test_the_latest_lines_are_kept_as_they_were_under_their_numbers(limit: int, pieces: int) -> None:
    lines = [LOOKS[number % len(LOOKS)] for number in range(3000)]
    scrollback = Scrollback(limit)
    for at in range(0, len(lines), pieces):
        scrollback.extend(lines[at : at + pieces])
        assert scrollback.end == min(at + pieces, len(lines))
        assert len(scrollback) == min(limit, scrollback.end)
    assert [scrollback[number] for number in range(scrollback.first, scrollback.end)] == lines[3000 - limit :]
    for gone in (scrollback.first - 1, scrollback.end):
        with pytest.raises(IndexError):
            scrollback[gone]


def test_lines_that_come_after_clearing_have_the_next_numbers() -> None:
    scrollback = Scrollback(1000)
    scrollback.extend(LOOKS * 100)
    scrollback.clear()
    assert (len(scrollback), scrollback.first, scrollback.end) == (0, 600, 600)
    scrollback.extend(LOOKS * 50)
    assert (len(scrollback), scrollback.first, scrollback[600]) == (300, 600, LOOKS[0])


def test_ten_thousand_lines_take_few_objects() -> None:
    emulator = Emulator(24, 80)
    feed = "".join(
        f"\x1b[3{n % 8}m{n}\x1b[0m kube-system   coredns-{n}   1/1   Running\r\n" for n in range(11_000)
    )

    gc.collect()
    before = sys.getallocatedblocks()
    emulator.feed(feed.encode())
    gc.collect()

    assert len(emulator.scrollback) == 10_000
    assert sys.getallocatedblocks() - before < 10_000
