"""The lab that is played, as the screens need it: when it is looked at, and only what a trainee may see."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
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
from lab.core.hints import LAST_TIER, TIER_TITLES, cost, next_tier, of_half_a_repair
from lab.core.modes import Act, refusal
from lab.core.scenario import CheckSpec, FaultSpec, Hint, Page, SolutionStep
from lab.core.score_view import ScoreView, view
from lab.core.session import Session, State
from lab.core.watch import ASKING, REPORTING, Watch
from lab.errors import LabError
from lab.lab import Lab
from lab.progress import Progress
from lab.store import now
from lab.tui.terminal import CommandEnded, OpenShell

__all__ = ["Desk", "Look", "NextHint"]

#: Check -> how it ended, and what it is worth.
Found = dict[str, tuple[Status, float]]
Told = Callable[[CheckSpec, Outcome], None]

#: What another terminal does, or did, to a lab that is in a state in which nobody plays.
_ELSEWHERE = {
    State.CREATING: "is being created again",
    State.HEALTHY: "was reset",
    State.INJECTING: "is being broken again",
    State.BROKEN: "was broken again",
    State.PAUSED: "was broken again",
    State.RESETTING: "is being reset",
    State.DELETING: "is being removed",
}


class Look(NamedTuple):
    """What came of a look: whether it is newer than what was seen before, and whether anything in it is new."""

    newer: bool
    news: bool


@dataclass(frozen=True, slots=True)
class NextHint:
    """What the next hint for a symptom would be; `tier` is None once all were taken."""

    symptom: str
    title: str
    tier: int | None
    cost: int
    #: What has become of the symptom, where that leaves nothing to hint at.
    over: str = ""

    @property
    def offer(self) -> str:
        """What it is and what it costs."""
        if self.over:
            return self.over
        if self.tier is None:
            return "all were shown"
        return f"{TIER_TITLES[self.tier]}: {f'{self.cost} % of its points' if self.cost else 'free'}"


class Desk:
    """One attempt at a lab. Methods that ask the cluster block: call them in a thread."""

    def __init__(self, lab: Lab, clock: Callable[[], float] = time.monotonic) -> None:
        self.lab = lab
        self.scenario = lab.scenario
        self.clock = clock
        self.coach = Coach(clock())
        self._changes = lab.cluster.changes()
        self.watch = Watch(ASKING if self._changes is None else REPORTING)
        #: How often objectives have turned.
        self.turns = 0
        #: What was seen last, and when the look that has seen it began.
        self.seen: ScoreView | None = None
        self.seen_at: float | None = None
        self._score: Score | None = None
        #: Check -> what the last look has found.
        self._found: Found = {}
        self._seeing = threading.Lock()
        self._stirred = lab.store.stirred()
        #: The hints of half a repair that have fitted so far; none before the first look.
        self._fitted: set[str] | None = None
        self._version = lab.store.version()
        self._unreadable: LabError | None = None
        self._session = self._begun = lab.session
        #: Terminals in which a command runs.
        self._working: set[str] = set()

    @property
    def session(self) -> Session:
        """The session as it is on disk now: other terminals change it, too. Once it is gone: as it was last."""
        self._read()
        return self._session

    def _read(self) -> LabError | None:
        """Read the session if its file is another one by now; return what is wrong with that file."""
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
        session = self._session
        running = session.state in {State.BROKEN, State.PAUSED}
        if session.over or (running and session.started == self._begun.started):
            return None
        return LabError(
            f"Lab {session.name} {_ELSEWHERE[session.state]}, in another terminal.",
            "This attempt is over.",
            session.next_step,
        )

    @property
    def started(self) -> datetime | None:
        """When the clock started."""
        return self.session.started

    @property
    def played(self) -> timedelta:
        """What the attempt's clock shows: the time since the start without pauses, up to the end."""
        return self.session.played(now())

    @property
    def paused(self) -> bool:
        """Whether the clock stands still, whoever has paused the lab."""
        return self.session.state is State.PAUSED

    @property
    def stands(self) -> bool:
        """Whether the cluster of a paused lab stands still, too."""
        return self.session.stands

    def refusal(self, act: Act) -> str:
        """Return why the mode refuses `act` now, as a sentence; empty if it is allowed."""
        session = self.session
        return refusal(session.mode, session.phase, act)

    @property
    def name(self) -> str:
        """The lab's name."""
        return self.lab.store.name

    @property
    def exam(self) -> bool:
        """Whether the mode keeps states and hints from the trainee."""
        return not self.session.may(Act.SEE_STATES)

    @property
    def deadline(self) -> datetime | None:
        """When the attempt is submitted by itself; None where its clock has no end."""
        return self.session.deadline

    @property
    def due(self) -> bool:
        """Whether the time is over, so that the attempt must be submitted."""
        return self.session.due(now())

    @property
    def symptoms(self) -> list[FaultSpec]:
        """The faults of this attempt, for their symptoms."""
        injected = self.session.injected
        return [fault for fault in self.scenario.faults if fault.name in injected]

    @property
    def causes(self) -> tuple[int, int]:
        """For how many symptoms a cause is saved, and how many there are."""
        said = self.session.diagnosis
        return sum(fault.name in said for fault in self.symptoms), len(self.symptoms)

    @property
    def nodes(self) -> list[str]:
        """The nodes' short names, the control plane first."""
        return [node.name.removeprefix(f"{self.lab.cluster.name}-") for node in self.lab.cluster.nodes]

    def shell_on(self, name: str) -> OpenShell:
        """Return what opens a shell on the node called `name`; a node that is down is started first."""

        def open_shell(rows: int, cols: int) -> Shell:
            self.lab.verify_cluster()
            return node_named(self.lab.cluster, name).shell(rows, cols)

        return open_shell

    def since(self, then: float) -> float:
        """Return the seconds since `then`, by the desk's clock."""
        return self.clock() - then

    # --- looking ---

    def look_due(self) -> bool:
        """Note what was done from elsewhere; return whether it is time to look."""
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
        if self.session.state is not State.BROKEN:
            return Look(newer=False, news=False)
        began = self.clock()
        score = self.lab.check()
        with self._seeing:
            if self.seen_at is not None and began < self.seen_at:
                return Look(newer=False, news=False)
            self.seen_at, self._score = began, score
            self.refresh()
            before, self._found = self._found, _found(score)
            if not before or _passed(before) != _passed(self._found):
                self.turns += 1
                self.coach.progressed(self.clock())
        return Look(newer=True, news=before != self._found)

    def refresh(self) -> None:
        """Bring what was seen last up to date with the help that was taken since."""
        if self._score is not None:
            self.seen = view(self.scenario, self.lab.loaded.solution, self.session, self._score)

    def submit(self, told: Told, progress: Progress, ended: Callable[[DrillStep], None]) -> None:
        """End the attempt: look thoroughly, and hold the drill."""
        began = self.clock()
        score = self.lab.submit(told, progress, ended)
        with self._seeing:
            self.seen_at, self._score = began, score
            self.refresh()

    # --- pausing ---

    def pause(self) -> None:
        """Stop the clock; raise `LabError` where that is refused."""
        pausing.pause(self.lab)

    def resume(self) -> None:
        """Let the clock run again; raise `LabError` if the lab is not paused."""
        pausing.resume(self.lab)

    def resumed(self) -> None:
        """Note that a pause is over: it says nothing about the trainee, and a look is due."""
        self.coach.progressed(self.clock())
        self.watch.changed(self.clock())

    # --- help ---

    def next_hints(self) -> list[NextHint]:
        """Return what the next hint for each symptom would be."""
        session = self.session
        solved = {each.symptom for each in self.seen.symptoms if each.solved} if self.seen else set()
        found = []
        for fault in self.symptoms:
            symptom = fault.symptom
            over = "repaired" if symptom.name in solved else "given up" if fault.name in session.viewed else ""
            tier: int | None = None
            if not over and session.hint_tiers.get(fault.name, -1) < LAST_TIER:
                tier = next_tier(session.hints_taken, self.lab.loaded.hints, fault.name)
            found.append(NextHint(symptom.name, symptom.title, tier, cost(tier) if tier else 0, over))
        return found

    def pages(self, fault: FaultSpec) -> list[Page]:
        """Return the pages to read about what belongs to the exam's domains of `fault`."""
        return [page for page in self.lab.loaded.pages if fault.domains & set(page.domains)]

    def free_hints(self) -> list[Hint]:
        """Return the hints about method."""
        return [hint for hint in self.lab.loaded.hints if hint.fault is None]

    def take_hint(self, symptom: str) -> Hint:
        """Take the next hint for `symptom`."""
        hint, _tier = self.lab.hint(symptom)
        self.refresh()
        # Where the symptom is repaired already, the hint takes points at once.
        self.watch.asked()
        self.coach.progressed(self.clock())
        return hint

    def taken_hints(self, symptom: str) -> list[Hint]:
        """Return the hints that were taken for `symptom`, in order; of a lab that is gone, those seen last."""
        fault = self.lab.fault(symptom).name
        hints = {hint.name: hint for hint in self.lab.loaded.hints if hint.fault == fault}
        return [hints[name] for name in self.session.hints_taken if name in hints]

    def runs(self, terminal: str) -> None:
        """Note that a command began in `terminal`: while it runs somebody works."""
        self._working.add(terminal)

    def ran(self, terminal: str, node: str, command: CommandEnded) -> Advice | None:
        """Note a command that ended in `terminal`, on `node`; return the advice that it calls for."""
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
        )
        if advice and advice.occasion == "cut-short":
            self._note("cut-short", advice.because, command=command.text)
        return None if self.exam else advice

    def advised(self, advice: Advice) -> Hint | None:
        """Return the free hint for `advice`, and note that it was given."""
        hint = next((hint for hint in self.lab.loaded.hints if hint.on == advice.occasion), None)
        if hint:
            self._note("advice", hint.name, because=advice.because)
        return hint

    def reaction(self) -> tuple[Hint, str] | None:
        """Return the free hint that fits since this look, with what brought it up; each comes once."""
        session = self.session
        hints = of_half_a_repair(self.lab.loaded.hints, session.injected, session.last_statuses)
        before, names = self._fitted, {hint.name for hint in hints}
        self._fitted = names | (before or set())
        fresh = [hint for hint in hints if before is not None and hint.name not in before]
        if self.exam or not fresh:
            return None
        hint = fresh[0]
        because = f"{self.lab.fault(hint.fault or '').symptom.name}: half of it is done."
        self._note("advice", hint.name, because=because)
        return hint, because

    def fits(self, hint: Hint, turns: int) -> bool:
        """Whether advice that was given when `turns` objectives had turned is still to the point."""
        if hint.when:
            session = self.session
            return hint in of_half_a_repair(self.lab.loaded.hints, session.injected, session.last_statuses)
        return turns == self.turns

    def give_up(self, symptom: str, progress: Progress, told: Callable[[SolutionStep], None]) -> None:
        """Repair what is behind `symptom` by the reference solution; it earns nothing any more."""
        self._note("gave-up", symptom)
        self.lab.solve([symptom], progress, told)
        self.watch.acted(self.clock())
        self.coach.progressed(self.clock())

    def _note(self, kind: EventKind, text: str, **data: JsonValue) -> None:
        """Add to the timeline; not to that of a lab that is gone, which would be there again."""
        if self.lab.store.exists():
            self.lab.store.event(kind, text, **data)


def _found(score: Score) -> Found:
    verdicts = [verdict for fault in score.faults for verdict in fault.verdicts]
    return {verdict.check.name: (verdict.outcome.status, verdict.points) for verdict in verdicts}


def _passed(found: Found) -> set[str]:
    return {name for name, (status, _) in found.items() if status is Status.PASS}
