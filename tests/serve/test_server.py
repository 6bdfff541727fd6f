"""A whole event by a real socket: who may come in, keys that are neither lost nor doubled, and what survives."""

import asyncio
import contextlib
import json
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from lab.chain import entries, verify
from lab.serve.seats.driver import WINDOW
from tests.serve.player import post
from tests.serve.serving import Serving, playing, seated

EVENT = """\
schema: 1
title: A test <b>event</b>
seats: 3
people: [{name: "Ada <script>alert(1)</script>"}]
faults: [distance]
minutes: 30
"""
ONE, TWO, THREE = "seat-001", "seat-002", "seat-003"


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """An event that has begun, with one worker."""
    with playing(tmp_path_factory.mktemp("event"), EVENT) as served:
        yield served


def shown(data: bytes) -> str:
    """Return output without its escape sequences."""
    return re.sub(rb"\x1b(?:\[[0-9;?<>=]*[a-zA-Z]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[a-z])", b"", data).decode()


# --- playing ---


def test_keys_reach_the_shell_and_its_output_comes_back(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, ONE)
        player.forget()
        await player.type(b"echo $((6 * 7))-right\r")
        await player.until(b"42-right")
        await player.close()

    asyncio.run(play())


def test_a_browser_that_comes_gets_modes_and_the_whole_screen(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, ONE)
        text = shown(bytes(player.output))
        assert player.output.startswith(b"\x1bc\x1b[?1049h")
        assert "distance" in text
        assert "F10 Leave" in text
        again = await seated(serving, ONE)
        assert "distance" in shown(bytes(again.output))
        await again.close()
        await player.close()

    asyncio.run(play())


def test_no_key_is_lost_or_doubled_over_lines_that_break(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, ONE)
        await player.type(b"\x15")
        text = "".join(f"{number:02}" for number in range(16))
        for i, char in enumerate(f"echo {text}"):
            if i % 9 == 4:
                player.cut()
            await player.type(char.encode())
            if i % 9 == 6:
                await player.connect()
        await player.wait(lambda: player.taken == player.number)
        player.forget()
        await player.type(b" | tr 0-9 a-j\r")
        await player.until(text.translate(str.maketrans("0123456789", "abcdefghij")).encode())
        await player.close()

    asyncio.run(play())


def test_pieces_that_were_taken_are_not_typed_again(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, ONE)
        await player.type(b"\x15echo one")
        await player.wait(lambda: player.taken == player.number)
        for _ in range(3):
            await player.send(b"I" + struct.pack("!I", player.number) + b"-twice")
        await player.type(b"-end\r")
        await player.until(b"one-end")
        assert b"twice" not in player.output
        await player.close()

    asyncio.run(play())


def test_a_second_browser_gets_the_seat_and_the_first_a_message(serving: Serving) -> None:
    async def play() -> None:
        first = await seated(serving, ONE)
        second = await seated(serving, ONE)
        await first.wait(lambda: first.closed is not None)
        assert first.closed == 4002
        second.forget()
        await second.type(b"echo it-is-$((1 + 1))\r")
        await second.until(b"it-is-2")
        await second.close()

    asyncio.run(play())


def test_seats_see_nothing_of_each_other(serving: Serving) -> None:
    async def play() -> None:
        one, two = await seated(serving, ONE), await seated(serving, TWO)
        await one.type(b"\x15echo secret > /tmp/mine; echo wri''tten\r")
        await one.until(b"written")
        two.forget()
        await two.type(
            b"\x15ls /tmp/mine; hostname; env | grep -c KLUSTER; ls /proc/1/cwd /root/.. | head -3; echo do''ne\r"
        )
        await two.until(b"done")
        assert "secret" not in shown(bytes(two.output))
        assert "No such file" in shown(bytes(two.output))
        for player in (one, two):
            await player.close()

    asyncio.run(play())


