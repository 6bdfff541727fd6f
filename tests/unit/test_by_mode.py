"""Every command in every mode during an attempt: its exit code, and that an exam shows nothing."""

import json
import re
import shutil
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from lab.cli import app
from lab.core.session import Earned, Ending, Mode, State
from lab.errors import ExitCode
from lab.places import lab_folder
from lab.store import Store, now
from tests.fakes import Kluster, ToyCluster, kluster

__all__ = ["kluster"]

#: Each command with arguments, and its exit codes: training, game day, exam, rehearsal. A command of the app that
#: is not in here fails the test below. `@toy` is the scenario's folder, `@out` a file.
TABLE: dict[tuple[str, ...], tuple[int, int, int, int]] = {
    ("play",): (3, 3, 3, 3),  # it needs a terminal; tests/tui/test_exam.py tests it in an exam
    ("list",): (0, 0, 0, 0),
    ("create", "@toy", "--backend", "sim"): (6, 6, 6, 6),
    ("create", "@toy", "--backend", "sim", "--name", "another"): (0, 0, 6, 0),
    ("break",): (6, 6, 6, 6),
    ("status",): (0, 0, 0, 0),
    ("status", "--story"): (0, 0, 0, 0),
    ("status", "--debrief"): (6, 6, 6, 0),
    ("pause",): (0, 6, 6, 0),
    ("pause", "kluster005"): (0, 6, 6, 0),
    ("resume",): (6, 6, 6, 6),
    ("check",): (1, 1, 6, 1),
    ("hint",): (0, 0, 6, 0),
    ("hint", "port"): (0, 0, 6, 0),
    ("hint", "port", "--yes"): (0, 0, 6, 0),
    ("hint", "patience"): (0, 0, 6, 0),
    ("diagnose",): (0, 0, 0, 0),
    ("diagnose", "port", "-c", "hull", "--cause", "leak"): (0, 0, 0, 0),
    ("diagnose", "left", "-c", "hull", "--cause", "leak"): (2, 2, 2, 0),
    ("debrief",): (6, 6, 6, 0),
    ("debrief", "--format", "html"): (6, 6, 6, 0),
    ("debrief", "--format", "cast"): (6, 6, 6, 2),
    ("debrief", "--output", "@out"): (6, 6, 6, 0),
    ("solve", "--yes"): (0, 0, 6, 0),
    ("solve", "port", "--yes"): (0, 0, 6, 0),
    ("shell",): (3, 3, 3, 3),  # likewise
    ("exec", sys.executable, "-c", ""): (0, 0, 0, 0),
    ("kubeconfig",): (0, 0, 6, 0),
    ("rehearse", "@toy", "--backend", "sim", "--real-time"): (0, 0, 6, 0),
    ("serve", "@out"): (2, 2, 2, 2),
    ("event", "check", "@out"): (2, 2, 2, 2),
    ("verify", "@out"): (2, 2, 2, 2),
    ("report", "@out"): (2, 2, 2, 2),
    ("join", "@out"): (2, 2, 2, 2),
    ("board", "@out"): (2, 2, 2, 2),
    ("witness", "@out", "--code", "ABCD-2345"): (3, 3, 3, 6),
    ("bundle", "/none/kluster.tar"): (2, 2, 2, 2),
    ("doctor",): (3, 3, 3, 3),
    ("doctor", "--live"): (6, 6, 6, 6),
    ("validate", "@toy"): (0, 0, 0, 0),
    ("schema",): (0, 0, 0, 0),
    ("completion", "bash"): (0, 0, 0, 0),
    ("help",): (0, 0, 0, 0),
    ("help", "hint"): (0, 0, 0, 0),
    # Commands that end the attempt.
    ("reset", "--yes"): (0, 0, 6, 0),
    ("delete", "--yes"): (0, 0, 0, 0),
    ("submit", "--yes"): (1, 1, 1, 1),
}
#: Commands that end an exam: their output then is not a leak.
ENDS = {("submit", "--yes"), ("delete", "--yes")}
WITH_JSON = {
    "list",
    "status",
    "pause",
    "resume",
    "check",
    "submit",
    "hint",
    "diagnose",
    "rehearse",
    "doctor",
    "validate",
}
MODES = (Mode.TRAINING, Mode.GAME_DAY, Mode.EXAM, Mode.REHEARSAL)
#: Texts that only an instructor may read: causes, culprits, checks and findings, hints, the solution.
SECRETS = (
    *("left", "right", "captain", "cook", "upright", "hold is dry", "It sails"),
    *("FOUND-OUT", "it leans", "BECAUSE", "SHE-REPORTED-IT", "secretly"),
    *("hint 0", "hint 1", "It takes time", "mend", "It leaks", "It rots", "It was left"),
    *("checks passed", '"passed": 0', '"passed": 1', '"status"', '"fail"', '"points": 0'),
    *("of 92", "of 100", "0 of", "40"),
)
#: Times of day, durations and line numbers of tracebacks: their digits may look like points.
TIMES = re.compile(r'\bline \d+|[\d-]*T?\d+:\d\d[\d.:Z+]*|"seconds\w*": [\d.]+|\b\d+ (?:min|s|h)\b')
#: Not secrets: the tools' own texts that contain some.
HARMLESS = ("min left", "s left", "seconds_left", "bright")


