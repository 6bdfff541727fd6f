"""Ports of pods, forwarded over websockets: kubectl's streams of SPDY, and the older channels."""

import json
import struct
import zlib
from contextlib import AbstractContextManager

import pytest
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync import client as websocket_client
from websockets.sync.client import ClientConnection
from websockets.typing import Subprotocol

from lab.cluster.sim.https.spdy import DICTIONARY, Spdy, SpdyError
from tests.sim.driving import Driver
from tests.sim.https.client import Client

STREAMS, CHANNELS = Subprotocol("SPDY/3.1+portforward.k8s.io"), Subprotocol("v4.channel.k8s.io")
ASKED = b"GET /hostname HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def name(client: Client) -> str:
    """The name of a web server's pod."""
    _, found = client.ask("GET", "/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb")
    return str(found["items"][0]["metadata"]["name"])


@pytest.fixture
def odd_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the library of these tests ask for a protocol with a slash in its name, as kubectl does."""
    monkeypatch.setattr(websocket_client, "validate_subprotocols", lambda _: None)
    monkeypatch.setattr(
        ClientProtocol, "process_subprotocol", lambda _, headers: headers.get("Sec-WebSocket-Protocol")
    )


def forward(
    client: Client, name: str, protocol: Subprotocol, query: str = ""
) -> AbstractContextManager[ClientConnection]:
    """Connect to a pod's ports while the body runs."""
    url = f"wss://127.0.0.1:{client.port}/api/v1/namespaces/shop/pods/{name}/portforward{query}"
    return websocket_client.connect(url, ssl=client.context, subprotocols=[protocol], proxy=None)


class Streams:
    """kubectl's side of SPDY."""

    def __init__(self) -> None:
        self._pack = zlib.compressobj(zdict=DICTIONARY)
        self._unpack = zlib.decompressobj(zdict=DICTIONARY)

    def opened(self, stream: int, **headers: object) -> bytes:
        """Open a stream."""
        words = [str(word).encode() for pair in headers.items() for word in pair]
        text = struct.pack(">I", len(headers)) + b"".join(struct.pack(">I", len(word)) + word for word in words)
        packed = self._pack.compress(text) + self._pack.flush(zlib.Z_SYNC_FLUSH)
        body = struct.pack(">IIH", stream, 0, 0) + packed
        return struct.pack(">II", 0x80030001, len(body)) + body

    def read(self, data: bytes) -> list[tuple[str, int, bytes, bool]]:
        """Return the frames of the answer: kind, stream, data, whether it is the last."""
        found = []
        while data:
            first, second = struct.unpack_from(">II", data)
            body, data = data[8 : 8 + (second & 0xFFFFFF)], data[8 + (second & 0xFFFFFF) :]
            if not first >> 31:
                found.append(("data", first, body, bool(second >> 24)))
                continue
            kind = {2: "accepted", 3: "reset", 6: "ping"}[first & 0xFFFF]
            if kind == "accepted":
                assert self._unpack.decompress(body[4:]) == bytes(4)
            found.append((kind, struct.unpack_from(">I", body)[0], b"", False))
        return found


def _pair(streams: Streams, port: int, first: int = 1) -> bytes:
    number = {"port": port, "requestid": first}
    return streams.opened(first, streamtype="error", **number) + streams.opened(
        first + 2, streamtype="data", **number
    )


def _answers(connection: ClientConnection, streams: Streams) -> list[tuple[str, int, bytes, bool]]:
    message = connection.recv(60)
    assert isinstance(message, bytes)
    return streams.read(message)


@pytest.mark.usefixtures("odd_names")
def test_two_connections_run_through_one_websocket(client: Client, name: str) -> None:
    streams = Streams()
    with forward(client, name, STREAMS) as connection:
        assert connection.subprotocol == STREAMS
        connection.send(_pair(streams, 8080) + _pair(streams, 8080, 5))
        assert [frame[:2] for frame in _answers(connection, streams)] == [
            ("accepted", 1), ("accepted", 3), ("accepted", 5), ("accepted", 7),
        ]  # fmt: skip
        for stream in (7, 3):
            # The request comes in two parts.
            connection.send(struct.pack(">II", stream, 10) + ASKED[:10])
            connection.send(struct.pack(">II", stream, len(ASKED) - 10) + ASKED[10:])
            kind, where, data, last = _answers(connection, streams)[0]
            assert (kind, where, last) == ("data", stream, False)
            assert data.startswith(b"HTTP/1.1 200 OK\r\n")
            assert data.endswith(b"\r\n\r\n" + name.encode())
        connection.send(struct.pack(">II", 3, 1 << 24))
        assert _answers(connection, streams) == [("data", 3, b"", True), ("data", 1, b"", True)]


