"""Attempts at the doors: requests by people who have no seat, or who have one and want more."""

import contextlib
import hashlib
import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from lab.serve.event.codes import fingerprint
from lab.serve.server import acts
from tests.serve.doors import Doors, doors
from tests.serve.player import post

EVENT = """\
schema: 1
title: "<script>alert(1)</script>"
seats: 3
people: [{name: "Ada <img src=x onerror=alert(1)>"}, {name: "=HYPERLINK(1)"}]
minutes: 30
"""
ONE, TWO = "seat-001", "seat-002"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with doors(tmp_path_factory.mktemp("event"), EVENT) as answering:
        yield answering


def raw(opened: Doors, request: bytes) -> bytes:
    """Send bytes as they are, with `HOST` replaced; return the whole answer, empty if the line was closed."""
    host = urlsplit(opened.url)
    with socket.create_connection((host.hostname, host.port), timeout=20) as line:
        answer = b""
        # A server that has heard enough may close the line while the rest is on its way.
        with contextlib.suppress(OSError):
            line.sendall(request.replace(b"HOST", host.netloc.encode()))
            line.shutdown(socket.SHUT_WR)
            while data := line.recv(65536):
                answer += data
        return answer


def codes(opened: Doors) -> list[str]:
    """Return every code of the event."""
    state = opened.hall.state
    return [state.code, *(seat.code for seat in state.seats.values())]


# --- paths ---

PATHS = (
    "/static/../web.py",
    "/static/..%2f..%2fweb.py",
    "/static/%2e%2e/%2e%2e/run.py",
    "/static/%252e%252e/run.py",
    "/static/..\\..\\web.py",
    "/static/..%5c..%5cweb.py",
    "/static/%00",
    "/static/seat.js%00.html",
    "/static//etc/passwd",
    "/static/vendor/../../guard.py",
    "/static/../../../../../../etc/passwd",
    "//etc/passwd",
    "/seat/../board",
    "/board/../state.json",
    "/board;/",
    "/%62oard",
    "/event.yaml",
    "/state.json",
    "/server.json",
    "/attempts/seat-001.jsonl",
    "/.git/config",
    "/metrics",
)


@pytest.mark.parametrize("path", PATHS)
def test_no_path_gives_a_file_or_a_board(opened: Doors, path: str) -> None:
    for cookie in ("", opened.cookie(ONE)):
        status, page = opened.get(path, Cookie=cookie)
        assert status in {303, 307, 400, 403, 404}, page[:200]
        assert not any(words in page for words in ("import ", "root:", "seat-001", "data-board"))
        assert not any(code in page for code in codes(opened))


# --- cookies ---


def forged(opened: Doors) -> dict[str, str]:
    """Return cookies that somebody may make of what is public, found on a disk, or kept from before."""
    good = opened.cookie(ONE).partition("=")[2]
    kept = opened.hall.state.seats[ONE]
    return {
        "the instructor's name": "kluster_seat=instructor",
        "a seat's name": f"kluster_seat={ONE}",
        "a seat's code": f"kluster_seat={kept.code}",
        "the instructor's code": f"kluster_seat={opened.hall.state.code}",
        "the fingerprint that is kept": f"kluster_seat={fingerprint(good)}",
        "a SHA-256 of the code": f"kluster_seat={hashlib.sha256(kept.code.encode()).hexdigest()}",
        "one byte off": f"kluster_seat={good[:-1]}{'A' if good[-1] != 'A' else 'B'}",
        "a part of one": f"kluster_seat={good[:20]}",
        "one with more behind it": f"kluster_seat={good}AAAA",
        "nothing": "kluster_seat=",
        "a quote": 'kluster_seat="; HttpOnly; a=b',
        "a long one": "kluster_seat=" + "x" * 6000,
        "another name": f"Kluster_Seat={good}",
        "no ASCII": "kluster_seat=" + "\xfc" * 20,
    }


