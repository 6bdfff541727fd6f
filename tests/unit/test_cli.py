"""The command line itself: help, exit codes, streams and errors, as a shell sees them."""

import itertools
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from lab import __version__
from lab.catalog import CATALOG
from lab.cli import app
from lab.cli.table import command_line
from lab.core.load import load
from lab.errors import ExitCode
from lab.places import hints_folder, scenarios_folder
from tests.fakes import Kluster, Ran, kluster, write_scenario

__all__ = ["kluster"]

COMMANDS = [
    *(
        "play",
        "list",
        "create",
        "break",
        "status",
        "pause",
        "resume",
        "check",
        "submit",
        "hint",
        "diagnose",
        "debrief",
        "solve",
        "reset",
    ),
    *(
        "delete",
        "shell",
        "exec",
        "kubeconfig",
        "rehearse",
        "serve",
        "event",
        "verify",
        "join",
        "board",
        "report",
        "witness",
        "doctor",
        "bundle",
        "validate",
        "schema",
        "completion",
        "help",
    ),
]
ROOT = Path(__file__).resolve().parents[2]
SHIPPED = load(scenarios_folder() / "kluster005", hints_folder(), CATALOG)


def process(*argv: str, home: Path, **env: str) -> Ran:
    """Run `kluster` as a separate process."""
    done = subprocess.run(
        [sys.executable, "-m", "lab", *argv],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "KLUSTER_HOME": str(home), "COLUMNS": "80", **env},
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def test_all_commands_are_there() -> None:
    assert [command.name for command in app.registered_commands] == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples_and_fits_80_columns(kluster: Kluster, command: str) -> None:
    shown = kluster(command, "--help")
    assert (shown.code, shown.err) == (0, "")
    assert f"Examples:\n    kluster {command}" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    assert "\x1b" not in shown.out


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_use_only_options_that_exist(kluster: Kluster, command: str) -> None:
    shown = kluster("help", command).out
    examples = re.findall(r"^ {4}(kluster .+)$", shown.partition("Examples:")[2], re.MULTILINE)
    group = command_line()
    for example in examples:
        words = [*itertools.takewhile(lambda word: word not in {"<", ">", "|"}, shlex.split(example))][1:]
        found = group.commands[words[0]]
        parser = found.make_parser(found.context_class(found, info_name=words[0], **found.context_settings))
        parser.parse_args(words[1:])  # raises NoSuchOption


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_names_no_fault(kluster: Kluster, command: str) -> None:
    words = set(re.findall(r"[\w-]+", kluster(*command.split(), "--help").out.lower()))
    secrets = {fault.name for fault in SHIPPED.scenario.faults} | {check.name for check in SHIPPED.scenario.checks}
    secrets |= {"etcd", "quota", "networkpolicy", "security", "ip_forward"}
    assert words & secrets == set()


def test_help_is_a_command_too(kluster: Kluster) -> None:
    assert kluster("help") == kluster("--help") == kluster("-h") == kluster()
    unknown = kluster("help", "creat")
    assert unknown.code == 2
    assert "Did you mean 'create'" in unknown.err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(kluster: Kluster, command: str) -> None:
    assert kluster("help", command) == kluster(command, "--help")


def test_help_begins_with_play(kluster: Kluster) -> None:
    shown = kluster("--help").out
    assert shown.index("kluster play") < shown.index("kluster create")
    assert re.findall(r"^Commands:\n  (\w+)", shown, re.MULTILINE) == ["play"]


def test_tables_of_exit_codes_are_those_of_the_enum(kluster: Kluster) -> None:
    wanted = [(str(code.value), code.meaning) for code in ExitCode]
    shown = kluster("--help").out.partition("Exit codes:\n")[2]
    assert re.findall(r"^    (\d+) +(.*)$", shown, re.MULTILINE) == wanted
    for page in ("README.md", "docs/commands.md"):
        text = (ROOT / page).read_text(encoding="utf-8").replace("`", "")
        assert re.findall(r"^\| (\d+) \| (.*) \|$", text, re.MULTILINE) == wanted, page


def test_version(kluster: Kluster) -> None:
    assert kluster("--version").out == f"kluster {__version__}\n"


@pytest.mark.parametrize(
    "argv",
    [
        ("frobnicate",),
        ("check", "--frob"),
        ("create", "nosuch"),
        ("create", "--mode", "hard"),
        ("exec",),
        ("status", "--name", "../../etc"),
        ("delete", "--yes", "--name", ".."),
        ("status",),
        ("validate", "nosuch"),
        ("schema", "nosuch"),
        ("help", "nosuch"),
    ],
)
def test_usage_errors_are_short_and_say_what_to_do(kluster: Kluster, argv: tuple[str, ...]) -> None:
    failed = kluster(*argv)
    assert (failed.code, failed.out) == (2, "")
    assert failed.err.startswith("Error: ")
    assert "  -> " in failed.err
    assert "Traceback" not in failed.err


