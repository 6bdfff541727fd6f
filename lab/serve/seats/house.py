"""All seats of a process, as the server sees them: frames in, frames out."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lab.core.modes import Mode
from lab.core.pauses import Pause
from lab.errors import LabError
from lab.places import scenarios_folder
from lab.serve.seats.chair import Chair
from lab.serve.seats.heap import HEAP
from lab.serve.seats.intake import GapError
from lab.serve.seats.jobs import Jobs, Notes
from lab.serve.seats.looks import Looks
from lab.serve.seats.seat import Plan, Seat, Shared
from lab.serve.seats.status import status
from lab.serve.seats.submitted import submitted
from lab.serve.seats.team import Team
from lab.serve.wire import Frame, Kind, packed, packed_data
from lab.store import TIMELINE

__all__ = ["House"]

#: How often the seats' status is read, in s.
_EVERY = 1.0
#: How often the server gets this process' resource usage, in s.
_FIGURES_EVERY = 5.0

#: How often new long-lived objects are excluded from garbage collections, in s.
_SETTLE_EVERY = 5.0

#: How long typed input may take to its shells when the server has ended, in s.
_LAST_MOMENT = 5.0

Send = Callable[[bytes], None]


@dataclass(slots=True)
class _Held:
    """A seat with its last reported status, by its first screen's number."""

    seat: Seat
    screen: int
    told: dict[str, Any] = field(default_factory=dict)
    #: How many bytes of the timeline were sent.
    read: int = 0
    #: Whether the server has the submitted cluster.
    handed: bool = True


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
        self._seats: dict[str, _Held] = {}
        #: The chairs by the numbers of their screens, with their seats.
        self._chairs: dict[int, tuple[Chair, Seat]] = {}

    async def run(self) -> None:
        """Look at labs, and report the seats' status, until cancelled."""
        await asyncio.gather(self._shared.looks.run(), self._tell(), self._tell_figures(), self._settle())

    async def leave(self) -> None:
        """Give the shells what was taken, and note what pages need not send again; the server has ended."""
        self._shared.jobs.close()
        chairs = [chair for chair, _ in self._chairs.values()]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(chair.settled() for chair in chairs)), _LAST_MOMENT)
        for chair in chairs:
            with contextlib.suppress(OSError):
                chair.keep()
        await asyncio.to_thread(self._shared.notes.close)

    @contextlib.asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """Run while the body serves, and leave at its end."""
        running = asyncio.create_task(self.run())
        try:
            yield
        finally:
            await self.leave()
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    async def close(self) -> None:
        """Close all seats; their labs remain."""
        await asyncio.gather(*(held.seat.end() for held in self._seats.values()))
        self._shared.notes.close()

    def part(self) -> None:
        """Keep all seats as they are until the server is back: no clock runs, and nobody is there."""
        for chair, _ in self._chairs.values():
            chair.leave()
        self._chairs = {}
        for held in self._seats.values():
            held.seat.part()

    def hear(self, frame: Frame) -> None:
        """Carry out a frame of the server; report one that makes no sense: other seats continue."""
        try:
            self.take(frame)
        except Exception as error:  # noqa: BLE001 -- one frame is not the end of all other seats
            print(f"seat {frame.seat}, {frame.kind.name}: {error!r}", file=sys.stderr)  # noqa: T201 -- the log

    def take(self, frame: Frame) -> None:  # noqa: C901 -- a line for each kind
        """Carry out a frame of the server."""
        if frame.kind is Kind.OPEN:
            self._open(frame)
            return
        if (found := self._chairs.get(frame.seat)) is None:
            return
        chair, seat = found
        match frame.kind:
            case Kind.INPUT:
                self._type(frame, chair)
            case Kind.DISPLAYED:
                chair.displayed(frame.view, int.from_bytes(frame.data, "big"))
            case Kind.ATTACH:
                self._attach(frame, chair)
            case Kind.WATCH:
                chair.watch(frame.view, _View(self._send, frame.seat, frame.view))
            case Kind.DETACH:
                chair.detach(frame.view)
            case Kind.RESIZE:
                said = frame.said
                chair.resize(said["cols"], said["rows"])
            case Kind.START:
                at, deadline, pauses = frame.said
                seat.start(
                    datetime.fromisoformat(at),
                    datetime.fromisoformat(deadline) if deadline else None,
                    [Pause(since=each["began"], until=each["ended"], cluster_stands=True) for each in pauses],
                )
            case Kind.ORDER:
                self._order(frame.said, chair, seat)
            case _:
                pass

    def _open(self, frame: Frame) -> None:
        said = frame.said
        name, person = said["name"], said["person"]
        held = self._seats.get(name) or _Held(self._seat(said), frame.seat)
        seat = held.seat
        if person == 1:
            # A server that comes back says what it knows.
            self._seats[name] = _Held(seat, frame.seat, read=said["read"], handed=said["handed"])
            seat.team.notes[:] = said["notes"]
        if said["team"]:
            seat.team.hear(said["team"])

        def ask(said: dict[str, Any]) -> None:
            self._send(packed_data(Kind.ASK, said, seat=frame.seat))

        if person > len(seat.chairs):
            chair = seat.sit(ask)
        else:
            chair = seat.chairs[person - 1]
            chair.ask = ask
        self._chairs[frame.seat] = chair, seat

    def _seat(self, said: dict[str, Any]) -> Seat:
        plan = Plan(
            said["name"],
            scenarios_folder() / said["scenario"],
            Mode(said["mode"]),
            who=said["who"],
            faults=tuple(said["faults"]),
            seed=said["seed"],
            theme=said["theme"],
            hints_after=said["hints"]["after"],
            hints_most=said["hints"]["most"],
        )
        return Seat(plan, self._shared, Team([said["who"]], notes=said["notes"], named=bool(said["team"])))

    def _attach(self, frame: Frame, chair: Chair) -> None:
        said = frame.said
        taken = chair.begin_page(said["page"], said["first"])
        self._send(packed(Kind.TAKEN, frame.seat, frame.view, taken.to_bytes(4, "big")))
        chair.attach(_View(self._send, frame.seat, frame.view), said["cols"], said["rows"])

    def _type(self, frame: Frame, chair: Chair) -> None:
        if chair.opens:
            chair.wait(lambda: self._type(frame, chair), len(frame.data))
            return
        try:
            new = chair.intake.take(int.from_bytes(frame.data[:4], "big"))
        except GapError:
            self._send(packed(Kind.GAP, frame.seat, frame.view))
            return
        if new:
            chair.type(frame.data[4:])
        self._send(packed(Kind.TAKEN, frame.seat, frame.view, chair.intake.taken.to_bytes(4, "big")))

    def _order(self, said: dict[str, Any], chair: Chair, seat: Seat) -> None:
        match said["do"]:
            case "say":
                chair.app.call_later(chair.app.say, said["title"], said["words"])
            case "gift" if seat.desk:
                with contextlib.suppress(LabError):
                    hint = seat.desk.gift(said["symptom"])
                    for each in seat.chairs:
                        each.app.call_later(each.app.show_gift, hint)
            case "submit":
                captain = next((each for each in seat.chairs if each.person == seat.team.captain), chair)
                captain.app.call_later(captain.app.submit_now)
            case "team":
                seat.team.hear(said["team"])
            case "note":
                seat.team.note(said["note"])
            case _:
                pass

    # --- reporting ---

    async def _settle(self) -> None:
        """Exclude new long-lived objects from garbage collections."""
        while True:
            await asyncio.sleep(_SETTLE_EVERY)
            if HEAP.grown:
                HEAP.settle()

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(_EVERY)
            for held in list(self._seats.values()):
                now = status(held.seat)
                if now != held.told:
                    held.told = now
                    self._send(packed_data(Kind.STATUS, now, seat=held.screen))
                self._send_lines(held)
                if not held.handed and held.seat.desk and held.seat.desk.session.final:
                    held.handed = True
                    for data in await asyncio.to_thread(submitted, held.seat.desk.lab.store.folder):
                        self._send(packed(Kind.KEPT, held.screen, data=data))

    def _send_lines(self, held: _Held) -> None:
        """Send the new whole lines of the lab's timeline."""
        if held.seat.desk is None:
            return
        path = held.seat.desk.lab.store.folder / TIMELINE
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
            self._send(packed_data(Kind.LINES, {"read": held.read, "lines": lines.decode()}, seat=held.screen))

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