FORGED = ("the instructor's name", "a seat's name", "a seat's code", "the instructor's code",
          "the fingerprint that is kept", "a SHA-256 of the code", "one byte off", "a part of one",
          "one with more behind it", "nothing", "a quote", "a long one", "another name", "no ASCII")  # fmt: skip


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_cookie_opens_nothing(opened: Doors, how: str) -> None:
    cookie = forged(opened)[how]
    assert set(forged(opened)) == set(FORGED)
    for path in ("/seat", "/board", "/projector"):
        assert opened.get(path, Cookie=cookie)[0] == 303
    for path in ("/board/events", "/projector/events", "/board/qr.svg"):
        assert opened.get(path, Cookie=cookie)[0] == 403
    assert opened.post("/board/act", {"do": "stop"}, cookie)[0] == 403


def test_a_cookie_of_another_event_opens_nothing(opened: Doors, tmp_path_factory: pytest.TempPathFactory) -> None:
    with doors(tmp_path_factory.mktemp("other"), EVENT) as other:
        theirs = other.cookie("instructor")
    assert opened.get("/board", Cookie=theirs)[0] == 303


def test_a_cookie_of_before_the_new_code_opens_nothing(opened: Doors) -> None:
    old = opened.cookie("seat-003")
    status, told = opened.post("/board/act", {"do": "reissue", "seat": "seat-003"}, opened.cookie("instructor"))
    assert status == 200, told
    assert opened.get("/seat", Cookie=old)[0] == 303


# --- what a player asks of the board ---

ACTS = sorted({*acts._FOR_ALL, *acts._TO_SOME, *acts._FOR_SEATS, *acts._FOR_CHAIRS, "add-seat", "hello"})


@pytest.mark.parametrize("do", ACTS)
def test_a_player_does_nothing_that_is_the_instructors(opened: Doors, do: str) -> None:
    before = opened.hall.state.model_dump_json()
    said = {"do": do, "seat": TWO, "words": "x", "symptom": "distance", "name": "x"}
    assert opened.post("/board/act", said, opened.cookie(ONE))[0] == 403
    after = opened.hall.state.model_dump_json()
    # The player's own coming is all that has changed.
    assert json.loads(after)["seats"][TWO] == json.loads(before)["seats"][TWO]
    assert json.loads(after)["code"] == json.loads(before)["code"]


@pytest.mark.parametrize(
    "said",
    [
        {"do": "reissue", "seat": "../../state"},
        {"do": "reissue", "chair": ["seat-001"]},
        {"do": "say", "words": ["x"] * 3000},
        {"do": {"$ne": 1}},
        {"do": "gift", "seat": ONE, "symptom": "../hints"},
        {"do": "rename", "seat": ONE, "name": ""},
        {"do": "captain", "seat": "seat-999"},
    ],
    ids=lambda said: str(said)[:60],
)
def test_what_makes_no_sense_is_refused_in_words(opened: Doors, said: dict[str, object]) -> None:
    status, told = opened.post("/board/act", said, opened.cookie("instructor"))
    assert (status, "problem" in told) in {(409, True), (200, False)}, told
    assert "Traceback" not in str(told)


GET = b"GET /board HTTP/1.1\r\nHost: HOST\r\n"
POST = b"POST /board HTTP/1.1\r\nHost: HOST\r\nOrigin: http://HOST\r\n"


# --- codes ---


