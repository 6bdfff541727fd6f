"""The lab's handling of a Docker engine's answers; a small HTTP server plays the engine."""

import gc
import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar

import pytest

from lab.cluster.base import ClusterGoneError, NodeDownError
from lab.cluster.kind import execution
from lab.cluster.kind.docker_host import DockerHost
from lab.cluster.kind.engine import DockerUnreachableError, Engine
from lab.errors import LabError

Answer = tuple[int, Any] | bytes | None
Answers = dict[str, Answer]


class Server(socketserver.ThreadingUnixStreamServer):
    """Answers by the end of the path: a status and JSON, raw bytes, or `None`: it hangs up."""

    daemon_threads = True
    answers: ClassVar[Answers] = {}


class Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.partition("?")[0]
        answers = {"/version": (200, {"ApiVersion": "1.41"}), **Server.answers}
        answer = next((answers[end] for end in answers if path.endswith(end)), (404, {"message": f"no {path}"}))
        if answer is None:
            self.close_connection = True
        elif isinstance(answer, bytes):
            self.wfile.write(answer)
            self.close_connection = True
        else:
            body = json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    do_GET = do_POST = do_DELETE = _answer  # noqa: N815 -- the names that http.server looks for

    def log_message(self, *_args: object) -> None:
        """Print nothing."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Callable[[Answers], Engine]]:
    opened: list[Engine] = []
    with Server(str(tmp_path / "docker.sock"), Request) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()

        def answering(answers: Answers) -> Engine:
            Server.answers = answers
            opened.append(Engine(DockerHost(f"unix://{tmp_path}/docker.sock", "a test")))
            return opened[-1]

        yield answering
        for each in opened:
            each.close()
        server.shutdown()
        thread.join()


def frame(channel: int, data: bytes) -> bytes:
    return bytes([channel, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"


def test_output_that_comes_with_the_header_is_not_lost(engine: Callable[[Answers], Engine]) -> None:
    docker = engine(
        {
            "/containers/x/exec": (201, {"Id": "e"}),
            "/exec/e/start": UPGRADED + frame(1, b"early\n") + frame(2, b"err"),
            "/exec/e/json": (200, {"Running": False, "ExitCode": 5}),
        }
    )

    result = execution.run(docker, "x", ["true"], node="n", stdin=None, timeout=10, env={})

    assert (result.rc, result.stdout, result.stderr) == (5, "early\n", "err")


@pytest.mark.parametrize(
    "state", ["is not running", "is paused, unpause the container", "is restarting, wait until"]
)
def test_a_container_that_does_not_run_is_a_node_that_is_down(
    engine: Callable[[Answers], Engine], state: str
) -> None:
    docker = engine({"/containers/x/exec": (409, {"message": f"Container x {state}"})})

    with pytest.raises(NodeDownError, match="does not run") as problem:
        docker.exec("x", ["true"], env={})
    assert state in problem.value.detail


def test_a_container_that_is_not_there(engine: Callable[[Answers], Engine]) -> None:
    docker = engine({})

    with pytest.raises(ClusterGoneError):
        docker.exec("x", ["true"], env={})
    assert docker.container_named("x") is None
    assert not docker.has_image("x:1")
    docker.remove("x")
    docker.remove_network("x")


def test_a_refusal_says_why_and_what_to_do(engine: Callable[[Answers], Engine]) -> None:
    docker = engine({"/networks/x": (403, {"message": "network x has active endpoints"})})

    with pytest.raises(LabError, match="refused to remove a network") as problem:
        docker.remove_network("x")

    assert problem.value.detail == "network x has active endpoints"
    assert "docker network inspect" in problem.value.remedy


def test_a_docker_that_stops_half_way(engine: Callable[[Answers], Engine]) -> None:
    docker = engine({"/info": None})

    with pytest.raises(DockerUnreachableError, match="does not answer") as problem:
        docker.info()
    assert "Start Docker" in problem.value.remedy


def test_a_docker_that_stops_while_a_command_runs(engine: Callable[[Answers], Engine]) -> None:
    docker = engine(
        {
            "/containers/x/exec": (201, {"Id": "e"}),
            "/exec/e/start": UPGRADED + frame(1, b"half of the out")[:12],
            "/exec/e/json": None,
        }
    )

    with pytest.raises(DockerUnreachableError):
        execution.run(docker, "x", ["true"], node="n", stdin=b"input", timeout=10, env={})


def test_a_node_that_goes_down_while_a_command_runs(engine: Callable[[Answers], Engine]) -> None:
    docker = engine({"/containers/x/exec": (201, {"Id": "e"}), "/exec/e/start": UPGRADED})

    with pytest.raises(NodeDownError):
        execution.run(docker, "x", ["true"], node="n", stdin=None, timeout=10, env={})


def test_a_docker_that_has_gone_leaves_no_sockets_open(
    engine: Callable[[Answers], Engine], tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    docker = engine({"/info": (200, {})})
    docker.info()
    (tmp_path / "docker.sock").unlink()
    docker.close()  # an idle connection would still be served

    for _ in range(3):
        with pytest.raises(DockerUnreachableError, match="does not answer"):
            docker.info()
    gc.collect()

    assert [str(each.message) for each in recwarn if each.category is ResourceWarning] == []


def test_no_docker_at_all(tmp_path: Path) -> None:
    docker = Engine(DockerHost(f"unix://{tmp_path}/none.sock", "a test"))

    with pytest.raises(DockerUnreachableError, match="a test") as problem:
        docker.info()
    assert "No such file" in problem.value.detail
