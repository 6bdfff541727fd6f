"""Doctor's findings on an incomplete machine."""

from pathlib import Path

import pytest

from lab.cluster.base import Finding
from lab.cluster.kind.docker_host import DockerHost
from lab.cluster.kind.engine import Engine
from lab.doctor import examine, playable


def found(findings: list[Finding], name: str) -> Finding:
    return next(finding for finding in findings if finding.name == name)


def test_no_docker(tmp_path: Path) -> None:
    findings = examine(engine=Engine(DockerHost(f"unix://{tmp_path}/docker.sock", "a test")))

    docker = found(findings, "docker")
    assert not docker.ok
    assert str(tmp_path) in docker.found
    assert "Start Docker" in docker.remedy
    assert found(findings, "python").ok


def test_nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    findings = examine(engine=Engine(DockerHost(f"unix://{tmp_path}/docker.sock", "a test")))

    for name in ("kind", "docker command", "docker"):
        assert not found(findings, name).ok
        assert found(findings, name).remedy


def test_a_kind_that_is_too_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "kind"
    program.write_text("#!/bin/sh\necho kind v0.11.1 go1.16.4 linux/amd64\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    kind = found(examine(engine=Engine(DockerHost(f"unix://{tmp_path}/docker.sock", "a test"))), "kind")

    assert not kind.ok
    assert "0.11.1" in kind.found
    assert "0.24" in kind.remedy


def test_a_context_that_does_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONTEXT", "gone")

    docker = found(examine(), "docker")

    assert not docker.ok
    assert "gone" in docker.found


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ([], "You can play now, on a real cluster: kluster play"),
        ([("memory", False, True)], "You can play now, on a real cluster: kluster play"),
        (
            [("kind", False, False), ("python", True, False), ("docker", False, False), ("memory", False, True)],
            "You can play now, on the simulator: kluster play. A real cluster needs: kind, docker.",
        ),
    ],
)
def test_it_ends_in_what_can_be_played(findings: list[tuple[str, bool, bool]], said: str) -> None:
    assert playable([Finding(name, ok=ok, found="", advisory=advisory) for name, ok, advisory in findings]) == said
