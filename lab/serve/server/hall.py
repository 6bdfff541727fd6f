"""The hall of an event: seats with their workers and browsers, the clock, and the records."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from lab.console import printable
from lab.errors import LabError, UsageProblem
from lab.serve.event.folder import EventFolder, EventState, Pause
from lab.serve.event.receipts import Signer
from lab.serve.server.guests import Guests
from lab.serve.server.link import Link
from lab.serve.server.record import Record
from lab.serve.server.witnessing import Witness
from lab.serve.wire import Frame, Kind, packed, packed_data
from lab.store import now

__all__ = ["Browser", "Hall", "Place"]

_TICK = 1.0
#: A longer jump of the clock means that the machine was asleep.
_SLEPT = 10.0
#: How often the state records that the server is alive, in s.
_ALIVE_EVERY = 5.0
#: The longest message, in characters.
_WORDS = 400


class Browser(Protocol):
    """A browser at a seat."""

    def show(self, data: bytes) -> None:
        """Send the browser a frame of bytes."""

    def tell(self, data: dict[str, Any]) -> None:
        """Send the browser's page a message."""

    def leave(self, code: int, why: str) -> None:
        """Close its connection."""


class Place:
    """A seat, as the server sees it."""

    def __init__(self, name: str, number: int, who: str, record: Record, link: Link) -> None:
        self.name, self.number, self.who = name, number, who
        self.record = record
        self.link = link
        self.browser: Browser | None = None
        #: The number of the browser's view: output for an older view is dropped.
        self.view = 0
        self.status: dict[str, Any] = {"phase": "making"}


