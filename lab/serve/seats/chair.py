"""A chair at a seat: the play screen of one person, with its viewers. It outlives all connections."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from textual.message_pump import MessagePump

from lab.places import lab_folder
from lab.serve.seats.app import Say, SeatApp
from lab.serve.seats.desk import SeatDesk
from lab.serve.seats.driver import SeatDriver, Viewer
from lab.serve.seats.heap import HEAP
from lab.serve.seats.intake import Intake
from lab.serve.seats.looks import Looks
from lab.serve.seats.team import Ask
from lab.serve.taken import Taken
from lab.tui.options import PlayOptions
from lab.untrusted_json import parsed
from lab.writing import write_durably

__all__ = ["Chair"]

#: The size of a screen without a viewer: columns and rows.
_SIZE = (120, 37)
#: How many bytes of input wait here while there is no shell. The page sends the rest again.
_AHEAD = 1024 * 1024
#: The file in the lab's folder with what was taken of the input of the last pages.
_TAKEN = "taken-{person}.json"


class _Table(Protocol):
    """The seat, as its chairs see it."""

    name: str
    looks: Looks

    @property
    def story(self) -> str:
        """The letters to read until the play screen."""

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
        self.looks = seat.looks
        self.desk: SeatDesk | None = None
        #: playing or over; empty until there is a play screen.
        self.phase = ""
        self.intake = Intake(self._kept())
        #: View -> a viewer who only watches.
        self._watchers: dict[int, Viewer] = {}
        self._viewer: tuple[Viewer, int, int] | None = None
        #: Input that came while a new worker reopened the lab, and its bytes. It is for the shell; until then it
        #: is not taken, so that the page keeps it.
        self._ahead: list[Callable[[], None]] = []
        self._ahead_bytes = 0
        self.app = SeatApp(self, options)
        self._task: asyncio.Task[None] | None = None

    @property
    def story(self) -> str:
        """The letters to read until the play screen."""
        return self._seat.story

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
        self._take_ahead()

    def submitted(self) -> None:
        """Handle the end of the attempt."""
        self.phase = "over"
        self._take_ahead()

    # --- input ---

    @property
    def opens(self) -> bool:
        """Whether input is for a shell that is not there yet."""
        return self._seat.begun and not self.phase and (bool(self._ahead) or not self._seat.paused)

    def begin_page(self, page: str, first: int) -> int:
        """Begin with the input of a page; it sends again what was not taken. Return its last piece that was."""
        self._drop_ahead()
        return self.intake.begin(page, first)

    def wait(self, typing: Callable[[], None], count: int) -> None:
        """Keep input of `count` bytes for the shell; `typing` types it."""
        self._ahead_bytes += count
        if self._ahead_bytes <= _AHEAD:
            self._ahead.append(typing)

    def _take_ahead(self) -> None:
        ahead = self._ahead
        self._drop_ahead()
        for typing in ahead:
            typing()

    def _drop_ahead(self) -> None:
        self._ahead, self._ahead_bytes = [], 0

    def type(self, data: bytes) -> None:
        """Process typed input; drop it while the event is paused."""
        if not self._seat.paused and (driver := self.driver):
            driver.type(data)

    async def settled(self) -> None:
        """Wait until the typed input has reached its terminal."""
        if self._task is None or self._task.done():
            return
        await _idle(self.app)
        if focused := self.app.focused:
            await _idle(focused)

    def _file(self) -> Path:
        return lab_folder(self.name) / _TAKEN.format(person=self.person)

    def keep(self) -> None:
        """Write what was taken, for the next worker: a page may not know it.

        Raises:
            OSError: the disk is full.

        """
        if self._file().parent.is_dir():
            write_durably(self._file(), json.dumps(dict(self.intake.known.pages)))

    def _kept(self) -> Taken:
        try:
            found = parsed(self._file().read_text(encoding="utf-8"))
            return Taken({page: int(number) for page, number in found.items()})
        except (OSError, ValueError, TypeError, AttributeError):
            return Taken()

    # --- the viewers ---

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

    def leave(self) -> None:
        """Have no viewers: the server is gone, and pages send again what was not taken."""
        self._drop_ahead()
        for view in (*self._watchers, 0):
            self.detach(view)

    def came(self) -> None:
        """Display the screen at the waiting viewer, now that there is a driver."""
        if self._viewer:
            self.attach(*self._viewer)
        if driver := self.driver:
            for viewer in self._watchers.values():
                driver.attach(viewer)


async def _idle(pump: MessagePump) -> None:
    """Wait until `pump` has processed all messages that it has now."""
    done = asyncio.Event()
    pump.call_later(done.set)
    await done.wait()
