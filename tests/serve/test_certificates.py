"""Certificates: what is written is what the attempt says, and a changed one is refused."""

import json
import re
import stat
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lab.serve.event.folder import EventFolder
from lab.serve.forgetting import forget
from lab.serve.report import of_event
from lab.serve.report.certificate import FOLDER, Certificate, Refused, certificates
from lab.serve.report.certificate_page import certificate_page
from lab.signing import key_at
from tests.fakes import Kluster, kluster
from tests.serve.attempted import after, finished

__all__ = ["kluster"]


@pytest.fixture
def friday(tmp_path: Path) -> EventFolder:
    """Return an event whose third seat did not submit."""
    return finished(tmp_path / "friday", 3)


def issued(folder: EventFolder) -> dict[str, Certificate]:
    return {each.seat: each for each in certificates(folder, after(70)) if isinstance(each, Certificate)}


def test_each_person_who_submitted_has_one(friday: EventFolder, kluster: Kluster) -> None:
    ran = kluster("event", "certify", str(friday.path))
    assert ran.code == 0, ran.err
    assert "none for seat-003, Person 3: it was not submitted" in ran.out
    rows = {row.seat: row for row in of_event(friday).rows}
    for seat in ("seat-001", "seat-002"):
        told = json.loads((friday.path / FOLDER / f"{seat}.json").read_text())
        row = rows[seat]
        assert (told["name"], told["learner"]) == (row.who, f"u-{seat[-3:]}")
        assert (told["points"], told["maximum"], told["pass"]) == (row.points, row.maximum, 50)
        assert told["passed"] == (row.points >= 50)
        assert {name: tuple(points) for name, points in told["by_symptom"].items()} == row.by_symptom
        assert (told["head"], told["hints"], told["seconds"]) == (row.head, row.hints, round(row.seconds))
        assert row.who in (friday.path / FOLDER / f"{seat}.html").read_text()
        said = kluster("verify", str(friday.path / FOLDER / f"{seat}.json"))
        assert (said.code, "genuine" in said.out, f"{row.who}: " in said.out) == (0, True, True)
    assert stat.S_IMODE((friday.path / "witness.key").stat().st_mode) == 0o600


def test_without_the_event_only_its_public_key_proves_it(
    friday: EventFolder, kluster: Kluster, tmp_path: Path
) -> None:
    assert kluster("event", "certify", str(friday.path), "--output", str(tmp_path / "out")).code == 0
    mine = tmp_path / "out" / "seat-001.json"
    ran = kluster("verify", str(mine))
    assert ran.code == 0
    assert "genuine" not in ran.out
    assert "--key" in ran.err
    assert not json.loads(kluster("verify", str(mine), "--json").out)["genuine"]
    for key in (friday.path, friday.path / "witness.pub"):
        assert "genuine" in kluster("verify", str(mine), "--key", str(key)).out
    (tmp_path / "other.pub").write_text("ab" * 32)
    ran = kluster("verify", str(mine), "--key", str(tmp_path / "other.pub"))
    assert (ran.code, "another key" in ran.err) == (1, True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("points", 90.0),
        ("name", "Mallory"),
        ("passed", False),
        ("pass", 1),
        ("event", "Other"),
        ("head", "0" * 64),
    ],
)
def test_a_changed_certificate_is_refused(
    field: str, value: object, friday: EventFolder, kluster: Kluster, tmp_path: Path
) -> None:
    told = json.loads(issued(friday)["seat-001"].text)
    assert told[field] != value
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({**told, field: value}))
    ran = kluster("verify", str(path), "--key", str(friday.path))
    assert (ran.code, "signature does not fit" in ran.err) == (1, True)


def test_one_that_somebody_else_signed_is_refused(friday: EventFolder, kluster: Kluster, tmp_path: Path) -> None:
    key = key_at(tmp_path / "forger.key")
    bare = issued(friday)["seat-001"].model_copy(
        update={"points": 90.0, "key": key.public_key().public_bytes_raw().hex()}
    )
    path = tmp_path / "mine.json"
    path.write_text(bare.model_copy(update={"signature": key.sign(bare.signed).hex()}).text)
    assert "another key" in kluster("verify", str(path), "--key", str(friday.path)).err


