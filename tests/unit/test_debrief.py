"""The debrief of an ended attempt, from the lab's records, and its files."""

import json
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest
from pydantic import JsonValue

from lab.catalog import CATALOG
from lab.core.events import Event, EventKind
from lab.core.load import load
from lab.core.session import Mode
from lab.debrief import Debrief, collect, to_html
from lab.debrief.markdown import Link, links
from lab.debrief.pages import repairs_page, score_page
from lab.debrief.reply import reply
from lab.errors import ExitCode, LabError
from lab.lab import Lab
from lab.places import hints_folder, scenarios_folder
from lab.store import Store
from tests.fakes import Kluster, kluster

__all__ = ["kluster"]


@pytest.fixture
def over(kluster: Kluster) -> Lab:
    """A lab whose attempt is over: `left` was repaired after 100 s with a hint; `right` was neither repaired nor
    diagnosed.
    """
    kluster.broken()
    kluster("hint", "port")
    kluster("hint", "port", "--yes")
    kluster("hint", "starboard")
    kluster("diagnose", "port", "--component", "hull", "--cause", "leak")
    lab = Lab.open("kluster005")
    lab.cluster.control_plane.run(["mend", "left"])
    assert kluster("submit", "--yes").code == 1
    with lab.store.update() as session:
        assert session.started
        assert session.ended
        session.ended = session.started + timedelta(seconds=200)
        session.repaired["left"] = session.started + timedelta(seconds=100)
        session.repaired["end-to-end"] = session.started + timedelta(seconds=95)
    return lab


def at(lab: Lab, after: float, kind: EventKind, text: str, **data: JsonValue) -> Event:
    assert lab.session.started
    return Event(at=lab.session.started + timedelta(seconds=after), kind=kind, text=text, data=data)


def turned(lab: Lab, seconds: float, check: str, was: str | None, status: str) -> Event:
    return at(lab, seconds, "turned", f"{check}: {status}", check=check, was=was)


def ran(lab: Lab, seconds: float, text: str, node: str = "control-plane", code: int | None = 0) -> Event:
    return at(lab, seconds, "command", text, node=node, exit_code=code, seconds=1.5, printed_anything=True)


def told(lab: Lab, *events: Event) -> Debrief:
    return collect(lab.session, lab.loaded, list(events))


def test_score_by_symptom_with_hints_diagnosis_and_domain(over: Lab) -> None:
    debrief = collect(over.session, over.loaded, over.store.timeline())
    port, starboard, end = debrief.score.symptoms
    assert (port.points, port.attempt, port.hint_tier, port.hint_cost) == (40, 36, 1, 10)
    assert (starboard.points, starboard.attempt) == (0, 0)
    assert end.symptom == "end-to-end"
    page = score_page(debrief)
    assert page.startswith("# 40 of 100 points\n")
    assert "## port: left (the captain): 36 of 40" in page
    assert "Repaired after 1:40. In the exams: Seafaring." in page
    assert "Hints up to: where. They cost 10 % of what the symptom earned." in page
    assert "Hints up to: how to look. They were free." in page
    assert "✗ fails: **It stands upright at night** 0 of 40" in page
    assert "found: FOUND-OUT right" in page
    assert "expected: FOUND-OUT no more" in page
    assert "why: BECAUSE-RIGHT" in page
    assert "✓ right: port: hull, leak" in page
    assert "· not answered: starboard: mast, rot" in page


def test_the_timeline_has_commands_hints_and_changes(over: Lab) -> None:
    debrief = collect(over.session, over.loaded, over.store.timeline())
    assert [moment.text for moment in debrief.timeline] == [
        "the clock starts",
        "hint taken port: how to look (free)",
        "hint taken port: where (10 %)",
        "hint taken starboard: how to look (free)",
        "diagnosis port: hull, leak",
        "turned It stands upright in the morning: holds now",
        "submitted 40 of 100 points",
    ]


def test_a_wait_that_was_cut_short_is_reported(over: Lab) -> None:
    debrief = told(
        over,
        ran(over, 60, "curl x", "worker", 130),
        ran(over, 61, "lost", code=None),
        at(over, 61, "cut-short", "curl was cut off after 6 s"),
        at(over, 62, "advice", "some-patience"),
        at(over, 63, "gave-up", "port"),
    )
    assert [(moment.seconds, moment.text) for moment in debrief.timeline] == [
        (60, "$ curl x  (worker, exit 130, 1.5 s)"),
        (61, "$ lost  (control-plane, 1.5 s)"),
        (61, "a wait cut short curl was cut off after 6 s"),
        (62, "free advice some patience"),
        (63, "gave up on port"),
    ]
    assert debrief.timeline[0].command is not None
    assert (debrief.timeline[0].command.node, debrief.timeline[0].command.exit_code) == ("worker", 130)


