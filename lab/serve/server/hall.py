"""The hall of an event: seats with their workers and browsers, the clock, and the records."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from lab.core.scenario import FaultSpec
from lab.errors import LabError, UsageProblem
from lab.places import scenarios_folder
from lab.serve.event.folder import EventFolder, EventState, SeatState
from lab.serve.event.receipts import Signer
from lab.serve.server.crew import Crew
from lab.serve.server.guests import Guests
from lab.serve.server.handover import hand_over, handed_over
from lab.serve.server.link import Link, Way
from lab.serve.server.metrics import Figures, Metrics
from lab.serve.server.places import Browser, Chair, Place, plain
from lab.serve.server.record import Record
from lab.serve.server.standings import Standings
from lab.serve.server.timekeeper import Timekeeper
from lab.serve.server.witnessing import Witness
from lab.serve.wire import Frame, Kind, packed, packed_data
from lab.store import now

__all__ = ["Hall"]

_TICK = 1.0
#: How often the state records that the server is alive, in s.
_ALIVE_EVERY = 5.0
#: How many actions of instructors the boards show.
_LOG = 40
#: Why a seat is interrupted.
_ENDED = "it ended; a new one continues from the last second"
_AWAY = "the connection to it broke; it continues, or its successor from the last second"


class Hall:
    """The state of one event that is being served."""

    def __init__(
        self,
        folder: EventFolder,
        state: EventState,
        ways: Sequence[Way],
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """Begin with the event's `state`; `ways` lead to the workers.

        Raises:
            LabError: a worker that has labs is not among them.

        """
        self.crew = Crew(state, ways, came=self._came, heard=self._heard, went=self._went)
        self.folder = folder
        self.state = state
        self.guests = Guests(state, self.save)
        self._clock = clock
        invited = folder.invited
        self.time = Timekeeper(state, invited.minutes, invited.event.starts_at, clock, self._clock_changed)
        self.signer = Signer(folder.path)
        self.witness = Witness(folder, self.signer, clock)
        self.metrics = Metrics(
            Figures(
                seats=lambda: [(place.name, place.status) for place in self.places.values()],
                workers=lambda: self.crew.loads,
                connected=lambda: sum(chair.browser is not None for chair in self.chairs.values()),
                refused=lambda: self.guests.refused,
                now=clock,
            )
        )
        self.places: dict[str, Place] = {}
        self.chairs: dict[str, Chair] = {}
        self._by_screen: dict[int, Chair] = {}
        for name, seat in state.seats.items():
            if not seat.forgotten:
                self.seat(name, seat)
        self.standings = Standings(state, folder.invited.event.board.freeze, self.places, self.save)
        #: The address for joining, and the fingerprint of its certificate.
        self.address, self.fingerprint = "", ""
        #: The last actions of instructors: time, name, action.
        self.log: deque[dict[str, str]] = deque(maxlen=_LOG)
        #: The number of open boards.
        self.boards = 0
        self.version = 0
        self._changed = asyncio.Condition()
        self._telling: set[asyncio.Task[None]] = set()
        self._last_alive = clock()

    def seat(self, name: str, kept: SeatState) -> Place:
        """Add a seat with its chairs; return it."""
        record = Record(self.folder, name, self.state, self._clock, self.signer)
        link = self.crew.link(kept)
        place = Place(name, kept, record, link, is_team=bool(self.folder.invited.event.teams))
        place.who = self.folder.who(kept)
        self.places[name] = place
        for _ in kept.chairs:
            self.put_chair(place)
        return place

    def put_chair(self, place: Place) -> Chair:
        """Add the next chair at a seat; return it."""
        person = len(place.chairs) + 1
        chair = Chair(place, person, len(self._by_screen) + 1, place.kept.chairs[person - 1])
        place.members = self.folder.members(place.kept)
        place.chairs.append(chair)
        self.chairs[chair.name] = self._by_screen[chair.screen] = chair
        return chair

    @property
    def symptoms(self) -> list[FaultSpec]:
        """The faults of the event, in the order of their symptoms."""
        wanted = self.folder.invited.event.faults
        faults = self.folder.invited.loaded.scenario.faults
        return [fault for fault in faults if not wanted or fault.symptom.name in wanted]

    # --- life ---

    async def run(self) -> None:
        """Serve the event until cancelled."""
        self.time.catch_up()
        self.save()
        try:
            async with asyncio.TaskGroup() as group:
                for link in self.crew.links:
                    group.create_task(link.run())
                group.create_task(self._run_clock())
        finally:
            self.state.alive = self._clock()
            self.save()
            for place in self.places.values():
                with contextlib.suppress(OSError):
                    place.record.close()

    def save(self) -> None:
        """Write the state."""
        self.folder.save(self.state)

    async def _run_clock(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            with contextlib.suppress(LabError):  # a full disk: the state is saved again in a moment
                self.time.tick()
            at = self.time.now()
            if self.standings.tick(at, self.time.deadline):
                self.touch()
            for place in self.places.values():
                with contextlib.suppress(OSError):  # a full disk: the next attempt may succeed
                    await asyncio.to_thread(place.record.flush, place.record.mark())
            if (at - self._last_alive).total_seconds() >= _ALIVE_EVERY:
                self._last_alive = self.state.alive = at
                with contextlib.suppress(LabError):  # a full disk: the next attempt may succeed
                    await asyncio.to_thread(self.save)

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
                for chair in place.chairs:
                    self.open(chair)
                    # Its input was dropped meanwhile, so it sends the input again.
                    self._send_away(chair)

    def _send_away(self, chair: Chair) -> None:
        """Have browsers reconnect: they continue behind the last piece that was taken."""
        for browser in (chair.browser, *chair.watchers.values()):
            if browser:
                browser.leave(4001, "the worker was started again")
        chair.browser = None
        chair.watchers.clear()

    def open(self, chair: Chair) -> None:
        """Open a chair in the worker; the first chair of a seat also creates the lab."""
        event, scenario, place = self.folder.invited.event, self.folder.invited.loaded.folder, chair.place
        plan = {
            "name": place.name,
            # A worker on another machine has it at another place.
            "scenario": scenario.name if scenario.parent == scenarios_folder() else str(scenario),
            "mode": event.mode,
            "seed": self.folder.invited.seed(place.number),
            "who": place.who,
            "faults": event.faults,
            "theme": event.theme,
            "hints": event.hints.model_dump(),
            "read": place.record.read,
            "person": chair.person,
            "team": place.team if place.is_team else None,
            "notes": place.record.notes,
            "handed": not place.link.apart or handed_over(self.folder, place.name),
        }
        place.link.send(packed_data(Kind.OPEN, plan, seat=chair.screen))
        if chair is place.first:
            self._send_time(place)

    def _went(self, link: Link) -> None:
        """Have the browsers of a worker that went away reconnect: they continue where they were."""
        for place in self.places.values():
            if place.link is link:
                place.status = {"phase": "making"}
                place.record.note("worker", why=_AWAY if link.apart else _ENDED)
                for chair in place.chairs:
                    self._send_away(chair)
        self.touch()

    def _heard(self, link: Link, frame: Frame) -> None:
        if frame.kind is Kind.FIGURES:
            link.figures = frame.said
            return
        chair = self._by_screen.get(frame.seat)
        if chair is None or chair.place.link is not link:
            return
        place = chair.place
        match frame.kind:
            case Kind.STATUS:
                place.stands(frame.said, self.time.elapsed().total_seconds())
                self.touch()
            case Kind.LINES:
                place.record.lab(frame.said["lines"], frame.said["read"])
            case Kind.KEPT:
                hand_over(self.folder, place.name, frame.data)
            case Kind.ASK:
                self.asked(chair, frame.said)
            case Kind.OUTPUT:
                self._show(chair, frame)
            case Kind.TAKEN if chair.browser and frame.view == chair.view:
                chair.taken.note(chair.page, int.from_bytes(frame.data, "big"))
                chair.browser.show(b"T" + frame.data)
            case Kind.GAP if chair.browser and frame.view == chair.view:
                self._send_away(chair)
            case _:
                pass

    def _show(self, chair: Chair, frame: Frame) -> None:
        """Send output to the browser of its view."""
        if frame.view != chair.view:
            browser = chair.watchers.get(frame.view)
        else:
            browser = chair.browser
            self.metrics.shown(chair.screen)
        if browser:
            browser.show(b"O" + frame.data)

    def _send_times(self) -> None:
        for place in self.places.values():
            self._send_time(place)

    def _send_time(self, place: Place) -> None:
        if self.state.started:
            deadline = self.time.deadline
            pauses = [each.model_dump(mode="json", exclude={"why"}) for each in self.state.pauses]
            times = self.state.started.isoformat(), deadline.isoformat() if deadline else None, pauses
            place.link.send(packed_data(Kind.START, times, seat=place.first.screen))

    def order(self, at: Place | Chair, **said: object) -> None:
        """Send an order to a seat, or to the screen of one chair."""
        chair = at if isinstance(at, Chair) else at.first
        chair.place.link.send(packed_data(Kind.ORDER, said, seat=chair.screen))

    def tell_team(self, place: Place) -> None:
        """Send the people of a team the list of members and the captain."""
        if place.is_team:
            self.order(place, do="team", team=place.team)
            for chair in place.chairs:
                self.tell_page(chair)
        self.touch()

    def asked(self, chair: Chair, said: dict[str, Any]) -> None:
        """Carry out a request from a screen: a note for the team, another captain."""
        place = chair.place
        if said["do"] == "note":
            note = {"who": chair.who, "text": plain(str(said["text"])), "time": self.time.now().isoformat()}
            if note["text"] and place.record.write(note):
                self.order(place, do="note", note=note)
        elif said["do"] == "captain" and chair.person == place.kept.captain:
            self.make_captain(place, int(said["to"]))

    def make_captain(self, place: Place, person: int) -> None:
        """Make another person the captain of a team."""
        if not place.is_team or not 1 <= person <= len(place.chairs):
            raise UsageProblem("There is no such person in the team.")
        if place.kept.captain != person:
            place.kept.captain = person
            self.save()
            place.record.note("captain", who=place.members[person - 1])
            self.tell_team(place)

    # --- browsers ---

    def attach(self, name: str, browser: Browser, hello: dict[str, Any]) -> int:
        """Give the chair called `name` to `browser`; return the number of its view."""
        chair = self.chairs[name]
        if chair.browser:
            chair.browser.leave(4002, "another browser has this seat now")
        chair.browser = browser
        chair.view, chair.page = chair.new_view(), str(hello["page"])
        # A new worker learns which pieces the previous one took.
        hello = {**hello, "first": max(hello["first"], chair.taken.of(chair.page) + 1)}
        self.metrics.attached(chair.screen, chair.page)
        chair.note("joined")
        self.tell_page(chair)
        chair.place.link.send(packed_data(Kind.ATTACH, hello, seat=chair.screen, view=chair.view))
        self._resized(chair, hello)
        self.tell_team(chair.place)
        return chair.view

    def _resized(self, chair: Chair, size: dict[str, Any]) -> None:
        chair.size = size["cols"], size["rows"]
        chair.tell_watchers()

    def detach(self, name: str, view: int) -> None:
        """Note that the browser of a view is gone."""
        chair = self.chairs[name]
        if chair.browser and chair.view == view:
            chair.browser = None
            chair.place.link.send(packed(Kind.DETACH, chair.screen, view))
            chair.note("left")
            chair.tell_watchers()
            self.tell_team(chair.place)

    def forward(self, name: str, view: int, kind: Kind, data: bytes) -> None:
        """Send the worker the input of a view's browser, if the view is still the chair's present one."""
        chair = self.chairs[name]
        if chair.view == view and chair.browser:
            if kind is Kind.INPUT:
                self.metrics.typed(chair.screen)
            chair.place.link.send(packed(kind, chair.screen, view, data))

    def resize(self, name: str, view: int, size: dict[str, int]) -> None:
        """Resize the screen of a chair."""
        chair = self.chairs[name]
        if chair.view == view and chair.browser:
            chair.place.link.send(packed_data(Kind.RESIZE, size, seat=chair.screen, view=view))
            self._resized(chair, size)

    def tell_page(self, chair: Chair) -> None:
        """Send a chair's page the content around its screen."""
        if chair.browser:
            chair.browser.tell(self.about(chair))

    def about(self, chair: Chair) -> dict[str, Any]:
        """Return the content around the screen on a chair's page."""
        deadline, place = self.time.deadline, chair.place
        return {
            "title": self.folder.invited.event.title,
            "seat": place.number,
            "who": chair.who,
            "team": place.who if place.is_team else None,
            "captain": place.kept.captain == chair.person if place.is_team else None,
            "deadline": deadline.isoformat() if deadline else None,
            "now": self.time.now().isoformat(),
            "started": self.state.started is not None,
            "paused": self.state.pause is not None,
            "hand": chair.state.hand is not None,
            "watched": len(chair.watchers),
        }

    def _tell_pages(self) -> None:
        for chair in self.chairs.values():
            self.tell_page(chair)

    def _clock_changed(self, kind: str, data: dict[str, JsonValue]) -> None:
        """Tell everybody about a change of the clock, and record it."""
        self._send_times()
        for place in self.places.values():
            place.record.note(kind, **data)
        self._tell_pages()
        self.touch()
        self.save()
