"""The lab and its operations. Every command and the play screen go through here."""

from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

from lab import attempts, breaking, exams, health, repair, resetting, scoring
from lab.backends import open_cluster
from lab.baseline import Baseline
from lab.catalog import CATALOG
from lab.checks.flows import asked_by_user
from lab.cluster.base import Cluster
from lab.core.drill import DrillStep
from lab.core.grading import Score
from lab.core.hints import LAST_TIER, next_tier, pick
from lab.core.load import load
from lab.core.modes import Act
from lab.core.scenario import END_TO_END, Answer, FaultSpec, Hint, Loaded, SolutionStep
from lab.core.score_view import view
from lab.core.session import Ending, Mode, Session, State
from lab.errors import ExitCode, LabError, UsageProblem
from lab.flows import FlowResult
from lab.furnishing import furnish
from lab.grader import Told
from lab.places import hints_folder
from lab.progress import Progress, Silent, step
from lab.store import Store, now
from lab.submission import DrillRunsError, free, last_score, take_back, withdraw

__all__ = ["Lab", "load_of"]

#: Seconds after the deadline in which an open form for the diagnosis still counts.
_GRACE = timedelta(seconds=10)

_AFTER_BREAK = (State.BROKEN, State.PAUSED, State.SOLVED, State.GIVEN_UP)


def load_of(session: Session) -> Loaded:
    """Return the scenario of a lab, in the lab's variant.

    Raises:
        LabError: it can't be read, or no longer has that variant.

    """
    choices = session.variant or None
    return load(Path(session.scenario), hints_folder(), CATALOG, seed=session.seed, choices=choices)


