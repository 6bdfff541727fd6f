"""Visiting an event from a terminal: playing at a seat, and the board."""

import asyncio
import os
import pty
import socket
import subprocess
import sys
import termios
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import DataTable

from lab.errors import LabError, UsageProblem
from lab.serve.visit import words
from lab.serve.visit.address import Door, found
from lab.serve.visit.board import BoardApp
from lab.serve.visit.line import LEAVES, SeatLine, WatchLine
from lab.tui.screens.dialogs import Notice
from tests.serve.serving import Serving

BLUE, GRACE = "seat-002", "seat-001.2"
NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)


def until(line: SeatLine | WatchLine, text: bytes) -> bytes:
    """Read until `text` came, or the line ended."""
    output = b""
    while text not in output and (data := line.read(60)):
        output += data
    return output


def seated(serving: Serving, chair: str) -> SeatLine:
    line = SeatLine(Door(serving.url).join(serving.code(chair)), 37, 120)
    line.begin()
    assert b"root@" in until(line, b"root@")
    return line


# --- addresses ---


def test_an_address_may_have_a_code(tmp_path: Path) -> None:
    assert found("http://10.0.0.5:8005/#KTQX-7PMD") == (Door("http://10.0.0.5:8005"), "KTQX-7PMD")
    with pytest.raises(UsageProblem, match="neither an address nor an event"):
        found(str(tmp_path))
    (tmp_path / "server.json").write_text('{"url": "http://127.0.0.1:1", "secret": "s", "cert": null}', "utf-8")
    assert found(str(tmp_path)) == (Door("http://127.0.0.1:1", "s"), "")


def test_a_missing_server_is_reported() -> None:
    with pytest.raises(LabError, match="can't be reached"):
        Door("http://127.0.0.1:9").join("KTQX-7PMD")


# --- a seat in a terminal ---


def test_a_seat_is_played_over_lines_that_break(teams: Serving) -> None:
    line = seated(teams, BLUE)
    line.write(b"echo one; ")
    connection = line._socket
    assert connection
    connection.close_socket()
    line.write(b"echo t''wo; ")
    line.resize(30, 100)
    line.write(b"stty size\r")
    assert b"two" in until(line, b"two")
    line.write(LEAVES)
    assert until(line, b"\x1b[?1049l").endswith(b"\x07")
    assert line.read(10) == b""
    assert line.why == ""