@pytest.mark.usefixtures("odd_names")
def test_a_port_that_nobody_listens_on_is_told_in_the_runtimes_words(client: Client, name: str) -> None:
    streams = Streams()
    with forward(client, name, STREAMS) as connection:
        connection.send(_pair(streams, 81))
        *_, told, reset = _answers(connection, streams)
        assert told[0:2] == ("data", 1)
        assert b"failed to connect to localhost:81 inside namespace" in told[2]
        assert b"dial tcp4 127.0.0.1:81: connect: connection refused" in told[2]
        assert reset[:2] == ("reset", 3)
        connection.send(struct.pack(">III", 0x80030006, 4, 9))
        assert _answers(connection, streams) == [("ping", 9, b"", False)]


@pytest.mark.usefixtures("odd_names")
def test_noise_within_a_tunnel_ends_it_alone(client: Client, name: str) -> None:
    with forward(client, name, STREAMS) as connection:
        connection.send(b"\x80\x07" + bytes(30))
        with pytest.raises(ConnectionClosed):
            connection.recv(60)
    assert client.ask("GET", "/version")[0] == 200


@pytest.mark.usefixtures("odd_names")
def test_a_tunnel_ends_with_its_pod(client: Client, name: str, driver: Driver) -> None:
    with forward(client, name, STREAMS) as connection:
        driver.out(f"kubectl -n shop delete pod {name} --grace-period=0 --force")
        driver.cluster.advance(40)
        with pytest.raises(ConnectionClosed):
            connection.recv(60)


def test_channels_begin_with_their_port(client: Client, name: str) -> None:
    with forward(client, name, CHANNELS, "?ports=8080,81") as connection:
        found = [connection.recv(60) for _ in range(5)]
        assert found[:4] == [b"\0\x90\x1f", b"\1\x90\x1f", b"\2\x51\0", b"\3\x51\0"]
        assert isinstance(found[4], bytes)
        assert found[4].startswith(b"\3error forwarding port 81 to pod ")
        connection.send(b"\0" + ASKED)
        answer = connection.recv(60)
        assert isinstance(answer, bytes)
        assert answer.startswith(b"\0HTTP/1.1 200 OK\r\n")


def test_a_program_that_speaks_no_http_back_refuses_noise(client: Client, name: str) -> None:
    with forward(client, name, CHANNELS, "?ports=8080") as connection:
        connection.recv(60)
        connection.recv(60)
        connection.send(b"\0\1\2\3\r\n\r\n")
        answer = connection.recv(60)
        assert isinstance(answer, bytes)
        assert answer.startswith(b"\0HTTP/1.1 400 Bad Request\r\n")


@pytest.mark.parametrize(("query", "code"), [("", 400), ("?ports=0", 400), ("?ports=x", 400)])
def test_ports_are_required(client: Client, name: str, query: str, code: int) -> None:
    with pytest.raises(InvalidStatus) as refused, forward(client, name, CHANNELS, query):
        pass
    assert refused.value.response.status_code == code


def test_without_a_websocket_the_same_is_refused(client: Client, name: str) -> None:
    path = "/api/v1/namespaces/shop/pods"
    assert client.ask("POST", f"{path}/none/portforward")[0] == 404
    code, answer = client.ask("POST", f"{path}/{name}/portforward")
    assert (code, answer["message"]) == (400, "Upgrade request required")
    code, answer = client.ask("POST", f"{path}/{name}/portforward", headers={"Upgrade": "SPDY/3.1"})
    assert (code, answer["reason"]) == (501, "NotImplemented")
    assert "websocket" in json.dumps(answer)


@pytest.mark.parametrize(
    "sent",
    [
        struct.pack(">II", 0x80020001, 0),
        struct.pack(">II", 0x80030001, 20) + bytes(20),
        struct.pack(">II", 0x80030001, 12) + bytes(10) + b"\xff\xff",
        struct.pack(">II", 1, 0xFFFFFF),
        Streams().opened(1, x="y" * 20_000),
    ],
    ids=["version", "no headers", "damaged headers", "too long", "headers too long"],
)
def test_frames_that_are_none_are_refused(sent: bytes) -> None:
    with pytest.raises(SpdyError):
        Spdy().receive(sent)
