"""The kind backend without Docker: names, and messages before anything is created."""

from pathlib import Path

import pytest

from lab.cluster.kind.cluster import KindCluster
from lab.cluster.kind.docker_host import DockerHost
from lab.cluster.kind.engine import DockerUnreachableError, Engine
from lab.errors import LabError, UsageProblem
from lab.progress import Silent


def no_docker(tmp_path: Path) -> Engine:
    return Engine(DockerHost(f"unix://{tmp_path}/docker.sock", "a test"))


def test_nodes_are_named_as_kind_does(tmp_path: Path) -> None:
    cluster = KindCluster("x", tmp_path, nodes=["worker", "control-plane", "worker", "worker"])

    assert [(node.name, node.role) for node in cluster.nodes] == [
        ("x-control-plane", "control-plane"),
        ("x-worker", "worker"),
        ("x-worker2", "worker"),
        ("x-worker3", "worker"),
    ]
    assert cluster.control_plane is cluster.nodes[0]


@pytest.mark.parametrize("name", ["", "A", "a_b", "-a", "a-", "a.b", "../a", "a" * 41, "é", "a\n"])
def test_names_that_kubernetes_would_refuse(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageProblem, match="can't be a lab's name"):
        KindCluster(name, tmp_path)


@pytest.mark.parametrize("nodes", [[], ["worker"], ["control-plane", "control-plane"]])
def test_one_control_plane(tmp_path: Path, nodes: list[str]) -> None:
    with pytest.raises(UsageProblem, match="one control-plane"):
        KindCluster("x", tmp_path, nodes=nodes)  # type: ignore[arg-type]


def test_without_kind_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(LabError, match="no `kind` on PATH") as problem:
        KindCluster("x", tmp_path / "lab", engine=no_docker(tmp_path)).create(Silent())

    assert "Install it" in problem.value.remedy
    assert not (tmp_path / "lab").exists()


def test_without_docker_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for program in ("kind", "docker"):
        (tmp_path / program).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    cluster = KindCluster("x", tmp_path / "lab", engine=no_docker(tmp_path))

    for ask in (lambda: cluster.create(Silent()), cluster.exists, cluster.delete, cluster.identity):
        with pytest.raises(DockerUnreachableError) as problem:
            ask()
        assert "Start Docker" in problem.value.remedy
    assert not (tmp_path / "lab").exists()
    with pytest.raises(DockerUnreachableError):
        cluster.control_plane.run(["true"])