def test_a_terminal_that_has_to_go_says_why(teams: Serving) -> None:
    first, second = seated(teams, BLUE), seated(teams, BLUE)
    until(first, b"\x1b[?1049l")
    assert "has this seat now" in first.why
    second.close()
    joined = Door(teams.url).join(teams.code(BLUE))
    watching = WatchLine(joined, BLUE)
    watching.begin()
    until(watching, b"\x1b[?1049l")
    assert "does not let" in watching.why


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"])
def test_a_server_that_dies_within_a_handshake_is_called_again(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        line = SeatLine(Door(f"http://127.0.0.1:{listener.getsockname()[1]}"), 37, 120)
        line.begin()
        for _ in range(2):
            caller, _address = listener.accept()
            with caller:
                caller.recv(4096)
                caller.sendall(answer)
        line.close()
    assert line.why == ""


def test_a_wrong_code_is_reported(teams: Serving) -> None:
    with pytest.raises(LabError, match="no such code"):
        Door(teams.url).join("BBBB-2222")


def test_the_command_joins_and_leaves(teams: Serving) -> None:
    near, far = pty.openpty()
    termios.tcsetwinsize(far, (37, 120))
    command = [sys.executable, "-m", "lab", "join", teams.url, "--code", teams.code(BLUE)]
    process = subprocess.Popen(command, stdin=far, stdout=far, stderr=far)
    os.close(far)
    output = b""
    typed = False
    try:
        with suppress(OSError):  # a terminal that no process holds any more
            while data := os.read(near, 1 << 16):
                output += data
                if not typed and b"root@" in output:
                    typed = True
                    os.write(near, b"echo fr''om-here\r")
                if typed and b"from-here" in output:
                    os.write(near, LEAVES)
        assert process.wait(60) == 0, output
    finally:
        process.kill()
        process.wait()
        os.close(near)
    assert b"Ctrl+] leaves" in output


# --- the board ---


def test_the_board_in_a_terminal_shows_seats_and_acts(teams: Serving) -> None:
    async def play() -> None:
        app = BoardApp(found(str(teams.folder))[0])
        async with app.run_test(size=(160, 40)) as pilot:
            await told(app, lambda board: board["seats"])
            table = app.query_one(DataTable)
            assert str(table.get_row("seat-002")[0]).startswith("2 Blue: Blue 1 (captain")
            table.move_cursor(row=1)
            line = await asyncio.to_thread(seated, teams, BLUE)
            await pilot.press("n")
            assert b"The instructor" in await asyncio.to_thread(until, line, b"The instructor")
            await pilot.press("m")
            await pilot.press(*"hello", "enter")
            assert b"hello" in await asyncio.to_thread(until, line, b"hello")
            await told(app, lambda board: [each["do"] for each in board["log"]][-2:] == ["nudge", "say"])
            await pilot.press("c")
            if len(teams.seat(BLUE)["people"]) > 1:
                # Whose code, is asked where somebody came late.
                await pilot.pause()
                await pilot.press("enter")
            await told(app, lambda board: board["log"][-1]["do"] == "move")
            while not isinstance(app.screen, Notice):
                await pilot.pause()
            line.close()

    asyncio.run(play())


async def told(app: BoardApp, condition: Any) -> None:
    """Wait until the board shows what is waited for."""
    async with asyncio.timeout(60):
        async with app.news:
            await app.news.wait_for(lambda: app.board is not None and condition(app.board))


def seat(**more: object) -> dict[str, Any]:
    person = {"who": "Ada", "captain": True, "connected": False, "hand": None, "watched": 0, "runs": []}
    return {
        "number": 1,
        "who": "Red",
        "team": True,
        "people": [person, {**person, "who": "Grace", "captain": False, "connected": True}],
        "problem": "",
        "phase": "playing",
        "connected": True,
        "hand": None,
        "symptoms": {"silence": True, "distance": False},
        "looked": (NOW - timedelta(seconds=75)).isoformat(),
        "idle": 130,
        **more,
    }


def test_words_of_a_seat() -> None:
    assert words.who(seat()) == "1 Red: Ada (captain, away), Grace"
    assert words.who(seat(team=False)) == "1 Red"
    assert words.state(seat(hand="x", connected=False)) == "playing, not connected, HAND UP"
    assert [words.symptom(seat(), name) for name in ("silence", "distance", "missing")] == [
        "✓ repaired",
        "✗ open",
        "",
    ]
    assert words.looked(seat(), NOW) == "1:15 ago"
    assert words.idle(seat(), 20) == "2 min"


@pytest.mark.parametrize(
    ("team", "command", "patience", "shown"),
    [
        (False, "kubectl get nodes", 60.0, "kubectl: 34 of 60 s"),
        (True, "kubectl get nodes", 60.0, "Ada: kubectl: 34 of 60 s"),
        (False, "tail -f x", 0.0, "tail -f x: 34 s"),
    ],
)
def test_what_a_seat_waits_for(team: bool, command: str, patience: float, shown: str) -> None:  # noqa: FBT001
    since = (NOW - timedelta(seconds=34)).isoformat()
    told = seat(team=team)
    told["people"][0]["runs"] = [{"command": command, "since": since, "patience": patience}]
    assert words.waits(told, NOW) == shown


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, "9:59 left"),
        ({"paused": "fire drill"}, "paused"),
        ({"started": None}, "not started"),
        ({"stopped": "x"}, "the end"),
    ],
)
def test_the_clock_in_words(changes: dict[str, object], shown: str) -> None:
    deadline = (NOW + timedelta(minutes=9, seconds=59)).isoformat()
    board = {"stopped": None, "started": "x", "paused": None, "deadline": deadline, **changes}
    assert words.clock(board, NOW) == shown
