"""A running event by a real socket: the board, and what survives a worker and the server."""

import asyncio
import hashlib
import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from lab.chain import entries, verify
from lab.serve.seats.desk import SUBMITTED
from tests.serve.player import post
from tests.serve.serving import ONE, THREE, TWO, Serving, seated

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
    # The cluster is kept as it was submitted, for an appeal; the attempt has its sum.
    events = [each["data"]["event"] for each in entries(kept) if each["kind"] == "lab"]
    sha256 = next(each["data"]["sha256"] for each in events if each["kind"] == "kept")
    submitted = serving.folder / "labs" / "labs" / THREE / SUBMITTED
    assert hashlib.sha256(submitted.read_bytes()).hexdigest() == sha256


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