def test_only_informative_changes_are_listed(over: Lab) -> None:
    debrief = told(
        over,
        turned(over, 1, "left-whole", None, "fail"),
        turned(over, 1, "left-dry", None, "pass"),
        turned(over, 2, "right-whole", None, "unreadable"),
        turned(over, 3, "right-whole", "unreadable", "blocked"),
        turned(over, 70, "left-whole", "fail", "pass"),
        turned(over, 80, "left-whole", "pass", "fail"),
    )
    assert [(moment.seconds, moment.text) for moment in debrief.timeline] == [
        (70, "turned It stands upright in the morning: holds now"),
        (80, "turned It stands upright in the morning: does not hold any more"),
    ]
    assert debrief.first_finding == 70


def test_a_repair_before_the_first_look_is_a_finding_but_a_left_out_fault_is_not(over: Lab) -> None:
    with over.store.update() as session:
        session.left_out = ["right-whole"]
    debrief = told(over, turned(over, 5, "right-whole", None, "pass"), turned(over, 9, "left-whole", None, "pass"))
    assert debrief.first_finding == 9


def test_without_a_turn_there_is_no_finding(over: Lab) -> None:
    debrief = told(over)
    assert debrief.first_finding is None
    assert "finding" not in score_page(debrief)


def test_other_attempts_and_later_looks_are_not_in_it(over: Lab) -> None:
    debrief = told(
        over,
        ran(over, -5, "before"),
        ran(over, 5, "within"),
        at(over, 200, "submitted", "40 of 100 points"),
        turned(over, 300, "right-whole", "fail", "pass"),
        at(over, 301, "submitted", "of the next attempt"),
    )
    assert [moment.kind for moment in debrief.timeline] == ["command", "submitted"]


def test_each_repair_stands_beside_its_commands(over: Lab) -> None:
    debrief = told(
        over,
        ran(over, 10, "look"),
        ran(over, 20, "look", "worker"),
        ran(over, 30, "look"),
        ran(over, 100, "mend left"),
        ran(over, 150, "give up"),
    )
    left, right = debrief.repairs
    assert (left.symptom, left.fault, left.culprit, left.seconds) == ("port", "left", "the captain", 100)
    assert [(each.node, each.text) for each in left.commands] == [
        ("control-plane", "look"),
        ("worker", "look"),
        ("control-plane", "mend left"),
    ]
    assert (right.seconds, [each.text for each in right.commands]) == (None, ["mend left", "give up"])
    page = repairs_page(debrief)
    assert "control-plane# look\nworker# look\n" in page
    assert "1. **Mend the right** (on the control plane): It rots.\n\n```bash\nmend right\n```" in page


def test_a_screen_shows_the_last_commands_of_a_long_repair(over: Lab) -> None:
    debrief = told(
        over, *(ran(over, number, f"look {number}") for number in range(1, 50)), ran(over, 100, "mend left")
    )
    page = repairs_page(debrief, most=3)
    assert "What you ran (the last 3 of 50; the timeline has all):" in page
    assert "# look 48\ncontrol-plane# look 49\ncontrol-plane# mend left\n" in page
    assert "# look 47\n" not in page
    assert "# look 1\n" in repairs_page(debrief)
    assert "What you ran:" in repairs_page(debrief, most=50)


def test_two_repairs_of_one_look_share_their_commands(over: Lab) -> None:
    with over.store.update() as session:
        session.repaired["right"] = session.repaired["left"]
    debrief = told(over, ran(over, 10, "mend left right"))
    assert [[each.text for each in repair.commands] for repair in debrief.repairs] == [["mend left right"]] * 2


def test_a_shown_solution_is_reported(kluster: Kluster) -> None:
    kluster.broken()
    kluster("solve", "starboard", "--yes")
    kluster("submit", "--yes")
    debrief = json.loads(kluster("debrief", "--format", "json").out)
    assert {each["symptom"]: each["solution_seen"] for each in debrief["repairs"]} == {
        "port": False,
        "starboard": True,
    }
    markdown = kluster("debrief", "--format", "markdown").out
    assert "The solution was seen: it earns nothing." in markdown
    assert "The solution below was run for you." in markdown


