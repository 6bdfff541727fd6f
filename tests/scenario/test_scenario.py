"""The scenario on every backend: broken, seen to be broken, graded, repaired in several orders, taken back."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab import baseline as baselines
from lab.cluster import api
from lab.cluster.base import Node, Result
from lab.core.grading import Score, Status
from lab.core.session import State
from lab.errors import LabError
from lab.faults import churn
from lab.flows import probes
from lab.lab import Lab
from lab.patience import poll
from lab.progress import Silent
from tests.expected import ALL, ORDERS, SCORES, A, E, F, P


@pytest.fixture
def broken(lab: Lab) -> Iterator[Lab]:
    """The lab with all four faults in it; taken back afterwards."""
    lab.break_([], Silent())
    yield lab
    lab.reset(Silent())


def scored(lab: Lab, expected: float) -> Score:
    """Return the score once it is `expected`; what follows a repair (a pod that starts) may take its time."""

    def look() -> Score | None:
        score = lab.check()
        if score.state == expected:
            return score
        if score.verdict("system-pods").outcome.blocked_by == F:
            # Away from the API server, CoreDNS reaches it only in the seconds for which a pod's start has turned
            # forwarding on. One that missed them gets another chance.
            dns = ["-n", "kube-system", "delete", "pods", "-l", "k8s-app=kube-dns", "--wait=false"]
            api.kubectl(lab.cluster.control_plane, *dns).check()
        return None

    return poll(look, timeout=90, time=lab.cluster.control_plane.time) or lab.check()


def told(score: Score) -> str:
    return "\n".join(
        f"{v.check.name}: {v.outcome.status.value} {v.points:g}/{v.check.points} {v.outcome.found}"
        for fault in score.faults
        for v in fault.verdicts
    )


@pytest.mark.parametrize("fault", ALL)
def test_a_fault_alone_is_seen_scores_nothing_and_is_taken_back(lab: Lab, fault: str) -> None:
    seen = lab.break_([fault], Silent())
    try:
        assert list(seen) == [fault]
        score = lab.check()
        mine = next(each for each in score.faults if each.name == fault)
        assert mine.points == 0, told(score)
        assert all(v.outcome.status is not Status.PASS for v in mine.verdicts if v.check.type == "repair")
        assert score.maximum <= 20 + 12 + 2
    finally:
        lab.reset(Silent())
    assert lab.session.state is State.HEALTHY


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_repairs_in_any_order_pass_the_tabled_scores_and_end_at_100(broken: Lab, order: Sequence[str]) -> None:
    fresh = broken.check()
    assert fresh.state == 0, told(fresh)
    assert all(fault.points == 0 for fault in fresh.faults)
    left = set(ALL)
    for fault in order:
        broken.solve([fault], Silent())
        broken.diagnose_as_solved([fault])
        left.remove(fault)
        score = scored(broken, SCORES[frozenset(left)])
        assert score.state == SCORES[frozenset(left)], told(score)
    again = broken.check()
    assert again.state == 100, told(again)


def test_a_check_changes_nothing(broken: Lab) -> None:
    def settings(node: Node) -> str:
        return node.run(
            ["bash", "-c", "sysctl net.ipv4.ip_forward; find /etc -newer /proc/1 -type f | sort"]
        ).stdout

    def statuses(score: Score) -> dict[str, Status]:
        return {v.check.name: v.outcome.status for fault in score.faults for v in fault.verdicts}

    before = [settings(node) for node in broken.cluster.nodes]
    first = broken.check()
    second = broken.check()
    assert statuses(first) == statuses(second)
    assert [settings(node) for node in broken.cluster.nodes] == before


def test_the_story_shows_as_it_is_told(lab: Lab, record_property: Callable[[str, object], None]) -> None:
    """The first `kubectl get nodes` is silent for a long time; the user's curl fails after a long one."""

    def curl() -> Result:
        source = probes(lab.cluster, "shop", "client")[0]
        argv = ["crictl", "exec", source.container, "curl", "-sk", "https://kubernetes.default.svc/api"]
        return source.node.run(argv, timeout=120)

    def get_nodes() -> Result:
        return lab.cluster.control_plane.run(["kubectl", "get", "nodes"], timeout=150)

    healthy = {"curl": curl(), "nodes": get_nodes()}
    assert all(result.ok for result in healthy.values())
    lab.break_([], Silent())
    try:
        with ThreadPoolExecutor() as pool:
            running = {"curl": pool.submit(curl), "nodes": pool.submit(get_nodes)}
            found = {name: future.result() for name, future in running.items()}
    finally:
        lab.reset(Silent())
    for name, result in found.items():
        record_property(f"{name}_seconds", f"{healthy[name].seconds:.1f} healthy, {result.seconds:.1f} broken")
        assert result.seconds > 10 * healthy[name].seconds
        assert result.stdout.strip() == ""
    assert found["curl"].rc == 1  # crictl's; curl's own is in its words
    assert "exit code 6" in found["curl"].stderr  # could not resolve the host
    assert found["nodes"].rc == 1


