"""Static pods: a kubelet's reaction to the files in its folder, without a shell."""

from typing import Any

import pytest
import yaml

from lab.cluster.sim.api.admission import PodSecurity
from lab.cluster.sim.api.objects import Object, meta
from lab.cluster.sim.kubelet.kubelet import Kubelet
from lab.cluster.sim.kubelet.manifests import pod_of
from lab.cluster.sim.kubelet.static_pods import MIRROR
from tests.sim.parts.rig import AGNHOST, Rig, pod

NAME = "web-k5-worker"
FOLDER = "/etc/kubernetes/manifests"


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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "a: b\nmetadata;\nc: d",
            "couldn't parse as pod(yaml: line 3: could not find expected ':'), please check config file",
        ),
        ("kind: Pod", "couldn't parse as pod(Object 'apiVersion' is missing in '{\\\"kind\\\":\\\"Pod\\\"}'), pl"),
        ("", "couldn't parse as pod(Object 'Kind' is missing in 'null'), please check config file"),
        (
            "kind: pod\napiVersion: v1",
            'no kind \\"pod\\" is registered for version \\"v1\\" in scheme \\"pkg/runtime/scheme.',
        ),
        (
            "kind: Pod\napiVersion: v1\nspec: {nodeSelector: x}",
            "Go struct field PodSpec.spec.nodeSelector of type map",
        ),
    ],
)
def test_a_file_without_a_pod_is_reported_every_twenty_seconds(
    rig: Rig, kubelet: Kubelet, text: str, told: str
) -> None:
    rig.worker.files.write(f"{FOLDER}/bad.yaml", text)
    rig.advance(45)
    assert kubelet.static.known == {}
    lines = [line for line in log(rig).splitlines() if "Could not process manifest file" in line]
    assert len(lines) == 2
    assert all(f'err="{FOLDER}/bad.yaml: ' in line and told in line for line in lines)
    assert all(line.endswith(f'path="{FOLDER}/bad.yaml"') for line in lines)
    assert log(rig).count("Unable to process watch event") == 1


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"serviceAccountName": "default"}, "static pods may not reference serviceaccounts"),
        ({"volumes": [{"name": "v", "secret": {"secretName": "x"}}]}, "static pods may not reference secrets"),
        ({"restartPolicy": "Sometimes"}, "invalid pod: [spec.restartPolicy: Unsupported value: "),
    ],
)
def test_a_pod_that_no_kubelet_runs(rig: Rig, kubelet: Kubelet, spec: Any, told: str) -> None:
    write(rig, **spec)
    rig.advance(25)
    assert kubelet.static.known == {}
    assert f'"Could not process manifest file" err="{told}' in log(rig)


def arguments(rig: Rig) -> list[list[str]]:
    return [one.spec.get("args", []) for one in rig.worker.runtime.containers.values() if one.running]


def copied(rig: Rig, name: str, *args: str) -> None:
    item = pod("web", "kube-system")
    item["spec"]["containers"][0] |= {"image": AGNHOST, "args": list(args)}
    rig.worker.files.write(f"{FOLDER}/{name}", yaml.safe_dump(item))


def test_of_two_files_with_one_pod_the_last_name_runs_once_the_folder_is_read(rig: Rig, kubelet: Kubelet) -> None:
    copied(rig, "web.yaml", "pause")
    rig.advance(12)
    copied(rig, "a.yaml", "netexec")
    kubelet.run(rig.clock.now())
    rig.advance(3)
    assert arguments(rig) == [["netexec"]]
    rig.advance(25)
    assert arguments(rig) == [["pause"]]


def test_an_edit_has_no_effect_while_a_copy_sorts_behind_it(rig: Rig, kubelet: Kubelet) -> None:
    del kubelet
    copied(rig, "web.yaml", "pause")
    copied(rig, "web.yaml.bak", "pause")
    rig.advance(25)
    copied(rig, "web.yaml", "netexec")
    rig.advance(25)
    assert arguments(rig) == [["pause"]]
    rig.worker.files.remove(f"{FOLDER}/web.yaml.bak")
    rig.advance(45)
    assert arguments(rig) == [["netexec"]]


def test_a_manifest_that_breaks_ends_its_pod_when_the_folder_is_read(rig: Rig, kubelet: Kubelet) -> None:
    write(rig)
    rig.advance(12)
    rig.worker.files.write(f"{FOLDER}/web.yaml", "metadata;\na: b")
    kubelet.run(rig.clock.now())
    assert names(rig) == [NAME]
    rig.advance(22)
    assert (names(rig), mirror(rig)) == ([], None)


def test_a_comment_in_a_manifest_is_no_other_pod(rig: Rig, kubelet: Kubelet) -> None:
    write(rig)
    rig.advance(12)
    before = dict(kubelet.static.known)
    rig.worker.files.append(f"{FOLDER}/web.yaml", b"# a comment\n")
    rig.advance(25)
    assert kubelet.static.known.keys() == before.keys()


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


def test_what_is_made_of_a_pod_does_not_reach_the_next_reading() -> None:
    text = yaml.safe_dump(pod("web", "kube-system"))
    first = pod_of(f"{FOLDER}/web.yaml", text, "k5-worker")
    first["spec"]["containers"][0]["image"] = "changed"
    assert pod_of(f"{FOLDER}/web.yaml", text, "k5-worker")["spec"]["containers"][0]["image"] == AGNHOST
