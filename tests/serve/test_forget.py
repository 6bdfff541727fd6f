"""Forgetting: a person's data is gone from all files of an event, and the chains still hold."""

import csv
import io
import json
from pathlib import Path

import pytest

from lab.commands.invocation import Invocation
from lab.console import Console
from lab.errors import LabError, UsageProblem
from lab.serve import event_actions
from lab.serve.attempt_actions import verdicts
from lab.serve.event.receipts import Signer
from lab.serve.forgetting import forget
from lab.serve.report import of_event, write
from lab.serve.report.tables import spreadsheet
from lab.serve.server.record import Record
from tests.serve.attempted import START, finished
from tests.serve.doors import doors, event_in

NAME = "Person 2"


def everything(folder: Path) -> str:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in files)


def test_stored_data_is_gone_and_the_chain_holds(tmp_path: Path) -> None:
    folder = finished(tmp_path / "friday", 3)
    lab = folder.home / "labs" / "seat-002"
    lab.mkdir(parents=True)
    (lab / "lab.json").write_text('{"team": "Person 2"}')
    write(of_event(folder), folder.path)
    before = {name: (each.lines, each.head) for name, each in verdicts(folder.path).items()}
    code = folder.load_state().seats["seat-002"].code
    assert NAME in everything(folder.path)

    gone = forget(folder, NAME)

    text = everything(folder.path)
    assert NAME not in text
    assert "u-002" not in text
    assert code not in text
    assert "Person 1" in text
    assert (gone.seat, gone.lines, lab in gone.files) == ("seat-002", before["seat-002"][0], True)
    after = verdicts(folder.path)
    assert {name: (each.lines, each.head) for name, each in after.items()} == before
    assert all(each.whole and each.trust == "hosted" for each in after.values())
    assert after["seat-002"].forgotten == gone.lines
    assert "kubectl" not in folder.attempt("seat-002").read_text()


def test_the_report_is_of_the_others(tmp_path: Path) -> None:
    folder = finished(tmp_path / "friday", 3)
    forget(folder, folder.load_state().seats["seat-002"].code.lower())
    again = event_in(folder.path, (folder.path / "event.yaml").read_text())
    told = of_event(again)
    assert [row.seat for row in told.rows if row.forgotten] == ["seat-002"]
    assert sorted(row.place for row in told.rows) == [0, 1, 2]
    tables = [path.read_text() for path in write(told, tmp_path / "out") if path.suffix == ".csv"]
    assert not any("seat-002" in table for table in tables)


def test_it_can_be_done_again_and_a_line_that_was_missing_before_is_still_missed(tmp_path: Path) -> None:
    folder = finished(tmp_path / "friday", 2)
    path = folder.attempt("seat-001")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2] + lines[3:]))
    forget(folder, "seat-001")
    assert verdicts(folder.path)["seat-001"].wrong.startswith("line 3: ")
    assert forget(folder, "seat-001").lines == 0


def test_the_rest_of_event_yaml_stays_as_it_was_written(tmp_path: Path) -> None:
    text = """\
# Friday's event
schema: 1
title: Friday   # with cake
people:
  - {name: Ada, learner: "7"}
  - name: "Grace Hopper"  # by the window
    learner: "8"
  - name: Ada Lovelace
"""
    folder = event_in(tmp_path / "friday", text)
    folder.create_state()
    forget(folder, "Grace Hopper")
    forget(event_in(folder.path, (folder.path / "event.yaml").read_text()), "Ada")
    found = (folder.path / "event.yaml").read_text()
    assert found == text.replace('"Grace Hopper"', '"Forgotten 2"').replace('"8"', "null").replace(
        'name: Ada, learner: "7"', 'name: "Forgotten 1", learner: null'
    )
    event_in(folder.path, found)


TEAMS = """\
schema: 1
title: Friday
teams:
  - name: Reds
    people: [{name: Ada, learner: "u-1"}, {name: Grace, learner: "u-2"}]
  - name: Blues
    size: 2
"""


