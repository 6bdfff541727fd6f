"""Whole events, of people and of teams: a worker and the server die, and no key and no point is lost.

One of the people has a browser.
"""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lab.catalog import CATALOG
from lab.chain import entries, verify
from lab.core.load import load
from lab.places import hints_folder, scenarios_folder
from tests.browser.test_pages import enter, until
from tests.serve.crowd import Crowd
from tests.serve.player import Player
from tests.serve.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: The number of people. The browser is at a seat of the first worker, which dies.
SEATS = int(os.environ.get("KLUSTER_SEATS", "25"))
_EVENT = """\
schema: 1
title: A whole event
faults: [distance]
minutes: 60
"""
PEOPLE = f"{_EVENT}seats: {SEATS}\n"
TEAMS = (
    f"{_EVENT}teams: [{', '.join(f'{{name: {name}, size: 2}}' for name in ('Red', 'Blue', 'Green', 'White'))}]\n"
)
#: How long nobody may wait, in s: the machine may be busy with something else.
_PATIENCE = 900
#: What everybody keeps in the cluster, to find it again at the end.
_KEPT = "/root/kept"
pytestmark = [
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not os.environ.get("KLUSTER_BROWSER"), reason="it takes minutes: make e2e"),
]


def repair() -> str:
    """Return the reference repair of the event's symptom, as one line."""
    loaded = load(scenarios_folder() / "kluster005", hints_folder(), CATALOG)
    fault = next(each for each in loaded.scenario.faults if each.symptom.name == "distance")
    script = "\n".join(step.run for step in loaded.solution.faults[fault.name])
    return f"echo {base64.b64encode(script.encode()).decode()} | base64 -d | bash"


class Room(Crowd):
    """The people of an event: each types lines, and sees them come back. One of them has a browser."""

    def __init__(self, serving: Serving, in_browser: str, page: "Page") -> None:
        self.serving = serving
        self.in_browser = in_browser
        self.page = page
        seats = serving.state["seats"]
        chairs = [chair for seat, kept in seats.items() for chair in _chairs(seat, len(kept["mates"]) + 1)]
        self.chairs = [chair for chair in chairs if chair != in_browser]
        #: Chair -> the lines that were typed there.
        self.typed: dict[str, list[str]] = {chair: [] for chair in chairs}
        # The sync API of Playwright has its own loop in this thread; the players have theirs.
        super().__init__({chair: Player(serving.url, serving.cookie(chair)) for chair in self.chairs}, _PATIENCE)

    def send(self, chair: str, frame: bytes) -> None:
        """Send a frame from a chair."""
        self.run(self.players[chair].send(frame))

    def until_all(self, condition: Callable[[Player], object]) -> None:
        """Wait until `condition` holds for everybody."""
        self.each(lambda _, player: player.wait(lambda: condition(player), _PATIENCE))

    def type(self, word: str, line: str = "echo {word}''-{chair}") -> None:
        """Have everybody type a line, whether somebody hears it or not."""

        async def types(chair: str, player: Player) -> None:
            player.forget()
            await player.type(f"{self._note(chair, word, line)}\r".encode())

        self.each(types)
        self.page.keyboard.type(self._note(self.in_browser, word, line))
        self.page.keyboard.press("Enter")

    def _note(self, chair: str, word: str, line: str) -> str:
        typed = line.format(word=word, chair=_short(chair))
        self.typed[chair].append(typed)
        return typed

    def until_shown(self, word: str) -> None:
        """Wait until everybody sees what the line printed."""
        self.each(lambda chair, player: player.until(f"{word}-{_short(chair)}".encode(), _PATIENCE))
        until(self.page, f"{word}-{_short(self.in_browser)}")

    def says(self, word: str, line: str = "echo {word}''-{chair}") -> None:
        """Have everybody type a line and see what it prints."""
        self.type(word, line)
        self.until_shown(word)

    def repair(self, chair: str) -> None:
        """Repair everything on the terminal's node at one chair; that is a part of the points."""
        line = f"{repair()}; echo rep''aired"
        self.typed[chair].append(line)
        player = self.players[chair]
        self.run(player.type(f"{line}\r".encode()))
        self.run(player.until(b"repaired", _PATIENCE))

    def until_recorded(self) -> None:
        """Wait until all typed lines are in the attempts."""
        self.serving.until(
            lambda _: all(sorted(self.recorded(seat)) == sorted(self.expected(seat)) for seat in self.seats),
            "not all lines are in the attempts",
        )

    @property
    def seats(self) -> list[str]:
        """The names of the seats."""
        return list(self.serving.state["seats"])

    def recorded(self, seat: str) -> list[str]:
        """Return the commands that the attempt of a seat has."""
        lines = entries(self.serving.folder / "attempts" / f"{seat}.jsonl")
        told = [each["data"]["event"] for each in lines if each["kind"] == "lab"]
        return [each["text"] for each in told if each["kind"] == "command"]

    def expected(self, seat: str) -> list[str]:
        """Return the lines that were typed at a seat: by each person in this order."""
        return [line for chair, typed in self.typed.items() if chair.partition(".")[0] == seat for line in typed]

    def until_saved(self) -> None:
        """Wait until each cluster is in its file with what everybody keeps there."""
        self.serving.until(
            lambda _: all(f"first-{_short(chair)}" in self._saved(chair) for chair in self.typed),
            "not all clusters are saved",
        )

    def _saved(self, chair: str) -> list[str]:
        file = self.serving.folder / "labs" / "labs" / chair.partition(".")[0] / "sim.json"
        found = re.search(rf'"{_KEPT}":\[[^\]]*"([^"]*)"\]', file.read_text())
        return base64.b64decode(found[1]).decode().splitlines() if found else []


