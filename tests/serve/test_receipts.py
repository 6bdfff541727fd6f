"""Countersigned heads: what they prove about a file, and what they do not."""

import itertools
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab.chain import Chain, verify
from lab.errors import LabError, UsageProblem
from lab.places import attempts_folder
from lab.serve import attempt_actions
from lab.serve.attempt_actions import verdicts
from lab.serve.event.folder import EventFolder
from lab.serve.event.receipts import Receipt, Signer, append, beside, genuine, public_key, read
from lab.serve.event.verdict import judge
from lab.serve.server.record import Record
from lab.serve.server.witnessing import Witness
from lab.serve.witness import Witnessed
from tests.fakes import Kluster, kluster
from tests.serve.doors import doors, event_in

__all__ = ["kluster"]

START = datetime(2026, 1, 1, tzinfo=UTC)
SEAT = "seat-001"


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def written(path: Path, kinds: str, begin: str = "x") -> Path:
    """Write a line for each letter: b(egun), l(ab), e(nded)."""
    chain = Chain(path)
    names = {"b": "begun", "l": "lab", "e": "ended"}
    for number, kind in enumerate(kinds):
        chain.add(at(number).isoformat(), names[kind], text=begin)
    chain.close()
    return path


def signed(signer: Signer, path: Path, *heads: tuple[int, float], kind: str = "witnessed") -> list[Receipt]:
    """Return receipts for the first n lines, at times in seconds."""
    found = verify(path).heads
    return [
        signer.sign(
            "hosted" if kind == "hosted" else "witnessed",
            seat=SEAT,
            attempt=found[0],
            n=n,
            head=found[n - 1],
            at=at(seconds),
        )
        for n, seconds in heads
    ]


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path)


def test_a_key_is_made_once_and_for_its_user_alone(tmp_path: Path, signer: Signer) -> None:
    assert Signer(tmp_path).public == signer.public == public_key(tmp_path) == public_key(tmp_path / "witness.pub")
    assert (tmp_path / "witness.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "witness.key").write_text("no key")
    with pytest.raises(LabError, match="key can't be used"):
        Signer(tmp_path)
    with pytest.raises(UsageProblem, match="no public key"):
        public_key(tmp_path / "witness.key")


def test_a_changed_receipt_is_invalid(tmp_path: Path, signer: Signer) -> None:
    path = written(tmp_path / "a.jsonl", "bl")
    [receipt] = signed(signer, path, (2, 0))
    append(tmp_path / "r.jsonl", receipt)
    text = (tmp_path / "r.jsonl").read_text()
    (tmp_path / "r.jsonl").write_text(f"no receipt\n{text}{{}}\n")
    assert read(tmp_path / "r.jsonl") == [receipt]
    assert list(genuine([receipt], signer.public)) == [receipt]
    (tmp_path / "other").mkdir()
    other = Signer(tmp_path / "other")
    changes: list[dict[str, object]] = [
        {"n": 1},
        {"at": at(9)},
        {"kind": "hosted"},
        {"seat": "seat-002"},
        {"attempt": "0" * 64},
        {"head": "0" * 64},
        {"key": other.public},
        {"signature": "00" * 64},
        {"signature": "no hex"},
    ]
    for change in changes:
        assert list(genuine([receipt.model_copy(update=change)], signer.public)) == [], change
    assert list(genuine([receipt], other.public)) == []


def test_no_receipt_is_self_reported(tmp_path: Path) -> None:
    found = judge(written(tmp_path / "a.jsonl", "blle"))
    assert (found.whole, found.trust, found.why) == (True, "self-reported", "no receipt")


def test_receipts_prove_nothing_without_the_servers_key(tmp_path: Path, signer: Signer) -> None:
    path = written(tmp_path / "a.jsonl", "blle")
    given = signed(signer, path, (1, 0), (4, 9))
    (tmp_path / "mine").mkdir()
    own = signed(Signer(tmp_path / "mine"), path, (1, 0), (4, 9))
    assert judge(path, given).trust == "self-reported"
    assert "give --key" in judge(path, given).why
    assert judge(path, own, signer.public).trust == "self-reported"
    assert judge(path, given, signer.public).trust == "witnessed"


def test_heads_in_time_are_witnessed_and_gaps_are_shown(tmp_path: Path, signer: Signer) -> None:
    path = written(tmp_path / "a.jsonl", "bl" + "l" * 7 + "e")
    close = judge(path, signed(signer, path, (2, 0), (5, 50), (5, 500), (10, 540)), signer.public)
    assert (close.trust, close.gaps, close.receipts) == ("witnessed", (), 4)
    late = judge(path, signed(signer, path, (4, 0), (5, 50), (8, 120), (10, 130)), signer.public)
    assert late.trust == "witnessed"
    assert late.gaps == (
        "lines 1 to 4: written before the first receipt, of 00:00:00 UTC",
        "lines 6 to 8: written some time in 70 s, between 00:00:50 UTC and 00:02:00 UTC",
    )
    runs = written(tmp_path / "b.jsonl", "bll")
    assert judge(runs, signed(signer, runs, (2, 0)), signer.public).gaps == (
        "lines 3 to 3: after the last receipt, of 00:00:00 UTC",
    )


def test_a_result_that_nobody_saw_is_self_reported(tmp_path: Path, signer: Signer) -> None:
    path = written(tmp_path / "a.jsonl", "blle")
    found = judge(path, signed(signer, path, (1, 0), (3, 9)), signer.public)
    assert (found.trust, found.why) == ("self-reported", "the result has no receipt: only lines 1 to 3 have")


def test_receipts_reveal_a_rewritten_chain(tmp_path: Path, signer: Signer) -> None:
    path = written(tmp_path / "a.jsonl", "blle")
    given = signed(signer, path, (1, 0), (2, 5), (4, 9))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]))
    chain = Chain(path)
    for kind in ("lab", "ended"):
        chain.add(at(3).isoformat(), kind, points=100)
    chain.close()
    assert verify(path).whole
    found = judge(path, given, signer.public)
    assert not found.whole
    assert found.wrong == "line 4 or before: it is not the one that was countersigned at 00:00:09 UTC"
    path.write_bytes(b"".join(lines[:3]))
    assert judge(path, given, signer.public).wrong.startswith("line 4: it is missing")


