"""Endless output in one terminal of many: what it gets of the loop."""

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from lab.core.ration import Ration
from lab.tui.terminal import pace
from lab.tui.terminal.pace import Pace

if TYPE_CHECKING:
    from lab.tui.terminal.pump import Pump

_SHARE = 0.2
_DRAWING = 0.004


class _Time:
    """A clock that drawing moves, and nothing else but the test."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now


class _Flood:
    """A pump that is always full, and a canvas on which a piece takes 4 ms."""

    full = True
    mid_frame = False

    def __init__(self, time: _Time) -> None:
        self._time = time
        self.pieces = 0

    def take(self, limit: int) -> bytes:
        return b"y\n" * (limit // 2)

    def put_back(self, data: bytes) -> None:
        pass

    def draw(self, data: bytes) -> bytes:
        del data
        self.pieces += 1
        self._time.now += _DRAWING
        return b""

    def repaint(self) -> None:
        pass


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> _Time:
    """The clock of the module."""
    made = _Time()
    monkeypatch.setattr(pace, "time", made)
    monkeypatch.setattr(Pace, "ration", Ration(_SHARE))
    return made


async def test_floods_take_their_share_of_the_loop_whatever_wakes_them(time: _Time) -> None:
    floods = [_Flood(time) for _ in range(3)]
    paces = [Pace(cast("Pump", each), each, lambda: None) for each in floods]
    began = time.now
    while time.now < began + 20:
        for each in paces:
            each.go_on()
        time.now += 0.001
        await asyncio.sleep(0)
    for each in paces:
        each.stop()

    pieces = [each.pieces for each in floods]
    assert sum(pieces) * _DRAWING < 1.2 * _SHARE * 20
    assert max(pieces) - min(pieces) <= max(pieces) // 5