@pytest.fixture(autouse=True)
def _no_docker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.setattr(sys, "stdin", None)


def filled(argv: tuple[str, ...], kluster: Kluster) -> list[str]:
    words = {"@toy": str(kluster.scenario), "@out": str(kluster.scenario.parent / "out")}
    return [words.get(word, word) for word in argv]


def begin(kluster: Kluster, mode: Mode, name: str = "kluster005") -> None:
    team = ("--team", "Red Pandas") if mode is Mode.GAME_DAY else ()
    made = kluster(
        "create", str(kluster.scenario), "--backend", "sim", "--mode", mode.value, "--name", name, *team
    )
    assert made.code == 0, made.err
    assert kluster("break", "--name", name).code == 0


def shown(kluster: Kluster, argv: tuple[str, ...]) -> str:
    """Return the whole output of a command."""
    ways = [argv, ("-v", *argv), ("--progress", "json", *argv)]
    if argv[0] in WITH_JSON and "--story" not in argv and "--debrief" not in argv:
        ways += [(*argv, "--json"), ("-v", "--progress", "json", *argv, "--json")]
    said = []
    for way in ways:
        ran = kluster(*filled(way, kluster))
        said.append(f"$ {' '.join(way)}\n{ran.out}{ran.err}")
    text = "\n".join(said).replace(str(kluster.scenario), "@toy")
    for word in HARMLESS:
        text = text.replace(word, "")
    return text


def test_every_command_has_its_row() -> None:
    assert {argv[0] for argv in TABLE} == {command.name for command in app.registered_commands}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("argv", TABLE, ids=" ".join)
def test_what_a_mode_allows(kluster: Kluster, argv: tuple[str, ...], mode: Mode) -> None:
    begin(kluster, mode)
    ran = kluster(*filled(argv, kluster))
    assert ran.code == TABLE[argv][MODES.index(mode)], ran.err


@pytest.mark.parametrize("argv", [argv for argv in TABLE if argv not in ENDS], ids=" ".join)
def test_an_exam_shows_nothing_and_continues(kluster: Kluster, argv: tuple[str, ...]) -> None:
    begin(kluster, Mode.EXAM)
    cut_a_submission_off()
    before = Store("kluster005").load()

    text = shown(kluster, argv)

    # The folder of the sources may have any name.
    text = TIMES.sub("", text).replace(str(Path(__file__).parents[2]), "")
    leaks = [secret for secret in SECRETS if secret in text and secret not in argv and argv != ("schema",)]
    assert leaks == [], text
    after = Store("kluster005").load()
    assert after.model_copy(update={"diagnosis": {}}) == before.model_copy(update={"diagnosis": {}})
    assert not (kluster.scenario.parent / "out").exists()