class Hall:
    """The state of one event that is being served."""

    def __init__(
        self,
        folder: EventFolder,
        state: EventState,
        *,
        workers: int,
        share: float,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.folder = folder
        self.state = state
        self.guests = Guests(state, self.save)
        self._clock = clock
        self.signer = Signer(folder.path)
        self.witness = Witness(folder, self.signer, clock)
        self._links = [
            Link(folder.home, share, came=self._came, heard=self._heard, went=self._went) for _ in range(workers)
        ]
        event = folder.invited.event
        self.places = {
            name: Place(
                name,
                seat.number,
                event.who(seat.number),
                Record(folder, name, state, clock, self.signer),
                self._links[(seat.number - 1) % workers],
            )
            for name, seat in state.seats.items()
        }
        self._by_number = {place.number: place for place in self.places.values()}
        #: The resource usage of each worker, by its process' number.
        self.figures: dict[int, dict[str, Any]] = {}
        self.version = 0
        self._changed = asyncio.Condition()
        self._telling: set[asyncio.Task[None]] = set()
        self._last_tick = clock()
        self._last_alive = clock()

    # --- life ---

    async def run(self) -> None:
        """Serve the event until cancelled."""
        self._catch_up()
        try:
            async with asyncio.TaskGroup() as group:
                for link in self._links:
                    group.create_task(link.run())
                group.create_task(self._run_clock())
        finally:
            self.state.alive = self._clock()
            self.save()
            for place in self.places.values():
                with contextlib.suppress(OSError):
                    place.record.close()

    def _catch_up(self) -> None:
        """Record the time without a server as a pause."""
        alive, at = self.state.alive, self._clock()
        if self.running and not self.state.pause and alive and at > alive:
            self.state.pauses.append(Pause(began=alive, ended=at, why="the server did not run"))
        self.state.alive = at
        self.save()

    def save(self) -> None:
        """Write the state."""
        self.folder.save(self.state)

    async def _run_clock(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            at = self._clock()
            if (at - self._last_tick).total_seconds() > _SLEPT and self.running and not self.state.pause:
                self.state.pauses.append(Pause(began=self._last_tick, ended=at, why="the machine slept"))
                self._send_times()
            self._last_tick = at
            starts = self.folder.invited.event.starts_at
            if starts and self.state.started is None and at >= starts:
                self.start()
            for place in self.places.values():
                with contextlib.suppress(OSError):  # a full disk: the next attempt may succeed
                    await asyncio.to_thread(place.record.flush, place.record.mark())
            if (at - self._last_alive).total_seconds() >= _ALIVE_EVERY:
                self._last_alive = self.state.alive = at
                with contextlib.suppress(LabError):  # a full disk: the next attempt may succeed
                    await asyncio.to_thread(self.save)

    @property
    def running(self) -> bool:
        """Whether the clock was started and the event was not stopped."""
        return self.state.started is not None and self.state.stopped is None

    @property
    def deadline(self) -> datetime | None:
        """The deadline; None before the start and in a pause."""
        if self.state.stopped:
            return self.state.stopped
        if self.state.pause:
            return None
        return self.state.deadline(self.folder.invited.minutes, self._clock())

    def touch(self) -> None:
        """Have the boards redrawn."""
        self.version += 1
        task = asyncio.get_running_loop().create_task(self._tell_boards())
        # A task without a reference may be garbage-collected before it has run.
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell_boards(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def news(self, seen: int) -> int:
        """Return the version of the boards' content, once it differs from `seen`."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.version != seen)
        return self.version

    # --- workers ---

    def _came(self, link: Link) -> None:
        for place in self.places.values():
            if place.link is link:
                self._open(place)
                # Input from meanwhile was dropped: the browser sends it again.
                self._send_away(place)

    def _send_away(self, place: Place) -> None:
        """Have a browser reconnect: it continues behind the last piece that was taken."""
        if place.browser:
            place.browser.leave(4001, "the worker was started again")
            place.browser = None

    def _open(self, place: Place) -> None:
        event, loaded = self.folder.invited.event, self.folder.invited.loaded
        plan = {
            "name": place.name,
            "scenario": str(loaded.folder),
            "mode": event.mode,
            "who": place.who,
            "faults": event.faults,
            "theme": event.theme,
            "read": place.record.read,
        }
        place.link.send(packed_data(Kind.OPEN, plan, seat=place.number))
        self._send_time(place)
        if self.state.pause:
            self.order(place, do="pause", on=True)

    def _went(self, link: Link) -> None:
        """Have the browsers of a dead worker reconnect: they continue where they were."""
        self.figures = {}
        for place in self.places.values():
            if place.link is link:
                place.status = {"phase": "making"}
                place.record.note("worker", why="it ended; another one goes on from the last second")
                self._send_away(place)
        self.touch()

    def _heard(self, link: Link, frame: Frame) -> None:
        if frame.kind is Kind.FIGURES:
            self.figures[link.pid] = frame.said
            return
        place = self._by_number.get(frame.seat)
        if place is None or place.link is not link:
            return
        if frame.kind is Kind.STATUS:
            place.status = frame.said
            place.record.stands(place.status)
            self.touch()
        elif frame.kind is Kind.LINES:
            place.record.lab(frame.said["lines"], frame.said["read"])
        elif place.browser and frame.view == place.view:
            if frame.kind is Kind.OUTPUT:
                place.browser.show(b"O" + frame.data)
            elif frame.kind is Kind.TAKEN:
                place.browser.show(b"T" + frame.data)
            elif frame.kind is Kind.GAP:
                self._send_away(place)

    def _send_times(self) -> None:
        for place in self.places.values():
            self._send_time(place)

    def _send_time(self, place: Place) -> None:
        if self.state.started:
            deadline = self.deadline
            times = [self.state.started.isoformat(), deadline.isoformat() if deadline else None]
            place.link.send(packed_data(Kind.START, times, seat=place.number))

    def order(self, place: Place, **said: object) -> None:
        """Send a seat an order."""
        place.link.send(packed_data(Kind.ORDER, said, seat=place.number))

    # --- browsers ---

    def attach(self, name: str, browser: Browser, hello: dict[str, Any]) -> int:
        """Give the seat called `name` to `browser`; return the number of its view."""
        place = self.places[name]
        if place.browser:
            place.browser.leave(4002, "another browser has this seat now")
        place.browser = browser
        place.view += 1
        place.record.note("joined")
        browser.tell(self.about(place))
        place.link.send(packed_data(Kind.ATTACH, hello, seat=place.number, view=place.view))
        self.touch()
        return place.view

    def detach(self, name: str, view: int) -> None:
        """Handle the loss of a view's browser."""
        place = self.places[name]
        if place.browser and place.view == view:
            place.browser = None
            place.link.send(packed(Kind.DETACH, place.number, view))
            place.record.note("left")
            self.touch()

    def forward(self, name: str, view: int, kind: Kind, data: bytes) -> None:
        """Send the worker the input of a view's browser, if the view is still the seat's present one."""
        place = self.places[name]
        if place.view == view and place.browser:
            place.link.send(packed(kind, place.number, view, data))

    def about(self, place: Place) -> dict[str, Any]:
        """Return the content around the screen on a seat's page."""
        deadline = self.deadline
        return {
            "title": self.folder.invited.event.title,
            "seat": place.number,
            "who": place.who,
            "deadline": deadline.isoformat() if deadline else None,
            "now": self._clock().isoformat(),
            "started": self.state.started is not None,
            "paused": self.state.pause is not None,
            "hand": self.state.seats[place.name].hand is not None,
        }

    def _tell_pages(self) -> None:
        for place in self.places.values():
            if place.browser:
                place.browser.tell(self.about(place))

    # --- the instructor's actions ---

    def start(self) -> None:
        """Start the clock for all seats."""
        if self.state.started is None:
            self.state.started = self._clock()
            self._all("started")

    def pause(self, why: str = "") -> None:
        """Stop the clock, and accept no keys."""
        if not self.running or self.state.pause:
            raise UsageProblem("There is no clock to stop.", remedy="Start the event first.")
        self.state.pauses.append(Pause(began=self._clock(), why=why))
        for place in self.places.values():
            self.order(place, do="pause", on=True)
        self._all("paused", why=why)

    def go_on(self) -> None:
        """Resume after a pause."""
        pause = self.state.pause
        if pause is None:
            raise UsageProblem("The event is not paused.")
        pause.ended = self._clock()
        for place in self.places.values():
            self.order(place, do="pause", on=False)
        self._all("resumed")

    def stop(self) -> None:
        """End the event: all seats that did not submit are submitted, in turn."""
        if self.state.pause:
            self.go_on()
        if self.running:
            self.state.stopped = self._clock()
            self._all("stopped")

    def _all(self, kind: str, **data: str) -> None:
        self.save()
        self._send_times()
        for place in self.places.values():
            place.record.note(kind, **data)
        self._tell_pages()
        self.touch()

    def say(self, place: Place, title: str, words: str) -> None:
        """Display a message at a seat, without control characters."""
        words = printable(words).replace("\n", " ")[:_WORDS]
        self.order(place, do="say", title=title, words=words)
        place.record.note("told", title=title, words=words)

    def gift(self, place: Place, symptom: str) -> None:
        """Give a seat the next hint for a symptom without a cost."""
        self.order(place, do="gift", symptom=symptom)
        place.record.note("gift", symptom=symptom)

    def submit(self, place: Place) -> None:
        """Submit for a seat."""
        self.order(place, do="submit")
        place.record.note("submitted-for")

    def raise_hand(self, place: Place, *, up: bool) -> None:
        """Raise or lower a hand."""
        seat = self.state.seats[place.name]
        if (seat.hand is not None) != up:
            seat.hand = self._clock() if up else None
            self.save()
            place.record.note("hand", up=up)
            if place.browser:
                place.browser.tell(self.about(place))
            self.touch()

    def reissue(self, place: Place) -> str:
        """Return a new code for a seat; browsers that joined by the old code are disconnected."""
        code = self.guests.reissue(place.name)
        if place.browser:
            place.browser.leave(4003, "this seat has a new code")
            self.detach(place.name, place.view)
        place.record.note("reissued")
        return code

    def elapsed(self) -> timedelta:
        """Return the elapsed time of the event's clock."""
        return timedelta(seconds=self.state.lived(self._clock()))