def test_of_a_team_one_is_forgotten_and_the_others_stay(tmp_path: Path) -> None:
    folder = event_in(tmp_path / "friday", TEAMS)
    state = folder.create_state()
    record = Record(folder, "seat-001", state, lambda: START, Signer(folder.path))
    for who in ("Ada", "Grace"):
        record.note("joined", who=who)
        record.note("lab", event={"kind": "command", "text": f"echo {who}", "data": {"who": who}}, read=1)
    record.note("stands", points=40.0)
    record.close()
    lab = folder.home / "labs" / "seat-001"
    lab.mkdir(parents=True)
    for name in ("worker.1.cast", "worker.2.cast"):
        (lab / name).write_text("bytes")
    (lab / "timeline.jsonl").write_text("".join(f'{{"data":{{"who":"{who}"}}}}\n' for who in ("Ada", "Grace")))

    size = (lab / "timeline.jsonl").stat().st_size
    gone = forget(folder, "Grace")

    assert (lab / "timeline.jsonl").stat().st_size == size
    assert "Grace" not in everything(folder.path)
    assert "u-2" not in everything(folder.path)
    assert (gone.lines, [path.name for path in gone.files]) == (2, ["worker.2.cast"])
    assert "echo Ada" in everything(folder.path)
    found = verdicts(folder.path)["seat-001"]
    assert (found.whole, found.forgotten, found.lines) == (True, 2, 5)
    again = event_in(folder.path, (folder.path / "event.yaml").read_text())
    [reds] = [row for row in of_event(again).rows if row.seat == "seat-001"]
    assert reds.people == (("Ada", "u-1"), ("Forgotten 1.2", ""))
    assert not again.load_state().seats["seat-001"].forgotten
    assert again.load_state().seats["seat-001"].code
    table = list(csv.DictReader(io.StringIO(spreadsheet(of_event(again)))))
    assert [(each["team"], each["name"], each["learner id"], each["points"]) for each in table][:2] == [
        ("Reds", "Ada", "u-1", "40.0"),
        ("Reds", "Forgotten 1.2", "", "40.0"),
    ]


def test_the_command_lists_removed_and_remaining_data(tmp_path: Path) -> None:
    folder = finished(tmp_path / "friday", 1)
    out, err = io.StringIO(), io.StringIO()
    run = Invocation(Console(stdout=out, stderr=err))
    event_actions.forget(run, folder, "seat-001")
    event_actions.codes(run, folder, as_json=False)
    assert "seat-001" not in out.getvalue().splitlines()[-1]
    assert "lines of its attempt are empty now" in out.getvalue()
    assert "backups" in err.getvalue()


def test_a_name_given_at_the_door_is_forgotten_with_that_of_event_yaml(tmp_path: Path) -> None:
    folder = event_in(tmp_path / "friday", TEAMS)
    state = folder.create_state()
    state.seats["seat-001"].mates[0].name = "Amazing"
    state.seats["seat-002"].mates[0].name = "Late"
    folder.save(state)
    for seat, names in (("seat-001", ("Ada", "Grace", "Amazing")), ("seat-002", ("Blues 1", "Late"))):
        record = Record(folder, seat, state, lambda: START)
        for who in names:
            record.note("joined", who=who)
        record.close()
    assert forget(folder, "Amazing").lines == 2
    assert forget(folder, "Late").lines == 1
    text = everything(folder.path)
    assert not any(name in text for name in ("Grace", "u-2", "Amazing", "Late"))
    assert "Ada" in text
    assert 'name: "Forgotten 1.2"' in text


def test_while_the_event_is_served_nobody_is_forgotten(tmp_path: Path) -> None:
    with doors(tmp_path / "friday") as event:
        cookie = event.cookie("instructor").partition("=")[2]
        told = {"url": event.url, "secret": cookie, "cert": None}
        (event.folder.path / "server.json").write_text(json.dumps(told))
        with pytest.raises(LabError, match="being served"):
            event_actions.forget(Invocation(), event.folder, "Ada")


def test_who_is_not_there_is_not_guessed(tmp_path: Path) -> None:
    folder = event_in(tmp_path / "friday")
    folder.create_state()
    for who in ("Nobody", "", "BBBB-BBBB", "seat-009", "../seat-001"):
        with pytest.raises(UsageProblem, match="no such name"):
            forget(folder, who)


def test_nobody_joins_a_seat_that_was_forgotten(tmp_path: Path) -> None:
    from lab.serve.server.guests import Guests  # noqa: PLC0415

    folder = finished(tmp_path / "friday", 2)
    code = folder.load_state().seats["seat-001"].code
    forget(folder, "seat-001")
    state = folder.load_state()
    guests = Guests(state, lambda: None)
    assert guests.join(code) is None
    assert guests.join("") is None
    assert state.seats["seat-001"].forgotten
