"""A seat: a lab of this process, its play screen, and its viewer. It outlives all connections."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from lab.core.load import load
from lab.core.modes import Mode
from lab.core.scenario import Loaded
from lab.core.session import State
from lab.errors import LabError
from lab.lab import CATALOG, Lab
from lab.places import hints_folder
from lab.progress import Silent
from lab.serve.seats.app import Say, SeatApp
from lab.serve.seats.desk import SeatDesk
from lab.serve.seats.driver import SeatDriver, Viewer
from lab.serve.seats.intake import Intake
from lab.serve.seats.jobs import Jobs, Notes
from lab.serve.seats.looks import Looks
from lab.store import Store
from lab.tui.options import PlayOptions, ThemeName

__all__ = ["Plan", "Seat", "Shared"]

#: The size of a seat without a viewer: columns and rows.
_SIZE = (120, 37)
#: How many pieces of input are kept while there is no shell.
_AHEAD = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """The assignment of a seat."""

    name: str
    scenario: Path
    mode: Mode
    #: The person at the seat, as the board shows it.
    who: str = ""
    #: Fault or symptom names; empty for all of the scenario.
    faults: tuple[str, ...] = ()
    theme: ThemeName = "dark"


@dataclass(frozen=True, slots=True)
class Shared:
    """The parts that all seats of a process share."""

    looks: Looks
    jobs: Jobs
    notes: Notes


class Seat:
    """One seat. Its methods are called on the loop of its app."""

    def __init__(self, plan: Plan, shared: Shared) -> None:
        self.plan = plan
        self.name = plan.name
        self.looks = shared.looks
        self.desk: SeatDesk | None = None
        self._shared = shared
        self._loaded = _loaded(plan.scenario)
        self.story = self._loaded.story
        #: making, ready, playing, over, or failed, with the problem.
        self.phase, self.problem = "making", ""
        self.intake = Intake()
        self.paused = False
        self._viewer: tuple[Viewer, int, int] | None = None
        #: Input that came while a new worker reopened the lab: it is for the shell.
        self._ahead: list[bytes] = []
        self._gate = asyncio.Event()
        self._ready = asyncio.Event()
        self._times: tuple[datetime, datetime | None] | None = None
        options = PlayOptions(scenario=plan.scenario.name, name=plan.name, theme=plan.theme, animation=False)
        self.app = SeatApp(self, options)
        self._task: asyncio.Task[None] | None = None

    @property
    def driver(self) -> SeatDriver | None:
        """The app's driver, while the app is running."""
        return self.app.seat_driver

    # --- life ---

    def begin(self) -> None:
        """Display the lobby, and prepare the lab behind it."""
        self._task = asyncio.create_task(self.app.run_async(size=_SIZE), name=f"seat {self.name}")

    def start(self, at: datetime, deadline: datetime | None) -> None:
        """Start the clock: the attempt runs from `at` to `deadline`, or without an end while the event is paused.

        A running attempt gets the new deadline.
        """
        self._times = at, deadline
        if self.desk and not self.desk.session.over:
            self._set_deadline(self.desk.lab, deadline)
        self._gate.set()

    async def ready(self) -> None:
        """Wait until the lab is broken."""
        await self._ready.wait()

    async def end(self) -> None:
        """Close the play screen; the lab remains in its folder."""
        if self._task:
            self.app.exit()
            await asyncio.gather(self._task, return_exceptions=True)

    # --- the app's place ---

    async def opened(self, say: Say) -> SeatDesk:
        """Prepare the lab, wait for the clock, and return the desk."""
        say("Your cluster is being made, and broken …")
        try:
            lab = await asyncio.to_thread(self._made)
        except LabError as problem:
            self.phase, self.problem = "failed", problem.title
            raise
        finally:
            self._ready.set()
        if not lab.session.over:
            self.phase = "making" if self._gate.is_set() else "ready"
            say("Your cluster is ready. The clock starts when the instructor starts it.")
            await self._gate.wait()
            self.phase = "making"
            await asyncio.to_thread(self._set_clock, lab)
        self.desk = SeatDesk(lab, self._shared.jobs, self._shared.notes)
        return self.desk

    def shown(self) -> None:
        """Give the shell the input that came before it started."""
        self.phase = "playing"
        ahead, self._ahead = self._ahead, []
        if driver := self.driver:
            for data in ahead:
                driver.type(data)

    def submitted(self) -> None:
        """Handle the end of the attempt."""
        self.phase = "over"

    def _made(self) -> Lab:
        """Return the lab, broken; recreate a half-made lab."""
        with self._shared.jobs.turn():
            store = Store(self.name)
            state = store.load().state if store.exists() else None
            if state in {State.BROKEN, State.SOLVED, State.GIVEN_UP}:
                lab = Lab.open(self.name, here=True)
                lab.cluster.changes()  # the model is loaded here, in turn, and not on the loop
                return lab
            if state not in {None, State.HEALTHY}:
                Lab.open(self.name, here=True).delete()
                state = None
            if state is None:
                lab = Lab.create(
                    self.name,
                    self.plan.scenario,
                    backend="sim",
                    mode=self.plan.mode,
                    image=None,
                    progress=Silent(),
                    team=self.plan.who,
                    here=True,
                )
            else:
                lab = Lab.open(self.name, here=True)
            lab.break_(self.plan.faults, Silent())
            return lab

    def _set_clock(self, lab: Lab) -> None:
        if self._times:
            with lab.store.update() as session:
                # A lab that a new worker reopens already has its clock.
                if session.started is None or session.started < self._times[0]:
                    session.started = self._times[0]
                session.deadline = self._times[1]

    def _set_deadline(self, lab: Lab, deadline: datetime | None) -> None:
        with lab.store.update() as session:
            session.deadline = deadline

    # --- the viewer ---

    def type(self, data: bytes) -> None:
        """Process typed input; drop it while the event is paused."""
        if self.paused:
            return
        if self._gate.is_set() and self.phase == "making":
            self._ahead += [data] if len(self._ahead) < _AHEAD else []
        elif driver := self.driver:
            driver.type(data)

    def attach(self, viewer: Viewer, cols: int, rows: int) -> None:
        """Display the whole screen at `viewer`, in its size, as soon as there is a screen."""
        self._viewer = viewer, cols, rows
        self.came()

    def came(self) -> None:
        """Display the screen at the waiting viewer, now that there is a driver."""
        if (driver := self.driver) and self._viewer:
            viewer, cols, rows = self._viewer
            driver.resize(cols, rows)
            driver.attach(viewer)

    def resize(self, cols: int, rows: int) -> None:
        """Use the viewer's size."""
        if self._viewer:
            self._viewer = self._viewer[0], cols, rows
        if driver := self.driver:
            driver.resize(cols, rows)

    def detach(self) -> None:
        """Stop displaying; the seat continues."""
        self._viewer = None
        if driver := self.driver:
            driver.detach()


@lru_cache(maxsize=16)
def _loaded(scenario: Path) -> Loaded:
    return load(scenario, hints_folder(), CATALOG)