def test_a_larger_quota_alone_repairs_nothing(broken: Lab) -> None:
    """The alarm is stored: it survives the restart, and writes are still refused."""
    node = broken.cluster.control_plane
    for each in broken.loaded.solution.faults[E][:2]:
        node.run(["bash", "-euo", "pipefail", "-c", each.run], timeout=each.timeout).check()
    api.wait_until_ready(node, timeout=120)
    score = broken.check()
    refused = score.verdict("api-writes").outcome
    assert refused.status is Status.FAIL, told(score)
    assert "database space exceeded" in refused.found
    assert score.verdict("no-alarm").outcome.found == "alarm: NOSPACE"
    assert score.verdict("store-limits").points == 0


def test_a_reboot_keeps_the_score(broken: Lab) -> None:
    broken.solve([], Silent())
    broken.diagnose_as_solved()
    assert scored(broken, 100).state == 100
    worker = broken.cluster.nodes[-1]
    worker.run(["touch", "/run/before"]).check()
    worker.run(["systemctl", "reboot", "--force", "--force"])
    assert poll(lambda: rebooted(worker), timeout=60, time=worker.time)
    score = scored(broken, 100)
    assert score.state == 100, told(score)


def rebooted(node: Node) -> bool:
    """Whether `node` is down, or what was in memory has gone."""
    try:
        return not node.run(["test", "-e", "/run/before"], timeout=5).ok
    except LabError:
        return True


def test_a_namespace_that_the_trainee_deleted_voids_and_is_brought_back_by_reset(lab: Lab) -> None:
    lab.break_([P], Silent())
    try:
        lab.cluster.control_plane.run(["kubectl", "delete", "namespace", "shop"], timeout=90).check()
        score = lab.check()
        assert any(gate.tripped and gate.name == "shop-intact" for gate in score.gates)
        assert next(fault for fault in score.faults if fault.name == P).points == 0
    finally:
        lab.reset(Silent())
    lab.break_([P], Silent())
    try:
        lab.solve([], Silent())
        lab.diagnose_as_solved()
        score = lab.check()
        assert score.state == score.maximum, told(score)
    finally:
        lab.reset(Silent())


def test_an_app_that_the_trainee_changed_is_as_before_after_a_reset(lab: Lab) -> None:
    lab.break_([P], Silent())
    try:
        before = lab.baseline().workloads
        scale = ["-n", "shop", "scale", "deployment", "web", "--replicas=0"]
        api.kubectl(lab.cluster.control_plane, *scale).check()
        assert not baselines.holds(lab.baseline(), lab.cluster, lab.scenario, lab.loaded.manifests.values())
    finally:
        lab.reset(Silent())
    assert lab.baseline().workloads == before
    assert baselines.holds(lab.baseline(), lab.cluster, lab.scenario, lab.loaded.manifests.values())


def test_submission_ends_the_attempt(broken: Lab) -> None:
    broken.solve([], Silent())
    broken.diagnose_as_solved()
    assert scored(broken, 100).state == 100
    broken.solve([F], Silent())  # what is repaired already stays so
    score = broken.submit()
    assert score.state == 100, told(score)
    assert broken.session.state is State.SOLVED
    assert {F, A} <= set(broken.session.repaired)


def test_a_break_right_after_a_reset_waits_until_the_proof_of_concept_is_gone(lab: Lab) -> None:
    node = lab.cluster.control_plane
    patch = f"kubectl patch -n {churn.NAMESPACE} configmap late --type=merge -p"
    script = f"""
    kubectl create namespace {churn.NAMESPACE}
    kubectl create -n {churn.NAMESPACE} configmap late
    {patch} '{{"metadata": {{"finalizers": ["kluster.dev/kept"]}}}}'
    kubectl delete namespace {churn.NAMESPACE} --wait=false
    let_go() {{ sleep 3; {patch} '{{"metadata": {{"finalizers": null}}}}'; }}
    let_go &>/dev/null &
    """
    node.run(["bash", "-ec", script]).check()
    try:
        assert list(lab.break_([E], Silent())) == [E]
    finally:
        lab.reset(Silent())
