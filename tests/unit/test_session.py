"""A lab's states, and its files."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lab.core.session import Mode, Session, State, WrongStateError
from lab.errors import ExitCode, LabError, UsageProblem
from lab.store import Store

WAY = [
    State.CREATING,
    State.HEALTHY,
    State.INJECTING,
    State.BROKEN,
    State.SOLVED,
    State.RESETTING,
    State.HEALTHY,
    State.DELETING,
]


def a_session(state: State = State.CREATING) -> Session:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Session(name="lab1", scenario="/s", backend="kind", mode=Mode.TRAINING, state=state, created=now)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path))
    return Store("lab1")


def test_the_way_of_a_lab() -> None:
    session = a_session()
    for state in WAY[1:]:
        session.enter(state)
    assert session.state is State.DELETING


@pytest.mark.parametrize(
    ("at", "to"),
    [
        (State.HEALTHY, State.BROKEN),
        (State.BROKEN, State.INJECTING),
        (State.SOLVED, State.BROKEN),
        (State.INJECTING, State.HEALTHY),
        (State.CREATING, State.INJECTING),
    ],
)
def test_what_does_not_follow_is_refused_with_the_next_step(at: State, to: State) -> None:
    session = a_session(at)
    with pytest.raises(WrongStateError) as caught:
        session.enter(to)
    assert session.state is at
    assert caught.value.exit_code is ExitCode.REFUSED
    assert "kluster" in caught.value.remedy


@pytest.mark.parametrize("state", [State.INJECTING, State.RESETTING, State.BROKEN, State.SOLVED])
def test_a_reset_is_possible_after_anything_that_was_cut_off(state: State) -> None:
    session = a_session(state)
    session.enter(State.RESETTING)


def test_a_new_attempt_forgets_the_last_one() -> None:
    session = a_session(State.INJECTING)
    session.hint_tiers, session.viewed, session.last_statuses = {"policy": 2}, ["policy"], {"no-alarm": "fail"}
    session.begin_attempt(["policy"], datetime(2026, 1, 2, tzinfo=UTC), minutes=90)
    assert (session.hint_tiers, session.viewed, session.last_statuses) == ({}, [], {})


def test_a_session_survives_the_disk(store: Store) -> None:
    session = a_session()
    session.hint_tiers = {"policy": 1}
    store.save(session)
    assert store.load() == session


def test_a_lab_that_is_not_there_names_those_that_are(store: Store) -> None:
    store.save(a_session())
    with pytest.raises(UsageProblem) as caught:
        Store("other").load()
    assert "lab1" in caught.value.detail


def test_a_damaged_file_is_reported_with_its_path(store: Store) -> None:
    store.save(a_session())
    (store.folder / "lab.json").write_text("{", encoding="utf-8")
    with pytest.raises(LabError, match="damaged") as caught:
        store.load()
    assert "lab.json" in caught.value.detail


def test_one_command_at_a_time(store: Store) -> None:
    with store.alone():
        caught: list[LabError] = []

        def other() -> None:
            try:
                with Store("lab1").alone():
                    pass
            except LabError as error:
                caught.append(error)

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert caught[0].exit_code is ExitCode.BUSY
    with Store("lab1").alone():
        pass


def test_changes_from_two_sides_are_both_kept(store: Store) -> None:
    store.save(a_session())

    def take(fault: str) -> None:
        for _ in range(20):
            with Store("lab1").update() as session:
                session.hint_tiers[fault] = session.hint_tiers.get(fault, 0) + 1

    threads = [threading.Thread(target=take, args=(fault,)) for fault in ("policy", "forwarding")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.load().hint_tiers == {"policy": 20, "forwarding": 20}


def test_a_change_that_fails_is_not_kept(store: Store) -> None:
    store.save(a_session())

    def fail() -> None:
        with store.update() as session:
            session.viewed.append("policy")
            raise LabError("no")

    with pytest.raises(LabError):
        fail()
    assert store.load().viewed == []


def test_the_timeline_survives_a_line_that_was_cut_off(store: Store) -> None:
    store.event("created", "made", seconds=3)
    with (store.folder / "timeline.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"at": "2026-')
    assert [event.text for event in store.timeline()] == ["made"]


def test_a_folder_that_can_not_be_written_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "labs").write_text("a file where a folder must be", encoding="utf-8")
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path))
    with pytest.raises(LabError) as caught:
        Store("lab1").save(a_session())
    assert "KLUSTER_HOME" in caught.value.remedy
