"""A seat: a lab of this process, and the people who share it. It outlives all connections."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from lab.catalog import CATALOG
from lab.core.load import load
from lab.core.modes import Mode
from lab.core.pauses import Pause
from lab.core.scenario import Loaded
from lab.core.session import State
from lab.errors import ExitCode, LabError
from lab.lab import Lab
from lab.places import hints_folder
from lab.progress import Silent
from lab.serve.seats.app import Say
from lab.serve.seats.chair import Chair
from lab.serve.seats.desk import HintRules, SeatDesk, SeatStore
from lab.serve.seats.heap import HEAP
from lab.serve.seats.jobs import Jobs, Notes
from lab.serve.seats.looks import Looks
from lab.serve.seats.team import Ask, Team
from lab.store import Store, now
from lab.tui.options import PlayOptions, ThemeName

__all__ = ["Plan", "Seat", "Shared"]

#: How often a lab is tried to be opened that another process has; each try waits for it.
_TRIES = 8
_MAKING = "Your cluster is being created and broken …"
_COMES_BACK = "Your cluster is being opened again. What you type goes to its shell …"
_READY = "Your cluster is ready. The clock starts when the instructor starts it."
_PAUSED = "The event is paused. Your cluster is stopped, too."


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
    #: The seed of the scenario's variant; 0 without one.
    seed: int = 0
    theme: ThemeName = "dark"
    #: Minutes before the first hint that costs points is sold, and how many are; None for all.
    hints_after: int = 0
    hints_most: int | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """The parts that all seats of a process share."""

    looks: Looks
    jobs: Jobs
    notes: Notes


class Seat:
    """One seat. Its methods are called on the loop of its app."""

    def __init__(self, plan: Plan, shared: Shared, team: Team | None = None) -> None:
        self.plan = plan
        self.name = plan.name
        self.looks = shared.looks
        self.team = team or Team([plan.who])
        self.chairs: list[Chair] = []
        self._shared = shared
        self._loaded = _loaded(plan.scenario, plan.seed)
        #: The phase until the play screen: making, ready, or failed with the problem.
        self.stage, self.problem = "making", ""
        #: The pauses of the event, and whether the clock runs now.
        self._pauses: list[Pause] = []
        #: Seconds that the machine was awake; and their number at the deadline.
        self._clock = time.monotonic
        self._ends: float | None = None
        self._going = asyncio.Event()
        self._going.set()
        self._says: list[Say] = []
        self._words = _MAKING
        self._gate = asyncio.Event()
        self._ready = asyncio.Event()
        self._times: tuple[datetime, datetime | None] | None = None
        self._making: asyncio.Task[Lab] | None = None
        #: The lab, once its clock has started.
        self._lab: Lab | None = None

    @property
    def comes_back(self) -> bool:
        """Whether a new worker opens the lab of a running attempt again."""
        return self.begun and Store(self.name).exists()

    @property
    def story(self) -> str:
        """The letters to read until the play screen; none where they were read before."""
        return "" if self.comes_back else self._loaded.story

    @property
    def desk(self) -> SeatDesk | None:
        """The desk of the first person who has one; None before."""
        return next((chair.desk for chair in self.chairs if chair.desk), None)

    @property
    def phase(self) -> str:
        """The phase: making, ready, playing, over or failed."""
        if self.stage == "failed":
            return "failed"
        phases = [chair.phase or self.stage for chair in self.chairs]
        if "over" in phases:
            return "over"
        return next((phase for phase in phases if phase != "playing"), "playing")

    @property
    def begun(self) -> bool:
        """Whether the clock was started."""
        return self._gate.is_set()

    @property
    def time_over(self) -> bool:
        """Whether the time is over. A machine that wakes up learns of its new deadline a moment later."""
        return self._ends is not None and self._clock() >= self._ends

    @property
    def paused(self) -> bool:
        """Whether the event is paused: clock and cluster are stopped, and keys have no effect."""
        return not self._going.is_set()

    # --- life ---

    def sit(self, ask: Ask) -> Chair:
        """Add a chair for the next person; the lab is prepared behind its screen."""
        person = len(self.chairs) + 1
        options = PlayOptions(
            scenario=self.plan.scenario.name, name=self.name, theme=self.plan.theme, animation=False
        )
        chair = Chair(self, person, options, ask)
        self.chairs.append(chair)
        chair.begin()
        return chair

    def start(self, at: datetime, deadline: datetime | None, pauses: Sequence[Pause] = ()) -> None:
        """Start the clock: the attempt runs from `at` to `deadline`, without the time of the `pauses`.

        A running attempt gets the new deadline and pauses. While the last pause lasts, there is no deadline and
        the cluster is stopped.
        """
        self._times = at, deadline
        self._ends = None if deadline is None else self._clock() + (deadline - now()).total_seconds()
        self._pauses = [pause for pause in pauses if pause.until is None or pause.until > at]
        if self._pauses and self._pauses[-1].until is None:
            self._going.clear()
        else:
            self._going.set()
        if (lab := self._lab) and not lab.session.over:
            self._set_times(lab)
            self._shared.notes.write(lambda: self._hold_or_release(lab))
        self._gate.set()

    def part(self) -> None:
        """Stop the clock until the server is back; it then says how the time went on."""
        if not self.begun:
            return
        self._ends = None
        self._going.clear()
        if (lab := self._lab) and not lab.session.over:
            self._shared.notes.write(lambda: self._hold_or_release(lab))

    async def ready(self) -> None:
        """Wait until the lab is broken."""
        await self._ready.wait()

    async def end(self) -> None:
        """Close the play screens; the lab stays in its folder."""
        await asyncio.gather(*(chair.end() for chair in self.chairs))

    # --- the lab ---

    async def opened(self, person: int, say: Say) -> SeatDesk:
        """Wait for lab and clock, and return the desk of a person; report what the app waits for through `say`."""
        self._says.append(say)
        say(self._words)
        if self._making is None:
            self._making = asyncio.create_task(self._made_ready())
        lab = await asyncio.shield(self._making)
        self._says.remove(say)
        store = lab.store
        if self.team.named and isinstance(store, SeatStore):
            store = store.for_person(self.team.people[person - 1])
        own = Lab(store, lab.loaded, lab.cluster)
        return SeatDesk(
            own,
            self._shared.jobs,
            self._shared.notes,
            self.team,
            person=person,
            time_over=lambda: self.time_over,
            rules=HintRules(self.plan.hints_after, self.plan.hints_most),
        )

    async def _made_ready(self) -> Lab:
        """Make the lab, wait for the clock, and return the lab."""
        if self.comes_back:
            self._say(_COMES_BACK)
        try:
            lab = await asyncio.to_thread(self._made_in_turn)
        except LabError as problem:
            self.stage, self.problem = "failed", problem.title
            raise
        finally:
            self._ready.set()
        if not lab.session.over:
            if not self.begun:
                await asyncio.to_thread(self._hold_or_release, lab)
                self.stage = "ready"
                self._say(_READY)
                await self._gate.wait()
                self.stage = "making"
            if self.paused:
                self._say(_PAUSED)
                await self._going.wait()
            self._lab = lab
            await asyncio.to_thread(self._set_clock, lab)
        return lab

    def _say(self, words: str) -> None:
        self._words = words
        for say in self._says:
            say(words)

    def _made_in_turn(self) -> Lab:
        with self._shared.jobs.turn():
            lab = self._made_when_free()
            HEAP.settle()
            return lab

    def _made_when_free(self) -> Lab:
        """Return the lab; a previous worker may still be saving its labs."""
        for _ in range(_TRIES - 1):
            try:
                return self._made()
            except LabError as problem:
                if problem.exit_code is not ExitCode.BUSY:
                    raise
        return self._made()

    def _made(self) -> Lab:
        """Return the lab, broken; recreate a half-made lab."""
        store = Store(self.name)
        state = store.load().state if store.exists() else None
        if state in {State.BROKEN, State.SOLVED, State.GIVEN_UP}:
            lab = Lab.open(self.name, here=True)
            lab.cluster.changes()  # the model is loaded here, in turn, and not on the loop
            return _kept_here(lab)
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
                seed=self.plan.seed,
                here=True,
            )
        else:
            lab = Lab.open(self.name, here=True)
        lab.break_(self.plan.faults, Silent())
        return _kept_here(lab)

    def _set_clock(self, lab: Lab) -> None:
        self._set_times(lab)
        self._hold_or_release(lab)

    def _set_times(self, lab: Lab) -> None:
        if self._times:
            with lab.store.update() as session:
                # A lab that a new worker reopens already has its clock.
                if session.started is None or session.started < self._times[0]:
                    session.started = self._times[0]
                session.deadline, session.pauses = self._times[1], list(self._pauses)

    def _hold_or_release(self, lab: Lab) -> None:
        """Stop the cluster before the start and in pauses; otherwise let it run."""
        if self.begun and not self.paused:
            lab.cluster.release()
        else:
            lab.cluster.hold()


def _kept_here(lab: Lab) -> Lab:
    """Return the lab, over files that only this process uses."""
    return Lab(SeatStore(lab.store.name), lab.loaded, lab.cluster)


@lru_cache(maxsize=16)
def _loaded(scenario: Path, seed: int) -> Loaded:
    return load(scenario, hints_folder(), CATALOG, seed=seed)
