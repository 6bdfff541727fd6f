"""Who may come in, by a real socket, and which requests and frames are refused."""

import asyncio
import contextlib
import json
import struct
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.serve.player import post
from tests.serve.serving import ONE, THREE, TWO, Serving, seated


def test_a_wrong_code_opens_nothing(serving: Serving) -> None:
    status, told, cookie = post(serving.url, "/join", {"code": "BBBB-2222"})
    assert status == 403
    assert "no such code" in told["problem"]
    assert not cookie


def test_the_cookie_is_for_the_server_alone(serving: Serving) -> None:
    host = urlsplit(serving.url).netloc
    import http.client  # noqa: PLC0415

    connection = http.client.HTTPConnection(host)
    headers = {"Content-Type": "application/json", "Origin": serving.url}
    connection.request("POST", "/join", json.dumps({"code": serving.code(THREE)}), headers)
    cookie = connection.getresponse().getheader("set-cookie") or ""
    connection.close()
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie.replace("Strict", "strict")


@pytest.mark.parametrize("path", ["/seat", "/board", "/projector"])
def test_pages_are_for_those_who_joined(serving: Serving, path: str) -> None:
    for cookie in (
        "",
        "kluster_seat=",
        "kluster_seat=forged",
        "kluster_seat=" + "x" * 3000,
        'kluster_seat="; a=b',
    ):
        status, _, headers = serving.get(path, cookie)
        assert (status, headers.get("location")) == (303, "/")


def test_a_player_has_no_board(serving: Serving) -> None:
    cookie = serving.cookie(THREE)
    assert serving.get("/board", cookie)[0] == 303
    assert serving.get("/board/events", cookie)[0] == 403
    assert post(serving.url, "/board/act", {"do": "stop"}, cookie=cookie)[0] == 403
    assert post(serving.url, "/board/act", {"do": "reissue", "seat": ONE}, cookie=cookie)[0] == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1:1"},
        {"Host": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Origin": "http://127.0.0.1:{port}.evil.example"},
        {"Origin": "http://127.0.0.1"},
    ],
)
def test_requests_of_other_pages_and_for_other_hosts_are_refused(
    serving: Serving, headers: dict[str, str]
) -> None:
    port = str(urlsplit(serving.url).port)
    given = {name: value.replace("{port}", port) for name, value in headers.items()}
    assert post(serving.url, "/join", {"code": serving.code(ONE)}, headers=given)[0] == 403


def test_a_form_of_another_page_says_nothing(serving: Serving) -> None:
    headers = {"Content-Type": "text/plain"}
    assert post(serving.url, "/join", {"code": serving.code(ONE)}, headers=headers)[0] == 403


def test_headers_forbid_what_no_page_needs(serving: Serving) -> None:
    for path in ("/", "/static/seat.js", "/nowhere"):
        headers = serving.get(path)[2]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script-src 'self';" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/../web.py",
        "/static/..%2f..%2fweb.py",
        "/static/%2e%2e/%2e%2e/run.py",
        "/static//etc/passwd",
        "/event.yaml",
        "/state.json",
        "/static/../../../../../../etc/passwd",
    ],
)
def test_no_path_leads_to_other_files(serving: Serving, path: str) -> None:
    status, body, _ = serving.get(path)
    assert status in {403, 404}
    assert b"import" not in body
    assert b"root:" not in body


def test_no_line_without_a_seat(serving: Serving) -> None:
    host = urlsplit(serving.url).netloc
    good = serving.cookie(THREE)

    async def knock(cookie: str, origin: str) -> int:
        try:
            async with connect(
                f"ws://{host}/seat/line",
                additional_headers={"Cookie": cookie},
                origin=origin,  # type: ignore[arg-type]
            ):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    async def play() -> None:
        assert await knock("", f"http://{host}") == 403
        assert await knock("kluster_seat=forged", f"http://{host}") == 403
        assert await knock(serving.instructor, f"http://{host}") == 403
        assert await knock(good, "http://evil.example") == 403
        assert await knock(good, f"https://{host}") == 403
        assert await knock(good, f"http://{host}") == 101

    asyncio.run(play())


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"X",
        b"I",
        b"I\0\0\0\1",
        b"A1",
        b"R\0",
        b"H{}",
        b"\xff" * 100,
        b"I" + b"x" * 40_000,
        b"U" + b"x",
    ],
)
def test_frames_that_make_no_sense_end_the_line_and_nothing_else(serving: Serving, frame: bytes) -> None:
    async def play() -> None:
        player = await seated(serving, THREE)
        await player.send(frame)
        await player.wait(lambda: player.closed is not None)
        again = await seated(serving, THREE)
        await again.type(b"\x15echo al''ive\r")
        await again.until(b"alive")
        await again.close()

    asyncio.run(play())


@pytest.mark.parametrize(
    "hello",
    [
        b"",
        b"H",
        b"Hnull",
        b"H[]",
        b'H{"page": "p"}',
        b'H{"page": "p", "first": 0, "cols": 80, "rows": 24}',
        b'H{"page": "p", "first": 1, "cols": "x", "rows": 24}',
        b'H{"page": "' + b"p" * 100 + b'", "first": 1, "cols": 80, "rows": 24}',
        b"I\0\0\0\1rm -rf /",
    ],
)
def test_a_client_without_an_introduction_gets_nothing(serving: Serving, hello: bytes) -> None:
    host = urlsplit(serving.url).netloc

    async def play() -> None:
        headers = {"Cookie": serving.cookie(THREE)}
        async with connect(f"ws://{host}/seat/line", additional_headers=headers, origin=f"http://{host}") as line:  # type: ignore[arg-type]
            await line.send(hello)
            with pytest.raises(ConnectionClosed):
                await line.recv()
            assert line.close_code == 4000

    asyncio.run(play())


def test_a_flood_ends_its_own_line(serving: Serving) -> None:
    async def play() -> None:
        flood, other = await seated(serving, TWO), await seated(serving, THREE)
        with contextlib.suppress(ConnectionClosed):
            for _ in range(20_000):
                await flood.send(b"R" + struct.pack("!HH", 100, 30))
        await flood.wait(lambda: flood.closed is not None)
        assert flood.closed == 4008
        other.forget()
        await other.type(b"\x15echo ca''lm\r")
        await other.until(b"calm")
        await other.close()

    asyncio.run(play())