def _chairs(seat: str, people: int) -> list[str]:
    return [seat, *(f"{seat}.{person}" for person in range(2, people + 1))]


def _short(chair: str) -> str:
    """Return the part of a chair's name that is its own."""
    return chair.removeprefix("seat-")


@contextmanager
def served(folder: Path, event: str) -> Iterator[Serving]:
    """While the body runs, the doors of `event` are open."""
    serving = Serving(folder, event, patience=_PATIENCE)
    serving.begin("--workers", "2")
    try:
        serving.until_phase("ready")
        yield serving
    finally:
        serving.abandon()


@pytest.fixture
def page(browser: "Browser") -> "Iterator[Page]":
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(_PATIENCE * 1000)
    yield context.new_page()
    context.close()


def play(room: Room) -> None:
    """Play: a pause, a dead worker, a dead server, and a repair at the first seat."""
    serving, first = room.serving, room.chairs[0]
    room.says("first", f"echo {{word}}''-{{chair}} | tee -a {_KEPT}")

    room.send(first, b"U")
    room.page.click("#hand")
    for chair in (first, room.in_browser):
        seat = chair.partition(".")[0]
        serving.until(lambda running, seat=seat: running.seat(seat)["hand"], "no hand is seen")  # type: ignore[misc]
        serving.act("lower-hand", chair=chair)

    serving.act("pause", words="fire drill")
    room.until_all(lambda player: player.about[-1]["paused"])
    room.page.wait_for_selector("#cover:not([hidden])")
    serving.act("resume")
    room.until_all(lambda player: not player.about[-1]["paused"])
    room.page.wait_for_selector("#cover", state="hidden")
    room.says("second")

    # What is older than a moment is not lost with a worker, and what comes later waits for the next one.
    room.until_recorded()
    room.until_saved()
    serving.workers[0].kill()
    room.says("third")

    room.until_recorded()
    serving.kill()
    room.type("fourth")
    serving.resume()
    room.until_shown("fourth")

    room.says("fifth", f"cat {_KEPT}; echo {{word}}''-{{chair}}")
    for chair, player in room.players.items():
        assert f"first-{_short(chair)}".encode() in player.output, chair
    room.repair(first)
    room.until_recorded()


def account(room: Room, seats: int) -> None:
    """End the event, and hold its report and attempts against what was done."""
    serving = room.serving
    serving.act("stop")
    serving.until_phase("over")
    # While the server runs, the last lines of an attempt may not be on the disk yet.
    serving.end()
    done = subprocess.run(
        [sys.executable, "-m", "lab", "event", "report", str(serving.folder), "--json"],
        capture_output=True,
        check=True,
    )
    rows = {row["seat"]: row for row in json.loads(done.stdout)["rows"]}
    assert len(rows) == seats
    found = {seat: (bool(row["ended"]), row["whole"], row["trust"]) for seat, row in rows.items()}
    assert found == dict.fromkeys(rows, (True, True, "hosted"))
    points = {seat: row["by_symptom"]["distance"][0] for seat, row in rows.items()}
    assert points.pop(room.chairs[0]) > 0
    assert set(points.values()) == {0}
    for seat in room.seats:
        assert verify(serving.folder / "attempts" / f"{seat}.jsonl").whole
        recorded = room.recorded(seat)
        # Each line once, and each person's in its order.
        assert sorted(recorded) == sorted(room.expected(seat))
        for chair, typed in room.typed.items():
            if chair.partition(".")[0] == seat:
                assert [line for line in recorded if line in typed] == typed
    assert [pause["why"] for pause in serving.state["pauses"]] == ["fire drill", "the server was not running"]


@pytest.mark.parametrize(
    ("event", "seats", "in_browser"),
    [
        pytest.param(PEOPLE, SEATS, f"seat-{SEATS:03}", id="people"),
        pytest.param(TEAMS, 4, "seat-003.2", id="teams"),
    ],
)
def test_an_event_loses_no_key_and_no_point(
    event: str, seats: int, in_browser: str, page: "Page", tmp_path: Path
) -> None:
    with served(tmp_path / "event", event) as serving:
        room = Room(serving, in_browser, page)
        enter(page, serving.url, serving.code(in_browser))
        serving.act("start")
        with room:
            until(page, "root@")
            play(room)
        account(room, seats)
