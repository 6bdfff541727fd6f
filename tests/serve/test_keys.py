"""The way of a key from a page to its shell: no end of a worker, a server or a connection loses or doubles it."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Static

from lab.core.modes import Mode
from lab.errors import ExitCode, LabError
from lab.places import scenarios_folder
from lab.serve.seats import seat as seats
from lab.serve.seats.app import Say
from lab.serve.seats.chair import Chair
from lab.serve.seats.house import House
from lab.serve.seats.jobs import Jobs, Notes
from lab.serve.seats.looks import Looks
from lab.serve.seats.seat import Plan, Seat, Shared
from lab.serve.server import run
from lab.serve.server.child import Child
from lab.serve.server.hall import Hall
from lab.serve.server.link import Link
from lab.serve.wire import Frame, Kind
from lab.store import Store
from lab.tui.options import PlayOptions
from tests.serve.doors import event_in

SEAT = "seat-001"


class Table:
    """A seat whose lab is not there yet."""

    name, story = SEAT, ""
    looks = Looks(0.3)
    paused, begun = False, True

    async def opened(self, person: int, say: Say) -> Any:
        raise NotImplementedError


class Keys:
    """A chair in a worker, with its typed input and the worker's frames to the server."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.typed = b""
        self.told: list[tuple[Kind, int]] = []
        self.table = Table()
        self.house = House(self._hear, share=0.3)
        self.chair = Chair(self.table, 1, PlayOptions(scenario="s", name=SEAT), lambda _: None)
        monkeypatch.setattr(self.chair, "type", self._type)
        self.house._chairs[1] = self.chair, cast("Seat", self.table)

    def _type(self, data: bytes) -> None:
        self.typed += data

    def _hear(self, data: bytes) -> None:
        self.told.append((Kind(data[4]), int.from_bytes(data[11:15], "big")))

    def attach(self, page: str, first: int) -> None:
        said = {"page": page, "first": first, "cols": 120, "rows": 37}
        self.house.take(Frame(Kind.ATTACH, 1, 1, json.dumps(said).encode()))

    def send(self, number: int, text: bytes) -> None:
        self.house.take(Frame(Kind.INPUT, 1, 1, number.to_bytes(4, "big") + text))


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Keys:
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path))
    return Keys(monkeypatch)


# --- in a worker ---


def test_nothing_is_taken_until_there_is_a_shell(keys: Keys) -> None:
    keys.attach("page", 1)
    keys.send(1, b"a")
    keys.send(2, b"b")
    assert keys.told == [(Kind.TAKEN, 0)]
    keys.chair.shown()
    assert keys.typed == b"ab"
    assert keys.told[1:] == [(Kind.TAKEN, 1), (Kind.TAKEN, 2)]
    keys.send(3, b"c")
    assert keys.typed == b"abc"


def test_a_page_that_reconnects_before_there_is_a_shell_is_heard_once(keys: Keys) -> None:
    keys.attach("page", 1)
    keys.send(1, b"a")
    keys.attach("page", 1)
    keys.send(1, b"a")
    keys.send(2, b"b")
    keys.chair.shown()
    assert keys.typed == b"ab"


def test_input_of_before_a_pause_keeps_its_order(keys: Keys) -> None:
    keys.attach("page", 1)
    keys.send(1, b"a")
    keys.table.paused = True
    keys.send(2, b"b")
    keys.table.paused = False
    keys.chair.shown()
    assert keys.typed == b"ab"


def test_a_paste_that_is_longer_than_what_waits_is_sent_again(keys: Keys) -> None:
    keys.attach("page", 1)
    pieces = [bytes([65 + number]) * 300 * 1024 for number in range(5)]
    for number, piece in enumerate(pieces, start=1):
        keys.send(number, piece)
    keys.chair.shown()
    assert keys.typed == b"".join(pieces[:3])
    keys.send(6, b"x")
    assert keys.told[-1] == (Kind.GAP, 0)
    keys.attach("page", 4)
    for number in (4, 5):
        keys.send(number, pieces[number - 1])
    keys.send(6, b"x")
    assert keys.typed == b"".join(pieces) + b"x"


def test_a_debrief_gets_the_keys_that_waited(keys: Keys) -> None:
    keys.attach("page", 1)
    keys.send(1, b"a")
    keys.chair.submitted()
    assert keys.typed == b"a"


def test_a_worker_that_leaves_keeps_what_it_took_for_the_next_one(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    keys.chair.phase = "playing"
    keys.attach("page", 1)
    keys.send(1, b"a")
    Store(SEAT).folder.mkdir(parents=True)
    keys.house._shared.notes.write(lambda: written.append("note"))
    asyncio.run(keys.house.leave())
    assert written == ["note"]
    with pytest.raises(LabError, match="has ended"), keys.house._shared.jobs.turn():
        pass

    another = Keys(monkeypatch)
    another.chair.phase = "playing"
    another.attach("page", 1)
    another.send(1, b"a")
    another.send(2, b"b")
    assert another.typed == b"b"


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"page": "x"}', '{"page": []}', "\0"])
def test_what_was_taken_may_be_unreadable(keys: Keys, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    Store(SEAT).folder.mkdir(parents=True)
    keys.chair._file().write_text(text)
    another = Keys(monkeypatch)
    another.chair.phase = "playing"
    another.attach("page", 1)
    another.send(1, b"a")
    assert another.typed == b"a"


def test_input_is_settled_once_the_focused_part_has_it() -> None:
    async def play() -> None:
        focused = asyncio.Event()

        class Typed(Static, can_focus=True):
            seen = ""

            def on_focus(self) -> None:
                focused.set()

            def on_key(self, event: events.Key) -> None:
                self.seen += event.key

        class Shown(App[None]):
            def compose(self) -> ComposeResult:
                yield typed

        typed, app = Typed(), Shown()
        chair = Chair(Table(), 1, PlayOptions(scenario="s", name=SEAT), lambda _: None)
        chair.app = cast("Any", app)
        await chair.settled()
        chair._task = asyncio.create_task(app.run_async(headless=True))
        await focused.wait()
        for letter in "abcdef":
            app.post_message(events.Key(letter, letter))
        await chair.settled()
        assert typed.seen == "abcdef"
        app.exit()
        await chair._task
        await chair.settled()

    asyncio.run(play())


@pytest.fixture
def seat(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Seat]:
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path))
    notes = Notes()
    plan = Plan(SEAT, scenarios_folder() / "kluster005", Mode.GAME_DAY)
    yield Seat(plan, Shared(Looks(0.3), Jobs(), notes))
    notes.close()