@pytest.mark.parametrize(
    ("argv", "choices"),
    [
        (("--progress", "no", "list"), "'auto', 'json'"),
        (("create", "--mode", "no"), "'training', 'exam', 'game-day', 'rehearsal'"),
        (("create", "--backend", "no"), "'auto', 'kind', 'sim'"),
        (("play", "--theme", "no"), "'dark', 'light', 'contrast'"),
        (("debrief", "--format", "no"), "'text', 'markdown', 'html', 'json', 'cast'"),
        (("schema", "no"), "'scenario', 'solution', 'hints', 'variants'"),
    ],
)
def test_a_wrong_choice_names_the_right_ones(kluster: Kluster, argv: tuple[str, ...], choices: str) -> None:
    said = kluster(*argv).err
    assert f": 'no' is not one of {choices}." in said
    assert "Value error" not in said


def test_exit_codes_reach_the_shell(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert process("status", home=home).code == 2
    assert process("list", home=home).code == 0
    assert not home.exists()  # looking leaves nothing behind


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "lab", "schema"],
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
            env={**os.environ, "KLUSTER_HOME": str(tmp_path)},
        )
    assert (done.returncode, done.stderr) == (141, b"")


def test_output_that_can_not_speak_unicode(tmp_path: Path) -> None:
    folder = write_scenario(tmp_path / "toy")
    text = (folder / "scenario.yaml").read_text().replace("summary: It leans", "summaryé: It leans")
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    ran = process("validate", str(folder), home=tmp_path, PYTHONIOENCODING="ascii")
    assert ran.code == 2
    assert "summary?" in ran.out


def test_validate_names_each_error_with_its_place(kluster: Kluster) -> None:
    broken = kluster.scenario / "scenario.yaml"
    broken.write_text(
        broken.read_text().replace("minutes: 10", "minuts: 10").replace("points: 30", "points: many")
    )

    ran = kluster("validate", str(kluster.scenario))

    assert ran.code == 2
    first, *rest = ran.out.splitlines()
    assert re.match(rf"{re.escape(str(broken))}:\d+:\d+: ", first)
    assert rest
    assert "did you mean 'minutes'?" in ran.out
    assert "is not a valid scenario" in ran.err
    problems = kluster("validate", str(kluster.scenario), "--json").data["problems"]
    assert {"file", "line", "column", "message", "hint"} == set(problems[0])


def test_validate_says_that_all_is_well(kluster: Kluster) -> None:
    assert "is valid" in kluster("validate", "kluster005").out
    assert kluster("validate", str(kluster.scenario), "--json").data == {
        "valid": True,
        "name": "toy",
        "problems": [],
    }


@pytest.mark.parametrize("file", ["scenario", "solution", "hints"])
def test_schema_is_json(kluster: Kluster, file: str) -> None:
    assert kluster("schema", file).data["$schema"].startswith("https://json-schema.org/")


def test_list_gives_nothing_away(kluster: Kluster) -> None:
    listed = kluster("list")
    assert "kluster005" in listed.out
    assert not any(fault.name in listed.out for fault in SHIPPED.scenario.faults)


def test_doctor_as_data(kluster: Kluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    found = kluster("doctor", "--json")
    assert found.code == 3
    docker = next(each for each in found.data if each["name"] == "docker")
    assert docker["ok"] is False
    assert docker["remedy"]
    said = kluster("doctor").out
    assert "WRONG  docker" in said
    assert said.splitlines()[-1].startswith("You can play now, on the simulator: kluster play.")


def test_main_takes_its_arguments_from_the_command_line(tmp_path: Path) -> None:
    # In a separate process: if the simulator was loaded, `main` ends its process.
    ran = process("schema", "hints", home=tmp_path)
    assert (ran.code, ran.data["title"]) == (0, "HintFile")


@pytest.mark.parametrize("text", ["1.0", "1_0", "abc", "-1", "1000000", "", " 7", "+7", "\u0667", "1" * 30])
def test_a_number_is_read_strictly(kluster: Kluster, text: str) -> None:
    said = kluster("create", "--seed", text)

    assert said.code == 2
    assert f"Invalid value for '--seed': '{text}' is not a whole number from 0 to 999999." in said.err


@pytest.mark.parametrize(
    ("argv", "option"),
    [
        (("bundle", "k.tar", "--days", "1e2"), "--days"),
        (("serve", ".", "--port", "8_005"), "--port"),
        (("serve", ".", "--workers", "two"), "--workers"),
        (("play", "--seed", "x"), "--seed"),
        (("rehearse", "--seed", "x"), "--seed"),
    ],
)
def test_all_numbers_are(kluster: Kluster, argv: tuple[str, ...], option: str) -> None:
    said = kluster(*argv)

    assert said.code == 2
    assert f"'{option}': '{argv[-1]}' is not a whole number from" in said.err
