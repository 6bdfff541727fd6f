"""The order of injection and reversal, with faults that only record their calls."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import cast

import pytest

from lab import injection
from lab.cluster.base import Cluster, CommandError, Node, Result
from lab.cluster.tools import static_pods, watches
from lab.cluster.tools.containers import Container
from lab.errors import LabError
from lab.faults.base import Evidence, Fault, NotSeenError, Parameters, Site, Stage, StaticPodEdit, Step, Undo
from lab.patience import WALL
from lab.progress import Progress, Silent

Log = list[str]


class Journal:
    """A journal in memory."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def begin(self, what: str) -> None:
        self.log.append(f"begin {what}")

    def done(self, what: str) -> None:
        self.log.append(f"done {what}")


class Noting(Fault):
    """A fault that records its calls."""

    kind = "noting"

    def __init__(self, name: str, stages: Iterable[Stage], log: Log, *, edits: bool = False) -> None:
        node = type("_Node", (), {"time": WALL})
        cluster = type("_Cluster", (), {"control_plane": node})
        site = cast("Site", type("_Site", (), {"cluster": cluster, "baseline": None}))
        super().__init__(site, Parameters())
        self.name, self.stages, self.log, self.edits = name, sorted(stages), log, edits
        self.seen_after = self.stages[-1]
        self.seen = True

    def verify_baseline(self) -> None:
        self.log.append(f"verify {self.name}")

    def note(self, what: str) -> Callable[[Progress], None]:
        return lambda _: self.log.append(what)

    def injection(self) -> Iterable[Step[Stage] | StaticPodEdit[Stage]]:
        for stage in self.stages:
            if self.edits and stage is Stage.STATIC_PODS:
                yield StaticPodEdit(stage, f"edit {self.name}", self.name, lambda: {f"/{self.name}": "text"})
            else:
                yield Step(stage, f"{stage.name} {self.name}", self.note(f"{stage.name} {self.name}"))

    def observe(self) -> Evidence:
        if not self.seen:
            raise NotSeenError("not seen")
        self.log.append(f"see {self.name}")
        return Evidence("asked", "answered")

    def reversal(self) -> Iterable[Step[Undo] | StaticPodEdit[Undo]]:
        for undo in (Undo.OBJECTS, Undo.NODES):
            yield Step(undo, f"{undo.name} {self.name}", self.note(f"{undo.name} {self.name}"))


@pytest.fixture
def log() -> Log:
    return []


@pytest.fixture(autouse=True)
def node(monkeypatch: pytest.MonkeyPatch, log: Log) -> None:
    """Static pods that only record writes."""

    def replace(
        _: Node, files: dict[str, str], components: list[str], *, held: Sequence[str] = (), **__: object
    ) -> None:
        log.append(f"kubelet stopped once for {', '.join(components)}: {', '.join(files)}")
        log.extend(f"hold {name}" for name in held)

    def renew(_: Cluster) -> Collection[Container]:
        log.append("renew watches")
        return ()

    monkeypatch.setattr(static_pods, "replace", replace)
    monkeypatch.setattr(static_pods, "release", lambda _: log.append("release"))
    monkeypatch.setattr(static_pods, "mend", lambda _: log.append("mend"))
    monkeypatch.setattr(watches, "renew", renew)
    monkeypatch.setattr("lab.cluster.tools.api.wait_until_it_listens", lambda *_, **__: log.append("API listens"))
    monkeypatch.setattr(
        "lab.cluster.tools.api.wait_until_ready", lambda *_args, **_options: log.append("API is ready")
    )
    monkeypatch.setattr(
        "lab.cluster.tools.api.kubectl", lambda _, *args, **__: log.append(f"kubectl {' '.join(args)}")
    )


#: Runs beside the wait for the API server, in its own order.
WATCHES = ["API listens", "renew watches"]


def done(log: Log) -> Log:
    return [line for line in log if not line.startswith(("begin", "done")) and line not in WATCHES]


def test_stages_run_in_their_order_whatever_that_of_the_faults(log: Log) -> None:
    faults = {
        "late": Noting("late", [Stage.CHURN, Stage.LAST], log),
        "early": Noting("early", [Stage.OBJECTS], log),
        "nodes": Noting("nodes", [Stage.NODES], log),
    }
    injection.inject(faults, Journal(log), Silent())
    order = ["OBJECTS early", "see early", "CHURN late", "NODES nodes", "see nodes", "LAST late", "see late"]
    assert done(log)[3:] == order


def test_all_faults_are_verified_before_anything_is_done(log: Log) -> None:
    injection.inject({n: Noting(n, [Stage.OBJECTS], log) for n in ("a", "b")}, Journal(log), Silent())
    assert log[:2] == ["verify a", "verify b"]


def test_static_pods_share_one_stop_of_the_kubelet(log: Log) -> None:
    faults = {n: Noting(n, [Stage.STATIC_PODS], log, edits=True) for n in ("etcd", "kube-apiserver")}
    injection.inject(faults, Journal(log), Silent())
    stops = [line for line in log if line.startswith("kubelet stopped")]
    assert stops == ["kubelet stopped once for etcd, kube-apiserver: /etcd, /kube-apiserver"]