def test_without_the_library_it_says_what_to_install(
    friday: EventFolder, kluster: Kluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kluster("event", "certify", str(friday.path)).code == 0
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    ran = kluster("verify", str(friday.path / FOLDER / "seat-001.json"))
    assert ran.code == 3
    assert "Certificates can't be verified: cryptography is not installed." in ran.err


def test_one_of_another_state_of_the_attempt_is_named(
    friday: EventFolder, kluster: Kluster, tmp_path: Path
) -> None:
    path = tmp_path / "mine.json"
    path.write_text(issued(friday)["seat-001"].text)
    attempt = friday.attempt("seat-001")
    attempt.write_bytes(b"".join(attempt.read_bytes().splitlines(keepends=True)[:-1]))
    ran = kluster("verify", str(path), "--key", str(friday.path))
    assert (ran.code, "another state of the attempt" in ran.err) == (1, True)


def test_a_changed_attempt_gets_none(friday: EventFolder) -> None:
    attempt = friday.attempt("seat-001")
    attempt.write_bytes(attempt.read_bytes().replace(b'"points":', b'"Points":', 1))
    found = list(certificates(friday, after(70)))
    assert Refused(seat="seat-001", who="Person 1", why="its attempt's file was changed") in found
    assert [each.seat for each in found if isinstance(each, Certificate)] == ["seat-002"]


def test_without_receipts_there_is_none(friday: EventFolder, kluster: Kluster) -> None:
    for path in (friday.path / "receipts").glob("*.jsonl"):
        path.unlink()
    ran = kluster("event", "certify", str(friday.path))
    assert ran.code == 6
    assert "no receipt of this event confirms its attempt" in ran.out


def test_a_forgotten_person_has_none_any_more(friday: EventFolder, kluster: Kluster) -> None:
    assert kluster("event", "certify", str(friday.path)).code == 0
    forget(friday, "Person 1")
    assert sorted(path.name for path in (friday.path / FOLDER).iterdir()) == ["seat-002.html", "seat-002.json"]
    assert "seat-001" not in issued(friday)


class Loads(HTMLParser):
    """Collects what a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "link", "img", "iframe"} or any(name in {"src", "href"} for name, _ in attrs):
            self.found.append(tag)


def test_the_page_loads_nothing_and_shows_names_as_text(friday: EventFolder) -> None:
    told = issued(friday)["seat-001"].model_copy(update={"name": "<b>Ada</b>", "event": "A & B", "team": "<i>"})
    page = certificate_page(told, "seat-001.json")
    loads = Loads()
    loads.feed(page)
    assert loads.found == []
    assert "url(" not in page
    assert "<b>Ada" not in page
    assert "&lt;b&gt;Ada&lt;/b&gt;" in page
    assert "@page { size: A4" in page
    assert told.key in page
    words = {True: "passed the game day", False: "did not pass the game day", None: "took part in the game day"}
    for passed, said in words.items():
        assert said in re.sub(r"\s+", " ", certificate_page(told.model_copy(update={"passed": passed}), "x.json"))


def test_the_rest_of_the_points_is_that_of_the_diagnoses(friday: EventFolder) -> None:
    told = issued(friday)["seat-001"]
    parts = {"silence": (20.0, 22.0), "distance": (18.5, 70.0)}
    whole = told.model_copy(update={"by_symptom": parts, "points": 42.5, "maximum": 100.0})
    row = '<th scope="row">diagnoses</th><td class="n">4</td><td class="n">8</td>'
    assert row in certificate_page(whole, "x.json")
    assert "diagnoses" not in certificate_page(whole.model_copy(update={"maximum": 92.0}), "x.json")


def test_what_is_not_a_certificate_is_refused(kluster: Kluster, tmp_path: Path) -> None:
    for text in ("", "{}", "[" * 10_000, '{"schema": 1}'):
        (tmp_path / "x.json").write_text(text)
        ran = kluster("verify", str(tmp_path / "x.json"))
        assert (ran.code, "is not a certificate" in ran.err) == (2, True)
