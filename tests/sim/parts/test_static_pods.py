"""Static pods: a kubelet's reaction to the files in its folder, without a shell."""

from typing import Any

import pytest
import yaml

from lab.cluster.sim.api.admission import PodSecurity
from lab.cluster.sim.api.objects import Object, meta
from lab.cluster.sim.kubelet.kubelet import Kubelet
from lab.cluster.sim.kubelet.static_pods import FOLDER, MIRROR
from tests.sim.parts.rig import AGNHOST, Rig, pod

NAME = "web-k5-worker"


@pytest.fixture
def kubelet(rig: Rig) -> Kubelet:
    found = rig.kubelet(rig.worker)
    rig.advance(1)
    return found


def write(rig: Rig, name: str = "web.yaml", *, image: str = AGNHOST, **more: Any) -> None:
    item = pod("web", "kube-system", **more)
    item["spec"]["containers"][0]["image"] = image
    rig.worker.files.write(f"{FOLDER}/{name}", yaml.safe_dump(item))


def names(rig: Rig) -> list[str]:
    """Return the running pods of the worker."""
    return [sandbox.name for sandbox in rig.worker.runtime.sandboxes.values() if sandbox.ready]


def mirror(rig: Rig) -> Object | None:
    return rig.admin.get("Pod", "kube-system", NAME)


def log(rig: Rig) -> str:
    return "\n".join(entry.message for entry in rig.worker.journal.entries if entry.unit == "kubelet.service")


def test_a_manifest_is_a_pod_and_has_a_mirror(rig: Rig, kubelet: Kubelet) -> None:
    write(rig)
    rig.advance(15)
    assert names(rig) == [NAME]
    found = mirror(rig)
    assert found is not None
    assert meta(found)["annotations"][MIRROR] in kubelet.static.known
    assert (found["spec"]["nodeName"], found["status"]["phase"]) == ("k5-worker", "Running")


@pytest.mark.parametrize("name", [".web.yaml", ".web.yaml.swp"])
def test_files_that_begin_with_a_dot_are_ignored(rig: Rig, kubelet: Kubelet, name: str) -> None:
    write(rig, name)
    rig.advance(15)
    assert kubelet.static.known == {}


def test_a_folder_within_the_folder_is_ignored(rig: Rig, kubelet: Kubelet) -> None:
    write(rig, "below/web.yaml")
    rig.advance(15)
    assert kubelet.static.known == {}


def test_any_name_will_do(rig: Rig, kubelet: Kubelet) -> None:
    del kubelet
    write(rig, "web.yaml.bak")
    rig.advance(15)
    assert names(rig) == [NAME]


@pytest.mark.parametrize("text", ["a: b: c", "kind: Pod", "{}", "kind: Deployment\nspec: {containers: [{}]}"])
def test_an_invalid_pod_is_reported_once_in_the_journal(rig: Rig, kubelet: Kubelet, text: str) -> None:
    rig.worker.files.write(f"{FOLDER}/bad.yaml", text)
    rig.advance(35)
    assert kubelet.static.known == {}
    assert log(rig).count('"Could not process manifest file" err="/etc/kubernetes/manifests/bad.yaml') == 1


def test_a_manifest_that_goes_takes_its_pod_along(rig: Rig, kubelet: Kubelet) -> None:
    write(rig)
    rig.advance(15)
    rig.worker.files.remove(f"{FOLDER}/web.yaml")
    rig.advance(15)
    assert (names(rig), kubelet.pods, mirror(rig)) == ([], {}, None)


def test_a_changed_manifest_is_another_pod_two_seconds_later(rig: Rig, kubelet: Kubelet) -> None:
    write(rig)
    rig.advance(15)
    (before,) = kubelet.static.known
    write(rig, terminationGracePeriodSeconds=5)
    kubelet.run(rig.clock.now())
    (after,) = kubelet.static.known
    assert after != before
    assert names(rig) == []
    rig.advance(1.9)
    assert names(rig) == []
    rig.advance(0.3)
    assert names(rig) == [NAME]


def test_without_an_api_server_a_changed_manifest_waits_for_forty_seconds(rig: Rig, kubelet: Kubelet) -> None:
    write(rig)
    rig.advance(15)
    server = rig.plane.program("kube-apiserver")
    assert server is not None
    rig.first.runtime.stop(server, rig.clock.now())
    write(rig, terminationGracePeriodSeconds=5)
    kubelet.run(rig.clock.now())
    rig.advance(39)
    assert names(rig) == []
    rig.advance(2)
    assert names(rig) == [NAME]


def test_a_deleted_mirror_comes_back_and_the_pod_runs_on(rig: Rig, kubelet: Kubelet) -> None:
    del kubelet
    write(rig)
    rig.advance(15)
    (container,) = rig.worker.runtime.containers
    found = mirror(rig)
    assert found is not None
    rig.admin.delete(found, grace=0)
    rig.advance(15)
    again = mirror(rig)
    assert again is not None
    assert meta(again)["uid"] != meta(found)["uid"]
    assert list(rig.worker.runtime.containers) == [container]


def test_a_pod_that_admission_refuses_runs_without_a_mirror(rig: Rig, kubelet: Kubelet) -> None:
    del kubelet
    rig.plane.api.admission.pod_security = PodSecurity(enforce="restricted")
    write(rig)
    rig.advance(15)
    assert names(rig) == [NAME]
    assert mirror(rig) is None
    assert '"Failed creating a mirror pod"' in log(rig)


def test_a_kubelet_that_starts_again_ends_what_has_no_manifest_any_more(rig: Rig, kubelet: Kubelet) -> None:
    write(rig)
    rig.advance(15)
    kubelet.stop()
    rig.worker.files.remove(f"{FOLDER}/web.yaml")
    rig.advance(15)
    assert names(rig) == [NAME]
    kubelet.start()
    rig.advance(15)
    assert names(rig) == []
