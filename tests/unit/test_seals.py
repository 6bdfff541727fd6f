"""A lab's files that were edited by hand are shown; what a crash leaves is not taken for an edit."""

import shutil
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lab.core.session import Mode, Session
from lab.errors import LabError
from lab.seals import Seals
from lab.store import Store


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path))
    store = Store("lab1")
    store.save(a_session())
    store.begin("create")
    store.done("create")
    store.event("created", "made")
    store.event("broken", "the clock started")
    return store


def a_session() -> Session:
    return Session(name="lab1", scenario="/s", backend="sim", mode=Mode.TRAINING, created=datetime.now(UTC))


def edited(store: Store) -> list[str]:
    return Seals(store.folder).broken()


def test_what_kluster_writes_breaks_no_seal(store: Store) -> None:
    with store.update() as session:
        session.viewed = ["policy"]
    store.event("hint", "one more")
    assert edited(store) == []


@pytest.mark.parametrize("name", ["lab.json", "journal.jsonl", "timeline.jsonl"])
def test_a_file_that_was_edited_is_shown_also_after_it_is_written_again(store: Store, name: str) -> None:
    path = store.folder / name
    path.write_text(path.read_text().replace("e", "E", 1))
    assert edited(store) == [name]
    path.write_text(path.read_text().replace("E", "e", 1))
    assert edited(store) == []

    path.write_text(path.read_text().replace('"at"', '"at" ', 1).replace("sim", "sim ", 1))
    store.begin("x")
    store.event("hint", "x")
    if name == "lab.json":
        store.save(
            Session(name="lab1", scenario="/s", backend="sim", mode=Mode.TRAINING, created=datetime.now(UTC))
        )
    assert edited(store) == [name]


@pytest.mark.parametrize("name", ["journal.jsonl", "timeline.jsonl"])
def test_a_line_that_was_taken_out_is_shown(store: Store, name: str) -> None:
    path = store.folder / name
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    assert edited(store) == [name]
    path.unlink()
    assert edited(store) == [name]


def test_a_line_that_a_crash_has_cut_off_is_no_edit(store: Store) -> None:
    path = store.folder / "timeline.jsonl"
    whole = path.read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    for kept in range(len(last) + 1):
        path.write_bytes(whole[: len(whole) - len(last) + kept])
        assert edited(store) == []
    path.write_bytes(whole[: len(whole) - len(last)] + b'{"at"')
    assert edited(store) == [] if last.startswith(b'{"at"') else ["timeline.jsonl"]
    path.write_bytes(whole[: len(whole) - len(last)] + b"forged")
    assert edited(store) == ["timeline.jsonl"]


def test_a_crash_between_a_seal_and_its_file_is_no_edit(store: Store) -> None:
    with Seals(store.folder).writing("lab.json", "another text"):
        pass
    with Seals(store.folder).adding("timeline.jsonl", "another line\n"):
        pass
    assert edited(store) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"files": 3}',
        '{"files": {"lab.json": 3}, "edited": []}',
        '{"files": {}, "edited": [3]}',
        *(
            f'{{"files": {{"{name}": {{}}}}, "edited": []}}'
            for name in ("../x", "/etc/hosts", "a" * 5000, "\\u0000", "")
        ),
    ],
)
def test_seals_that_were_edited_are_shown(store: Store, text: str) -> None:
    (store.folder / "seals.json").write_text(text)
    assert edited(store)


def test_a_lab_from_before_there_were_seals_has_none_to_break(store: Store) -> None:
    (store.folder / "seals.json").unlink()
    assert edited(store) == []
    store.event("hint", "x")
    assert edited(store) == []


def test_a_long_timeline_is_never_one_piece_of_memory(store: Store) -> None:
    """Each command adds a line. Buffers as long as the timeline would fragment the heap of a play screen."""
    for number in range(4):
        store.event("command", "x" * 500_000, number=number)
    # The seals hold the last line.
    store.event("command", "ls")
    length = (store.folder / "timeline.jsonl").stat().st_size
    tracemalloc.start()
    try:
        store.event("command", "ls")
        held = tracemalloc.get_traced_memory()[1]
        edited_now = edited(store)
    finally:
        tracemalloc.stop()
    assert edited_now == []
    assert held < length / 4


def test_a_copy_of_a_labs_folder_is_no_lab(store: Store) -> None:
    """Where it were one, `solve` would show the solution of an attempt that goes on in the other."""
    shutil.copytree(store.folder, store.folder.with_name("other"))
    with pytest.raises(LabError, match="copy of lab lab1"):
        Store("other").load()


def test_commands_side_by_side_break_no_seal(store: Store) -> None:
    """Three commands write at once; whoever looks meanwhile finds all seals whole."""
    found: list[list[str]] = []

    def events() -> None:
        for number in range(15):
            Store("lab1").event("hint", str(number))

    def updates() -> None:
        for number in range(15):
            with Store("lab1").update() as session:
                session.hint_tiers["policy"] = number

    def looks() -> None:
        found.extend(edited(store) for _ in range(15))

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(work) for work in (events, events, updates, looks)]:
            each.result()
    assert found == [[]] * 15
    assert edited(store) == []
    assert len(store.timeline()) == 32