def test_a_slow_browser_gets_the_whole_screen_and_no_queue(serving: Serving) -> None:
    async def play() -> None:
        slow = await seated(serving, TWO, reads=False)
        quick = await seated(serving, THREE)
        await slow.type(b"\x15seq 1 3000 | sed s/^/row-/; seq 1 3000 | sed s/^/row-/\r")
        # Several lines may come as one change of the screen: print until the server holds changes back.
        await slow.type(b"while true; do seq 1 60; sleep 0.05; done\r")
        await slow.wait(lambda: slow.received > WINDOW)
        assert slow.taken == slow.number
        # Another seat is as quick as before.
        quick.forget()
        await quick.type(b"\x15echo qui''ck\r")
        await quick.until(b"quick")
        await slow.type(b"\x03\x15echo the-l''ast\r")
        await asyncio.to_thread(serving.until, lambda served: served.seat(TWO)["running"] == [], "it still runs")
        assert slow.received < 400_000
        slow.forget()
        slow.reads = True
        await slow.send(b"A" + struct.pack("!I", slow.displayed))
        await slow.type(b"\x15")
        await slow.until(b"the-last")
        assert slow.received < 800_000
        for player in (slow, quick):
            await player.close()

    asyncio.run(play())


def test_a_size_is_the_terminals(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, ONE)
        await player.send(b"R" + struct.pack("!HH", 90, 30))

        def sized() -> bool:
            return re.search(r"\b2\d 8\d\b", shown(bytes(player.output))) is not None

        for _ in range(20):
            # The shell hears of it when the screen has its new layout.
            await player.type(b"\x15stty size\r")
            with contextlib.suppress(TimeoutError):
                await player.wait(sized, 1)
                break
        assert sized()
        await player.send(b"R" + struct.pack("!HH", 65535, 65535))
        await player.send(b"R" + struct.pack("!HH", 0, 0))
        await player.send(b"R" + struct.pack("!HH", 120, 37))
        player.forget()
        await player.type(b"\x15echo st''ill\r")
        await player.until(b"still")
        await player.close()

    asyncio.run(play())


def test_a_seat_lacks_the_features_of_a_private_screen(serving: Serving) -> None:
    """The palette has only the screen's entries, F10 does not leave, and there is no list of labs."""

    async def play() -> None:
        player = await seated(serving, ONE)
        player.forget()
        await player.type(b"\x1b[21~")
        await player.until(b"Close the page")
        player.forget()
        await player.type(b"\x07p")
        await player.until(b"Colours")
        text = shown(bytes(player.output)).lower()
        assert "screenshot" not in text
        assert "maximize" not in text
        await player.type(b"\x1b")
        await player.close()

    asyncio.run(play())


def test_a_seat_does_not_pause_the_clock_of_the_event(serving: Serving) -> None:
    """F11 says why; the shell answers as before, and the attempt has no pause."""

    async def play() -> None:
        player = await seated(serving, TWO)
        player.forget()
        await player.type(b"\x1b[23~")
        await player.until(b"the instructor pauses")
        player.forget()
        await player.type(b"\x07w\x15echo st''ill\r")
        await player.until(b"still")
        await player.close()

    asyncio.run(play())
    assert serving.state["pauses"] == []
    attempt = entries(serving.folder / "attempts" / f"{TWO}.jsonl")
    assert not [each for each in attempt if each["kind"] == "paused"]


# --- coming in ---


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


# --- the board ---


def test_the_board_shows_all_and_the_projector_gives_nothing_away(serving: Serving) -> None:
    board, projector = serving.board(), serving.board("projector")
    assert [seat["number"] for seat in board["seats"]] == [1, 2, 3]
    assert {"code", "hints", "symptoms"} <= set(board["seats"][0])
    said = json.dumps(projector)
    assert not any(seat["code"] in said for seat in board["seats"])
    assert "distance" not in said
    assert "hints" not in said


def test_a_hand_is_seen_and_lowered(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, ONE)
        await player.send(b"U")
        await player.wait(lambda: player.about[-1]["hand"])
        assert (await asyncio.to_thread(serving.seat, ONE))["hand"]
        await asyncio.to_thread(serving.act, "lower-hand", seat=ONE)
        await player.wait(lambda: not player.about[-1]["hand"])
        await player.close()

    asyncio.run(play())


