"""When to draw and paint output: in slices of time, so that keys can be read in between."""

import asyncio
import time
from collections.abc import Callable
from typing import ClassVar, Protocol

from lab.core.ration import Ration
from lab.tui.terminal.pump import Pump

__all__ = ["Canvas", "Pace"]

_SLICE = 0.010
_BULK = 64 * 1024
#: More output than this at once is a flood: it is collected for a while, and the screen is painted less often.
_FLOOD = 4 * 1024
_GATHER = 0.015
_FLOOD_PERIOD = 0.06
#: The longest time for which a program may delay the display.
_LONGEST_FRAME = 0.15


class Canvas(Protocol):
    """The target of output."""

    @property
    def mid_frame(self) -> bool:
        """Whether a program is in the middle of drawing one frame."""

    def draw(self, data: bytes) -> bytes:
        """Draw as much of `data` as can be done quickly, and return the rest."""

    def repaint(self) -> None:
        """Paint the drawn text on the screen."""


class Pace:
    """Takes the output of `pump`, piece by piece, and decides when to draw and when to paint.

    `wake` makes the app's message loop call `go_on`.
    """

    #: In a process with many terminals: the processor share of all floods together.
    ration: ClassVar[Ration | None] = None

    def __init__(self, pump: Pump, canvas: Canvas, wake: Callable[[], None]) -> None:
        self._pump = pump
        self._canvas = canvas
        self._wake = wake
        self._next: asyncio.TimerHandle | None = None
        self._frame: asyncio.TimerHandle | None = None
        self._painted = self._gather_until = self._rest_until = 0.0

    def go_on(self) -> None:
        """Draw the output for a slice of time; come back if there is more."""
        now = time.perf_counter()
        until = self._rest_until if self._pump.full else max(self._gather_until, self._rest_until)
        if now < until:
            self._wake_in(until - now)
            return
        drawn = 0
        while data := self._pump.take(_BULK):
            rest = self._canvas.draw(data)
            self._pump.put_back(rest)
            drawn += len(data) - len(rest)
            if time.perf_counter() > now + _SLICE:
                self._wake_in(0)
                break
        if drawn >= _FLOOD:
            # A flood is processed faster in large pieces.
            ended = time.perf_counter()
            self._gather_until = ended + _GATHER
            if self.ration:
                self._rest_until = ended + self.ration.rest(self, self, ended - now, ended)
        else:
            self._gather_until = 0.0
        if not data or now > self._painted + _FLOOD_PERIOD:
            self._paint_unless_mid_frame()

    def stop(self) -> None:
        """Stop drawing and painting."""
        for timer in (self._next, self._frame):
            if timer:
                timer.cancel()

    def _wake_in(self, seconds: float) -> None:
        """Continue later by way of the loop, once."""
        if self._next:
            self._next.cancel()
        self._next = asyncio.get_running_loop().call_later(seconds, self._wake)

    def _paint_unless_mid_frame(self) -> None:
        if not self._canvas.mid_frame:
            self._paint_now()
        elif not self._frame:
            self._frame = asyncio.get_running_loop().call_later(_LONGEST_FRAME, self._paint_now)

    def _paint_now(self) -> None:
        self._painted = time.perf_counter()
        if self._frame:
            self._frame.cancel()
            self._frame = None
        self._canvas.repaint()
