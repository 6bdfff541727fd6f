"""Attempts that have ended: kept beside their labs, listed, and safe from what happens to the disk."""

import json
import os
import shutil
from pathlib import Path

import pytest

from lab import chain
from lab.attempts import all_attempts
from lab.core.session import State
from lab.lab import Lab
from lab.places import attempts_folder
from lab.store import Store
from lab.writing import write_durably
from tests.fakes import Kluster, kluster

__all__ = ["kluster"]

TEAM = ("--mode", "game-day", "--team", "The  Reds")


def made(kluster: Kluster, *options: str) -> None:
    created = kluster("create", str(kluster.scenario), "--backend", "sim", *options)
    assert created.code == 0, created.err
    assert kluster("break").code == 0


def test_the_lab_itself_keeps_the_score(kluster: Kluster) -> None:
    kluster.broken()
    score = Lab.open("kluster005").submit()
    final = Store("kluster005").load().final
    assert final is not None
    assert (final["attempt"], final["over"]) == (score.attempt, True)
    assert [attempt.points for attempt in all_attempts()] == [score.attempt]


def test_an_attempt_is_kept_while_it_runs(kluster: Kluster) -> None:
    made(kluster, *TEAM)
    [path] = attempts_folder().iterdir()
    begun = chain.verify(path)
    assert begun.whole
    assert [each["kind"] for each in chain.entries(path)] == ["begun", "lab"]
    kluster("hint", "port")
    kluster("check")
    grown = chain.verify(path)
    assert grown.whole
    assert grown.heads[: begun.lines] == begun.heads
    told = [each["data"]["event"]["kind"] for each in chain.entries(path) if each["kind"] == "lab"]
    assert told[:2] == ["broken", "hint"]
    assert "turned" in told
    kluster("submit", "--yes")
    ended = chain.verify(path)
    assert ended.whole
    assert [each["kind"] for each in chain.entries(path)][-1] == "ended"
    kluster("check")
    kluster("reset")
    assert chain.verify(path).heads == ended.heads


def test_one_that_is_taken_back_ends_there(kluster: Kluster) -> None:
    made(kluster)
    [path] = attempts_folder().iterdir()
    reset = kluster("reset", "--yes")
    assert reset.code == 0, reset.err
    told = [each["data"].get("event", {}).get("kind") for each in chain.entries(path)]
    assert told[-1] == "reset"
    kluster("break")
    assert len(list(attempts_folder().iterdir())) == 2
    assert all_attempts() == []


def test_an_attempt_outlives_its_lab(kluster: Kluster) -> None:
    made(kluster, *TEAM)
    kluster("hint", "port")
    submitted = kluster("submit", "--yes")
    [path] = attempts_folder().iterdir()
    assert str(path) in submitted.err

    assert kluster("reset").code == 0
    assert kluster("delete", "--yes").code == 0

    [attempt] = all_attempts()
    assert (attempt.lab, attempt.team, attempt.mode, attempt.solved) == (
        "kluster005",
        "The Reds",
        "game-day",
        False,
    )
    assert attempt.hint_tiers == {"left": 0}
    assert path.name.endswith("-toy-the-reds-kluster005.jsonl")
    ended = chain.last(path)
    assert (ended["kind"], ended["data"]["score"]["symptoms"][0]["symptom"]) == ("ended", "port")


def test_the_list_tells_what_gives_nothing_away(kluster: Kluster) -> None:
    made(kluster, *TEAM)
    kluster("submit", "--yes")

    listed = kluster("list")
    assert "0 of 100 points in 0 s (toy, sim, game-day, team The Reds)" in listed.out
    [attempt] = kluster("list", "--json").data["attempts"]
    assert {key: attempt[key] for key in ("lab", "team", "points", "maximum", "solved")} == {
        "lab": "kluster005",
        "team": "The Reds",
        "points": 0,
        "maximum": 100,
        "solved": False,
    }
    assert "left" not in json.dumps(attempt)


def test_the_list_of_many_is_short(kluster: Kluster) -> None:
    kluster.broken()
    kluster("submit", "--yes")
    [path] = attempts_folder().iterdir()
    for hour in range(11):
        (path.parent / f"20200101-{hour:02}0000-toy-x.jsonl").write_text(path.read_text())
    listed = kluster("list").out
    assert listed.count("0 of 100 points") == 10
    assert "and 2 before these" in listed


def test_newest_first_without_damaged_ones(kluster: Kluster) -> None:
    kluster.broken()
    kluster("submit", "--yes")
    [path] = attempts_folder().iterdir()
    older = chain.last(path)["data"] | {"lab": "older"}
    (path.parent / "20200101-000000-toy-older.json").write_text(json.dumps(older))
    (path.parent / "20210101-000000-toy-cut.jsonl").write_text(path.read_text()[:-40])
    assert [attempt.lab for attempt in all_attempts()] == ["kluster005", "older"]


def test_rehearsals_and_unfinished_ones_do_not_count(kluster: Kluster) -> None:
    kluster.broken("rehearsal")
    kluster("submit", "--yes")
    kluster("delete", "--yes")
    kluster.broken()
    kluster("reset")
    assert all_attempts() == []


def test_a_full_disk_does_not_undo_the_end(kluster: Kluster) -> None:
    kluster.broken()
    shutil.rmtree(attempts_folder())
    attempts_folder().write_text("a file where a folder must be")
    submitted = kluster("submit", "--yes")
    assert submitted.code == 3
    assert "kluster debrief" in submitted.err
    assert Store("kluster005").load().state is State.GIVEN_UP


def test_what_can_not_be_written_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_durably(tmp_path / "a.json", "old")

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_durably(tmp_path / "a.json", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert (tmp_path / "a.json").read_text() == "old"


@pytest.mark.parametrize(
    "options",
    [
        ("--mode", "game-day"),
        ("--team", "Reds"),
        ("--mode", "game-day", "--team", "   "),
        ("--mode", "game-day", "--team", "R\x1b[31meds"),
        ("--mode", "game-day", "--team", "R" * 41),
    ],
)
def test_a_game_day_has_a_team(kluster: Kluster, options: tuple[str, ...]) -> None:
    refused = kluster("create", str(kluster.scenario), "--backend", "sim", *options)
    assert (refused.code, Store("kluster005").exists()) == (2, False)


def test_on_a_game_day_hints_cost_and_a_solution_leaves_nothing(kluster: Kluster) -> None:
    made(kluster, *TEAM)
    assert kluster("status", "--json").data["team"] == "The Reds"
    kluster("hint", "port")
    assert kluster("hint", "port", "--yes", "--json").data[1]["cost_percent"] == 10
    assert kluster("solve", "starboard", "--yes").code == 0
    lab = Lab.open("kluster005")
    lab.cluster.control_plane.run(["mend", "left"])
    port, starboard, _ = kluster("check", "--json").data["symptoms"]
    assert (port["points"], port["attempt"]) == (40, 36)
    assert (starboard["points"], starboard["attempt"], starboard["solution_seen"]) == (40, 0, True)


def test_on_a_game_day_no_steps_are_shown(kluster: Kluster) -> None:
    kluster("create", str(kluster.scenario), "--backend", "sim", *TEAM)
    assert "secretly" not in kluster("-v", "break").err


def test_another_lab_is_named_in_what_to_type(kluster: Kluster) -> None:
    kluster("create", str(kluster.scenario), "--backend", "sim", "--name", "mine")
    kluster("break", "--name", "mine")
    assert "kluster debrief --name mine" in kluster("submit", "--yes", "--name", "mine").err
