"""Several people at one lab, over a real socket: their own shells, shared data, and the captain."""

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from lab.chain import entries
from tests.serve.player import Player, post
from tests.serve.serving import Serving, seated

RED, ADA, GRACE, BLUE = "seat-001", "seat-001", "seat-001.2", "seat-002"
F4, F7, F9, F12, ESCAPE = b"\x1bOS", b"\x1b[18~", b"\x1b[20~", b"\x1b[24~", b"\x1b"


@pytest.fixture
def serving(teams: Serving) -> Serving:
    return teams


def told(serving: Serving, kind: str) -> list[dict[str, Any]]:
    """Return the entries of one kind in the red team's attempt."""
    lines = [each for each in entries(serving.folder / "attempts" / f"{RED}.jsonl") if each["kind"] == kind]
    return [each["data"] for each in lines]


def until_told(serving: Serving, kind: str, expected: list[dict[str, Any]]) -> None:
    """Wait until the attempt has the expected entries, which are written within a second."""

    def kept(_: Serving) -> bool:
        found = [{name: each[name] for name in each if name != "time"} for each in told(serving, kind)]
        return found == expected

    serving.until(kept, f"{kind} is not kept")


def people(serving: Serving) -> dict[str, dict[str, Any]]:
    return {each["who"]: each for each in serving.seat(RED)["people"]}


def test_each_has_a_shell_of_his_own_on_the_same_cluster(serving: Serving) -> None:
    async def play() -> None:
        ada, grace = await seated(serving, ADA), await seated(serving, GRACE)
        assert b"Red: Ada" in ada.output
        assert b"Red: Grace" in grace.output
        ada.forget()
        await ada.type(b"echo wri''tten > /tmp/shared; mine=1; echo do''ne\r")
        await ada.until(b"done")
        grace.forget()
        await grace.type(b"cat /tmp/shared; echo mine=${mine:-none}.\r")
        await grace.until(b"written")
        await grace.until(b"mine=none.")
        blue = await seated(serving, BLUE)
        await blue.type(b"cat /tmp/shared\r")
        await blue.until(b"No such file")
        for player in (ada, grace, blue):
            await player.close()

    asyncio.run(play())


def test_a_narrow_screen_keeps_the_way_out(serving: Serving) -> None:
    async def play() -> None:
        player = Player(serving.url, serving.cookie(GRACE), size=(60, 20))
        await player.connect()
        await player.until(b"Leave", 60)
        await player.close()

    asyncio.run(play())


def test_the_timeline_says_who_did_what(serving: Serving) -> None:
    async def play() -> None:
        grace = await seated(serving, GRACE)
        await grace.type(b"true by-grace\r")
        await asyncio.to_thread(serving.until, lambda _: _command(serving, "true by-grace"), "nothing is kept")
        await grace.close()

    asyncio.run(play())
    assert _command(serving, "true by-grace")["data"]["who"] == "Grace"
    assert {"who": "Grace"} in told(serving, "joined")


def _command(serving: Serving, text: str) -> dict[str, Any]:
    return next((each["event"] for each in told(serving, "lab") if each["event"]["text"] == text), {})


def test_the_captain_decides_and_can_hand_over(serving: Serving) -> None:
    async def play() -> None:
        ada, grace = await seated(serving, ADA), await seated(serving, GRACE)
        for key in (F7, F9):
            grace.forget()
            await grace.type(key)
            await grace.until(b"Ada, the captain,")
        await ada.type(F12)
        await ada.until(b"Your team")
        ada.forget()
        await ada.type(b"\x0f")
        await ada.until(b"Who becomes the captain?")
        await ada.type(b"\r")
        await asyncio.to_thread(
            serving.until, lambda _: people(serving)["Grace"]["captain"], "Grace is not the captain"
        )
        assert serving.state["seats"][RED]["captain"] == 2
        await grace.wait(lambda: grace.about[-1]["captain"])
        # Not by Escape: it might be the beginning of the key behind it.
        await ada.type(F12)
        ada.forget()
        await ada.type(F7)
        await ada.until(b"Grace, the captain,")
        await grace.type(F7)
        await grace.until(b"distance")
        await grace.type(ESCAPE)
        await asyncio.to_thread(serving.act, "captain", chair=ADA)
        await ada.wait(lambda: ada.about[-1]["captain"])
        for player in (ada, grace):
            await player.close()

    asyncio.run(play())
    until_told(serving, "captain", [{"who": "Grace"}, {"who": "Ada"}])


def test_notes_are_everybodys(serving: Serving) -> None:
    async def play() -> None:
        ada, grace = await seated(serving, ADA), await seated(serving, GRACE)
        await grace.type(F12)
        await grace.until(b"Your team")
        ada.forget()
        await grace.type(b"look at [b]etcd[/b]\r")
        await ada.until(b"Grace notes")
        await ada.type(F12)
        await ada.until(b"[b]etcd[/b]")
        for player in (ada, grace):
            await player.type(ESCAPE)
            await player.close()

    asyncio.run(play())
    until_told(serving, "note", [{"who": "Grace", "text": "look at [b]etcd[/b]"}])


def test_a_gift_is_shown_to_all_of_them(serving: Serving) -> None:
    async def play() -> None:
        ada, grace = await seated(serving, ADA), await seated(serving, GRACE)
        for player in (ada, grace):
            player.forget()
        await asyncio.to_thread(serving.act, "gift", seat=RED, symptom="distance")
        for player in (ada, grace):
            await player.until(b"gives you a hint")
            await player.close()

    asyncio.run(play())


