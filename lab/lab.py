"""The lab: what can be done with it. Every command and the play screen go through here."""

from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

from lab import attempts, grader, health, injection, repair
from lab import baseline as baselines
from lab.backends import open_cluster
from lab.baseline import SYSTEM_WORKLOADS, Baseline
from lab.catalog import CHECKS, FAULTS, GATES
from lab.checks.flows import asked_by_user
from lab.cluster.base import Cluster
from lab.cluster.tools import api, watches
from lab.core.grading import Outcome, Score, grade
from lab.core.hints import next_tier, pick
from lab.core.load import Catalog, load
from lab.core.scenario import END_TO_END, Answer, CheckSpec, FaultSpec, Hint, Loaded, SolutionStep
from lab.core.session import Earned, Mode, Session, State
from lab.core.view import view
from lab.deny_test import live_deny_test
from lab.errors import ExitCode, LabError, UsageProblem
from lab.faults.base import Fault, Site, Step, Undo
from lab.flows import FlowResult
from lab.places import hints_folder
from lab.progress import Progress, step
from lab.store import Store, now

__all__ = ["CATALOG", "Lab"]

CATALOG = Catalog(
    faults={kind: fault.parameter_model for kind, fault in FAULTS.items()},
    checks={kind: check.parameter_model for kind, check in CHECKS.items()},
    gates={kind: gate.parameter_model for kind, gate in GATES.items()},
)

#: How long a repaired cluster may take to settle, in s (seen: 5 idle, 90 on a busy machine).
SETTLE = 120.0
#: Within how many s its pods get Ready by themselves, if they do (seen: 3 idle, 40 on a busy machine).
STUCK = 45.0

_AFTER_BREAK = (State.BROKEN, State.SOLVED, State.GIVEN_UP)

#: Told of each check as its outcome comes.
Told = Callable[[CheckSpec, Outcome], None]