@pytest.mark.parametrize(
    "code",
    [
        None,
        "",
        " ",
        7,
        ["AAAA"],
        {"$gt": ""},
        "' OR 1=1 --",
        "AAAA-\0",
        "\uff21" * 9,
        "A" * 10_000,
        "%s%n",
        "*",
        "seat-001",
    ],
    ids=lambda code: repr(code)[:20],
)
def test_what_is_no_code_opens_nothing(opened: Doors, code: object) -> None:
    status, told, cookie = post(opened.url, "/join", {"code": code})
    assert status in {403, 429}
    assert told["problem"]
    assert not cookie


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", b'{"code": "CODE"}'),
        ("application/x-www-form-urlencoded", b"code=CODE"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="code"\r\n\r\nCODE\r\n--x--',
        ),
        ("application/json", b"[" * 15_000),
        ("application/json", b'{"code":' * 1_800),
        ("application/json", b"\xff\xfe{"),
        ("application/json", b'{"code": NaN}'),
        ("application/json", b""),
    ],
    ids=range(8),
)
def test_a_form_of_another_page_or_no_json_opens_nothing(opened: Doors, kind: str, body: bytes) -> None:
    body = body.replace(b"CODE", opened.hall.state.seats[ONE].code.encode())
    head = POST.replace(b"/board", b"/join") + b"Content-Type: %b\r\nConnection: close\r\n" % kind.encode()
    answer = raw(opened, head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert answer.split(b" ")[1] in {b"403", b"429"}, answer[:300]
    assert b"set-cookie" not in answer.lower()


# --- requests that are none ---

REQUESTS = {
    "another host": b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "no host": b"GET / HTTP/1.0\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\n\r\n",
    "a host with a user": b"GET / HTTP/1.1\r\nHost: evil@HOST\r\n\r\n",
    "an address of elsewhere": b"GET http://evil.example/board HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "a length below zero": POST + b"Content-Length: -1\r\n\r\n",
    "two lengths": POST + b"Content-Length: 3\r\nContent-Length: 30\r\n\r\nabc",
    "a length and pieces": POST
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /board HTTP/1.1\r\n\r\n",
    "too long": b"POST /join HTTP/1.1\r\nHost: HOST\r\nOrigin: http://HOST\r\nContent-Length: 99999999\r\n\r\n",
    "a header of 200 KB": GET + b"X: " + b"x" * 200_000 + b"\r\n\r\n",
    "a line that never ends": b"GET /" + b"a" * 200_000,
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 400,
    "TRACE": b"TRACE / HTTP/1.1\r\nHost: HOST\r\nOrigin: http://HOST\r\nCookie: a=b\r\n\r\n",
    "CONNECT": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "PUT": b"PUT /static/seat.js HTTP/1.1\r\nHost: HOST\r\nOrigin: http://HOST\r\nContent-Length: 1\r\n\r\nx",
    "an upgrade without a seat": GET.replace(b"/board", b"/seat/line")
    + b"Origin: http://HOST\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    + b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
}


@pytest.mark.parametrize("what", REQUESTS)
def test_a_request_that_is_none_is_refused_and_nothing_else(opened: Doors, what: str) -> None:
    answer = raw(opened, REQUESTS[what])
    status = answer.split(b" ")[1] if answer else b"closed"
    assert status in {b"closed", b"303", b"400", b"403", b"404", b"405"}, answer[:300]
    assert b"seat-001" not in answer
    assert opened.get("/")[0] == 200


def test_lines_that_say_nothing_hold_up_nobody(opened: Doors) -> None:
    host = urlsplit(opened.url)
    silent = [socket.create_connection((host.hostname, host.port), timeout=20) for _ in range(200)]
    try:
        for line in silent:
            line.sendall(b"GET / HTT")
        assert opened.get("/")[0] == 200
    finally:
        for line in silent:
            line.close()


def test_guesses_lock_nobody_out_who_has_joined(opened: Doors) -> None:
    cookie = opened.cookie(ONE)
    answers = {opened.post("/join", {"code": f"WRNG-{number:04}"})[0] for number in range(80)}
    assert answers <= {403, 429}
    assert 429 in answers
    assert opened.get("/seat", Cookie=cookie)[0] == 200
    opened.hall.guests._wrong.clear()


# --- names with markup ---


def test_titles_and_names_are_in_no_page_but_come_as_data(opened: Doors) -> None:
    for who in (ONE, "instructor"):
        for path in ("/", "/seat", "/board", "/projector"):
            page = opened.get(path, Cookie=opened.cookie(who))[1]
            assert "onerror" not in page
            assert "<script>alert" not in page
