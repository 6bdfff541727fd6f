"""A chair at a seat: the play screen of one person, with its viewers. It outlives all connections."""

import asyncio
from typing import Protocol

from lab.serve.seats.app import Say, SeatApp
from lab.serve.seats.desk import SeatDesk
from lab.serve.seats.driver import SeatDriver, Viewer
from lab.serve.seats.heap import HEAP
from lab.serve.seats.intake import Intake
from lab.serve.seats.looks import Looks
from lab.serve.seats.team import Ask
from lab.tui.options import PlayOptions

__all__ = ["Chair"]

#: The size of a screen without a viewer: columns and rows.
_SIZE = (120, 37)
#: How many pieces of input are kept while there is no shell.
_AHEAD = 500


class _Table(Protocol):
    """The seat, as its chairs see it."""

    name: str
    story: str
    looks: Looks

    @property
    def paused(self) -> bool:
        """Whether keys have no effect."""

    @property
    def begun(self) -> bool:
        """Whether the clock was started."""

    async def opened(self, person: int, say: Say) -> SeatDesk:
        """Return the desk of a person, once there is something to play."""


class Chair:
    """The chair of person number `person`. Its methods are called on the loop of its app."""

    def __init__(self, seat: _Table, person: int, options: PlayOptions, ask: Ask) -> None:
        self._seat = seat
        self.person = person
        self.ask = ask
        self.name = seat.name
        self.story = seat.story
        self.looks = seat.looks
        self.desk: SeatDesk | None = None
        #: playing or over; empty until there is a play screen.
        self.phase = ""
        self.intake = Intake()
        #: View -> a viewer who only watches.
        self._watchers: dict[int, Viewer] = {}
        self._viewer: tuple[Viewer, int, int] | None = None
        #: Input that came while a new worker reopened the lab: it is for the shell.
        self._ahead: list[bytes] = []
        self.app = SeatApp(self, options)
        self._task: asyncio.Task[None] | None = None

    @property
    def driver(self) -> SeatDriver | None:
        """The app's driver, while the app is running."""
        return self.app.seat_driver

    def begin(self) -> None:
        """Show the lobby, and then the play screen."""
        self._task = asyncio.create_task(self.app.run_async(size=_SIZE), name=f"seat {self.name}, {self.person}")

    async def end(self) -> None:
        """Close the play screen."""
        if self._task:
            self.app.exit()
            await asyncio.gather(self._task, return_exceptions=True)

    # --- the app's place ---

    async def opened(self, say: Say) -> SeatDesk:
        """Return the desk, once there is something to play."""
        self.desk = await self._seat.opened(self.person, say)
        return self.desk

    def shown(self) -> None:
        """Give the shell the input that came before it started."""
        self.phase = "playing"
        HEAP.grown = True
        ahead, self._ahead = self._ahead, []
        if driver := self.driver:
            for data in ahead:
                driver.type(data)

    def submitted(self) -> None:
        """Handle the end of the attempt."""
        self.phase = "over"

    # --- the viewers ---

    def type(self, data: bytes) -> None:
        """Process typed input; drop it while the event is paused."""
        if self._seat.paused:
            return
        if self._seat.begun and not self.phase:
            self._ahead += [data] if len(self._ahead) < _AHEAD else []
        elif driver := self.driver:
            driver.type(data)

    def attach(self, viewer: Viewer, cols: int, rows: int) -> None:
        """Display the whole screen at `viewer`, in its size, as soon as there is a screen."""
        if self._viewer and (driver := self.driver):
            driver.detach(self._viewer[0])
        self._viewer = viewer, cols, rows
        if driver := self.driver:
            driver.resize(cols, rows)
            driver.attach(viewer)
            HEAP.grown = True

    def resize(self, cols: int, rows: int) -> None:
        """Use the viewer's size."""
        if self._viewer:
            self._viewer = self._viewer[0], cols, rows
        if driver := self.driver:
            driver.resize(cols, rows)

    def watch(self, view: int, viewer: Viewer) -> None:
        """Display the whole screen at `viewer` too, without changing the size."""
        self._watchers[view] = viewer
        if driver := self.driver:
            driver.attach(viewer)

    def displayed(self, view: int, count: int) -> None:
        """Record how many bytes a viewer has displayed."""
        viewer = self._watchers.get(view) or (self._viewer and self._viewer[0])
        if viewer and (driver := self.driver):
            driver.displayed(viewer, count)

    def detach(self, view: int) -> None:
        """Stop displaying at a viewer; the screen continues."""
        viewer = self._watchers.pop(view, None)
        if viewer is None and self._viewer:
            viewer, self._viewer = self._viewer[0], None
        if viewer and (driver := self.driver):
            driver.detach(viewer)

    def came(self) -> None:
        """Display the screen at the waiting viewer, now that there is a driver."""
        if self._viewer:
            self.attach(*self._viewer)
        if driver := self.driver:
            for viewer in self._watchers.values():
                driver.attach(viewer)