class Lab:
    """One lab: its store, its scenario and its cluster."""

    def __init__(self, store: Store, loaded: Loaded, cluster: Cluster) -> None:
        self.store = store
        self.loaded = loaded
        self.scenario = loaded.scenario
        self.cluster = cluster

    @classmethod
    def open(cls, name: str) -> "Lab":
        """Return the lab called `name`.

        Raises:
            LabError: there is none, or its files or its scenario can't be read.

        """
        store = Store(name)
        session = store.load()
        loaded = load(Path(session.scenario), hints_folder(), CATALOG)
        nodes = loaded.scenario.nodes
        return cls(
            store, loaded, open_cluster(session.backend, name, store.folder, nodes=nodes, image=session.image)
        )

    @property
    def session(self) -> Session:
        """The session as it is on disk now."""
        return self.store.load()

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
        virtual: bool = False,
    ) -> "Lab":
        """Make the lab: its cluster, its workloads, its baseline; a simulated one may be in `virtual` time.

        Raises:
            LabError: a lab of that name is there, or the cluster can't be made.

        """
        loaded = load(scenario, hints_folder(), CATALOG)
        store = Store(name)
        with store.alone():
            if store.exists():
                session = store.load()
                session.need([State.CREATING], f"create lab {name} anew")
            session = Session(
                name=name,
                scenario=str(loaded.folder),
                backend=backend,
                mode=mode,
                team=team,
                image=image,
                created=now(),
            )
            cluster = open_cluster(
                backend, name, store.folder, nodes=loaded.scenario.nodes, image=image, virtual=virtual
            )
            lab = cls(store, loaded, cluster)
            fresh = not store.exists()
            try:
                store.save(session)
            except BaseException:
                if fresh:
                    store.discard()
                raise
            try:
                if not fresh:
                    with step(progress, "Clear away what the creation that was cut off left"):
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
        """Start the workloads on a new cluster, see that it enforces policies, and take the baseline."""
        with self.store.update() as session:
            session.identity = dict(self.cluster.identity())
        with step(progress, "Start the workloads"), ThreadPoolExecutor(max_workers=1) as pool:
            trial = pool.submit(live_deny_test, self.cluster)
            for manifest in self.loaded.manifests.values():
                api.apply(self.cluster.control_plane, manifest)
            self._wait_for_workloads()
            policies = trial.result()
        if not policies.ok:
            raise LabError("This cluster does not enforce NetworkPolicies.", policies.found, policies.remedy)
        with step(progress, "Take the baseline"):
            self.store.save_baseline(baselines.take(self.cluster, self.scenario))
        with self.store.update() as session:
            session.enter(State.HEALTHY)
        self.store.done("create")
        self.store.event("created", f"the cluster was made, on {self.cluster.backend}")

    def _wait_for_workloads(self, timeout: int = 120) -> None:
        """Wait until the rollout of every workload, the system's too, is complete."""
        spaces: dict[str, list[str]] = {}
        for workload in [*SYSTEM_WORKLOADS, *self.scenario.workloads.objects]:
            spaces.setdefault(workload.namespace, []).append(f"{workload.kind.lower()}/{workload.name}")
        api.wait_for_rollouts(self.cluster.control_plane, spaces, timeout=timeout)

    def baseline(self) -> Baseline:
        """Return the baseline."""
        return self.store.load_baseline()

    def verify_cluster(self) -> None:
        """Raise `LabError` unless the cluster is this lab's own, and start nodes that do not run."""
        session = self.session
        self.cluster.verify_ownership(session.identity)
        for name in self.cluster.start_stopped_nodes():
            self.store.event("node-started", f"{name} did not run and was started again")

    def break_(self, faults: Sequence[str], progress: Progress) -> dict[str, str]:
        """Inject `faults` (none: all of the scenario) and start the clock; return each symptom as it was seen."""
        specs = [self.fault(name) for name in faults] or list(self.scenario.faults)
        specs = [spec for spec in self.scenario.faults if spec in specs]
        with self.store.alone():
            with self.store.update() as session:
                session.enter(State.INJECTING)
                session.injected = [spec.name for spec in specs]
            self.verify_cluster()
            with self.cluster.hurried():
                seen = injection.inject(self._faults(specs), self.store, progress)
                with step(progress, "See what the user sees"):
                    left_out = health.ends_that_hold(
                        self.cluster, self.baseline(), self.scenario, [spec.name for spec in specs]
                    )
            with self.store.update() as session:
                session.begin_attempt([spec.name for spec in specs], now())
                session.evidence = {name: f"{e.asked}: {e.answered}" for name, e in seen.items()}
                session.left_out = left_out
                session.enter(State.BROKEN)
            self.store.event("broken", "the clock started")
        return session.evidence

    def check(self, told: Told = lambda _check, _outcome: None) -> Score:
        """Look at the cluster, quickly and without changing anything, and return the score."""
        self.session.need(_AFTER_BREAK, "check")
        self.verify_cluster()
        return self._look(told, thorough=False)

    def submit(self, told: Told = lambda _check, _outcome: None) -> Score:
        """Look thoroughly, end the attempt and return its score."""
        with self.store.alone():
            self.session.need([State.BROKEN], "submit")
            self.verify_cluster()
            score = self._look(told, thorough=True)
            with self.store.update() as session:
                session.enter(State.SOLVED if score.solved else State.GIVEN_UP)
                session.ended = now()
                session.final = view(self.scenario, self.loaded.solution, session, score).as_data()
            self.store.event("submitted", f"{score.attempt:g} of {score.maximum:g} points")
            attempts.record(session, self.scenario.name)
        return score

    def _look(self, told: Told, *, thorough: bool) -> Score:
        session = self.session
        injected, began = session.injected, now()
        # A submission lasts, and changes what it looks at: a quick look need not wait for the cluster.
        with nullcontext(self.cluster) if thorough else self.cluster.snapshot() as cluster:
            observed = grader.look(cluster, self.baseline(), self.scenario, injected, thorough=thorough, told=told)
        score = self.score(observed)
        self._note_changes(observed, score, began, session.started, last=thorough)
        return score

    def score(self, observed: grader.Observed) -> Score:
        """Return the score of what was `observed`, with the diagnosis and hints of this attempt."""
        session = self.session
        return grade(
            self.scenario,
            observed.outcomes,
            injected=session.injected,
            gates=observed.gates,
            diagnosis=session.diagnosis,
            answers=self.loaded.solution.diagnosis,
            left_out=session.left_out,
            hint_tiers=session.hint_tiers,
            viewed=() if session.mode is Mode.REHEARSAL else session.viewed,
        )

    def _note_changes(
        self, observed: grader.Observed, score: Score, began: datetime, attempt: datetime | None, *, last: bool
    ) -> None:
        """Keep what a look that `began` then found. What a later look found stays, unless this is the `last`."""
        at = now()
        with self.store.update() as session:
            # Looks overlap, and one may outlast the attempt that it was for.
            outdated = not last and session.looked is not None and began < session.looked
            if session.over or session.started != attempt or outdated:
                return
            session.looked, session.maximum = began, score.maximum
            session.earned = {
                fault.name: Earned(points=fault.points, maximum=fault.maximum) for fault in score.faults
            }
            for name, outcome in observed.outcomes.items():
                before = session.last_statuses.get(name)
                if before != outcome.status.value:
                    session.last_statuses[name] = outcome.status.value
                    self.store.event("turned", f"{name}: {outcome.status.value}", check=name, was=before)
            for fault in score.faults:
                if fault.solved and fault.name not in session.repaired:
                    session.repaired[fault.name] = at

    def users_curl(self) -> list[FlowResult]:
        """Ask as the user does, from each node; an empty list where the scenario has no such check.

        Raises:
            LabError: the nodes can't be asked.

        """
        return [
            result
            for check in self.scenario.checks_of(END_TO_END)
            for result in asked_by_user(self.cluster, check)
        ]

    def hint(self, symptom: str | None, *, peek: bool = False) -> tuple[Hint, int]:
        """Take the next hint for `symptom` (none: about method) and return it with its tier.

        With `peek` it is only looked at: nothing is taken and nothing costs.
        """
        with self.store.update() as session:
            if session.mode is Mode.EXAM and not session.over:
                raise LabError("There are no hints in an exam.", code=ExitCode.REFUSED)
            if symptom is None:
                return pick(self.loaded.hints, None, 0, session.last_statuses), 0
            fault = self.fault(symptom).name
            tier = next_tier(session.hints_taken, self.loaded.hints, fault)
            hint = pick(self.loaded.hints, fault, tier, session.last_statuses)
            if not peek and not session.over:
                session.hints_taken.append(hint.name)
                session.hint_tiers[fault] = max(tier, session.hint_tiers.get(fault, 0))
                self.store.event("hint", hint.name, fault=fault, tier=tier)
        return hint, tier

    def diagnose(self, symptom: str, component: str, cause: str) -> None:
        """Note what the trainee thinks is behind `symptom`; final at submission."""
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
            session.diagnosis[spec.name] = Answer(component=component, cause=cause)
        self.store.event("diagnosed", f"{spec.symptom.name}: {component}, {cause}", fault=spec.name)

    def solve(
        self, faults: Sequence[str], progress: Progress, told: Callable[[SolutionStep], None] = lambda _step: None
    ) -> None:
        """Run the reference solution of `faults` (none: of all injected ones), in the order given."""
        with self.store.alone():
            session = self.session
            session.need([State.BROKEN], "solve")
            if session.mode is Mode.EXAM:
                raise LabError("In an exam you solve it yourself.", code=ExitCode.REFUSED)
            names = [self.fault(name).name for name in faults] or [
                name for name in self.loaded.solution.faults if name in session.injected
            ]
            self.verify_cluster()
            for name in names:
                with self.store.update() as session:
                    session.viewed = sorted({*session.viewed, name})
                self.store.event("solution", self.fault(name).symptom.name, fault=name)
                repair.run(self.cluster, self.loaded.solution.faults[name], self.store, progress, told)
            if set(session.injected) <= set(session.viewed):
                with step(progress, "Wait until the cluster has settled"):
                    self._settle(session.injected, SETTLE)

    def diagnose_as_solved(self, faults: Collection[str] = ()) -> None:
        """Give the right diagnosis of `faults` (none: of all injected ones), as a rehearsal does."""
        with self.store.update() as session:
            for name in faults or session.injected:
                session.diagnosis[name] = self.loaded.solution.diagnosis[name]

    def reset(self, progress: Progress) -> None:
        """Take all faults back to the baseline without making a new cluster."""
        with self.store.alone():
            with self.store.update() as session:
                session.enter(State.RESETTING)
            self.verify_cluster()
            faults = self._faults(self.scenario.faults)
            with self.cluster.hurried():
                restore = Step(Undo.OBJECTS, "restore settings and workloads", lambda _: self._restore())
                renewed = injection.revert(faults, self.store, progress, also=[restore])
                with step(progress, "See that all is well again"), ThreadPoolExecutor(max_workers=1) as pool:
                    network = pool.submit(watches.wait_until_renewed, self.cluster, renewed)
                    names = [fault.name for fault in self.scenario.faults]
                    if wrong := self._settle(names, min(STUCK, SETTLE)):
                        health.replace_unready(self.cluster.control_plane)
                        wrong = self._settle(names, SETTLE)
                    network.result()
            if wrong:
                raise LabError(
                    f"Lab {self.store.name} was reset, but is not as it was.",
                    "\n".join(wrong),
                    "Try again: kluster reset; or make it anew: kluster delete, kluster create",
                )
            with self.store.update() as session:
                session.enter(State.HEALTHY)
            self.store.event("reset", "everything was taken back to the baseline")

    def _settle(self, faults: Sequence[str], timeout: float) -> list[str]:
        return health.wait_until_well(self.cluster, self.baseline(), self.scenario, faults, timeout=timeout)

    def _restore(self) -> None:
        baseline, manifests = self.baseline(), self.loaded.manifests.values()
        with ThreadPoolExecutor(max_workers=1) as pool:
            files = pool.submit(repair.restore_files, self.cluster, baseline)
            if not baselines.holds(baseline, self.cluster, self.scenario, manifests):
                api.apply(self.cluster.control_plane, "\n---\n".join(manifests), validate=False)
                self._wait_for_workloads()
                self.store.save_baseline(baselines.renew(baseline, self.cluster, self.scenario))
            files.result()

    def delete(self) -> None:
        """Remove the cluster and the lab's folder."""
        with self.store.alone():
            if self.store.exists():
                with self.store.update() as session:
                    session.enter(State.DELETING)
            self.cluster.delete()
        self.store.discard()

    def fault(self, name: str) -> FaultSpec:
        """Return the fault called `name`, or with a symptom called so.

        Raises:
            UsageProblem: there is none.

        """
        try:
            return self.scenario.fault(name)
        except KeyError:
            known = ", ".join(fault.symptom.name for fault in self.scenario.faults)
            raise UsageProblem(f"There is no symptom '{name}'.", remedy=f"The symptoms are: {known}.") from None

    def _faults(self, specs: Iterable[FaultSpec]) -> dict[str, Fault]:
        site = Site(self.cluster, self.baseline())
        made = {}
        for spec in specs:
            kind = FAULTS[spec.kind]
            made[spec.name] = kind(site, kind.parameter_model.model_validate(spec.parameters))
        return made
