"""Reports: from attempts to rows, tables and one page."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lab.chain import Chain, tip
from lab.core.hints import TIER_TITLES
from lab.serve.event.folder import evidence
from lab.serve.event.receipts import Signer, append
from lab.serve.report import Report, Row, of_event, of_folder, write
from lab.serve.report.page import page
from lab.serve.report.stuck import slices
from lab.serve.report.svg import Mark, Titled, Track, tracks
from lab.serve.report.tables import canvas, markdown, spreadsheet, to_lines
from tests.fakes import Kluster, kluster
from tests.serve.attempted import after, finished, own
from tests.serve.doors import event_in

__all__ = ["kluster"]

NASTY = "=1+1|<b>&amp;</b>[x](y)"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return of_event(finished(tmp_path_factory.mktemp("friday"), 6))


def row(**changes: object) -> Row:
    return Row("seat-001", "Ada", scenario="kluster005", **changes)  # type: ignore[arg-type]


# --- rows ---


def test_an_event_has_a_row_for_each_seat(told: Report) -> None:
    assert sorted(each.seat for each in told.rows) == [f"seat-{number:03}" for number in range(1, 7)]
    for each in told.rows:
        assert (each.trust, each.whole, each.gaps) == ("hosted", True, ())
        assert each.people == ((each.who, f"u-{each.seat[-3:]}"),)
        assert each.points == pytest.approx(sum(points for points, _ in each.by_symptom.values()), abs=0.2)
        assert each.hints == len(each.hints_taken)
        assert all(hint.symptom in each.by_symptom for hint in each.hints_taken)
        assert all(0 < at <= 3600 for at in each.repaired.values())
        assert each.gained == pytest.approx(max(each.repaired.values(), default=0), abs=1)
        assert each.ended == (each.seat != "seat-006")
        assert each.passed == (each.points >= 50 if each.ended else None)
    assert [each.place for each in told.rows] == sorted(each.place for each in told.rows)
    assert told.paused_seconds == 300


def test_a_pause_is_not_counted(tmp_path: Path) -> None:
    folder = finished(tmp_path / "friday", 1)
    state = folder.load_state()
    with_pause = of_event(folder).rows[0]
    state.pauses = []
    folder.save(state)
    without = of_event(folder).rows[0]
    for symptom, at in without.repaired.items():
        late = at > 20 * 60
        assert with_pause.repaired[symptom] == pytest.approx(at - 300 if late else at)


def test_the_rows_of_an_exam_say_which_variant_each_seat_had(tmp_path: Path) -> None:
    folder = event_in(tmp_path, "schema: 1\ntitle: Exam\nmode: exam\nseats: 2\nseed: 7\n")
    folder.save(folder.create_state())
    seeds = {row.seat: row.seed for row in of_event(folder).rows}
    assert list(seeds.values()) == [folder.invited.seed(1), folder.invited.seed(2)]
    assert len({0, *seeds.values()}) == 3


def test_attempts_of_machines_of_their_own_have_rows(tmp_path: Path) -> None:
    own(tmp_path / "reds.jsonl")
    own(tmp_path / "blues.jsonl", points=30, backend="sim", team="Blues")
    own(tmp_path / "greens.jsonl", points=0, minutes=12, team="Greens")
    Chain(tmp_path / "other.jsonl").close()
    told = of_folder(tmp_path)
    # Simulated and real clusters are ranked separately.
    assert [(each.who, each.backend, each.place, each.points) for each in told.rows] == [
        ("Reds", "kind", 1, 40.0),
        ("Greens", "kind", 2, 0.0),
        ("Blues", "sim", 1, 30.0),
    ]
    reds = told.rows[0]
    assert (reds.trust, reds.ended, reds.seconds, reds.hints, reds.commands) == ("self-reported", True, 300, 1, 1)
    assert reds.repaired == {"distance": 240.0}
    assert [(hint.symptom, hint.tier, hint.seconds) for hint in reds.hints_taken] == [("distance", 0, 180.0)]
    assert reds.progress == [240.0]
    assert reds.by_symptom["silence"] == (0.0, 60.0)


def test_a_hint_from_the_instructor_is_marked(tmp_path: Path) -> None:
    folder = event_in(tmp_path / "friday")
    state = folder.create_state()
    state.started = after(0)
    folder.save(state)
    chain = Chain(folder.attempt("seat-001"))
    chain.add(after(7).isoformat(), "gift", symptom="silence")
    chain.add(after(8).isoformat(), "stands", symptoms={"silence": False}, hints=1)
    chain.close()
    found = next(each for each in of_event(folder).rows if each.seat == "seat-001")
    assert [(hint.seconds, hint.symptom, hint.tier) for hint in found.hints_taken] == [(420.0, "silence", None)]
    assert ">g</text>" in page(of_event(folder))


def test_who_did_not_submit_played_until_the_server_ended(tmp_path: Path) -> None:
    folder = finished(tmp_path / "friday", 1)
    state = folder.load_state()
    assert of_event(folder).rows[0].seconds == 3600.0
    state.stopped, state.alive = None, after(45)
    folder.save(state)
    assert not of_event(folder).rows[0].ended
    assert of_event(folder).rows[0].seconds >= 2400.0


def test_receipts_of_an_event_count_for_attempts_that_were_handed_in(tmp_path: Path) -> None:
    event = tmp_path / "friday"
    event.mkdir()
    signer = Signer(event)
    path = own(tmp_path / "in" / "reds.jsonl")
    first, lines, head = tip(path)
    for n, at in ((1, first), (lines, head)):
        receipt = signer.sign("witnessed", seat="seat-001", attempt=first, n=n, head=at, at=after(n))
        append(event / "receipts" / "seat-001.jsonl", receipt)
    given, key = evidence(event)
    assert of_folder(path.parent, given, key).rows[0].trust == "witnessed"
    assert of_folder(path.parent, given).rows[0].trust == "self-reported"


def test_a_lab_of_ones_own_can_be_reported(kluster: Kluster, tmp_path: Path) -> None:
    kluster("create", str(kluster.scenario), "--backend", "sim", "--mode", "game-day", "--team", "Reds")
    kluster("break")
    kluster("hint", "port")
    kluster("submit", "--yes")
    from lab.places import attempts_folder  # noqa: PLC0415

    told = kluster("report", str(attempts_folder()), "--json")
    [found] = told.data["rows"]
    assert (found["who"], found["scenario"], found["ended"], found["hints"]) == ("Reds", "toy", True, 1)
    assert found["hints_taken"][0]["symptom"] == "port"
    written = kluster("report", str(attempts_folder()), "--output", str(tmp_path / "out"))
    assert written.code == 0, written.err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        ["report.html", "report.md", "report.csv", "canvas.csv", "report.jsonl"]
    )
    empty = kluster("report", str(tmp_path))
    assert (empty.code, "no attempts" in empty.err) == (2, True)


def test_an_attempt_that_was_changed_is_named(tmp_path: Path) -> None:
    folder = finished(tmp_path / "friday", 2)
    path = folder.attempt("seat-002")
    path.write_bytes(path.read_bytes().replace(b'"hints":', b'"hints": ', 1))
    told = of_event(folder)
    assert [each.seat for each in told.rows if not each.whole] == ["seat-002"]
    assert "Changed attempts: seat-002." in markdown(told)
    assert "CHANGED" in page(told)


def test_lines_that_make_no_sense_are_left_out(tmp_path: Path) -> None:
    folder = event_in(tmp_path / "friday")
    folder.create_state()
    chain = Chain(folder.attempt("seat-001"))
    chain.add("no time", "stands", points=7.0, gained=3.0)
    chain.add("no time", "lab", event="no event")
    chain.add("no time", "lab", event={"kind": "command", "at": 5})
    chain.close()
    found = next(each for each in of_event(folder).rows if each.seat == "seat-001")
    assert (found.points, found.commands) == (7.0, 1)


# --- where the room was stuck ---


def test_who_gains_nothing_for_ten_minutes_is_stuck() -> None:
    early = row(seconds=3600.0, progress=[300.0, 3000.0], symptoms={"a": True, "b": False}, repaired={"a": 3000.0})
    quick = row(seconds=1200.0, progress=[600.0], symptoms={"a": True}, repaired={"a": 600.0})
    found = slices([early, quick], ["a", "b"])
    assert [each.end for each in found] == [300.0 * number for number in range(1, 13)]
    assert [each.stuck for each in found] == [0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1]
    assert [each.by_symptom["a"] for each in found] == [0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0]
    assert [each.by_symptom["b"] for each in found] == [0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1]
    assert [each.playing for each in found] == [2] * 4 + [1] * 8
    assert slices([row()], ["a"]) == []


# --- tables ---


def test_spreadsheets_take_nothing_for_a_formula(told: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(spreadsheet(told))))
    assert len(rows) == 6
    assert {each["learner id"] for each in rows} == {f"u-00{number}" for number in range(1, 7)}
    assert all(float(each["points"]) <= float(each["maximum"]) for each in rows)
    nasty = Report("@x", "", "", 0, 0.0, (row(people=((NASTY, "-7"),), maximum=90.0),))
    for text in (spreadsheet(nasty), canvas(nasty)):
        assert not re.search(r'(^|[,"\n])[=@+-]', text)


def test_canvas_gets_its_columns_and_who_has_no_id_is_not_in_it(told: Report) -> None:
    lines = list(csv.reader(io.StringIO(canvas(told))))
    assert lines[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Friday"]
    assert lines[1] == ["    Points Possible", "", "", "", "", "90"]
    assert len(lines) == 8
    assert len(list(csv.reader(io.StringIO(canvas(told.anonymous))))) == 2


def test_names_can_be_left_out(told: Report) -> None:
    found = told.anonymous
    for text in (page(found), markdown(found), spreadsheet(found), canvas(found), to_lines(found)):
        assert "Person" not in text
        assert "u-00" not in text
    assert [each.points for each in found.rows] == [each.points for each in told.rows]


def test_programs_get_a_line_for_each_attempt(told: Report) -> None:
    lines = [json.loads(line) for line in to_lines(told).splitlines()]
    assert [each["points"] for each in lines] == [each.points for each in told.rows]
    assert lines[0]["hints_taken"][0].keys() == {"seconds", "symptom", "tier"}


# --- the page ---


class _Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.opened: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "br"}:
            self.opened.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def test_the_page_has_no_scripts_and_fetches_nothing(told: Report) -> None:
    found = _Page(page(told))
    assert not found.opened
    fetching = {"script", "link", "img", "iframe", "a", "use", "image", "object"}
    assert not {name for name, _ in found.tags} & fetching
    for _, attrs in found.tags:
        assert not any(name.startswith("on") or name in {"href", "src", "style"} for name in attrs)
    policy = [each.get("content") for each in found.all("meta") if each.get("http-equiv")]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert "@import" not in page(told)
    assert "url(" not in page(told)


def test_each_plot_has_its_words_and_a_table_beside_it(told: Report) -> None:
    text = page(told)
    found = _Page(text)
    plots = found.all("svg")
    assert len(plots) == 4
    ids = [attrs.get("id") for _, attrs in found.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for plot in plots:
        assert plot["role"] == "img"
        assert all(ident in ids for ident in (plot["aria-labelledby"] or "").split())
    for section in re.findall(r"<section.*?</section>", text, re.DOTALL):
        assert section.count("<svg") == section.count("<table>") == section.count("<caption>") == 1
        assert section.index("<svg") < section.index("<table>")
    assert all(each.get("scope") in {"row", "col"} for each in found.all("th"))
    assert found.all("html") == [{"lang": "en"}]
    assert [name for name, _ in found.tags if re.fullmatch("h[1-6]", name)][:3] == ["h1", "h2", "h3"]


def test_colours_have_enough_contrast(told: Report) -> None:
    """WCAG AA: 4.5 for text, 3 for marks, on both grounds."""

    def light(colour: str) -> float:
        digits = colour * 2 if len(colour) == 3 else colour
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(one: str, two: str) -> float:
        bright, dark = sorted((light(one), light(two)), reverse=True)
        return (bright + 0.05) / (dark + 0.05)

    themes = [dict(re.findall(r"--(\w+): #(\w+);", each)) for each in re.findall(r":root \{[^}]*\}", page(told))]
    assert len(themes) == 3
    for theme in themes:
        assert contrast(theme["ink"], theme["paper"]) >= 4.5
        assert contrast(theme["mark"], theme["paper"]) >= 3


def test_the_numbers_of_a_plot_are_those_of_its_table(told: Report) -> None:
    text = page(told)
    circles = len(re.findall("<circle", text))
    assert circles == sum(len(each.repaired) for each in told.rows)
    boxes = len(re.findall('class="frame paper"', text))
    assert boxes == sum(each.hints for each in told.rows)
    assert all(title in text for title in TIER_TITLES)


def test_names_are_text_wherever_they_stand() -> None:
    seat = row(symptoms={"<i>": True}, by_symptom={"<i>": (1.0, 2.0)}, ending="<u>")
    nasty = Report(NASTY, "", "", 0, 0.0, (seat,))
    nasty.rows[0].who, nasty.rows[0].ended = NASTY, True
    text = page(nasty)
    assert not _Page(text).opened
    assert not {"b", "i", "u"} & {name for name, _ in _Page(text).tags}
    assert "<b>" not in markdown(nasty).replace("\\<b\\>", "")
    assert "[x](" not in markdown(nasty)


def test_marks_that_meet_are_stacked() -> None:
    svg = tracks(Titled("x", "t", "a"), [Track("one", [Mark(60), Mark(61), Mark(600)])], 600)
    circles = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', svg)
    assert len({y for _, y in circles}) == 2
    assert circles[0][1] == circles[2][1]


def test_a_report_of_nothing_is_one(tmp_path: Path) -> None:
    folder = event_in(tmp_path / "friday")
    folder.create_state()
    told = of_event(folder)
    paths = write(told, tmp_path / "out")
    assert all(path.stat().st_size for path in paths)
    assert "Nobody has points yet" in page(told)