class Lab:
    """One lab: its store, its scenario and its cluster."""

    def __init__(self, store: Store, loaded: Loaded, cluster: Cluster) -> None:
        self.store = store
        self.loaded = loaded
        self.scenario = loaded.scenario
        self.cluster = cluster

    @classmethod
    def open(cls, name: str, *, here: bool = False) -> "Lab":
        """Return the lab called `name`; a simulated cluster that is to be `here` lives in this process.

        Raises:
            LabError: it does not exist, or its files or its scenario can't be read.

        """
        store = Store(name)
        session = store.load()
        loaded = load_of(session)
        nodes = loaded.scenario.nodes
        cluster = open_cluster(session.backend, name, store.folder, nodes=nodes, image=session.image, here=here)
        return cls(store, loaded, cluster)

    @property
    def session(self) -> Session:
        """The session as it is on disk now."""
        return self.store.load()

    def require(self, act: Act) -> None:
        """Raise `LabError` if the lab's mode, or an exam in another lab, refuses `act` now."""
        exams.require(self.session, act)

    @property
    def due(self) -> bool:
        """Whether the time of the attempt is over, so that it must be submitted before anything else."""
        return self.session.due(now())

    @classmethod
    def create(
        cls,
        name: str,
        scenario: Path,
        *,
        backend: str,
        mode: Mode,
        image: str | None,
        progress: Progress,
        team: str = "",
        seed: int = 0,
        virtual: bool = False,
        here: bool = False,
    ) -> "Lab":
        """Create the lab: its cluster, its workloads, its baseline, in the variant of `seed`.

        A simulated one may be in `virtual` time, or in real time `here` in this process.

        Raises:
            LabError: a lab of that name exists, the scenario has no such variant, or the cluster can't be created.

        """
        loaded = load(scenario, hints_folder(), CATALOG, seed=seed)
        exams.require_none(str(loaded.folder), but=name)
        store = Store(name)
        with store.alone():
            if store.exists():
                session = store.load()
                session.need([State.CREATING], f"create lab {name} again")
            session = Session(
                name=name,
                scenario=str(loaded.folder),
                backend=backend,
                mode=mode,
                team=team,
                image=image,
                seed=seed,
                variant=dict(loaded.variant.choices) if seed else {},
                created=now(),
            )
            cluster = open_cluster(
                backend, name, store.folder, nodes=loaded.scenario.nodes, image=image, virtual=virtual, here=here
            )
            lab = cls(store, loaded, cluster)
            fresh = not store.exists()
            try:
                store.save(session)
            except BaseException:
                if fresh:
                    store.discard()
                raise
            with store.telling_failure():
                try:
                    if not fresh:
                        with step(progress, "Remove the remains of the interrupted creation"):
                            cluster.delete()
                    lab._build(progress)
                except BaseException:
                    cluster.delete()
                    store.discard()
                    raise
        return lab

    def _build(self, progress: Progress) -> None:
        self.store.begin("create")
        self.cluster.create(progress)
        with self.cluster.hurried():
            self.furnish(progress)

    def furnish(self, progress: Progress) -> None:
        """Start the workloads on a new cluster, check that it enforces policies, and take the baseline."""
        with self.store.update() as session:
            session.identity = dict(self.cluster.identity())
        self.store.save_baseline(furnish(self.cluster, self.loaded, progress))
        with self.store.update() as session:
            session.enter(State.HEALTHY)
        self.store.done("create")
        self.store.event("created", f"the cluster was made, on {self.cluster.backend}")

    def baseline(self) -> Baseline:
        """Return the baseline."""
        return self.store.load_baseline()

    def verify_cluster(self, *, locked: bool = False) -> None:
        """Raise `LabError` unless the cluster is this lab's own, and start nodes that do not run.

        A drill that was cut off is taken back; `locked`: the caller has locked the lab.
        """
        session = self.session
        self.cluster.verify_ownership(session.identity)
        # A running drill starts the nodes that it reboots.
        with nullcontext() if locked or not session.drilling else free(self.store) as ours:
            if ours is False:
                return
            for name in self.cluster.start_stopped_nodes():
                self.store.event("node-started", f"{name} did not run and was started again")
            if session.drilling:
                size = next((check.name for check in self.scenario.checks if check.kind == "etcd-size"), "")
                take_back(self.store, self.cluster, size=size)

    def break_(self, faults: Sequence[str], progress: Progress) -> dict[str, str]:
        """Inject `faults` (none: all of the scenario) and start the clock; return the observed symptoms."""
        specs = [self.fault(name) for name in faults] or list(self.scenario.faults)
        specs = [spec for spec in self.scenario.faults if spec in specs]
        with self.store.alone():
            self.require(Act.BEGIN)
            with self.store.update() as session:
                session.enter(State.INJECTING)
                session.injected = [spec.name for spec in specs]
            with self.store.telling_failure():
                self.verify_cluster(locked=True)
                breaking.begin_attempt(self.store, self.loaded, self.cluster, specs, progress)
        return self.session.evidence

    def need_check(self) -> None:
        """Raise an error if the state or the mode allows no look."""
        self.session.need(_AFTER_BREAK, "check")
        self.require(Act.SEE_STATES)

    def check(self, told: Told = lambda _check, _outcome: None) -> Score:
        """Look at the cluster, quickly and without changing anything, and return the score.

        Raises:
            DrillRunsError: a drill runs, or began while the look ran.

        """
        self.need_check()
        self.verify_cluster()
        self._need_no_drill()
        return scoring.look(
            self.store,
            self.loaded,
            self.cluster,
            self.baseline(),
            told=told,
            need_no_drill=self._need_no_drill,
        )

    def _need_no_drill(self) -> None:
        """Raise an error while a drill runs. One that was cut off holds no lock."""
        if self.session.drilling:
            with free(self.store) as ours:
                if not ours:
                    raise DrillRunsError

    def submit(
        self,
        told: Told = lambda _check, _outcome: None,
        progress: Progress | None = None,
        ended: Callable[[DrillStep], None] = lambda _step: None,
    ) -> Score:
        """Look thoroughly, run the drill, end the attempt and return its score.

        `progress` shows the steps of the drill live; `ended` is called with the result of each.
        """
        with self.store.alone():
            self.session.need([State.BROKEN], "submit")
            ending = Ending.TIME_OVER if self.due else Ending.SUBMITTED
            self.verify_cluster(locked=True)
            score = last_score(
                self.store, self.loaded, self.cluster, told=told, progress=progress or Silent(), ended=ended
            )
            with self.store.update() as session:
                session.drilling = False
                session.end(State.SOLVED if score.solved else State.GIVEN_UP, ending, now())
                session.final = view(self.scenario, self.loaded.solution, session, score).as_data()
            time_over = "time over, " if ending is Ending.TIME_OVER else ""
            self.store.event("submitted", f"{time_over}{score.attempt:g} of {score.maximum:g} points")
            attempts.record(self.store, session, self.scenario.name)
        return score

    def users_curl(self) -> list[FlowResult]:
        """Send the user's request from each node; return an empty list if the scenario has no such check.

        Raises:
            LabError: the nodes can't be reached, or the mode shows no states now.

        """
        self.require(Act.SEE_STATES)
        return [
            result
            for check in self.scenario.checks_of(END_TO_END)
            for result in asked_by_user(self.cluster, check)
        ]

    def hint(self, symptom: str) -> tuple[Hint, int]:
        """Take the next hint for `symptom` and return it with its tier."""
        self.require(Act.TAKE_HINT)
        fault = self.fault(symptom).name
        with self.store.update() as session:
            tier = next_tier(session.hints_taken, self.loaded.hints, fault)
            hint = pick(self.loaded.hints, fault, tier, session.last_statuses)
            session.hints_taken.append(hint.name)
            session.hint_tiers[fault] = max(tier, session.hint_tiers.get(fault, 0))
        self.store.event("hint", hint.name, fault=fault, tier=tier)
        self.store.stir()
        return hint, tier

    def hints(self, symptom: str) -> list[Hint]:
        """Return the hints for `symptom` that are free to read: those taken; after the end, one of each tier."""
        self.require(Act.TAKE_HINT)
        session, fault = self.session, self.fault(symptom).name
        if session.over:
            return [pick(self.loaded.hints, fault, tier, session.last_statuses) for tier in range(LAST_TIER + 1)]
        known = {hint.name: hint for hint in self.loaded.hints if hint.fault == fault}
        return [known[name] for name in session.hints_taken if name in known]

    def diagnose(self, symptom: str, component: str, cause: str) -> None:
        """Save the trainee's diagnosis of `symptom`; it is final at submission."""
        spec = self.fault(symptom)
        lists = self.scenario.diagnosis
        for word, choices, what in (
            (component, lists.components, "component"),
            (cause, lists.causes, "cause"),
        ):
            if word not in {choice.name for choice in choices}:
                known = ", ".join(choice.name for choice in choices)
                raise UsageProblem(f"There is no {what} '{word}'.", remedy=f"Choose one of: {known}.")
        with self.store.update() as session:
            session.need([State.BROKEN], "diagnose")
            if session.due(now() - _GRACE):
                raise LabError("The time is over.", remedy="Get the score: kluster submit", code=ExitCode.REFUSED)
            session.diagnosis[spec.name] = Answer(component=component, cause=cause)
        self.store.event("diagnosed", f"{spec.symptom.name}: {component}, {cause}", fault=spec.name)
        self.store.stir()

    def solve(
        self, faults: Sequence[str], progress: Progress, told: Callable[[SolutionStep], None] = lambda _step: None
    ) -> None:
        """Run the reference solution of `faults` (none: of all injected ones), in the order given."""
        with self.store.alone():
            session = self.session
            session.need([State.BROKEN], "solve")
            self.require(Act.SOLVE)
            names = [self.fault(name).name for name in faults] or [
                name for name in self.loaded.solution.faults if name in session.injected
            ]
            self.verify_cluster(locked=True)
            try:
                for name in names:
                    with self.store.update() as session:
                        session.viewed = sorted({*session.viewed, name})
                    self.store.event("solution", self.fault(name).symptom.name, fault=name)
                    repair.run(self.cluster, self.loaded.solution.faults[name], self.store, progress, told)
            finally:
                self.store.stir()
            if set(session.injected) <= set(session.viewed):
                with step(progress, "Wait until the cluster has settled"):
                    health.wait_until_well(
                        self.cluster, self.baseline(), self.scenario, session.injected, timeout=health.SETTLE
                    )

    def diagnose_as_solved(self, faults: Collection[str] = ()) -> None:
        """Give the right diagnosis of `faults` (none: of all injected ones), as a rehearsal does."""
        with self.store.update() as session:
            for name in faults or session.injected:
                session.diagnosis[name] = self.loaded.solution.diagnosis[name]

    def reset(self, progress: Progress) -> None:
        """Revert all faults to the baseline on the same cluster.

        Raises:
            LabError: a step failed, or the cluster still differs; the remedy is a new cluster.

        """
        with self.store.alone():
            self.require(Act.BEGIN_AGAIN)
            with self.store.update() as session:
                session.enter(State.RESETTING)
            with self.store.telling_failure():
                self.verify_cluster(locked=True)
                resetting.revert(self.store, self.loaded, self.cluster, progress)
            with self.store.update() as session:
                session.enter(State.HEALTHY)
            self.store.event("reset", "everything was restored to the baseline")

    def delete(self) -> None:
        """Remove the cluster and the lab's folder; a running exam ends as an attempt with no points."""
        with self.store.alone():
            if self.store.exists():
                with self.store.update() as session:
                    if session.bound:
                        withdraw(self.store, self.loaded, session)
                    session.enter(State.DELETING)
            with self.store.telling_failure():
                self.cluster.delete()
        self.store.discard()

    def fault(self, name: str) -> FaultSpec:
        """Return the fault called `name`, or with a symptom of that name.

        Raises:
            UsageProblem: there is no such fault.

        """
        try:
            return self.scenario.fault(name)
        except KeyError:
            known = ", ".join(fault.symptom.name for fault in self.scenario.faults)
            raise UsageProblem(f"There is no symptom '{name}'.", remedy=f"The symptoms are: {known}.") from None
