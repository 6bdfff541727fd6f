"""An event of 25 people, one of them in a browser: a worker and the server die, and no key or point is lost."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lab.catalog import CATALOG
from lab.chain import entries, verify
from lab.core.load import load
from lab.places import hints_folder, scenarios_folder
from tests.browser.test_pages import enter, until
from tests.serve.player import Player
from tests.serve.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SEATS = 25
EVENT = f"""\
schema: 1
title: A whole event
seats: {SEATS}
faults: [distance]
minutes: 60
"""
#: The seat of the browser; and one that repairs everything.
IN_BROWSER, REPAIRS = "seat-025", "seat-001"
#: How often each types in each part, and how long nobody may wait, in s.
_TIMES, _PATIENCE = 4, 240
pytestmark = pytest.mark.timeout(1500)


def name(number: int) -> str:
    return f"seat-{number:03}"


def repair() -> str:
    """Return the reference repair of the event's symptom, as one line."""
    loaded = load(scenarios_folder() / "kluster005", hints_folder(), CATALOG)
    fault = next(each for each in loaded.scenario.faults if each.symptom.name == "distance")
    return "; ".join(" ".join(step.run.split("\n")) for step in loaded.solution.faults[fault.name])


class Room:
    """The people of an event: each types lines with numbers of his own, and sees them come back."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        self.players = {
            name(number): Player(serving.url, serving.cookie(name(number))) for number in range(1, SEATS)
        }
        self.typed: dict[str, list[str]] = {seat: [] for seat in self.players}

    async def sit_down(self) -> None:
        """Connect, all within a moment."""
        await asyncio.gather(*(player.connect() for player in self.players.values()))
        await asyncio.gather(*(player.until(b"root@", _PATIENCE) for player in self.players.values()))

    async def type(self, part: str) -> None:
        """Type some lines each."""
        await asyncio.gather(*(self._type(seat, part) for seat in self.players))

    async def _type(self, seat: str, part: str) -> None:
        player = self.players[seat]
        for number in range(_TIMES):
            word = f"{part}{number}"
            line = f"echo {word}''-{seat[-3:]}"
            self.typed[seat].append(line)
            player.forget()
            await player.type(f"{line}\r".encode())
            await player.until(f"{word}-{seat[-3:]}".encode(), _PATIENCE)

    async def break_off_while_typing(self, part: str, breaks: Callable[[], object]) -> None:
        """Type a line each while something breaks that all need."""
        for seat, player in self.players.items():
            line = f"echo {part}''-{seat[-3:]}"
            self.typed[seat].append(line)
            player.forget()
            await player.type(f"{line}\r".encode())
        # Labs are written down each second: what is older than that is not lost with their process.
        await asyncio.sleep(3)
        await asyncio.to_thread(breaks)
        for player in self.players.values():
            player.url = self.serving.url
        await asyncio.gather(
            *(player.come_back(f"{part}-{seat[-3:]}".encode(), _PATIENCE) for seat, player in self.players.items())
        )

    async def all_wait(self, condition: Callable[[Player], object]) -> None:
        """Wait until `condition` holds for everybody."""
        await asyncio.gather(*(_wait(player, condition) for player in self.players.values()))

    async def leave(self) -> None:
        """Close all lines."""
        for player in self.players.values():
            await player.close()


@pytest.fixture
def serving(browser: "Browser", tmp_path: Path) -> Iterator[Serving]:
    """An event of 25 seats whose doors are open."""
    del browser
    served = Serving(tmp_path / "event", EVENT)
    served.begin()
    served.until_phase("ready")
    try:
        yield served
    finally:
        if served.process and served.process.poll() is None:
            served.process.kill()


@pytest.fixture
def page(browser: "Browser") -> "Iterator[Page]":
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(_PATIENCE * 1000)
    yield context.new_page()
    context.close()


def commands(serving: Serving, seat: str) -> list[str]:
    """Return the commands that the attempt of a seat has."""
    lines = entries(serving.folder / "attempts" / f"{seat}.jsonl")
    told = [each["data"]["event"] for each in lines if each["kind"] == "lab"]
    return [each["text"] for each in told if each["kind"] == "command"]


def test_an_event_of_25_loses_no_key_and_no_point(serving: Serving, page: "Page") -> None:
    room = Room(serving)
    enter(page, serving.url, serving.code(IN_BROWSER))
    serving.act("start")
    serving.until_phase("playing")
    until(page, "root@")
    page.keyboard.type("echo in-the-bro''wser\n")
    until(page, "in-the-browser")
    asyncio.run(asyncio.wait_for(day(room, serving), 1200))
    serving.act("stop")
    serving.until_phase("over")
    done = subprocess.run(
        [sys.executable, "-m", "lab", "event", "report", str(serving.folder), "--json"],
        capture_output=True,
        check=True,
    )
    rows = {row["seat"]: row for row in json.loads(done.stdout)["rows"]}
    assert len(rows) == SEATS
    assert all(row["ended"] and row["whole"] and row["trust"] == "hosted" for row in rows.values()), rows
    points = {seat: row["by_symptom"]["distance"] for seat, row in rows.items()}
    assert points.pop(REPAIRS) > 0
    assert set(points.values()) == {0}
    for seat, typed in room.typed.items():
        assert verify(serving.folder / "attempts" / f"{seat}.jsonl").whole
        assert [line for line in commands(serving, seat) if re.match(r"echo \w+''-", line)] == typed
    assert "echo in-the-bro''wser" in commands(serving, IN_BROWSER)
    assert [pause["why"] for pause in serving.state["pauses"]] == ["fire drill", "the server was not running"]
    serving.end()


def restart(serving: Serving) -> None:
    """Kill the server, and serve the event again."""
    serving.kill()
    serving.begin()


async def _wait(player: Player, condition: Callable[[Player], object]) -> None:
    await player.wait(lambda: condition(player), _PATIENCE)


async def day(room: Room, serving: Serving) -> None:
    """Play: a raised hand, a pause, a dead worker, a dead server, and a repair."""
    await room.sit_down()
    await room.type("first")
    await room.players["seat-007"].send(b"U")
    await asyncio.to_thread(serving.until, lambda served: served.seat("seat-007")["hand"], "no hand is seen")
    await asyncio.to_thread(serving.act, "lower-hand", seat="seat-007")
    await asyncio.to_thread(serving.act, "pause", words="fire drill")
    await room.all_wait(lambda player: player.about[-1]["paused"])
    await asyncio.to_thread(serving.act, "resume")
    await room.all_wait(lambda player: not player.about[-1]["paused"])
    await room.type("second")
    await room.break_off_while_typing("worker", serving.workers[0].kill)
    await asyncio.to_thread(serving.until_phase, "playing")
    await room.type("third")
    await room.break_off_while_typing("server", lambda: restart(serving))
    await asyncio.to_thread(serving.until_phase, "playing")
    repairing = room.players[REPAIRS]
    repairing.forget()
    await repairing.type(f"{repair()}; echo rep''aired\r".encode())
    await repairing.until(b"repaired", _PATIENCE)
    await room.type("fourth")
    await room.leave()