# --- hosted ---


@pytest.fixture
def folder(tmp_path: Path) -> EventFolder:
    return event_in(tmp_path / "friday")


def test_a_server_signs_what_it_writes_and_its_last_line(folder: EventFolder) -> None:
    time = [at(0)]
    state = folder.create_state()
    record = Record(folder, SEAT, state, lambda: time[0], Signer(folder.path))
    for seconds in range(25):
        time[0] = at(seconds)
        record.note("joined")
        record.flush(record.mark())
    assert [each.n for each in read(folder.receipts(SEAT))] == [1, 11, 21]
    record.note("left")
    record.close()
    found = folder.verdict(SEAT)
    assert (found.trust, found.whole, found.gaps, found.lines, found.receipts) == ("hosted", True, (), 26, 4)
    again = Record(folder, SEAT, state, lambda: time[0], Signer(folder.path))
    again.note("joined")
    again.close()
    assert folder.verdict(SEAT).lines == 27
    assert folder.verdict(SEAT).whole


def test_a_wholly_rewritten_attempt_of_an_event_is_found(folder: EventFolder) -> None:
    record = Record(folder, SEAT, folder.create_state(), lambda: at(0), Signer(folder.path))
    record.note("joined")
    record.close()
    folder.attempt(SEAT).unlink()
    assert folder.verdict(SEAT).wrong.startswith("line 1: it is missing")
    written(folder.attempt(SEAT), "ll")
    assert folder.verdict(SEAT).wrong.startswith("line 1: it is not the one that was countersigned")
    assert not verdicts(folder.path)[SEAT].whole
    assert not verdicts(folder.attempt(SEAT))[SEAT].whole


