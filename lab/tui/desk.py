"""The lab as the play screens see it: when to look at the cluster, and only what a trainee may see."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import JsonValue

from lab import pausing
from lab.cluster.base import Shell, node_named
from lab.core.coach import Advice, Coach
from lab.core.drill import DrillStep
from lab.core.effects import may_change
from lab.core.events import EventKind
from lab.core.grading import Outcome, Score, Status
from lab.core.hints import of_half_a_repair
from lab.core.modes import Act, refusal
from lab.core.scenario import CheckSpec, FaultSpec, Hint, Page, SolutionStep
from lab.core.score_view import ScoreView, view
from lab.core.session import Session, State
from lab.core.watch import ASKING, REPORTING, Watch
from lab.errors import LabError
from lab.lab import Lab
from lab.progress import Progress
from lab.store import now
from lab.submission import DrillRunsError
from lab.tui.elsewhere import lost
from lab.tui.next_hint import NextHint, next_hints
from lab.tui.terminal import CommandEnded, OpenShell

__all__ = ["Desk", "Look"]

#: Check -> its outcome and its points.
Found = dict[str, tuple[Status, float]]
Told = Callable[[CheckSpec, Outcome], None]


class Look(NamedTuple):
    """The result of a look: whether it is newer than the previous one, and whether it shows anything new."""

    newer: bool
    news: bool


class Desk:
    """One attempt at a lab. Methods that ask the cluster block: call them in a thread."""

    def __init__(self, lab: Lab, clock: Callable[[], float] = time.monotonic) -> None:
        self.lab = lab
        self.scenario = lab.scenario
        self.clock = clock
        self.coach = Coach(clock())
        self._changes = lab.cluster.changes()
        self.watch = Watch(ASKING if self._changes is None else REPORTING)
        #: How often an objective has changed its state.
        self.turns = 0
        #: The result of the last look, and the time when that look began.
        self.seen: ScoreView | None = None
        self.seen_at: float | None = None
        self._score: Score | None = None
        #: Check -> its outcome in the last look.
        self._found: Found = {}
        self._seeing = threading.Lock()
        self._stirred = lab.store.stirred()
        #: The advice about half-done repairs that has matched so far; None before the first look.
        self._fitted: set[str] | None = None
        self._version = lab.store.version()
        self._unreadable: LabError | None = None
        self._session = self._begun = lab.session
        #: Terminals in which a command is running.
        self._working: set[str] = set()
        #: Whether this screen is submitting the attempt; whether a drill runs in another terminal.
        self._submitting = self._overtaken = False

    @property
    def session(self) -> Session:
        """The session on disk, since other terminals change it too. If the file is gone, the last session read."""
        self._read()
        return self._session

    def _read(self) -> LabError | None:
        """Read the session if its file has changed; return the problem with that file, if any."""
        version = self.lab.store.version()
        if version != self._version:
            self._version, self._unreadable = version, None
            try:
                self._session = self.lab.session
            except LabError as problem:
                self._unreadable = problem
        return self._unreadable

    def lost(self) -> LabError | None:
        """Return why this attempt can't continue: another terminal has removed or restarted the lab."""
        if problem := self._read():
            return problem
        return lost(self._session, self._begun)

    @property
    def started(self) -> datetime | None:
        """The time when the clock started."""
        return self.session.started

    @property
    def played(self) -> timedelta:
        """The attempt's clock: the time since the start without pauses, up to the end."""
        return self.session.played(now())

    @property
    def paused(self) -> bool:
        """Whether the clock is stopped, from this or another terminal."""
        return self.session.state is State.PAUSED

    @property
    def stands(self) -> bool:
        """Whether the cluster of a paused lab is stopped too."""
        return self.session.stands

    def refusal(self, act: Act) -> str:
        """Return why the mode refuses `act` now, as a sentence; empty if it allows it."""
        session = self.session
        return refusal(session.mode, session.phase, act)

    @property
    def name(self) -> str:
        """The lab's name."""
        return self.lab.store.name

    @property
    def exam(self) -> bool:
        """Whether the mode hides states and hints from the trainee."""
        return not self.session.may(Act.SEE_STATES)

    @property
    def ending(self) -> bool:
        """Whether the last look and the drill run, here or in another terminal: states stay as they were."""
        return self._submitting or self._overtaken

    @property
    def deadline(self) -> datetime | None:
        """The time of the automatic submission; None if the mode has no deadline."""
        return self.session.deadline

    @property
    def due(self) -> bool:
        """Whether the deadline has passed, so that the attempt must be submitted."""
        return self.session.due(now())

    @property
    def symptoms(self) -> list[FaultSpec]:
        """The faults of this attempt, in the order of their symptoms."""
        injected = self.session.injected
        return [fault for fault in self.scenario.faults if fault.name in injected]

    @property
    def causes(self) -> tuple[int, int]:
        """The number of symptoms with a saved cause, and the number of symptoms."""
        said = self.session.diagnosis
        return sum(fault.name in said for fault in self.symptoms), len(self.symptoms)

    @property
    def nodes(self) -> list[str]:
        """The nodes' short names, the control plane first."""
        return [node.name.removeprefix(f"{self.lab.cluster.name}-") for node in self.lab.cluster.nodes]

    def shell_on(self, name: str) -> OpenShell:
        """Return a function that opens a shell on the node called `name`; it first starts a node that is down."""

        def open_shell(rows: int, cols: int) -> Shell:
            self.lab.verify_cluster()
            return node_named(self.lab.cluster, name).shell(rows, cols)

        return open_shell

    def since(self, then: float) -> float:
        """Return the seconds since `then`, by the desk's clock."""
        return self.clock() - then

    # --- looks ---

    def look_due(self) -> bool:
        """Notice changes from elsewhere; return whether a look is due."""
        stirred = self.lab.store.stirred()
        if stirred != self._stirred:
            self._stirred = stirred
            self.watch.acted(self.clock())
            self.watch.changed(self.clock())
        changes = self.lab.cluster.changes()
        if changes != self._changes:
            self._changes = changes
            self.watch.changed(self.clock())
        if self._working:
            self.watch.active(self.clock())
        return self.watch.due() <= self.clock()

    def look(self) -> Look:
        """Look at the cluster quickly. Looks may overlap."""
        nothing = Look(newer=False, news=False)
        if self.session.state is not State.BROKEN or self._submitting:
            return nothing
        began = self.clock()
        try:
            score = self.lab.check()
        except DrillRunsError:
            self._overtaken = True
            return nothing
        self._overtaken = False
        with self._seeing:
            if self._submitting or (self.seen_at is not None and began < self.seen_at):
                return nothing
            self.seen_at, self._score = began, score
            self.refresh()
            before, self._found = self._found, _found(score)
            if not before or _passed(before) != _passed(self._found):
                # The first result was true before the look, so earlier advice still fits.
                self.turns += bool(before)
                self.coach.progressed(self.clock())
        return Look(newer=True, news=before != self._found)

    def refresh(self) -> None:
        """Update the last result with the help that was taken since."""
        if self._score is not None:
            self.seen = view(self.scenario, self.lab.loaded.solution, self.session, self._score)

    def submit(self, told: Told, progress: Progress, ended: Callable[[DrillStep], None]) -> None:
        """End the attempt: look thoroughly, and run the drill."""
        began = self.clock()
        self._submitting = True
        try:
            score = self.lab.submit(told, progress, ended)
        finally:
            self._submitting = False
        with self._seeing:
            self.seen_at, self._score = began, score
            self.refresh()

    # --- pausing ---

    def pause(self) -> None:
        """Stop the clock; raise `LabError` if the mode refuses."""
        pausing.pause(self.lab)

    def resume(self) -> None:
        """Start the clock again; raise `LabError` if the lab is not paused."""
        pausing.resume(self.lab)

    def resumed(self) -> None:
        """Handle the end of a pause: the trainee was not inactive meanwhile, and a check of the cluster is due."""
        self.coach.progressed(self.clock())
        self.watch.changed(self.clock())

    # --- help ---

    def next_hints(self) -> list[NextHint]:
        """Return the next hint for each symptom."""
        solved = {each.symptom for each in self.seen.symptoms if each.solved} if self.seen else set()
        return next_hints(self.symptoms, self.lab.loaded.hints, self.session, solved)

    def pages(self, fault: FaultSpec) -> list[Page]:
        """Return the documentation pages for the exam's domains of `fault`."""
        return [page for page in self.lab.loaded.pages if fault.domains & set(page.domains)]

    def free_hints(self) -> list[Hint]:
        """Return the hints about method."""
        return [hint for hint in self.lab.loaded.hints if hint.fault is None]

    def take_hint(self, symptom: str) -> Hint:
        """Take the next hint for `symptom`."""
        hint, _tier = self.lab.hint(symptom)
        self.refresh()
        # If the symptom is already repaired, the hint costs points at once.
        self.watch.asked()
        self.coach.progressed(self.clock())
        return hint

    def taken_hints(self, symptom: str) -> list[Hint]:
        """Return the hints taken for `symptom`, in order; for a lab that is gone, the last known ones."""
        fault = self.lab.fault(symptom).name
        hints = {hint.name: hint for hint in self.lab.loaded.hints if hint.fault == fault}
        return [hints[name] for name in self.session.hints_taken if name in hints]

    def runs(self, terminal: str) -> None:
        """Note that a command began in `terminal`: a running command means that the trainee is working."""
        self._working.add(terminal)

    def ran(self, terminal: str, node: str, command: CommandEnded) -> Advice | None:
        """Note a command that ended in `terminal`, on `node`; return advice about it, if any."""
        self._working.discard(terminal)
        if may_change(command.text):
            self.watch.acted(self.clock())
        self._note(
            "command",
            command.text,
            node=node,
            exit_code=command.exit_code,
            seconds=round(command.seconds, 1),
            printed_anything=command.printed_anything,
        )
        advice = self.coach.ended(
            command.text,
            command.exit_code,
            command.seconds,
            self.clock(),
            silent=not command.printed_anything,
            said=command.said,
            static_pods=node_named(self.lab.cluster, node).role == "control-plane",
        )
        if advice and advice.occasion == "cut-short":
            self._note("cut-short", advice.because, command=command.text)
        return None if self.exam else advice

    def advised(self, advice: Advice) -> Hint | None:
        """Return the free hint of `advice`, and note that it was given."""
        hint = next((hint for hint in self.lab.loaded.hints if hint.on == advice.occasion), None)
        if hint:
            self._note("advice", hint.name, because=advice.because)
        return hint

    def reaction(self) -> tuple[Hint, str] | None:
        """Return the free hint that fits the news of this look, with its reason. Each hint comes once."""
        session = self.session
        hints = of_half_a_repair(self.lab.loaded.hints, session.injected, session.last_statuses)
        before, names = self._fitted, {hint.name for hint in hints}
        self._fitted = names | (before or set())
        fresh = [hint for hint in hints if before is not None and hint.name not in before]
        if self.exam or not fresh:
            return None
        hint = fresh[0]
        because = f"{self.lab.fault(hint.fault or '').symptom.name}: the repair is half done."
        self._note("advice", hint.name, because=because)
        return hint, because

    def fits(self, hint: Hint, turns: int) -> bool:
        """Whether advice still fits; it was given when `turns` objectives had changed."""
        if hint.when:
            session = self.session
            return hint in of_half_a_repair(self.lab.loaded.hints, session.injected, session.last_statuses)
        return turns == self.turns

    def give_up(self, symptom: str, progress: Progress, told: Callable[[SolutionStep], None]) -> None:
        """Repair the fault behind `symptom` by the reference solution; the symptom then earns no points."""
        self._note("gave-up", symptom)
        self.lab.solve([symptom], progress, told)
        self.watch.acted(self.clock())
        self.coach.progressed(self.clock())

    def _note(self, kind: EventKind, text: str, **data: JsonValue) -> None:
        """Add an entry to the timeline, unless the lab is gone: that would recreate its file."""
        if self.lab.store.exists():
            self.lab.store.event(kind, text, **data)


def _found(score: Score) -> Found:
    verdicts = [verdict for fault in score.faults for verdict in fault.verdicts]
    return {verdict.check.name: (verdict.outcome.status, verdict.points) for verdict in verdicts}


def _passed(found: Found) -> set[str]:
    return {name for name, (status, _) in found.items() if status is Status.PASS}
