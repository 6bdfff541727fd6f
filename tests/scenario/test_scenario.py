"""The scenario on every backend: broken, seen to be broken, graded, repaired in several orders, taken back."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab.cluster.base import Node, Result
from lab.core.grading import Score, Status
from lab.core.session import State
from lab.flows import probes
from lab.lab import Lab
from lab.progress import Silent
from tests.expected import ALL, ORDERS
from tests.scenario.seeing import repair, told


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
    with ThreadPoolExecutor() as pool:
        running = {"curl": pool.submit(curl), "nodes": pool.submit(get_nodes)}
        found = {name: future.result() for name, future in running.items()}
    for name, result in found.items():
        record_property(f"{name}_seconds", f"{healthy[name].seconds:.1f} healthy, {result.seconds:.1f} broken")
        assert result.seconds > 10 * healthy[name].seconds
        assert result.stdout.strip() == ""
    assert found["curl"].rc == 1  # crictl's; curl's own is in its words
    assert "exit code 6" in found["curl"].stderr  # could not resolve the host
    assert found["nodes"].rc == 1


def test_a_check_changes_nothing(untouched: Lab) -> None:
    def settings(node: Node) -> str:
        return node.run(
            ["bash", "-c", "sysctl net.ipv4.ip_forward; find /etc -newer /proc/1 -type f | sort"]
        ).stdout

    def statuses(score: Score) -> dict[str, Status]:
        return {v.check.name: v.outcome.status for fault in score.faults for v in fault.verdicts}

    before = [settings(node) for node in untouched.cluster.nodes]
    first = untouched.check()
    second = untouched.check()
    assert statuses(first) == statuses(second)
    assert [settings(node) for node in untouched.cluster.nodes] == before


@pytest.mark.parametrize("order", ORDERS[:-1], ids="-".join)  # the last is repaired in for test_repaired
def test_repairs_in_any_order_pass_the_tabled_scores_and_end_at_100(broken: Lab, order: Sequence[str]) -> None:
    repair(broken, order)