def test_messages_are_text(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, ONE)
        player.forget()
        await asyncio.to_thread(serving.act, "say", seat=ONE, words="[b]look[/b] \x1b[2J\x1b]52;c;eA==\x07 at it")
        await player.until(b"look[/b]")
        assert b"[b]look[/b]" in player.output
        assert b"\x1b]52" not in player.output
        await player.close()

    asyncio.run(play())


def test_a_gift_costs_nothing_and_is_shown(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, ONE)
        player.forget()
        await asyncio.to_thread(serving.act, "gift", seat=ONE, symptom="distance")
        await player.until(b"gives you a hint")
        await player.close()

    asyncio.run(play())
    serving.until(lambda served: served.seat(ONE)["hints"] == 1, "the hint is not on the board")


SENSELESS: list[dict[str, str]] = [
    {},
    {"do": "x"},
    {"do": "gift", "seat": ONE},
    {"do": "submit"},
    {"do": "resume"},
    {"do": "say", "seat": "../.."},
]


@pytest.mark.parametrize("said", SENSELESS)
def test_what_makes_no_sense_is_refused(serving: Serving, said: dict[str, str]) -> None:
    status, told, _ = post(serving.url, "/board/act", said, cookie=serving.instructor)
    assert status == 409
    assert told["problem"]


def test_a_pause_stops_clock_and_keys(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, ONE)
        await asyncio.to_thread(serving.act, "pause", words="fire drill")
        await player.wait(lambda: player.about[-1]["paused"])
        assert player.about[-1]["deadline"] is None
        await player.type(b"\x15echo in-the-pause\r")
        await player.wait(lambda: player.taken == player.number)
        await asyncio.to_thread(serving.act, "resume")
        await player.wait(lambda: not player.about[-1]["paused"])
        player.forget()
        await player.type(b"\x15echo aft''er\r")
        await player.until(b"after")
        assert b"in-the-pause" not in player.output
        await player.close()

    asyncio.run(play())
    pause = serving.state["pauses"][-1]
    assert pause["why"] == "fire drill"
    assert pause["ended"]


def test_a_new_code_shuts_the_old_browser_out(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, THREE)
        code = (await asyncio.to_thread(serving.act, "reissue", seat=THREE))["code"]
        await player.wait(lambda: player.closed is not None)
        assert player.closed == 4003
        with pytest.raises(InvalidStatus):
            await player.connect()
        assert serving.code(THREE) == code
        again = await seated(serving, THREE)
        await again.close()

    asyncio.run(play())


# --- what is kept ---


def commands(folder: Path, seat: str) -> list[str]:
    told = [
        each["data"]["event"] for each in entries(folder / "attempts" / f"{seat}.jsonl") if each["kind"] == "lab"
    ]
    return [each["text"] for each in told if each["kind"] == "command"]


def test_typed_commands_are_in_the_attempt_once(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, TWO)
        await player.type(b"\x15echo ke''pt\r")
        await player.until(b"kept")
        await player.close()

    asyncio.run(play())
    serving.until(lambda served: "echo ke''pt" in commands(served.folder, TWO), "it is not in the attempt")
    assert commands(serving.folder, TWO).count("echo ke''pt") == 1
    assert verify(serving.folder / "attempts" / f"{TWO}.jsonl").whole


def test_a_worker_that_dies_comes_back_with_its_labs_and_keys(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, TWO)
        await player.type(b"\x15echo be''fore > /tmp/kept; sync; cat /tmp/kept\r")
        await player.until(b"before")
        # Written down within a second; the board shows a change of the seat that came later.
        await asyncio.sleep(3)
        for worker in serving.workers:
            worker.kill()
        await player.wait(lambda: player.closed is not None)
        assert player.closed == 4001
        player.forget()
        await player.type(b"cat /tmp/kept; echo bac''k\r")
        # It was typed while there was nobody to take it, and reaches the shell all the same.
        await player.come_back(b"back")
        assert b"before" in player.output
        assert player.taken == player.number
        await player.close()

    asyncio.run(play())