def test_what_an_exam_refuses_is_not_begun(kluster: Kluster) -> None:
    begin(kluster, Mode.EXAM)
    assert "Look at the cluster" not in kluster("check").err


def cut_a_submission_off() -> None:
    """Leave the state of a submission that looked at everything and was then interrupted."""
    with Store("kluster005").update() as session:
        session.last_statuses = {"left-whole": "pass", "right-whole": "fail"}
        session.repaired = {"left": now()}
        session.earned, session.maximum = {"left": Earned(points=40, maximum=40)}, 92
        session.looked = now()


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("check",), 6),
        (("check", "--json"), 6),
        (("hint",), 6),
        (("hint", "port"), 6),
        (("solve", "--yes"), 6),
        (("reset", "--yes"), 6),
        (("debrief",), 6),
        (("status", "--debrief"), 6),
        (("status",), 0),
        (("exec", "true"), 0),
        (("delete", "--yes"), 0),
    ],
)
def test_an_exam_closes_other_labs_of_its_scenario(kluster: Kluster, argv: tuple[str, ...], code: int) -> None:
    begin(kluster, Mode.REHEARSAL, "mine")
    begin(kluster, Mode.EXAM)

    name, *rest = argv
    ran = kluster(name, "--name", "mine", *rest)

    assert ran.code == code
    if code == ExitCode.REFUSED:
        assert "An exam of this scenario is running." in ran.err
        assert "kluster submit --name kluster005" in ran.err
        assert ran.out == ""
    assert kluster("submit", "--yes").code == 1
    assert "An exam" not in kluster(name, "--name", "mine", *rest).err


def test_an_exam_closes_labs_of_a_copy_of_its_scenario(kluster: Kluster) -> None:
    copy = kluster.scenario.with_name("copy")
    shutil.copytree(kluster.scenario, copy)
    assert kluster("create", str(copy), "--backend", "sim", "--name", "mine").code == 0
    begin(kluster, Mode.EXAM)

    ran = kluster("break", "--name", "mine")

    assert ran.code == ExitCode.REFUSED
    assert "An exam of this scenario is running." in ran.err


def test_a_broken_lab_of_the_same_scenario_can_not_be_begun_beside_an_exam(kluster: Kluster) -> None:
    assert kluster("create", str(kluster.scenario), "--backend", "sim", "--name", "mine").code == 0
    begin(kluster, Mode.EXAM)
    assert kluster("break", "--name", "mine").code == 6
    assert Store("mine").load().state is State.HEALTHY


def test_before_an_exam_begins_nobody_enters_its_nodes(kluster: Kluster) -> None:
    kluster("create", str(kluster.scenario), "--backend", "sim", "--mode", "exam")
    refused = kluster("exec", "true")
    assert refused.code == 6
    assert "The exam has not begun." in refused.err
    ToyCluster.surprises["break"] = KeyboardInterrupt()
    assert kluster("break").code == 130
    assert kluster("exec", "true").code == 6  # half broken, and the clock is not running
    assert kluster("reset").code == 0


def test_an_exam_that_is_removed_is_an_attempt_without_points(kluster: Kluster) -> None:
    begin(kluster, Mode.EXAM)
    asked = kluster("delete")
    assert "withdraws from the exam" in asked.err
    assert kluster("delete", "--yes").code == 0
    [attempt] = kluster("list", "--json").data["attempts"]
    assert (attempt["points"], attempt["solved"], attempt["ending"]) == (0, False, "withdrawn")
    assert "withdrawn" in kluster("list").out
    begin(kluster, Mode.EXAM)  # another one, and both are known