def test_no_hint_is_sold_before_the_event_has_it(serving: Serving) -> None:
    async def play() -> None:
        ada = await seated(serving, ADA)
        await ada.type(F4)
        ada.forget()
        # The hint that was a gift is read again, or the next one asked for, and paid.
        await ada.type(b"\r")
        await ada.until(b"Show it")
        await ada.type(b"y")
        await ada.until(b"from minute 20 on")
        await ada.type(ESCAPE)
        await ada.close()

    asyncio.run(play())


def test_running_commands_are_shown_with_patience_and_person(serving: Serving) -> None:
    async def play() -> None:
        grace = await seated(serving, GRACE)
        await grace.type(b"kubectl get nodes -w\r")
        await asyncio.to_thread(serving.until, lambda _: people(serving)["Grace"]["runs"], "nothing runs")
        runs = people(serving)["Grace"]["runs"]
        assert [(each["command"], each["patience"]) for each in runs] == [("kubectl get nodes -w", 60.0)]
        assert not people(serving)["Ada"]["runs"]
        await grace.type(b"\x03")
        await asyncio.to_thread(serving.until, lambda _: not people(serving)["Grace"]["runs"], "it still runs")
        await grace.close()

    asyncio.run(play())


# --- an instructor over the shoulder ---


def test_somebody_who_looks_on_is_seen_and_types_nothing(serving: Serving) -> None:
    async def play() -> None:
        grace = await seated(serving, GRACE)
        url = f"{serving.url.replace('http', 'ws')}/board/look/line?chair={GRACE}"
        with pytest.raises(InvalidStatus):
            await connect(url, origin=serving.url)  # type: ignore[arg-type]
        cookie = {"Cookie": serving.instructor}
        async with connect(url, additional_headers=cookie, origin=serving.url, max_size=None) as look:  # type: ignore[arg-type]
            await grace.wait(lambda: grace.about[-1]["watched"] == 1)
            assert people(serving)["Grace"]["watched"] == 1
            await grace.type(b"echo see''n-by-both\r")
            output, about = b"", {}
            async with asyncio.timeout(30):
                while b"seen-by-both" not in output or "cols" not in about:
                    frame = await look.recv()
                    assert isinstance(frame, bytes)
                    if frame[:1] == b"O":
                        output += frame[1:]
                        await look.send(b"A" + len(output).to_bytes(4, "big"))
                    else:
                        about = json.loads(frame[1:])
            assert output.startswith(b"\x1bc")
            assert (about["cols"], about["rows"]) == (120, 37)
            await look.send(b"I\0\0\0\1rm -rf /\r")
            async with asyncio.timeout(30):
                await look.wait_closed()
        await grace.wait(lambda: grace.about[-1]["watched"] == 0)
        grace.forget()
        await grace.type(b"echo st''ill\r")
        await grace.until(b"still")
        assert b"rm -rf" not in grace.output
        await grace.close()

    asyncio.run(play())


# --- who comes late ---


def test_somebody_who_comes_late_plays_with_the_team(serving: Serving) -> None:
    async def play() -> None:
        joining = await asyncio.to_thread(serving.act, "add-person", seat=BLUE, name="Mary [b]")
        assert joining["chair"] == "seat-002.2"
        mary = await seated(serving, joining["chair"])
        assert b"Blue: Mary [b]" in mary.output
        await mary.close()

    asyncio.run(play())
    assert [each["who"] for each in serving.seat(BLUE)["people"]][:2] == ["Blue 1", "Mary [b]"]


def test_a_late_team_gets_its_own_cluster(serving: Serving) -> None:
    async def play() -> None:
        joining = await asyncio.to_thread(serving.act, "add-seat", name="Green")
        await asyncio.to_thread(serving.until_phase, "playing", joining["chair"])
        late = await seated(serving, joining["chair"])
        await late.type(b"cat /tmp/shared\r")
        await late.until(b"No such file")
        await late.close()

    asyncio.run(play())
    assert serving.seat("seat-003")["who"] == "Green"
    log = serving.board()["log"]
    assert [(each["do"], each["whom"]) for each in log[-1:]] == [("add-seat", "Green 1")]


def test_a_name_that_is_given_at_the_door_is_taken_where_there_is_none(serving: Serving) -> None:
    joining = serving.act("add-person", seat=BLUE, name="")
    for code, name in ((joining["code"], "Hedy"), (joining["code"], "Another"), (serving.code(ADA), "Nobody")):
        status, _, _ = post(serving.url, "/join", {"code": code, "name": name})
        assert status == 200
    assert people(serving)["Ada"]
    assert serving.seat(BLUE)["people"][-1]["who"] == "Hedy"


def test_what_makes_no_sense_for_a_team_is_refused(serving: Serving) -> None:
    for said in (
        {"do": "captain", "chair": "seat-009"},
        {"do": "add-person", "seat": GRACE},
        {"do": "rename", "chair": "seat-001.9", "name": "x"},
    ):
        status, answer, _ = post(serving.url, "/board/act", said, cookie=serving.instructor)
        assert status == 409, answer


# --- the end; nobody plays afterwards ---


def test_one_submits_for_all_and_all_see_the_debrief(serving: Serving) -> None:
    async def play() -> None:
        ada, grace = await seated(serving, ADA), await seated(serving, GRACE)
        await asyncio.to_thread(serving.act, "submit", seat=RED)
        await grace.until(b"ends the attempt", 60)
        await asyncio.to_thread(serving.until_phase, "over", RED)
        for player in (ada, grace):
            await player.until(b"debrief", 60)
            await player.close()

    asyncio.run(play())
    serving.until(lambda _: _submitters(serving), "the end is not kept")
    assert _submitters(serving) == ["Ada"]


def _submitters(serving: Serving) -> list[str]:
    events = [each["event"] for each in told(serving, "lab")]
    return [each["data"]["who"] for each in events if each["kind"] == "submitted"]
