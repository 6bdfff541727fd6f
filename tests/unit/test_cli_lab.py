"""A lab's life by commands, over a toy cluster: output, stored state, and exit codes."""

import io
import json
import sys
from pathlib import Path

import filelock
import pytest

from lab.console import Console
from lab.errors import LabError
from lab.places import lab_folder
from lab.store import Store
from tests.fakes import Kluster, ToyCluster, kluster

__all__ = ["kluster"]

#: Texts of the toy for instructors only: causes, names of checks, findings and reasons.
SECRETS = ("left", "right-whole", "FOUND-OUT", "BECAUSE", "secretly")


def test_a_training_from_create_to_delete(kluster: Kluster) -> None:
    created = kluster("create", str(kluster.scenario), "--backend", "sim")
    assert (created.code, created.out) == (0, "")
    assert "Start the toy ... " in created.err
    assert "kluster break" in created.err

    broken = kluster("break")
    assert broken.code == 0
    assert "The ship *leans*." in broken.out
    assert "The captain and the cook are at work ... " in broken.err
    assert_neutral(broken.out + broken.err)

    checked = kluster("check")
    assert checked.code == 1
    assert_neutral(checked.out + checked.err)
    assert "It leans to port (port)  0 of 40" in checked.out
    assert "blocked by: It leans to port (port)" in checked.out
    assert "found: it leans" in checked.out  # the end to end is visible to the user
    assert "0 of 100 points" in checked.out

    solved = kluster("solve", "--yes")
    assert solved.code == 0
    assert "It leaks." in solved.out
    assert "mend right" in solved.out

    checked = kluster("check", "--json")
    assert checked.code == 0
    assert checked.data["solved"] is True
    assert checked.data["points"] == 92
    assert checked.data["attempt"] == 12  # both solutions were seen

    assert kluster("diagnose", "port", "--component", "hull", "--cause", "leak").code == 0
    assert kluster("diagnose", "starboard", "-c", "hull", "--cause", "rot").code == 0
    submitted = kluster("submit", "--yes")
    assert submitted.code == 0
    assert "16 of 100 points (solutions took 80)" in submitted.out
    assert "hull, leak: right" in submitted.out
    assert "hull, rot: wrong; correct is mast, rot" in submitted.out
    assert "why: BECAUSE-DRY" in submitted.out

    final = Store("kluster005").load().final
    assert final is not None
    assert final["points"] == 96

    status = kluster("status", "--json").data
    assert (status["state"], status["points"], status["maximum"]) == ("solved", 16, 100)
    assert "left and right" in kluster("status", "--debrief").out

    assert kluster("reset").code == 0
    assert kluster("status", "--json").data["state"] == "healthy"
    deleted = kluster("delete", "--yes")
    assert (deleted.code, deleted.out) == (0, "")
    assert not lab_folder("kluster005").exists()


def assert_neutral(text: str) -> None:
    told = [secret for secret in SECRETS if secret in text]
    assert told == []


def test_a_check_tells_of_a_cause_once_it_is_repaired(kluster: Kluster) -> None:
    kluster.broken()
    kluster("exec", "true")
    ToyCluster("kluster005", lab_folder("kluster005")).control_plane.run(["mend", "left"])

    said = kluster("check").out

    assert "the cause: left, by the captain" in said
    assert "FOUND-OUT right" not in said
    port, starboard, _ = kluster("check", "--json").data["symptoms"]
    assert port["fault"] == "left"
    assert [check["name"] for check in port["checks"]] == ["left-whole", "left-dry"]
    assert starboard["fault"] is None
    assert [check["id"] for check in starboard["checks"]] == ["starboard-1"]
    assert {starboard["checks"][0][key] for key in ("name", "found", "expected", "why")} == {None}


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """Simulate a user at the terminal who types `answer`."""
    monkeypatch.setattr(Console, "interactive", property(lambda _: True))
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))


#: Commands that end an attempt, cost points or remove something, with a word of their question.
ASKING: dict[tuple[str, ...], str] = {
    ("submit",): "ends the attempt",
    ("reset",): "without a score",
    ("solve",): "earn you nothing",
    ("delete",): "Delete lab",
}


@pytest.mark.parametrize("argv", ASKING)
def test_without_a_terminal_what_costs_needs_a_yes(kluster: Kluster, argv: tuple[str, ...]) -> None:
    kluster.broken()
    before = Store("kluster005").load()
    refused = kluster(*argv)
    assert refused.code == 2
    assert ASKING[argv] in refused.err
    assert "--yes" in refused.err
    assert Store("kluster005").load() == before
    assert kluster(*argv, "--yes").code in {0, 1}


@pytest.mark.parametrize("argv", ASKING)
def test_on_a_terminal_what_costs_is_asked_for(
    kluster: Kluster, monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...]
) -> None:
    kluster.broken()
    before = Store("kluster005").load()
    at_a_terminal(monkeypatch, "n\n")
    refused = kluster(*argv)
    assert refused.code == 6
    assert f"{ASKING[argv]}" in refused.err
    assert "[y/N]" in refused.err
    assert Store("kluster005").load() == before


