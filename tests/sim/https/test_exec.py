"""Programs in containers, run by clients over websockets."""

import contextlib
import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from urllib.parse import urlencode

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.sim.https.client import Client

V5 = Subprotocol("v5.channel.k8s.io")


@pytest.fixture
def pod(client: Client) -> str:
    """The path of a pod that has a shell."""
    _, found = client.ask("GET", "/api/v1/namespaces/shop/pods?labelSelector=app%3Dclient")
    return f"/api/v1/namespaces/shop/pods/{found['items'][0]['metadata']['name']}"


def run(
    client: Client, pod: str, argv: Sequence[str], *, protocol: Subprotocol = V5, **query: str
) -> AbstractContextManager[ClientConnection]:
    """Connect to a program while the body runs."""
    return program(client, f"{pod}/exec", *(("command", word) for word in argv), protocol=protocol, **query)


def program(
    client: Client, path: str, *words: tuple[str, str], protocol: Subprotocol = V5, **query: str
) -> AbstractContextManager[ClientConnection]:
    """Connect to a program by the path of exec or attach while the body runs."""
    asked = urlencode([*words, ("stdout", "true"), ("stderr", "true"), *query.items()])
    url = f"wss://127.0.0.1:{client.port}{path}?{asked}"
    return connect(url, ssl=client.context, subprotocols=[protocol], proxy=None)


def ended(connection: ClientConnection) -> dict[int, bytes]:
    """Return channel -> all that came until the end."""
    found: dict[int, bytes] = {}
    with contextlib.suppress(ConnectionClosed):
        while True:
            frame = connection.recv(60)
            assert isinstance(frame, bytes)
            found[frame[0]] = found.get(frame[0], b"") + frame[1:]
    return found


def test_streams_and_exit_code_come_in_their_channels(client: Client, pod: str) -> None:
    with run(client, pod, ["sh", "-c", "echo out; echo err >&2; exit 3"]) as connection:
        found = ended(connection)
    status = json.loads(found.pop(3))
    assert found == {1: b"out\n", 2: b"err\n"}
    assert status["reason"] == "NonZeroExitCode"
    assert status["details"]["causes"] == [{"reason": "ExitCode", "message": "3"}]


def test_input_ends_with_the_message_that_closes_it(client: Client, pod: str) -> None:
    with run(client, pod, ["cat"], stdin="true") as connection:
        connection.send(b"\0hello\n")
        connection.send(b"\xff\0")
        found = ended(connection)
    assert found[1] == b"hello\n"
    assert json.loads(found[3])["status"] == "Success"


def test_messages_may_be_text(client: Client, pod: str) -> None:
    # Python's own client sends what is typed so.
    with run(client, pod, ["sh"], stdin="true") as connection:
        connection.send("\0echo hi; exit 4\n")
        found = ended(connection)
    assert found[1] == b"hi\n"
    assert json.loads(found[3])["details"]["causes"][0]["message"] == "4"


def test_a_terminal_shows_what_is_typed(client: Client, pod: str) -> None:
    with run(client, pod, ["sh"], stdin="true", tty="true") as connection:
        connection.send(b'\4{"Width":100,"Height":30}')
        connection.send(b"\0echo $((6 * 7)); exit 4\r")
        found = ended(connection)
    assert b"42\r\n" in found[1]
    assert json.loads(found[3])["details"]["causes"][0]["message"] == "4"


def test_a_program_that_is_not_there_is_named(client: Client, pod: str) -> None:
    with run(client, pod, ["nosuch"]) as connection:
        status = json.loads(ended(connection)[3])
    assert status["reason"] == "InternalError"
    assert 'exec: "nosuch": executable file not found in $PATH' in status["message"]


@pytest.mark.parametrize(
    ("change", "code"),
    [({"container": "none"}, 400), ({"protocol": "v1.channel.k8s.io"}, 400), ({"pod": "/none"}, 404)],
)
def test_what_is_refused_is_not_connected(client: Client, pod: str, change: dict[str, str], code: int) -> None:
    path = pod.rpartition("/")[0] + change["pod"] if "pod" in change else pod
    protocol = Subprotocol(change.get("protocol", V5))
    query = {key: value for key, value in change.items() if key == "container"}
    with pytest.raises(InvalidStatus) as refused, run(client, path, ["ls"], protocol=protocol, **query):
        pass
    assert refused.value.response.status_code == code
