"""All seats of a process, as the server sees them: frames in, frames out."""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from lab.core.modes import Mode
from lab.errors import LabError
from lab.serve.seats.intake import GapError
from lab.serve.seats.jobs import Jobs, Notes
from lab.serve.seats.looks import Looks
from lab.serve.seats.seat import Plan, Seat, Shared
from lab.serve.seats.status import status
from lab.serve.wire import Frame, Kind, packed, packed_data

__all__ = ["House"]

#: How often the seats' status is read, in s.
_EVERY = 1.0
#: How often the server gets this process' resource usage, in s.
_FIGURES_EVERY = 5.0

Send = Callable[[bytes], None]


@dataclass(slots=True)
class _Held:
    """A seat with its last reported status."""

    seat: Seat
    told: dict[str, Any] = field(default_factory=dict)
    #: How many bytes of the timeline were sent.
    read: int = 0


class _View:
    """A browser at a seat, as the driver sees it."""

    def __init__(self, send: Send, seat: int, number: int) -> None:
        self._send = send
        self._seat = seat
        self._number = number

    def show(self, data: bytes) -> None:
        """Send output to the browser."""
        self._send(packed(Kind.OUTPUT, self._seat, self._number, data))


class House:
    """The seats of this process; `share` is the part of a processor for their looks."""

    def __init__(self, send: Send, *, share: float) -> None:
        self._send = send
        self._shared = Shared(Looks(share), Jobs(), Notes())
        self._seats: dict[int, _Held] = {}

    async def run(self) -> None:
        """Look at labs, and report the seats' status, until cancelled."""
        await asyncio.gather(self._shared.looks.run(), self._tell(), self._tell_figures())

    async def close(self) -> None:
        """Close all seats; their labs remain."""
        await asyncio.gather(*(held.seat.end() for held in self._seats.values()))
        self._shared.notes.close()

    def take(self, frame: Frame) -> None:  # noqa: C901 -- a line for each kind
        """Carry out a frame of the server."""
        if frame.kind is Kind.OPEN:
            self._open(frame)
            return
        held = self._seats.get(frame.seat)
        if held is None:
            return
        seat = held.seat
        match frame.kind:
            case Kind.INPUT:
                self._type(frame, seat)
            case Kind.DISPLAYED:
                if driver := seat.driver:
                    driver.displayed(int.from_bytes(frame.data, "big"))
            case Kind.ATTACH:
                self._attach(frame, seat)
            case Kind.DETACH:
                seat.detach()
            case Kind.RESIZE:
                said = frame.said
                seat.resize(said["cols"], said["rows"])
            case Kind.START:
                at, deadline = frame.said
                seat.start(datetime.fromisoformat(at), datetime.fromisoformat(deadline) if deadline else None)
            case Kind.ORDER:
                self._order(frame.said, seat)
            case _:
                pass

    def _open(self, frame: Frame) -> None:
        said = frame.said
        plan = Plan(
            said["name"],
            Path(said["scenario"]),
            Mode(said["mode"]),
            who=said["who"],
            faults=tuple(said["faults"]),
            theme=said["theme"],
        )
        held = _Held(Seat(plan, self._shared), read=said["read"])
        self._seats[frame.seat] = held
        held.seat.begin()

    def _attach(self, frame: Frame, seat: Seat) -> None:
        said = frame.said
        taken = seat.intake.begin(said["page"], said["first"])
        self._send(packed(Kind.TAKEN, frame.seat, frame.view, taken.to_bytes(4, "big")))
        seat.attach(_View(self._send, frame.seat, frame.view), said["cols"], said["rows"])

    def _type(self, frame: Frame, seat: Seat) -> None:
        try:
            new = seat.intake.take(int.from_bytes(frame.data[:4], "big"))
        except GapError:
            self._send(packed(Kind.GAP, frame.seat, frame.view))
            return
        if new:
            seat.type(frame.data[4:])
        self._send(packed(Kind.TAKEN, frame.seat, frame.view, seat.intake.taken.to_bytes(4, "big")))

    def _order(self, said: dict[str, Any], seat: Seat) -> None:
        match said["do"]:
            case "say":
                seat.app.call_later(seat.app.say, said["title"], said["words"])
            case "gift" if seat.desk:
                with contextlib.suppress(LabError):
                    seat.app.call_later(seat.app.show_gift, seat.desk.gift(said["symptom"]))
            case "submit":
                seat.app.call_later(seat.app.submit_now)
            case "pause":
                seat.paused = bool(said["on"])
            case _:
                pass

    # --- reporting ---

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(_EVERY)
            for number, held in self._seats.items():
                now = status(held.seat)
                if now != held.told:
                    held.told = now
                    self._send(packed_data(Kind.STATUS, now, seat=number))
                self._send_lines(number, held)

    def _send_lines(self, number: int, held: _Held) -> None:
        """Send the new whole lines of the lab's timeline."""
        if held.seat.desk is None:
            return
        path = held.seat.desk.lab.store.folder / "timeline.jsonl"
        try:
            if path.stat().st_size <= held.read:
                return
            with path.open("rb") as file:
                file.seek(held.read)
                lines = file.read(256 * 1024).rpartition(b"\n")[0]
        except OSError:
            return
        if lines:
            held.read += len(lines) + 1
            self._send(packed_data(Kind.LINES, {"read": held.read, "lines": lines.decode()}, seat=number))

    async def _tell_figures(self) -> None:
        looks = self._shared.looks
        while True:
            await asyncio.sleep(_FIGURES_EVERY)
            figures = {
                "pid": os.getpid(),
                "processor": time.process_time(),
                "memory": _memory(),
                "looks": looks.count,
                "look_seconds": round(looks.seconds, 3),
                "looks_waiting": looks.waiting,
                "jobs_waiting": self._shared.jobs.waiting,
            }
            self._send(packed_data(Kind.FIGURES, figures))


def _memory() -> int:
    import psutil  # noqa: PLC0415 -- once is soon enough

    return int(psutil.Process().memory_info().rss)