def test_a_lab_that_nobody_plays_is_reset_unasked(kluster: Kluster) -> None:
    kluster.broken()
    kluster("submit", "--yes")
    assert kluster("reset").code == 0
    assert kluster("reset").code == 0


@pytest.mark.parametrize("argv", [("hint", "left"), ("diagnose", "left", "-c", "hull", "--cause", "leak")])
def test_names_of_causes_can_not_be_guessed(kluster: Kluster, argv: tuple[str, ...]) -> None:
    kluster.broken()
    asked = kluster(*argv)
    assert asked.code == 2
    assert "There is no symptom 'left' in this attempt." in asked.err
    assert "port, starboard" in asked.err


def test_an_exam_hides_its_steps_even_when_verbose(kluster: Kluster) -> None:
    kluster("create", str(kluster.scenario), "--backend", "sim", "--mode", "exam")
    broken = kluster("-v", "break")
    assert broken.code == 0
    assert_neutral(broken.out + broken.err)


def test_training_shows_its_steps_when_verbose(kluster: Kluster) -> None:
    kluster("create", str(kluster.scenario), "--backend", "sim")
    assert "secretly break left ... " in kluster("-v", "break").err


def test_a_subset_is_broken_by_either_name(kluster: Kluster) -> None:
    kluster("create", str(kluster.scenario), "--backend", "sim")
    assert kluster("break", "starboard").code == 0
    assert Store("kluster005").load().injected == ["right"]
    asked = kluster("hint", "port")
    assert asked.code == 2
    assert "The symptoms are: starboard." in asked.err
    assert kluster("solve", "left", "--yes").code == 2


def test_the_diagnosis_earns_nothing_before_the_end(kluster: Kluster) -> None:
    kluster.broken()
    before = kluster("check", "--json").data
    kluster("diagnose", "port", "--component", "hull", "--cause", "leak")
    after = kluster("check", "--json").data
    assert before["points"] == after["points"] == 0
    assert after["diagnosis_points"] is None
    assert after["symptoms"][0]["diagnosis"]["right"] is None
    assert "hull, leak" in kluster("diagnose").out


def test_a_diagnosis_needs_both_words(kluster: Kluster) -> None:
    kluster.broken()
    assert kluster("diagnose", "port", "--component", "hull").code == 2
    wrong = kluster("diagnose", "port", "--component", "keel", "--cause", "leak")
    assert wrong.code == 2
    assert "hull, mast" in wrong.err
    assert [c["name"] for c in kluster("diagnose", "--json").data["components"]] == ["hull", "mast"]


def test_status_needs_no_cluster(kluster: Kluster) -> None:
    kluster.broken()
    kluster("check")
    (lab_folder("kluster005") / "toy.json").unlink()
    told = kluster("status")
    assert told.code == 0
    assert "broken, training mode, on sim" in told.out
    assert "1 of 2 checks passed last time" in told.out
    assert "Next: " in told.err
    assert_neutral(told.out + told.err)


def test_status_without_its_scenario_shows_known_facts(kluster: Kluster) -> None:
    kluster.broken()
    (kluster.scenario / "scenario.yaml").unlink()
    told = kluster("status")
    assert told.code == 0
    assert "broken" in told.out
    assert "symptoms can't be shown" in told.err


def test_a_cluster_that_is_gone(kluster: Kluster) -> None:
    kluster.broken()
    (lab_folder("kluster005") / "toy.json").unlink()
    checked = kluster("check")
    assert checked.code != 0
    assert "Traceback" not in checked.err


def test_only_unread_checks_make_a_four(kluster: Kluster) -> None:
    kluster.broken()
    kluster("solve", "--yes")
    ToyCluster.surprises["is-it"] = LabError("No answer.")
    one_unread = kluster("check")
    assert one_unread.code == 4
    assert "unread" in one_unread.out

    ToyCluster("kluster005", lab_folder("kluster005")).control_plane.run(["break", "right"])
    ToyCluster.surprises["is-it"] = LabError("No answer.")
    assert kluster("check").code == 1


@pytest.mark.parametrize("damage", ["session", "scenario", "no session"])
def test_delete_removes_a_damaged_lab(kluster: Kluster, damage: str) -> None:
    kluster.broken()
    folder = lab_folder("kluster005")
    if damage == "session":
        (folder / "lab.json").write_text("{")
    elif damage == "no session":
        (folder / "lab.json").unlink()
    else:
        (kluster.scenario / "scenario.yaml").write_text("{")
    assert kluster("delete", "--yes").code == 0
    assert not folder.exists()


