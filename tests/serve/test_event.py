"""Events as data: event.yaml with its errors, the clock with its pauses, the ranking, the report."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

from lab.catalog import CATALOG
from lab.core.load import Catalog
from lab.places import hints_folder, scenarios_folder
from lab.serve.event.folder import EventFolder, EventState, Pause, SeatState
from lab.serve.event.model import EventInvalid, Invited, load_event
from lab.serve.event.ranking import Standing, ranked
from lab.serve.seats.desk import HintRules
from tests.toy_scenario import write_scenario

START = datetime(2026, 5, 4, 10, tzinfo=UTC)


def loaded(folder: Path, text: str) -> Invited:
    folder.mkdir(exist_ok=True)
    (folder / "event.yaml").write_text(text, encoding="utf-8")
    return load_event(folder, scenarios_folder(), hints_folder(), CATALOG)


def test_an_event_is_read(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        """
schema: 1
title: Friday
seats: 3
people: [{name: Ada, learner: "0042"}, {name: Grace}]
faults: [silence]
start: "2026-05-04T10:00+02:00"
pass: 20
""",
    )
    event = found.event
    assert (event.count, event.who(1), event.who(3), event.learners(1)) == (3, "Ada", "Seat 3", ("0042",))
    assert event.starts_at == datetime.fromisoformat("2026-05-04T10:00+02:00")
    assert found.minutes == found.loaded.scenario.minutes


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("schema: 1\ntitle: x\n", "1:1", "'seats' is missing"),
        ("schema: 1\ntitle: x\nseats: 0\n", "3:8", "greater than or equal to 1"),
        ("schema: 1\ntitle: x\nseats: 900\n", "3:8", "less than or equal to 250"),
        ("schema: 1\ntitle: x\nseats: 2\nscenarioo: y\n", "4:1", "did you mean 'scenario'"),
        ("schema: 1\ntitle: x\nseats: 2\nscenario: kluster05\n", "4:11", "did you mean 'kluster005'"),
        ("schema: 1\ntitle: x\nseats: 2\nfaults: [silense]\n", "4:10", "did you mean 'silence'"),
        ("schema: 1\ntitle: x\nseats: 2\nstart: tomorrow\n", "4:8", "a time"),
        ('schema: 1\ntitle: x\nseats: 2\nstart: "2026-05-04T10:00"\n', "4:8", "no zone"),
        ("schema: 1\ntitle: x\nseats: 1\npeople: [{name: a}, {name: b}]\n", "4:9", "2 people for 1 seats"),
        ("schema: 1\ntitle: x\npeople: [{name: a}, {name: a}]\n", "3:28", "sits at seat 1 already"),
        ('schema: 1\ntitle: x\npeople: [{name: "a\\e[2J"}]\n', "3:17", "can't be displayed"),
        ('schema: 1\ntitle: "a\\u009b2J"\nseats: 1\n', "2:8", "can't be displayed"),
        ("schema: 1\ntitle: x\nseats: 2\nmode: no\n", "4:7", "boolean"),
        ("schema: 1\ntitle: x\nseats: 2\nseats: 3\n", "4:1", "seats"),
        ("schema: 1\ntitle: x\nseats: 2\nseed: 1000000\n", "4:7", "less than or equal to 999999"),
        ("schema: 1\ntitle: x\nseats: 2\nteams: [{name: a, size: 2}]\n", "4:8", "not both"),
        ("schema: 1\ntitle: x\nteams: [{name: a}]\n", "3:9", "has nobody"),
        ("schema: 1\ntitle: x\nteams: [{name: a, size: 1}, {name: a, size: 1}]\n", "3:36", "team 1 already"),
        ("schema: 1\ntitle: x\nteams: [{name: a, size: 13}]\n", "3:25", "less than or equal to 12"),
        (
            "schema: 1\ntitle: x\nteams: [{name: a, people: [{name: b}]}, {name: c, people: [{name: b}]}]\n",
            "3:67",
            "sits at a seat of a team already",
        ),
    ],
)
def test_errors_have_their_places(tmp_path: Path, text: str, place: str, words: str) -> None:
    with pytest.raises(EventInvalid) as caught:
        loaded(tmp_path, text)
    lines = [str(problem) for problem in caught.value.problems]
    assert any(f":{place}: " in line and words in line for line in lines), lines


@pytest.mark.parametrize(("mode", "same"), [("game-day", True), ("training", True), ("exam", False)])
def test_an_exam_has_a_variant_for_each_seat_and_other_events_one_for_all(
    tmp_path: Path, mode: str, *, same: bool
) -> None:
    text = f"schema: 1\ntitle: x\nseats: 3\nmode: {mode}\nseed: 7\n"
    found = loaded(tmp_path, text)
    seeds = [found.seed(number) for number in (1, 2, 3, 250)]
    assert len(set(seeds)) == (1 if same else 4)
    assert (seeds[0] == 7) is same
    # The board shows what is so for everybody.
    assert found.loaded.variant.seed == (7 if same else 0)
    again = loaded(tmp_path, text)
    assert seeds == [again.seed(number) for number in (1, 2, 3, 250)]


def test_an_event_without_a_seed_has_no_variants(tmp_path: Path) -> None:
    found = loaded(tmp_path, "schema: 1\ntitle: x\nseats: 3\nmode: exam\n")
    assert [found.seed(number) for number in (1, 2, 3)] == [0, 0, 0]


def test_a_seed_for_a_scenario_without_variants_is_an_error(tmp_path: Path) -> None:
    write_scenario(tmp_path / "toy")
    text = "schema: 1\ntitle: x\nseats: 2\nscenario: toy\nseed: 7\n"
    (tmp_path / "event.yaml").write_text(text, encoding="utf-8")
    catalog = Catalog(faults={"toy": _Any}, checks={"toy": _Any})
    with pytest.raises(EventInvalid, match="5:7: 'toy' has no variants: leave out the seed"):
        load_event(tmp_path, scenarios_folder(), hints_folder(), catalog)


class _Any(BaseModel):
    """Parameters of any kind."""


def test_a_team_has_a_code_for_each_and_its_names(tmp_path: Path) -> None:
    text = "schema: 1\ntitle: x\nteams: [{name: Red, size: 3, people: [{name: Ada}]}, {name: Blue, size: 1}]\n"
    folder = EventFolder(tmp_path, loaded(tmp_path, text))
    kept = folder.create_state()
    assert {name: folder.members(seat) for name, seat in kept.seats.items()} == {
        "seat-001": ["Ada", "Red 2", "Red 3"],
        "seat-002": ["Blue 1"],
    }
    assert list(kept.chairs) == ["seat-001", "seat-001.2", "seat-001.3", "seat-002"]
    assert len({chair.code for chair in kept.chairs.values()} | {kept.code}) == 5
    assert folder.load_state() == kept


def state(**changes: object) -> EventState:
    seats = {f"seat-{number:03}": SeatState(number=number, code=f"CODE-{number}") for number in (1, 2)}
    return EventState(code="HOST", seats=seats, **changes)


def test_paused_time_does_not_count() -> None:
    minute = timedelta(minutes=1)
    pauses = [
        Pause(began=START + 10 * minute, ended=START + 15 * minute),
        Pause(began=START + 20 * minute),
    ]
    found = state(started=START, pauses=pauses)
    assert found.lived(START + 5 * minute) == 300
    assert found.lived(START + 12 * minute) == 600
    assert found.lived(START + 20 * minute) == 900
    assert found.lived(START + 50 * minute) == 900
    assert found.deadline(90, START + 22 * minute) == START + 97 * minute
    assert found.pause is pauses[1]


@pytest.mark.parametrize(
    ("standings", "places"),
    [
        ([("a", 10, 50), ("b", 20, 90)], {"b": 1, "a": 2}),
        ([("a", 10, 50), ("b", 10, 40)], {"b": 1, "a": 2}),
        ([("a", 10, 50.2), ("b", 10, 50.7), ("c", 5, 1)], {"a": 1, "b": 1, "c": 3}),
        ([("a", 0, 5), ("b", 0, 90)], {"a": 1, "b": 1}),
        ([], {}),
    ],
)
def test_ranking(standings: list[tuple[str, float, float]], places: dict[str, int]) -> None:
    assert {each.standing.name: each.place for each in ranked(Standing(*each) for each in standings)} == places


def test_codes_are_for_this_user_alone(tmp_path: Path) -> None:
    folder = EventFolder(tmp_path, loaded(tmp_path, "schema: 1\ntitle: x\nseats: 40\n"))
    made = folder.create_state()
    codes = {made.code, *(seat.code for seat in made.seats.values())}
    assert len(codes) == 41
    assert (tmp_path / "state.json").stat().st_mode & 0o077 == 0
    assert folder.load_state() == made


@pytest.mark.parametrize(
    ("minutes", "bought", "words"),
    [(19.9, 0, "from minute 20"), (20, 0, ""), (50, 2, ""), (50, 3, "may buy 3")],
)
def test_hints_are_sold_as_the_event_has_it(minutes: float, bought: int, words: str) -> None:
    refusal = HintRules(after=20, most=3).refusal(minutes, bought)
    assert words in refusal
    assert bool(words) == bool(refusal)
    assert not HintRules().refusal(0, 100)


@pytest.mark.parametrize(("faults", "most"), [("[silence]", 34), ("[silence, distance]", 56)])
def test_a_pass_mark_above_what_the_faults_can_earn_is_an_error(tmp_path: Path, faults: str, most: int) -> None:
    text = f"schema: 1\ntitle: x\nseats: 1\nfaults: {faults}\npass: "
    assert loaded(tmp_path, f"{text}{most}\n").event.pass_mark == most
    with pytest.raises(EventInvalid, match=f"5:7: {most + 1} points can't be earned: .* at most {most}$"):
        loaded(tmp_path, f"{text}{most + 1}\n")


@pytest.mark.parametrize("text", ["007", "0x_7", "0b111", "1_0", "1:30"])
def test_the_advice_about_a_doubtful_number_is_true(tmp_path: Path, text: str) -> None:
    event = "schema: 1\ntitle: x\nseats: 1\nseed: "
    with pytest.raises(EventInvalid, match=r"for the text, or (\d+) for the number") as problem:
        loaded(tmp_path, f"{event}{text}\n")
    number = re.findall(r"or (\d+) for", str(problem.value))[0]
    assert loaded(tmp_path, f"{event}{number}\n").event.seed == int(number)
