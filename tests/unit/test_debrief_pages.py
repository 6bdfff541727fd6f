"""The debrief as pages and files: Markdown, HTML, recordings."""

import json
import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lab.debrief import Debrief, to_html, to_markdown
from lab.debrief.pages import repairs_page, score_page, timeline_page
from lab.debrief.recording import Recorder
from lab.lab import Lab
from tests.fakes import Kluster, kluster
from tests.unit.test_debrief import Page, over, ran, told

__all__ = ["kluster", "over"]


NASTY = "<script>alert(1)</script> | `x` **b** &lt;i&gt; [a](javascript:x) \x1b[31mred\x1b[0m"


def nasty(lab: Lab) -> Debrief:
    debrief = told(lab, ran(lab, 10, NASTY), ran(lab, 20, "echo ```\n# no heading"))
    first, *rest = debrief.score.symptoms
    check = replace(first.checks[0], status="fail", found=NASTY, expected=NASTY)
    first = replace(first, checks=(check,), void=NASTY)
    score = replace(debrief.score, symptoms=(first, *rest), void=(NASTY,))
    return replace(debrief, score=score, team=NASTY)


def test_what_came_from_the_cluster_is_text_in_html(over: Lab) -> None:
    page = Page(to_html(nasty(over)))
    assert not {"script", "i", "img"} & set(page.tags)
    assert page.targets == []
    shown = " ".join(page.text.split())
    assert shown.count("<script>alert(1)</script> | `x` **b** &lt;i&gt; [a](javascript:x) red") >= 6
    assert "\x1b" not in page.text


def test_html_stands_alone(over: Lab) -> None:
    text = to_html(told(over))
    page = Page(text)
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert {"table", "h1", "h2", "h3", "pre", "main"} <= set(page.tags)
    assert "color-scheme: light dark" in text
    assert "default-src 'none'" in text
    assert "http://" not in text


def test_no_verdict_is_shown_by_a_mark_alone(over: Lab) -> None:
    page = to_markdown(told(over))
    assert re.findall(r"^- ([✓✗…?])(?! \w)", page, re.MULTILINE) == []
    assert "✗ fails" in page


def test_a_milestone_has_no_points_to_show(over: Lab) -> None:
    debrief = told(over)
    first, *rest = debrief.score.symptoms
    milestone = replace(first.checks[0], title="It floats", points=0.0, maximum=0.0)
    score = replace(debrief.score, symptoms=(replace(first, checks=(milestone,)), *rest))
    assert "- ✓ holds: **It floats**  \n" in score_page(replace(debrief, score=score))


def test_nothing_in_markdown_is_obeyed_by_a_terminal_or_breaks_the_table(over: Lab) -> None:
    debrief = nasty(over)
    assert "\x1b" not in to_markdown(debrief)
    rows = timeline_page(debrief).splitlines()[4:]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 3 for row in rows)
    assert "````bash\n" in repairs_page(debrief)


@pytest.mark.usefixtures("over")
def test_on_the_screen_it_is_readable(kluster: Kluster) -> None:
    shown = kluster("debrief")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith("# 40 of 100 points")
    assert "It was left and right." in shown.out


@pytest.mark.usefixtures("over")
@pytest.mark.parametrize("kind", ["text", "markdown", "html", "json"])
def test_a_file_has_what_the_screen_shows_and_is_not_written_over(
    kluster: Kluster, tmp_path: Path, kind: str
) -> None:
    file = tmp_path / "debrief"
    on_screen = kluster("debrief", "--format", kind).out
    written = kluster("debrief", "--format", kind, "--output", str(file))
    assert (written.code, written.out, file.read_text().strip()) == (0, "", on_screen.strip())

    file.write_text("mine")
    refused = kluster("debrief", "--format", kind, "-o", str(file))
    assert (refused.code, file.read_text()) == (2, "mine")
    assert "--force" in refused.err
    assert kluster("debrief", "--format", kind, "-o", str(file), "--force").code == 0
    assert file.read_text() != "mine"


@pytest.mark.usefixtures("over")
def test_a_file_that_can_not_be_written_is_reported(kluster: Kluster, tmp_path: Path) -> None:
    failed = kluster("debrief", "-o", str(tmp_path / "no" / "such" / "folder"))
    assert failed.code == 3
    assert "can't be written" in failed.err
    assert "--output" in failed.err


def test_a_recording_is_exported_with_its_markers(kluster: Kluster, over: Lab) -> None:
    none = kluster("debrief", "--format", "cast")
    assert none.code == 2
    assert "only `kluster play` records" in none.err

    assert over.session.started
    with closing(Recorder(over.store.folder, over.session.started)) as recorder:
        recorder.write("control-plane", b"hello\r\n", 80, 24)
    with closing(Recorder(over.store.folder, datetime(2020, 1, 1, tzinfo=UTC))) as other:
        other.write("worker", b"of another attempt", 80, 24)

    header, *events = [json.loads(line) for line in kluster("debrief", "--format", "cast").out.splitlines()]
    assert header["version"] == 2
    assert {event[1] for event in events} == {"o", "m"}
    assert "hint taken port: where (10 %)" in {event[2] for event in events}
    wrong = kluster("debrief", "--format", "cast", "--node", "worker")
    assert wrong.code == 2
    assert "There are: control-plane." in wrong.err
