"""Noise, silence and crowds at the listener: nobody without the certificate takes it from its client.

`KLUSTER_FUZZ=10000` asks that many odd requests.
"""

import contextlib
import json
import os
import random
import socket
import ssl
import struct
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab.cluster.sim.https import accepting
from tests.sim.https.client import Client

MAPS = "/api/v1/namespaces/default/configmaps"
_REQUESTS = int(os.environ.get("KLUSTER_FUZZ", "50"))


def _line(client: Client) -> socket.socket:
    return socket.create_connection(("127.0.0.1", client.port), timeout=30)


def test_noise_stops_nothing(client: Client) -> None:
    noise = random.Random(7)  # noqa: S311 -- the same noise each time
    for _ in range(_REQUESTS):
        with contextlib.suppress(OSError), _line(client) as line:
            line.sendall(noise.randbytes(noise.randrange(1, 2000)))
            line.shutdown(socket.SHUT_WR)
            line.recv(4096)
    assert client.ask("GET", "/version")[0] == 200


def test_handshakes_that_break_off_stop_nothing(client: Client) -> None:
    noise = random.Random(5)  # noqa: S311 -- the same places each time
    for _ in range(_REQUESTS):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        shaking = client.context.wrap_bio(incoming, outgoing, server_hostname="localhost")
        with contextlib.suppress(ssl.SSLWantReadError):
            shaking.do_handshake()
        hello = bytearray(outgoing.read())
        if noise.random() < 0.5:
            hello[noise.randrange(len(hello))] ^= 0xFF
        with contextlib.suppress(OSError), _line(client) as line:
            line.sendall(hello[: noise.randrange(1, len(hello) + 1)])
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert client.ask("GET", "/version")[0] == 200


def test_a_silent_handshake_is_ended(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "_HANDSHAKE", 0.1)
    with _line(client) as silent:
        assert silent.recv(1) == b""


def test_a_crowd_of_silent_strangers_keeps_nobody_out(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "_MOST_HANDSHAKES", 4)
    silent = [_line(client) for _ in range(20)]
    assert client.ask("GET", "/version")[0] == 200
    # The oldest had to go.
    assert silent[0].recv(1) == b""
    for line in silent:
        line.close()


def test_fifty_clients_at_once_get_all_their_answers(client: Client) -> None:
    def work(number: int) -> list[int]:
        own, name = f"{MAPS}/m{number}", f"m{number}"
        body = json.dumps({"metadata": {"name": name, "labels": {"of": "crowd"}}, "data": {"a": "b"}})
        asked = [
            ("POST", MAPS, body),
            ("PATCH", own, '{"data": {"a": "c"}}'),
            ("GET", own, None),
            ("GET", MAPS, None),
        ]
        connection, codes = client.connect(), []
        for method, path, text in asked:
            kind = "merge-patch+json" if method == "PATCH" else "json"
            connection.request(method, path, text, {"Content-Type": f"application/{kind}"})
            answer = connection.getresponse()
            answer.read()
            codes.append(answer.status)
        connection.close()
        return codes

    watch = client.watch(f"{MAPS}?watch=true&labelSelector=of%3Dcrowd&sendInitialEvents=false")
    with ThreadPoolExecutor(50) as crowd:
        assert list(crowd.map(work, range(50))) == [[201, 200, 200, 200]] * 50
    seen = [watch.next() for _ in range(100)]
    watch.close()
    assert {name for how, name in seen if how == "ADDED"} == {f"m{number}" for number in range(50)}
    assert sum(how == "MODIFIED" for how, _ in seen) == 50


def test_ten_megabytes_are_refused_before_they_are_read(client: Client) -> None:
    for _ in range(3):
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            assert client.ask("POST", MAPS, b"x" * 10 * 1024**2)[0] == 413
    assert client.ask("GET", "/version")[0] == 200


def test_odd_requests_get_an_answer(client: Client) -> None:
    noise = random.Random(11)  # noqa: S311 -- the same requests each time
    letters = "/abz%.~?=&;:@!$'()*+,-_0189"
    for _ in range(_REQUESTS):
        path = "/" + "".join(noise.choices(letters, k=noise.randrange(40)))
        path = noise.choice(["", "/api/v1", "/apis/apps/v1/namespaces/default", MAPS, "/openapi/v3"]) + path
        method = noise.choice(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"])
        kind = noise.choice(["json", "yaml", "merge-patch+json", "vnd.kubernetes.protobuf", "apply-patch+yaml"])
        headers = {"Content-Type": f"application/{kind}"}
        body = noise.choice([None, b"", b"[]", b"{}", b"null", b'{"metadata":5}', noise.randbytes(30)])
        code, answer = client.ask(method, path, body, headers)
        assert isinstance(answer, dict) or code < 500, (method, path, body, answer)
