"""The kubelet of a node: starting, ended and restarted containers, and its reports to the API server."""

from typing import Any

import pytest

from lab.cluster.sim.api.objects import Object, dig, meta
from lab.cluster.sim.kubelet.kubelet import Kubelet
from lab.cluster.sim.machine.runtime import Container
from tests.sim.parts.rig import Rig, pod


@pytest.fixture
def kubelet(rig: Rig) -> Kubelet:
    found = rig.kubelet(rig.worker)
    rig.advance(1)
    return found


def place(rig: Rig, name: str = "web", **spec: Any) -> Object:
    """Create a pod and bind it to the worker."""
    created = rig.admin.create(pod(name, **spec))
    assert created.ok, created
    assert rig.admin.bind(created.body, "k5-worker").ok
    return status_of(rig, name)


def status_of(rig: Rig, name: str = "web") -> Object:
    found = rig.admin.get("Pod", "default", name)
    assert found is not None
    return found


def state(rig: Rig, name: str = "web") -> Object:
    found: Object = dig(status_of(rig, name), "status", "containerStatuses", 0)
    return found


def newest(rig: Rig, name: str = "web") -> Container:
    """Return the pod's newest container."""
    found = [
        c for c in rig.worker.runtime.containers.values() if rig.worker.runtime.sandboxes[c.sandbox].name == name
    ]
    return found[-1]


def events(rig: Rig, reason: str) -> list[str]:
    return [event["message"] for event in rig.admin.list("Event") if event["reason"] == reason]


def test_a_node_registers_and_renews_its_lease(rig: Rig, kubelet: Kubelet) -> None:
    del kubelet
    node = rig.admin.get("Node", "", "k5-worker")
    assert node is not None
    assert [c["status"] for c in node["status"]["conditions"] if c["type"] == "Ready"] == ["True"]
    before = rig.admin.get("Lease", "kube-node-lease", "k5-worker")
    rig.advance(12)
    after = rig.admin.get("Lease", "kube-node-lease", "k5-worker")
    assert before is not None
    assert after is not None
    assert before["spec"]["renewTime"] < after["spec"]["renewTime"]


def test_a_pod_that_is_bound_to_the_node_runs(rig: Rig, kubelet: Kubelet) -> None:
    kubelet.due = 0
    place(rig)
    rig.advance(3)
    found = status_of(rig)["status"]
    assert (found["phase"], found["hostIP"]) == ("Running", rig.worker.ip)
    assert found["podIP"].startswith("10.244.1.")
    assert {c["type"]: c["status"] for c in found["conditions"]}["Ready"] == "True"
    assert events(rig, "Started") == ["Started container main"]


def test_pods_of_other_nodes_are_ignored(rig: Rig, kubelet: Kubelet) -> None:
    assert rig.admin.bind(rig.admin.create(pod("web")).body, "k5-control-plane").ok
    rig.advance(15)
    assert kubelet.pods == {}


def test_a_container_that_ends_comes_back_later_each_time(rig: Rig, kubelet: Kubelet) -> None:
    del kubelet
    place(rig)
    rig.advance(15)
    waits = []
    for _ in range(4):
        ended = newest(rig)
        rig.worker.runtime.stop(ended, rig.clock.now(), 1)
        for kubelet_ in rig.kubelets:
            kubelet_.run(rig.clock.now())
        began = rig.clock.now()
        while newest(rig) is ended:
            rig.advance(0.1)
        waits.append(round(rig.clock.now() - began))
    assert waits == [0, 10, 20, 40]
    assert state(rig)["restartCount"] == 4
    assert events(rig, "BackOff")[0].startswith("Back-off restarting failed container main in pod web_default(")


def test_the_status_tells_of_a_back_off(rig: Rig, kubelet: Kubelet) -> None:
    del kubelet
    place(rig)
    rig.advance(15)
    for _ in range(2):
        rig.worker.runtime.stop(newest(rig), rig.clock.now(), 1)
        rig.kubelets[0].run(rig.clock.now())
        rig.advance(1)
    waiting = state(rig)["state"]["waiting"]
    assert waiting["reason"] == "CrashLoopBackOff"
    assert waiting["message"].startswith("back-off 10s restarting failed container=main pod=web_default(")
    assert state(rig)["lastState"]["terminated"]["exitCode"] == 1


@pytest.mark.parametrize(("policy", "code", "phase"), [("Never", 0, "Succeeded"), ("Never", 3, "Failed")])
def test_a_pod_without_restarts_ends(rig: Rig, kubelet: Kubelet, policy: str, code: int, phase: str) -> None:
    kubelet.due = 0
    place(rig, restartPolicy=policy)
    rig.advance(5)
    rig.worker.runtime.stop(newest(rig), rig.clock.now(), code)
    rig.advance(30)
    assert status_of(rig)["status"]["phase"] == phase
    assert state(rig)["restartCount"] == 0


def test_an_image_that_is_not_there_can_not_be_pulled(rig: Rig, kubelet: Kubelet) -> None:
    kubelet.due = 0
    container = {"name": "main", "image": "nginx:1.29"}
    place(rig, containers=[container])
    rig.advance(3)
    assert state(rig)["state"]["waiting"]["reason"] == "ErrImagePull"
    rig.advance(30)
    assert state(rig)["state"]["waiting"]["reason"] == "ImagePullBackOff"
    assert 'Back-off pulling image "nginx:1.29"' in events(rig, "BackOff")


def test_a_pod_is_ready_once_its_probe_has_succeeded(rig: Rig, kubelet: Kubelet) -> None:
    kubelet.due = 0
    probe = {"httpGet": {"path": "/", "port": 8080}, "initialDelaySeconds": 5, "periodSeconds": 5}
    container = {**pod("web")["spec"]["containers"][0], "readinessProbe": probe}
    place(rig, containers=[container])
    rig.advance(3)
    assert state(rig)["ready"] is False
    rig.advance(5)
    assert state(rig)["ready"] is True


def test_a_deleted_pod_ends_before_its_object_does(rig: Rig, kubelet: Kubelet) -> None:
    del kubelet
    place(rig)
    rig.advance(15)
    assert rig.admin.delete(status_of(rig)).ok
    assert "deletionTimestamp" in meta(status_of(rig))
    rig.kubelets[0].run(rig.clock.now())
    rig.advance(2)
    assert rig.admin.get("Pod", "default", "web") is None
    assert rig.worker.runtime.containers == {}
    assert events(rig, "Killing") == ["Stopping container main"]


def test_containers_run_on_without_the_kubelet(rig: Rig, kubelet: Kubelet) -> None:
    place(rig)
    rig.advance(15)
    kubelet.stop()
    ended = newest(rig)
    rig.worker.runtime.stop(ended, rig.clock.now(), 1)
    rig.advance(60)
    assert newest(rig) is ended
    kubelet.start()
    rig.advance(5)
    assert newest(rig).running


def test_what_the_kubelet_has_to_tell_waits_for_the_api_server(rig: Rig, kubelet: Kubelet) -> None:
    del kubelet
    place(rig)
    rig.advance(15)
    server = rig.plane.program("kube-apiserver")
    assert server is not None
    rig.first.runtime.stop(server, rig.clock.now())
    rig.worker.runtime.stop(newest(rig), rig.clock.now(), 1)
    rig.advance(15)
    assert newest(rig).attempt == 1
    assert events(rig, "Started") == ["Started container main"]
    rig.program(rig.first, "kube-apiserver")
    rig.advance(30)
    assert state(rig)["restartCount"] == 1