def test_delete_leaves_other_labs_alone(kluster: Kluster) -> None:
    kluster.broken()
    kluster("create", str(kluster.scenario), "--backend", "sim", "--name", "other")
    assert kluster("delete", "--name", "other", "--yes").code == 0
    assert kluster("status").code == 0
    missing = kluster("delete", "--name", "other", "--yes")
    assert missing.code == 2
    assert "The labs are: kluster005." in missing.err


def test_a_lab_that_can_not_be_deleted_is_still_known(kluster: Kluster) -> None:
    kluster.broken()
    ToyCluster.surprises["delete"] = LabError("Docker is away.", remedy="Start Docker.")
    failed = kluster("delete", "--yes")
    assert failed.code == 3
    assert "Start Docker." in failed.err
    assert kluster("status", "--json").data["state"] == "deleting"


def test_a_busy_lab(kluster: Kluster) -> None:
    kluster.broken()
    with filelock.FileLock(lab_folder("kluster005") / "lock"):
        assert kluster("reset", "--yes").code == 5
        assert kluster("delete", "--yes").code == 5


def test_wrong_state(kluster: Kluster) -> None:
    kluster("create", str(kluster.scenario), "--backend", "sim")
    for argv in (("check",), ("submit",), ("hint",), ("diagnose",), ("solve",)):
        refused = kluster(*argv)
        assert refused.code == 6, argv
        assert "kluster break" in refused.err


def test_exec_passes_everything_through(kluster: Kluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kluster.broken()
    data = bytes(range(256)) * 300
    (tmp_path / "in").write_bytes(data)
    script = "import sys; sys.stdout.write(sys.stdin.buffer.read().hex()); sys.stderr.write('oh'); sys.exit(7)"
    with (tmp_path / "in").open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        ran = kluster("exec", "--node", "worker", sys.executable, "-c", script)
    assert (ran.code, ran.err) == (7, "oh")
    assert bytes.fromhex(ran.out) == data


def test_exec_takes_what_follows_as_it_is(kluster: Kluster, monkeypatch: pytest.MonkeyPatch) -> None:
    kluster.broken()
    monkeypatch.setattr(sys, "stdin", None)
    show = "import json, sys; print(json.dumps(sys.argv[1:]))"
    for dashes in ((), ("--",)):
        ran = kluster("exec", *dashes, sys.executable, "-c", show, "--json", "--", "-v", "--name", "x")
        assert json.loads(ran.out) == ["--json", "--", "-v", "--name", "x"]
    assert kluster("exec", "--node", "elsewhere", "true").code == 2


def test_a_shell_needs_a_terminal(kluster: Kluster) -> None:
    kluster.broken()
    refused = kluster("shell")
    assert refused.code == 3
    assert "kluster exec" in refused.err


def test_an_interrupt_reports_the_remains(kluster: Kluster) -> None:
    ToyCluster.surprises["create"] = KeyboardInterrupt()
    stopped = kluster("create", str(kluster.scenario), "--backend", "sim")
    assert stopped.code == 130
    assert "nothing was left behind" in stopped.err
    assert not lab_folder("kluster005").exists()

    assert kluster("create", str(kluster.scenario), "--backend", "sim").code == 0
    ToyCluster.surprises["break"] = KeyboardInterrupt()
    stopped = kluster("break")
    assert stopped.code == 130
    assert "Lab kluster005 is injecting." in stopped.err
    assert "kluster reset" in stopped.err
    assert kluster("reset").code == 0


def test_the_unforeseen_is_one_line(kluster: Kluster) -> None:
    kluster.broken()
    ToyCluster.surprises["mend"] = ZeroDivisionError("[bold]oh[/bold]")
    failed = kluster("solve", "--yes")
    assert failed.code == 70
    assert "ZeroDivisionError: [bold]oh[/bold]" in failed.err
    assert "kluster -v solve --yes" in failed.err
    assert "Traceback" not in failed.err

    ToyCluster.surprises["mend"] = ZeroDivisionError("oh")
    assert "Traceback" in kluster("-v", "solve", "--yes").err


def test_listed_with_their_states(kluster: Kluster) -> None:
    kluster.broken()
    (lab_folder("torn")).mkdir(parents=True)
    (lab_folder("torn") / "lab.json").write_text("{")
    listed = kluster("list", "--json").data
    assert listed["scenarios"][0]["name"] == "kluster005"
    states = {each["name"]: each["state"] for each in listed["labs"]}
    assert states == {"kluster005": "broken", "torn": "damaged"}


def test_suggested_commands_name_the_lab(kluster: Kluster) -> None:
    kluster("create", str(kluster.scenario), "--backend", "sim", "--name", "mine")
    refused = kluster("check", "--name", "mine")
    assert "kluster break --name mine" in refused.err
    assert kluster("status", "--name", "mine", "--json").data["next"] == "Break it with: kluster break --name mine"
    missing = kluster("status", "--name", "other")
    assert "kluster create --name other" in missing.err
    assert "--name" not in kluster("status").err  # the default needs none