@pytest.mark.parametrize("mode", ["training", "exam", "game-day"])
def test_before_the_end_it_is_refused(kluster: Kluster, mode: str) -> None:
    team = ["--team", "Reds"] if mode == "game-day" else []
    kluster("create", str(kluster.scenario), "--backend", "sim", "--mode", mode, *team)
    assert kluster("debrief").code == 6
    kluster("break")
    refused = kluster("debrief", "--format", "json")
    assert (refused.code, refused.out) == (6, "")
    assert "kluster submit" in refused.err
    kluster("submit", "--yes")
    assert kluster("debrief").code == 0
    kluster("reset")
    assert kluster("debrief").code == 6


def test_a_trainee_s_own_look_opens_nothing(kluster: Kluster) -> None:
    kluster.broken()
    lab = Lab.open("kluster005")
    kluster("submit", "--yes")
    score = collect(lab.session, lab.loaded, []).score
    with lab.store.update() as session:
        session.final = None
        session.state = session.state.BROKEN
    with pytest.raises(LabError) as caught:
        collect(lab.session, lab.loaded, [], score=score)
    assert caught.value.exit_code is ExitCode.REFUSED


def test_a_rehearsal_tells_at_any_time(kluster: Kluster) -> None:
    kluster.broken("rehearsal")
    kluster("solve", "port")
    now = kluster("debrief", "--format", "json")
    assert (now.code, json.loads(now.out)["score"]["points"]) == (0, 40)
    assert "Look at the cluster" in now.err
    kluster("submit", "--yes")
    assert "Look at" not in kluster("debrief").err


def test_it_is_json_all_the_way(over: Lab) -> None:
    debrief = collect(over.session, over.loaded, over.store.timeline())
    data = json.loads(json.dumps(debrief.as_data()))
    assert data["repairs"][1]["reference"] == [
        {
            "title": "Mend the right",
            "why": "It rots.",
            "nodes": "control-plane",
            "run": "mend right",
            "timeout": 120,
        }
    ]
    assert data["score"]["symptoms"][0]["diagnosis"]["right"] is True
    assert datetime.fromisoformat(data["started"]) == over.session.started


class Page(HTMLParser):
    """Parses a page: its elements, its links, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.targets: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.targets += [value or "" for name, value in attrs if name in {"href", "src", "style"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_shipped_scenario_says_what_to_read_next() -> None:
    loaded = load(scenarios_folder() / "kluster005", hints_folder(), CATALOG)
    found = list(links(loaded.debrief))
    assert len(found) == 10
    assert found[0].title == "etcd: Maintenance"
    assert all(link.url.startswith("https://") for link in found)
    assert "Enforce Pod Security Standards by Configuring the Built-in Admission Controller" in {
        link.title for link in found
    }


def test_links_of_other_parts_are_not_for_reading() -> None:
    text = (
        "# A\n[no](https://a)\n## What to read next\n- [`code` and\n words](https://b)\n## End\n[no](https://c)\n"
    )
    assert list(links(text)) == [Link("code and words", "https://b")]


# The command --------------------------------------------------------------------------------------------------


def test_it_names_the_lab(kluster: Kluster) -> None:
    assert kluster("debrief", "--name", "none").code == 2
    assert Store("none").exists() is False


def test_a_game_days_team_is_shown(kluster: Kluster) -> None:
    kluster("create", str(kluster.scenario), "--backend", "sim", "--mode", "game-day", "--team", "Reds & Co")
    kluster("break")
    kluster("submit", "--yes")
    lab = Lab.open("kluster005")
    debrief = collect(lab.session, lab.loaded, lab.store.timeline())
    assert (debrief.team, debrief.mode) == ("Reds & Co", Mode.GAME_DAY)
    assert "team Reds & Co" in Page(to_html(debrief)).text


def test_the_users_reply_is_the_part_with_that_heading() -> None:
    assert reply("# A\n\n## Mira's reply\n\n> It *works*.\n\n## What to read next\n\nmore") == "> It *works*."
    assert reply("## Anna's reply\nYes.\n") == "Yes."
    assert reply("# Afterwards\n\nThere is no reply.\n") == ""