def test_a_full_disk_loses_no_line(folder: EventFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    record = Record(folder, SEAT, folder.create_state(), lambda: at(0), Signer(folder.path))
    record.note("joined")

    file = record._chain._file

    class Full:
        """A disk with room for ten bytes."""

        room = 10

        def write(self, data: bytes) -> int:
            if not self.room:
                raise OSError(28, "No space left on device")
            self.room -= 10
            return file.write(data[:10])

    monkeypatch.setattr(record._chain, "_file", Full())
    for _ in range(2):
        with pytest.raises(OSError, match="No space"):
            record.flush(record.mark())
    monkeypatch.setattr(record._chain, "_file", file)
    record.note("left")
    record.close()
    assert (folder.verdict(SEAT).whole, folder.verdict(SEAT).lines) == (True, 2)


# --- the witness ---


def test_a_witness_signs_heads_and_nothing_else(folder: EventFolder, tmp_path: Path) -> None:
    folder.create_state()
    time = [0.0]
    witness = Witness(folder, Signer(folder.path), lambda: at(time[0]), lambda: time[0])
    path = written(tmp_path / "mine.jsonl", "ble")
    heads = verify(path).heads
    for n in (1, 3):
        time[0] += 10
        witness.countersign(SEAT, {"attempt": heads[0], "n": n, "head": heads[n - 1]})
    assert verdicts(path, folder.path)["mine"].trust == "witnessed"
    assert verdicts(path)["mine"].trust == "self-reported"
    with pytest.raises(LabError, match="too quickly"):
        witness.countersign(SEAT, {"attempt": heads[0], "n": 3, "head": heads[2]})
    time[0] += 10
    good: dict[str, object] = {"attempt": heads[0], "n": 3, "head": heads[2]}
    for wrong in ({"n": 0}, {"n": True}, {"head": "x" * 64}, {"attempt": heads[0] + "\n"}, {"seat": "seat-002"}):
        with pytest.raises(UsageProblem):
            witness.countersign(SEAT, {**good, **wrong})
    again = Witness(folder, Signer(folder.path), lambda: at(0), lambda: time[0])
    for number in range(19):
        time[0] += 10
        again.countersign(SEAT, {**good, "attempt": f"{number:064x}"})
    time[0] += 10
    with pytest.raises(LabError, match="too many heads"):
        again.countersign(SEAT, {**good, "attempt": "f" * 64})


@pytest.mark.parametrize("spoil", [lambda _: b"", lambda lines: lines[0] + b"{}\n"])
def test_a_folder_of_attempts_names_each(tmp_path: Path, spoil: Callable[[list[bytes]], bytes]) -> None:
    written(tmp_path / "one.jsonl", "ble")
    two = written(tmp_path / "two.jsonl", "ble")
    two.write_bytes(spoil(two.read_bytes().splitlines(keepends=True)))
    found = verdicts(tmp_path)
    assert found["one"].whole
    assert found["two"].lines < 3
    assert json.dumps(found["two"].as_data())
    with pytest.raises(UsageProblem, match="no attempt"):
        verdicts(tmp_path / "none")


# --- over the wire ---


def test_an_attempt_on_another_machine_is_witnessed_by_the_event(tmp_path: Path) -> None:
    with doors(tmp_path / "friday") as event:
        path = written(tmp_path / "mine.jsonl", "bl")
        sent = Witnessed(path, f"{event.url}/")
        with pytest.raises(LabError, match="no such code"):
            sent.join("BBBB-BBBB")
        sent.join(event.hall.state.seats[SEAT].code)
        assert sent.step(0) == ""
        assert sent.step(29) == ""  # nothing is new
        written(path, "e")
        assert not sent.count > 1
        event.hall.witness._seen.clear()  # a second has passed
        assert sent.ended
        assert sent.finish() == ""
        assert sent.finish() == ""
        assert sent.count == 2
    for given in (verdicts(path, event.folder.path / "witness.pub"), verdicts(path, event.folder.path)):
        assert (given["mine"].trust, given["mine"].gaps) == ("witnessed", ())
    beside(path).unlink()
    assert verdicts(path, event.folder.path)["mine"].trust == "witnessed"  # the event has them, too
    assert verdicts(path, event.folder.path / "witness.pub")["mine"].trust == "self-reported"
    assert sent.step(float("inf"))  # the server is gone: a problem that may pass


def test_the_command_sends_heads_until_the_attempt_is_over(
    kluster: Kluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt_actions, "_PAUSE", 0.01)
    kluster.broken()
    with doors(tmp_path / "friday") as event:
        monkeypatch.setattr(event.hall.witness, "_elapsed", itertools.count(step=10).__next__)
        code = event.hall.state.seats[SEAT].code
        sending = threading.Thread(target=kluster, args=("witness", event.url, "--code", code))
        sending.start()
        kept = event.folder.receipts(SEAT)
        while not kept.is_file():
            threading.Event().wait(0.01)
        kluster("submit", "--yes")
        sending.join(60)
        assert not sending.is_alive()
    [path] = attempts_folder().glob("*.jsonl")
    found = verdicts(path, event.folder.path)[path.stem]
    assert (found.trust, found.whole, found.gaps) == ("witnessed", True, ())
    again = kluster("witness", event.url, "--code", code)
    assert (again.code, "can't be reached" in again.err) == (3, True)


def test_only_who_has_a_seat_is_a_witness_called(tmp_path: Path) -> None:
    head = {"attempt": "0" * 64, "n": 1, "head": "0" * 64}
    with doors(tmp_path / "friday") as event:
        assert event.post("/witness", head)[0] == 403
        assert event.post("/witness", head, event.cookie("instructor"))[0] == 403
        cookie = event.cookie(SEAT)
        status, told = event.post("/witness", head, cookie)
        assert (status, told["kind"], told["seat"]) == (200, "witnessed", SEAT)
        assert event.post("/witness", head, cookie)[0] == 409
        assert event.post("/witness", {"n": "many"}, cookie)[0] == 409
    assert len(read(event.folder.receipts(SEAT))) == 1


def test_a_server_of_something_else_is_reported(tmp_path: Path) -> None:
    path = written(tmp_path / "mine.jsonl", "bl")
    for url in ("file:///etc/passwd", "127.0.0.1:1", "http://127.0.0.1:1"):
        with pytest.raises(LabError, match="can't be reached"):
            Witnessed(path, url).join("BBBB-BBBB")