def test_the_instructor_submits_for_somebody_and_the_debrief_is_shown(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, THREE)
        await asyncio.to_thread(serving.act, "submit", seat=THREE)
        await player.until(b"Causes", 100)
        # It leads to no other screen, and it writes nothing.
        player.forget()
        await player.type(b"e")
        await player.type(b"h")
        await player.type(b"q")
        await player.until(b"Close the page")
        assert b"Exported" not in player.output
        await player.close()

    asyncio.run(play())
    serving.until(lambda served: served.seat(THREE)["phase"] == "over", "it is not over")
    # The board learns of the score with the seat's next report.
    serving.until(lambda served: "final" in served.seat(THREE), "it has no score")
    final = serving.seat(THREE)["final"]
    assert final["attempt"] < final["maximum"]
    kept = serving.folder / "attempts" / f"{THREE}.jsonl"

    def stands() -> dict[str, Any]:
        found: dict[str, Any] = [each for each in entries(kept) if each["kind"] == "stands"][-1]["data"]
        return found

    serving.until(lambda _: "final" in stands(), "its score is not kept")
    assert stands()["final"]["attempt"] == final["attempt"]


def test_a_killed_server_continues_with_seats_codes_and_keys(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, TWO)
        await player.type(b"\x15echo be''fore > /tmp/lasting; cat /tmp/lasting\r")
        await player.until(b"before")
        await asyncio.sleep(3)
        await asyncio.to_thread(serving.kill)
        player.forget()
        await player.type(b"\x15cat /tmp/lasting; echo he''re-again\r")
        await asyncio.to_thread(serving.begin, "--workers", "1")
        player.url = serving.url
        await player.come_back(b"here-again", 110)
        assert b"before" in player.output
        assert player.taken == player.number
        await player.close()

    codes = {name: seat["code"] for name, seat in serving.state["seats"].items()}
    deadline = serving.board()["deadline"]
    asyncio.run(play())
    assert {name: seat["code"] for name, seat in serving.state["seats"].items()} == codes
    assert serving.state["pauses"][-1]["why"] == "the server was not running"
    assert serving.board()["deadline"] > deadline
    assert serving.seat(THREE)["phase"] in {"making", "over"}
    serving.until_phase("over", THREE)


def test_metrics_have_keys_reconnects_and_workers(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, ONE)
        player.cut()
        await player.connect()
        player.forget()
        await player.type(b"\x15echo me''tric\r")
        await player.until(b"metric")
        await player.close()

    def told(_: Serving) -> bool:
        body = serving.get("/metrics", cookie=serving.instructor)[1]
        lines = [line.rpartition(" ") for line in body.decode().splitlines() if not line.startswith("#")]
        found = {name: float(value) for name, _, value in lines}
        more = ("kluster_key_seconds_count", "kluster_reconnects_total", 'kluster_worker_memory_bytes{worker="1"}')
        return all(found.get(name, 0) > 0 for name in more)

    asyncio.run(play())
    serving.until(told, "the metrics lack figures")


def has_score(attempt: Path, _: Serving) -> bool:
    """Whether the file of an attempt has the score of its end."""
    return "final" in [each for each in entries(attempt) if each["kind"] == "stands"][-1]["data"]


def test_the_end_submits_all_that_did_not_and_the_report_has_them(serving: Serving) -> None:
    serving.act("stop")
    serving.until_phase("over")
    for seat in (ONE, TWO, THREE):
        kept = serving.folder / "attempts" / f"{seat}.jsonl"
        # An attempt learns of its score with the seat's next report.
        serving.until(partial(has_score, kept), "its score is not stored")
        assert verify(kept).whole
    done = subprocess.run(
        [sys.executable, "-m", "lab", "event", "report", str(serving.folder), "--json"],
        capture_output=True,
        check=True,
    )
    rows = json.loads(done.stdout)["rows"]
    assert {row["seat"]: row["ended"] for row in rows} == {ONE: True, TWO: True, THREE: True}
    assert all(row["whole"] and row["trust"] == "hosted" and "distance" in row["by_symptom"] for row in rows)
    assert serving.board("projector")["stopped"]
    serving.until(lambda served: served.board("projector")["frozen"], "the ranking is not frozen")
    serving.act("reveal")
    assert serving.board("projector")["revealed"]
