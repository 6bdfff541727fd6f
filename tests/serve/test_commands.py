"""`kluster event` without a server: written files, lists and refusals."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lab import exams
from lab.chain import Chain
from lab.errors import LabError


def kluster(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "lab", *argv], capture_output=True, text=True, check=False)


@pytest.fixture
def event(tmp_path: Path) -> Path:
    (tmp_path / "event.yaml").write_text("schema: 1\ntitle: Friday\nseats: 2\n", encoding="utf-8")
    return tmp_path


def test_a_new_event_is_valid_and_is_not_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "friday"
    assert kluster("event", "new", str(folder)).returncode == 0
    ran = kluster("event", "check", str(folder))
    assert ran.returncode == 0, ran.stderr
    assert "25 seats" in ran.stdout
    again = kluster("event", "new", str(folder))
    assert again.returncode == 2
    assert "exists" in again.stderr


@pytest.mark.parametrize("folder", ["/dev/null", "/proc/friday"])
def test_a_folder_that_can_not_be_made_is_an_error_of_the_machine(folder: str) -> None:
    ran = kluster("event", "new", folder)
    assert ran.returncode == 3
    assert "can't be written" in ran.stderr


def test_errors_have_their_places(event: Path) -> None:
    (event / "event.yaml").write_text("schema: 1\ntitle: Friday\nseats: many\n", encoding="utf-8")
    ran = kluster("event", "check", str(event))
    assert ran.returncode == 2
    assert "event.yaml:3:8: must be a whole number" in ran.stderr


@pytest.mark.parametrize("action", ["start", "pause", "stop"])
def test_what_needs_a_server_says_so(event: Path, action: str) -> None:
    ran = kluster("event", action, str(event))
    assert ran.returncode == 3
    assert "not being served" in ran.stderr
    assert f"kluster serve {event}" in ran.stderr


@pytest.mark.parametrize("action", ["codes", "resume", "verify", "report", "certify"])
def test_an_event_that_was_never_opened_has_nothing_to_show(event: Path, action: str) -> None:
    ran = kluster("event", action, str(event))
    assert ran.returncode == 2
    assert "has not been served yet" in ran.stderr
    assert not (event / "state.json").exists()


def test_a_folder_with_no_event_says_how_to_make_one(tmp_path: Path) -> None:
    ran = kluster("serve", str(tmp_path))
    assert ran.returncode == 2
    assert "kluster event new" in ran.stderr


def test_a_port_that_is_taken_leaves_the_event_as_it_was(event: Path) -> None:
    import socket  # noqa: PLC0415

    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = kluster("serve", str(event), "--port", str(taken.getsockname()[1]))
    assert ran.returncode == 3
    assert "can't be used" in ran.stderr
    assert not (event / "state.json").exists()


def test_a_changed_attempt_is_named(event: Path) -> None:
    from lab.catalog import CATALOG  # noqa: PLC0415
    from lab.places import hints_folder, scenarios_folder  # noqa: PLC0415
    from lab.serve.event.folder import EventFolder  # noqa: PLC0415
    from lab.serve.event.model import load_event  # noqa: PLC0415

    folder = EventFolder(event, load_event(event, scenarios_folder(), hints_folder(), CATALOG))
    folder.create_state()
    for name in ("seat-001", "seat-002"):
        chain = Chain(folder.attempt(name))
        chain.add("t", "stands", points=1.0)
        chain.add("t", "stands", points=2.0)
        chain.close()
    assert kluster("event", "verify", str(event)).returncode == 0
    path = folder.attempt("seat-002")
    path.write_bytes(path.read_bytes().replace(b"1.0", b"9.0"))
    ran = kluster("event", "verify", str(event), "--json")
    assert ran.returncode == 1
    assert {name: each["whole"] for name, each in json.loads(ran.stdout).items()} == {
        "seat-001": True,
        "seat-002": False,
    }
    assert "seat-002" in ran.stderr


def test_an_exam_at_one_seat_closes_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a private machine, a running exam closes other labs of its scenario; seats belong to many people."""

    class Exam:
        scenario, name, bound = "s", "seat-001", True

        def due(self, _now: object) -> bool:
            return False

        def load(self) -> "Exam":
            return self

    monkeypatch.setattr(exams, "labs", lambda: ["seat-001"])
    monkeypatch.setattr(exams, "Store", lambda _name: Exam())
    monkeypatch.setattr(exams, "_each_has_one", False)
    with pytest.raises(LabError):
        exams.require_none("s", but="seat-002")
    exams.seat_by_seat()
    exams.require_none("s", but="seat-002")