def end_the_time() -> None:
    with Store("kluster005").update() as session:
        assert session.deadline
        session.started, session.deadline = now() - timedelta(minutes=11), now() - timedelta(minutes=1)


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("status",), 0),
        (("status", "--story"), 0),
        (("status", "--debrief"), 0),
        (("check",), 1),
        (("hint", "port"), 0),
        (("diagnose",), 0),
        (("diagnose", "port", "-c", "hull", "--cause", "leak"), 6),
        (("debrief",), 0),
        (("solve", "--yes"), 6),
        (("break",), 6),
        (("reset",), 0),
        (("exec", "true"), 0),
        (("submit",), 1),
        (("delete", "--yes"), 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_the_first_command_after_the_end_submits(kluster: Kluster, argv: tuple[str, ...], code: int) -> None:
    begin(kluster, Mode.EXAM)
    ToyCluster("kluster005", lab_folder("kluster005")).control_plane.run(["mend", "left"])
    end_the_time()

    ran = kluster(*argv)

    assert ran.code == code, ran.err
    [attempt] = kluster("list", "--json").data["attempts"]
    assert attempt["ending"] == "time-over"
    assert (attempt["points"], attempt["seconds"]) == (40, 600)  # not the part after the end
    assert "the time was over" in kluster("list").out
    if argv[0] != "submit":
        assert "The exam ended with 40 of 100 points." in ran.err


def test_a_list_says_that_an_exam_waits_to_be_submitted(kluster: Kluster) -> None:
    begin(kluster, Mode.EXAM)
    assert re.search(r"(10 min 0|9 min \d+) s left", kluster("list").out)
    assert Store("kluster005").load().state is State.BROKEN
    end_the_time()
    assert "the time is over: kluster submit" in kluster("list").out
    assert Store("kluster005").load().state is State.BROKEN


def test_status_counts_down(kluster: Kluster) -> None:
    begin(kluster, Mode.EXAM)
    told = kluster("status")
    assert "left" in told.out
    assert "planned" not in told.out
    data = kluster("status", "--json").data
    assert 590 < data["seconds_left"] <= 600
    begin_again = kluster("break").err
    assert "kluster check" not in told.err + begin_again


def test_an_exam_that_can_not_be_submitted_stays_closed(kluster: Kluster) -> None:
    begin(kluster, Mode.EXAM)
    end_the_time()
    (lab_folder("kluster005") / "toy.json").unlink()
    for argv in (("check",), ("hint",), ("exec", "true"), ("reset", "--yes")):
        failed = kluster(*argv)
        assert failed.code == 3, argv
        assert "it must be submitted before anything else" in failed.err
        assert failed.out == ""
    assert "the cluster" in kluster("status").err.lower()
    assert kluster("delete", "--yes").code == 0
    [attempt] = kluster("list", "--json").data["attempts"]
    assert (attempt["points"], attempt["ending"]) == (0, "withdrawn")


def test_a_command_on_a_node_ends_with_the_time(kluster: Kluster) -> None:
    begin(kluster, Mode.EXAM)
    with Store("kluster005").update() as session:
        session.deadline = now() + timedelta(seconds=1)
    ran = kluster("exec", "sleep", "100")
    assert ran.code == 6
    assert "The time of the exam is over." in ran.err
    assert Store("kluster005").load().ending is Ending.TIME_OVER


def test_the_remaining_time_of_an_exam_is_data(kluster: Kluster) -> None:
    begin(kluster, Mode.EXAM)
    [exam] = [each for each in kluster("list", "--json").data["labs"] if each["name"] == "kluster005"]
    assert exam["deadline"] == json.loads(kluster("status", "--json").out)["deadline"]


def test_an_exam_takes_other_clients_if_its_scenario_says_so(kluster: Kluster) -> None:
    file = kluster.scenario / "scenario.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "\nclients_in_exams: true\n", encoding="utf-8")
    kluster("create", str(kluster.scenario), "--backend", "sim", "--mode", "exam")
    assert "The exam has not begun." in kluster("kubeconfig").err
    kluster("break")
    assert kluster("kubeconfig").out == "kind: Config\n"