def test_a_seat_waits_until_the_previous_worker_has_saved_its_lab(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Any] = [LabError("in use", code=ExitCode.BUSY), LabError("in use", code=ExitCode.BUSY), "lab"]

    def made() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, LabError):
            raise answer
        return answer

    monkeypatch.setattr(seat, "_made", made)
    assert cast("str", seat._made_when_free()) == "lab"
    answers[:] = [LabError("it is damaged"), "lab"]
    with pytest.raises(LabError, match="damaged"):
        seat._made_when_free()
    answers[:] = [LabError("in use", code=ExitCode.BUSY)] * seats._TRIES
    with pytest.raises(LabError, match="in use"):
        seat._made_when_free()
    assert answers == []


def test_a_seat_has_the_variant_of_its_plan(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path))
    notes, asked = Notes(), {}

    def create(*_: object, **options: object) -> None:
        asked.update(options)
        raise LabError("enough")

    monkeypatch.setattr("lab.serve.seats.seat.Lab.create", create)
    plan = Plan(SEAT, scenarios_folder() / "kluster005", Mode.EXAM, seed=7)
    with pytest.raises(LabError, match="enough"):
        Seat(plan, Shared(Looks(0.3), Jobs(), notes))._made()
    assert asked["seed"] == 7
    notes.close()


def test_letters_are_shown_until_a_seat_has_played(seat: Seat) -> None:
    assert seat.story
    seat.start(datetime(2026, 5, 4, 10, tzinfo=UTC), None)
    assert seat.story, "it comes late"
    folder = Store(SEAT).folder
    folder.mkdir(parents=True)
    (folder / "lab.json").touch()
    assert not seat.story


# --- in the server ---


class Browser:
    """A browser that is shown nothing."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.left: list[int] = []

    def show(self, data: bytes) -> None:
        self.frames.append(data)

    def tell(self, data: dict[str, Any]) -> None:
        del data

    def leave(self, code: int, why: str) -> None:
        del why
        self.left.append(code)


class Sent(Link):
    """A worker that only gets."""

    apart = False

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send(self, data: bytes) -> None:
        self.sent.append(data)


def test_a_new_worker_is_told_what_its_predecessor_took(tmp_path: Path) -> None:
    """The connection broke before the page heard of it, and then the worker died."""

    async def play() -> None:
        folder = event_in(tmp_path)
        hall = Hall(folder, folder.create_state(), [Child(folder.home, 0.3)])
        link = Sent()
        chair = hall.chairs[SEAT]
        chair.place.link = link
        hello = {"page": "page", "first": 1, "cols": 120, "rows": 37}
        view = hall.attach(SEAT, Browser(), hello)
        hall._heard(link, Frame(Kind.TAKEN, chair.screen, view, (3).to_bytes(4, "big")))
        hall.detach(SEAT, view)
        hall._went(link)
        hall._came(link)
        link.sent.clear()
        hall.attach(SEAT, Browser(), hello)
        firsts = [json.loads(frame[11:])["first"] for frame in link.sent if frame[4] == Kind.ATTACH]
        assert firsts == [4]
        link.sent.clear()
        hall.attach(SEAT, Browser(), {**hello, "page": "another"})
        firsts = [json.loads(frame[11:])["first"] for frame in link.sent if frame[4] == Kind.ATTACH]
        assert firsts == [1]
        for place in hall.places.values():
            place.record.close()

    asyncio.run(play())


def test_a_frame_that_can_not_be_handled_is_not_the_end_of_the_event(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_: Link, __: Frame) -> None:
        raise LabError("The event's folder can't be written.")

    link = Link(Child(tmp_path, 0.3), came=lambda _: None, heard=full, went=lambda _: None)
    link._hear(Frame(Kind.ASK, 1, 1, b"{}"))
    assert "can't be written" in capsys.readouterr().err


def test_the_address_of_a_server_is_never_half_written(tmp_path: Path) -> None:
    folder = event_in(tmp_path)
    hall = Hall(folder, folder.create_state(), [Child(folder.home, 0.3)])
    path = tmp_path / "server.json"
    path.write_text("of before")
    with path.open() as before, run._address(hall, "http://127.0.0.1:1", None):
        assert before.read() == "of before"
        assert json.loads(path.read_text())["url"] == "http://127.0.0.1:1"
        assert path.stat().st_mode & 0o777 == 0o600
    assert not path.exists()
    for place in hall.places.values():
        place.record.close()