def test_who_leads_is_held_until_the_api_server_answers(log: Log) -> None:
    injection.inject({"a": Noting("kube-apiserver", [Stage.STATIC_PODS], log, edits=True)}, Journal(log), Silent())
    steps = [line for line in log if line.startswith(("hold", "API", "kubectl", "release"))]
    leaders = ["kube-controller-manager", "kube-scheduler"]
    lease = f"kubectl -n kube-system delete lease {' '.join(leaders)} --ignore-not-found"
    assert steps == [*(f"hold {name}" for name in leaders), "API is ready", lease, "release"]


def test_who_leads_is_not_held_for_good_where_the_api_server_stays_away(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(*_: object, **__: object) -> float:
        raise CommandError(Result(("sh",), 124, "", "", 120.0, "n"))

    monkeypatch.setattr("lab.cluster.tools.api.wait_until_ready", wait)
    with pytest.raises(LabError, match="does not come back"):
        injection.revert({"a": Noting("a", [Stage.OBJECTS], log)}, Journal(log), Silent())
    assert log[-1] == "release"


def test_each_step_is_journalled_before_it_is_done(log: Log) -> None:
    injection.inject({"a": Noting("a", [Stage.OBJECTS], log)}, Journal(log), Silent())
    assert log[1:4] == ["begin OBJECTS a", "OBJECTS a", "done OBJECTS a"]


def test_a_symptom_that_does_not_show_stops_the_injection(log: Log) -> None:
    unseen, later = Noting("unseen", [Stage.OBJECTS], log), Noting("later", [Stage.NODES], log)
    unseen.seen = False
    with pytest.raises(NotSeenError):
        injection.inject({"unseen": unseen, "later": later}, Journal(log), Silent())
    assert "NODES later" not in log


def test_a_reversal_mends_first_and_keeps_its_own_order(log: Log) -> None:
    injection.revert({n: Noting(n, [Stage.OBJECTS], log) for n in ("a", "b")}, Journal(log), Silent())
    steps = done(log)
    assert (steps[0], steps[3]) == ("mend", "API is ready")
    assert sorted(steps[1:3]) == ["NODES a", "NODES b"]
    assert sorted(steps[4:]) == ["OBJECTS a", "OBJECTS b"]


def test_watchers_restart_before_objects_are_restored(log: Log) -> None:
    injection.revert({"a": Noting("a", [Stage.OBJECTS], log)}, Journal(log), Silent())
    assert [line for line in log if line in {*WATCHES, "OBJECTS a"}] == [*WATCHES, "OBJECTS a"]


def test_a_reversal_runs_the_steps_of_others_beside_its_own(log: Log) -> None:
    also = [Step(Undo.OBJECTS, "restore", lambda _: log.append("restore"))]
    injection.revert({"a": Noting("a", [Stage.OBJECTS], log)}, Journal(log), Silent(), also=also)
    assert sorted(done(log)[-2:]) == ["OBJECTS a", "restore"]


class Undoing(Noting):
    """A fault of etcd that is reverted by an edit, and by freeing space."""

    #: Whether its static pod is as before.
    is_done = False

    def reversal(self) -> Iterable[Step[Undo] | StaticPodEdit[Undo]]:
        yield StaticPodEdit(
            Undo.NODES, "edit", self.name, lambda: {f"/{self.name}": ""}, is_done=lambda: self.is_done
        )
        yield Step(Undo.STORE, "make room", self.note("make room"))


def test_room_is_made_while_the_api_server_starts(log: Log) -> None:
    injection.revert({"e": Undoing("etcd", [Stage.OBJECTS], log)}, Journal(log), Silent())
    assert done(log) == [
        "mend",
        "kubelet stopped once for etcd: /etcd",
        "make room",
        "API is ready",
    ]


def test_a_static_pod_that_is_as_it_was_is_left_alone(log: Log) -> None:
    fault = Undoing("kube-apiserver", [Stage.OBJECTS], log)
    fault.is_done = True
    injection.revert({"a": fault}, Journal(log), Silent())
    assert done(log) == ["mend", "make room", "API is ready"]


def test_an_api_server_without_answers_is_recreated(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [CommandError(Result(("sh",), 124, "", "", 4.0, "n"))]

    def wait(*_args: object, timeout: float) -> float:
        log.append(f"wait {timeout:g} s")
        if answers:
            raise answers.pop()
        return 0.0

    monkeypatch.setattr("lab.cluster.tools.api.wait_until_ready", wait)
    injection.revert({"e": Undoing("etcd", [Stage.OBJECTS], log)}, Journal(log), Silent())
    made = ["kubelet stopped once for kube-apiserver: ", "hold kube-controller-manager", "hold kube-scheduler"]
    assert done(log)[3:8] == ["wait 4 s", *made, "wait 120 s"]
