"""Clusters made by kind: ownership, leftovers, stopped nodes."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.cluster.base import ClusterGoneError
from lab.cluster.kind.cluster import OFFLINE_IMAGE, KindCluster, choose_image
from lab.cluster.kind.docker_host import DockerHost
from lab.cluster.kind.engine import Engine
from lab.cluster.kind.process import default_image
from lab.deny_test import live_deny_test
from lab.doctor import examine
from lab.errors import LabError
from lab.progress import Silent
from tests.kind.docker import docker
from tests.kind.shared import home_of
from tests.kind.stopping import DockerThatStops

PATIENCE = 60


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    opened = Engine()
    yield opened
    opened.close()


@pytest.fixture
def other(tmp_path: Path, engine: Engine) -> Iterator[KindCluster]:
    """A lab whose cluster is never completed."""
    cluster = KindCluster("kluster-other", tmp_path / "lab", engine=engine)
    yield cluster
    cluster.delete()


@pytest.fixture(scope="module")
def image(lab_cluster: KindCluster) -> str:
    """The node image, as Docker has it."""
    return docker("inspect", "-f", "{{.Image}}", lab_cluster.control_plane.name)


def stranger(image: str, name: str, *options: str) -> str:
    """Start a container that does not belong to the lab; return its id."""
    return docker("run", "-d", "--name", name, *options, "--entrypoint", "sleep", image, "infinity")


class Calling(Silent):
    """Progress that calls a function when a step begins."""

    def __init__(self, call: Callable[[], None], at: str) -> None:
        self.call = call
        self.at = at

    def begin(self, title: str) -> None:
        if title.startswith(self.at):
            self.call()


def interrupt() -> None:
    raise KeyboardInterrupt


# --- making and removing


def test_the_users_kubeconfigs_are_untouched(lab_cluster: KindCluster, pytestconfig: pytest.Config) -> None:
    home = home_of(pytestconfig)

    for kubeconfig in (home / ".kube" / "config", home / "other-kubeconfig"):
        assert kubeconfig.read_text() == "apiVersion: v1\nkind: Config\n# mine\n"
        assert kubeconfig.stat().st_mtime == 1_000_000_000
    assert [each.name for each in (home / ".kube").iterdir()] == ["config"]
    assert lab_cluster.kubeconfig.is_file()


def test_nodes_are_in_the_labs_own_network(lab_cluster: KindCluster) -> None:
    for node in lab_cluster.nodes:
        networks = json.loads(docker("inspect", "-f", "{{json .NetworkSettings.Networks}}", node.name))
        assert list(networks) == [f"kluster-{lab_cluster.name}"]


def test_nodes_carry_the_labs_mark_and_cannot_change_it(lab_cluster: KindCluster) -> None:
    for node in lab_cluster.nodes:
        assert node.read_file("/etc/kluster/lab") == lab_cluster.mark.read_text()
        assert "Read-only" in node.run(["bash", "-c", "echo mine >>/etc/kluster/lab"]).stderr


def test_dns_is_probed_each_second(lab_cluster: KindCluster) -> None:
    path = "{.spec.template.spec.containers[0].readinessProbe.periodSeconds}"
    get = ["kubectl", "-n", "kube-system", "get", "deployment", "coredns", "-o", f"jsonpath={path}"]
    assert lab_cluster.control_plane.run(get).check().stdout == "1"


def test_an_interrupt_while_kind_works_leaves_nothing(other: KindCluster, engine: Engine) -> None:
    with pytest.raises(KeyboardInterrupt):
        other.create(Calling(interrupt, at="Writing configuration"))

    assert not other.exists()
    assert not engine.containers(label=f"io.x-k8s.kind.cluster={other.name}")
    assert not engine.networks(other.network)
    assert not other.kubeconfig.exists()
    assert not other.kubeconfig.with_name("kubeconfig.lock").exists()


def test_an_image_that_cannot_be_pulled_has_a_remedy(other: KindCluster, tmp_path: Path) -> None:
    wanting = KindCluster(other.name, tmp_path / "lab", image="localhost:1/no/such/node:v0", engine=other.engine)

    with pytest.raises(LabError, match="can't be pulled") as problem:
        wanting.create(Silent())

    assert "make node-image" in problem.value.remedy
    assert "kind create cluster" in problem.value.detail
    assert not wanting.exists()


def test_a_docker_that_stops_half_way_is_reported_and_cleaned_up_later(
    other: KindCluster, tmp_path: Path, engine: Engine
) -> None:
    docker_socket = engine.host.socket
    if docker_socket is None:
        pytest.skip("Docker does not listen on a socket")
    with DockerThatStops(tmp_path / "docker.sock", docker_socket) as stopping:
        half = Engine(DockerHost(f"unix://{tmp_path}/docker.sock", "a test"))
        cluster = KindCluster(other.name, other.folder, engine=half)
        with pytest.raises(LabError) as problem:
            cluster.create(Calling(stopping.stop, at="Writing configuration"))
        half.close()

    assert "Start Docker" in problem.value.remedy
    assert "kluster delete" in problem.value.detail
    assert other.exists()

    other.delete()

    assert not other.exists()
    assert not engine.containers(label=f"io.x-k8s.kind.cluster={other.name}")


def test_delete_is_safe_to_repeat(other: KindCluster) -> None:
    other.delete()
    other.delete()

    assert not other.exists()


def test_a_lab_that_has_a_cluster_is_not_made_again(lab_cluster: KindCluster) -> None:
    before = lab_cluster.identity()

    with pytest.raises(LabError, match="has a cluster already"):
        lab_cluster.create(Silent())

    assert lab_cluster.identity() == before


# --- other people's objects


def test_a_name_that_a_stranger_has_is_refused(other: KindCluster, engine: Engine, image: str) -> None:
    name = f"{other.name}-control-plane"
    theirs = stranger(image, name, "--label", f"io.x-k8s.kind.cluster={other.name}")
    try:
        with pytest.raises(LabError, match="is taken") as problem:
            other.create(Silent())
        assert "--name" in problem.value.remedy
        assert not other.exists()

        other.delete()

        container = engine.container_named(name)
        assert container is not None
        assert (container.id, container.state) == (theirs, "running")
        assert not engine.networks(other.network)
    finally:
        docker("rm", "-f", theirs)


def test_a_container_without_kinds_label_takes_a_name_too(other: KindCluster, image: str) -> None:
    theirs = stranger(image, f"{other.name}-worker")
    try:
        with pytest.raises(LabError, match="is taken"):
            other.create(Silent())
    finally:
        docker("rm", "-f", theirs)


def test_a_network_that_a_stranger_made_stays(other: KindCluster, engine: Engine) -> None:
    docker("network", "create", other.network)
    try:
        with pytest.raises(LabError, match="network"):
            other.create(Silent())
        other.delete()

        assert engine.networks(other.network)
    finally:
        docker("network", "rm", other.network)


def test_a_lab_of_the_same_name_in_another_folder_is_a_stranger(lab_cluster: KindCluster, tmp_path: Path) -> None:
    impostor = KindCluster(lab_cluster.name, tmp_path, engine=lab_cluster.engine)

    assert not impostor.exists()
    assert not impostor.identity()
    with pytest.raises(ClusterGoneError):
        impostor.control_plane.run(["true"])
    with pytest.raises(LabError, match="nothing was changed"):
        impostor.verify_ownership(lab_cluster.identity())
    impostor.delete()
    assert lab_cluster.control_plane.run(["true"]).ok


def test_ownership_wants_the_very_containers(lab_cluster: KindCluster) -> None:
    known = dict(lab_cluster.identity())
    worker = lab_cluster.nodes[1].name
    lab_cluster.verify_ownership(known)

    for changed in (
        known | {worker: "0" * 64},
        {name: known[name] for name in known if name != worker},
        known | {f"{lab_cluster.name}-worker2": "0" * 64},
        {},
    ):
        with pytest.raises(LabError, match="not as this lab created it"):
            lab_cluster.verify_ownership(changed)


def test_a_node_that_joined_later_is_not_owned(lab_cluster: KindCluster, image: str) -> None:
    name = f"{lab_cluster.name}-worker2"
    theirs = stranger(image, name, "--label", f"io.x-k8s.kind.cluster={lab_cluster.name}")
    try:
        with pytest.raises(LabError, match="lack its mark"):
            lab_cluster.verify_ownership({**lab_cluster.identity(), name: theirs})
        assert name not in lab_cluster.identity()
    finally:
        docker("rm", "-f", theirs)


def test_a_cluster_that_is_gone_says_so(other: KindCluster) -> None:
    with pytest.raises(ClusterGoneError) as problem:
        other.control_plane.run(["true"])
    assert "kluster create" in problem.value.remedy
    with pytest.raises(ClusterGoneError):
        other.verify_ownership({other.control_plane.name: "0" * 64})


# --- doctor's findings


def test_doctor_finds_all_that_is_needed(lab_cluster: KindCluster) -> None:
    findings = {finding.name: finding for finding in examine(engine=lab_cluster.engine)}

    assert [name for name, finding in findings.items() if not (finding.ok or finding.advisory)] == []
    for name in ("python", "kind", "docker", "docker command", "memory", "cgroups", "disk", "node image"):
        assert findings[name].found


def test_doctor_sees_policies_that_are_not_enforced(lab_cluster: KindCluster) -> None:
    """The network plugin's agents are halted: existing rules stay, new ones are not applied."""
    send = (
        "agent=$(crictl ps -q --name '^kindnet'); "
        "kill -$0 $(crictl inspect -o go-template --template '{{.info.pid}}' $agent)"
    )
    for node in lab_cluster.nodes:
        node.run(["bash", "-ec", send, "STOP"]).check()
    try:
        finding = live_deny_test(lab_cluster)
    finally:
        for node in lab_cluster.nodes:
            node.run(["bash", "-ec", send, "CONT"]).check()

    assert not finding.ok
    assert "not enforced" in finding.found
    assert finding.remedy


# --- the choice of the image


def test_the_image_asked_for_goes_first(engine: Engine) -> None:
    assert choose_image(engine, "mine:1", {"KLUSTER_NODE_IMAGE": "theirs:1"}) == "mine:1"
    assert choose_image(engine, None, {"KLUSTER_NODE_IMAGE": "theirs:1"}) == "theirs:1"


def test_the_offline_image_serves_where_kinds_own_is_missing(engine: Engine) -> None:
    own = default_image()
    expected = None if not engine.has_image(OFFLINE_IMAGE) or (own and engine.has_image(own)) else OFFLINE_IMAGE

    assert choose_image(engine, None, {}) == expected
