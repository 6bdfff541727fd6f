"""The choice of the Docker engine, in home folders as the `docker` command lays them out."""

import hashlib
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.cluster.kind.docker_host import DockerHost, find_docker_host
from lab.errors import LabError


@contextmanager
def listening(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        yield


def context(home: Path, name: str, url: str) -> None:
    folder = home / ".docker/contexts/meta" / hashlib.sha256(name.encode()).hexdigest()
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": url}}}))


def in_use(home: Path, name: str) -> None:
    (home / ".docker").mkdir(exist_ok=True)
    (home / ".docker/config.json").write_text(json.dumps({"currentContext": name}))


def test_docker_host_goes_before_all(tmp_path: Path) -> None:
    context(tmp_path, "other", "unix:///other.sock")
    in_use(tmp_path, "other")

    host = find_docker_host(
        {"HOME": str(tmp_path), "DOCKER_HOST": "tcp://127.0.0.1:2375", "DOCKER_CONTEXT": "other"}
    )

    assert (host.url, host.found_by, host.socket) == ("tcp://127.0.0.1:2375", "DOCKER_HOST", None)


def test_the_context_in_use(tmp_path: Path) -> None:
    context(tmp_path, "colima", "unix:///colima.sock")
    in_use(tmp_path, "colima")

    host = find_docker_host({"HOME": str(tmp_path)})

    assert host.url == "unix:///colima.sock"
    assert "colima" in host.found_by
    assert host.socket == Path("/colima.sock")


def test_docker_context_goes_before_the_context_in_use(tmp_path: Path) -> None:
    for name in ("one", "two"):
        context(tmp_path, name, f"unix:///{name}.sock")
    in_use(tmp_path, "one")

    assert find_docker_host({"HOME": str(tmp_path), "DOCKER_CONTEXT": "two"}).url == "unix:///two.sock"


def test_docker_config_is_another_place_for_contexts(tmp_path: Path) -> None:
    context(tmp_path, "there", "unix:///there.sock")

    host = find_docker_host(
        {"HOME": "/nowhere", "DOCKER_CONFIG": str(tmp_path / ".docker"), "DOCKER_CONTEXT": "there"}
    )

    assert host.url == "unix:///there.sock"


@pytest.mark.skipif(Path("/var/run/docker.sock").is_socket(), reason="Docker's default socket goes first")
def test_docker_desktop_without_a_context(tmp_path: Path) -> None:
    with listening(tmp_path / ".docker/run/docker.sock"):
        host = find_docker_host({"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)})

    assert (host.socket, host.found_by) == (tmp_path / ".docker/run/docker.sock", "Docker Desktop")


def test_the_default_context_is_the_usual_socket(tmp_path: Path) -> None:
    in_use(tmp_path, "default")

    host = find_docker_host({"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)})

    assert host.url == "unix:///var/run/docker.sock"


@pytest.mark.parametrize("content", ["", "[]", "{", '{"currentContext": 5}'])
def test_a_config_that_says_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker/config.json").write_text(content)

    assert (
        find_docker_host({"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}).found_by == "Docker's default"
    )


def test_a_context_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="gone") as problem:
        find_docker_host({"HOME": str(tmp_path), "DOCKER_CONTEXT": "gone"})
    assert "docker context ls" in problem.value.remedy


@pytest.mark.parametrize(
    "environ",
    [
        {"DOCKER_HOST": "ssh://me@far"},
        {"DOCKER_HOST": "tcp://far:2376", "DOCKER_TLS_VERIFY": "1"},
    ],
)
def test_an_engine_elsewhere_is_refused(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(LabError, match=environ["DOCKER_HOST"]) as problem:
        find_docker_host({"HOME": str(tmp_path)} | environ)
    assert problem.value.remedy


def test_kind_gets_the_same_engine() -> None:
    before = {"PATH": "/bin", "DOCKER_CONTEXT": "other", "DOCKER_TLS_VERIFY": "1", "DOCKER_HOST": "tcp://old"}

    assert DockerHost("unix:///x.sock", "a test").environment(before) == {
        "PATH": "/bin",
        "DOCKER_HOST": "unix:///x.sock",
    }
