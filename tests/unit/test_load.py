"""YAML to models: folders of valid and of invalid scenarios, with the messages about them."""

import itertools
import json
import os
import shutil
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from lab.core import yaml_marks
from lab.core.load import Catalog, Problem, ScenarioInvalid, find, load, names, schema
from lab.core.scenario import Loaded
from lab.errors import ExitCode, LabError, UsageProblem
from lab.places import hints_folder, scenarios_folder

CASES = Path(__file__).parent / "scenarios"
VALID = sorted(folder.name for folder in CASES.glob("valid-*"))
INVALID = sorted(folder.name for folder in CASES.glob("invalid-*"))


class Parameters(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EtcdQuota(Parameters):
    quota_mib: Annotated[int, Field(ge=16)]
    janitor: Literal["quota", "removed"] = "removed"


class Flow(Parameters):
    source: str = Field(alias="from")
    to: str


class Flows(Parameters):
    flows: list[Flow] = []


CATALOG = Catalog(
    faults={"etcd-quota": EtcdQuota, "forwarding": Parameters},
    checks={"api-writes": Parameters, "etcd-alarm": Parameters, "users-curl": Flows},
    gates={"same-cluster": Parameters, "lab-files": Parameters},
)


def build(name: str, into: Path) -> Path:
    """Make the scenario of a case: the minimal one with the case's files and changes."""
    folder = into / "scenario"
    shutil.copytree(CASES / "valid-minimal", folder)
    shutil.copytree(CASES / "hints", into / "hints")
    shutil.copytree(
        CASES / name, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("change.txt", "expected.txt")
    )
    changes = CASES / name / "change.txt"
    if changes.exists():
        lines = iter(changes.read_text(encoding="utf-8").splitlines())
        for file in lines:
            assert next(lines) == "--- instead of"
            old = "\n".join(itertools.takewhile(lambda line: line != "--- there stands", lines))
            new = "\n".join(itertools.takewhile(lambda line: line != "--- end", lines))
            change(folder / file, old, new)
    return folder


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file.name}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def read(folder: Path) -> Loaded:
    return load(folder, folder.parent / "hints", CATALOG)


def printed(folder: Path) -> list[str]:
    """Return the output for an invalid scenario, without the path to its folder."""
    with pytest.raises(ScenarioInvalid) as caught:
        read(folder)
    assert caught.value.exit_code is ExitCode.USAGE
    assert [str(problem) for problem in caught.value.problems] == caught.value.detail.splitlines()
    return (
        caught.value.detail.replace(f"{folder}{os.sep}", "").replace(f"{folder.parent}{os.sep}", "").splitlines()
    )


@pytest.fixture
def minimal(tmp_path: Path) -> Path:
    return build("valid-minimal", tmp_path)


@pytest.mark.parametrize("name", VALID)
def test_valid(name: str, tmp_path: Path) -> None:
    loaded = read(build(name, tmp_path))
    assert loaded.scenario.name == "minimal"
    assert loaded.solution.faults["quota"][0].run == "etcdctl alarm disarm"
    assert list(loaded.manifests) == loaded.scenario.workloads.manifests


@pytest.mark.parametrize("name", INVALID)
def test_invalid(name: str, tmp_path: Path) -> None:
    expected = (CASES / name / "expected.txt").read_text(encoding="utf-8")
    assert printed(build(name, tmp_path)) == expected.splitlines()


def test_text_is_kept_as_written(tmp_path: Path) -> None:
    loaded = read(build("valid-unicode", tmp_path))
    assert loaded.scenario.title == "Überraschung: 何も見えない 🕵️"
    assert loaded.story.endswith("🙈\n")


def test_anchors_aliases_and_merge_keys_are_read(tmp_path: Path) -> None:
    writes, alarm, _ = read(build("valid-anchors", tmp_path)).scenario.checks
    assert (alarm.name, alarm.kind, alarm.points, alarm.after) == ("no-alarm", "etcd-alarm", 40, ["writes"])
    assert (writes.name, writes.kind) == ("writes", "api-writes")


def test_quoted_values_are_texts(tmp_path: Path) -> None:
    scenario = read(build("valid-quoted", tmp_path)).scenario
    assert [check.title for check in scenario.checks[:2]] == ["1:30", "no"]
    assert scenario.checks[2].why == "0777"


def test_hints_of_the_scenario_come_before_the_common_ones(minimal: Path, tmp_path: Path) -> None:
    assert read(minimal).hints[-1].name == "patience"
    assert read(build("valid-own-hints", tmp_path / "own")).hints[-1].name == "own-patience"


def test_shipped_scenarios_are_valid() -> None:
    class Anything(BaseModel):
        model_config = ConfigDict(extra="allow")

    assert "kluster005" in names(scenarios_folder())
    for name in names(scenarios_folder()):
        text = (scenarios_folder() / name / "scenario.yaml").read_text(encoding="utf-8")
        kinds = {line.split("kind: ")[1].split(",")[0] for line in text.splitlines() if "kind: " in line}
        models = dict.fromkeys(kinds, Anything)
        loaded = load(scenarios_folder() / name, hints_folder(), Catalog(models, models, models))
        assert loaded.scenario.name == name


# Files that can't be in a folder of cases in readable form.


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "story.md:1:1: the file is empty"),
        (b"caf\xc3\xa9\ncaf\xe9\n", "story.md:2:4: not UTF-8: byte 0xe9"),
        ("text".encode("utf-16"), "story.md:1:1: not UTF-8: byte 0xff"),
        (b"x" * (256 * 1024 + 1), "story.md:1:1: larger than 256 KiB"),
    ],
)
def test_bytes_of_a_text(minimal: Path, data: bytes, expected: str) -> None:
    (minimal / "story.md").write_bytes(data)
    assert printed(minimal) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1:1: the file is empty"),
        ("schema: 1\nname: a\0b\n", "2:8: the character U+0000 is not allowed in YAML"),
        ('title: "\\UFFFFFFFF"', "1:11: an escape or a number that is out of range"),
        ("[" * 200, "1:33: not YAML: nested in more than 32 levels"),
        ("a: &a [x]\nb: &a [y]", "2:4: an anchor of this name already exists above"),
        ("title: !!set {a}", "1:8: the tag '!!set' is not known here"),
        ("? [a]\n: b", "1:3: a key must be a text"),
        ("<<: 5", "1:5: << takes a mapping, or a list of mappings"),
        ("- a\n", "1:1: must be a mapping, not a list"),
        ("just words", "1:1: must be a mapping, not 'just words'"),
    ],
)
def test_text_of_a_scenario(minimal: Path, text: str, expected: str) -> None:
    (minimal / "scenario.yaml").write_text(text, encoding="utf-8")
    assert f"scenario.yaml:{expected}" in printed(minimal)


@pytest.mark.parametrize(
    ("leaf", "item"), [("lol", "[*{0}, *{0}, *{0}, *{0}]"), ("{}", "{{<<: [*{0}, *{0}, *{0}, *{0}]}}")]
)
def test_aliases_do_not_expand_without_end(minimal: Path, leaf: str, item: str) -> None:
    levels = [f"a0: &a0 {leaf}", *(f"a{n}: &a{n} {item.format(f'a{n - 1}')}" for n in range(1, 28))]
    (minimal / "scenario.yaml").write_text("\n".join(levels), encoding="utf-8")
    assert printed(minimal) == [
        "scenario.yaml:1:1: more than 10000 values, aliases counted as often as they are used"
    ]


def test_errors_without_end_are_not_all_looked_at(minimal: Path) -> None:
    (minimal / "scenario.yaml").write_text("\n".join(f"key{n}: 1" for n in range(5000)), encoding="utf-8")
    lines = printed(minimal)
    assert len(lines) == 100
    assert lines[0] == "scenario.yaml:1:1: unknown key 'key0'"
    assert lines[-1] == "scenario.yaml:100:1: this and more errors; repair those above first"


def test_a_mark_and_line_ends_of_windows_are_no_part_of_the_text(minimal: Path) -> None:
    file = minimal / "scenario.yaml"
    change(file, "minutes: 10", "minutes: ten")
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert printed(minimal) == ["scenario.yaml:5:10: must be a whole number, not 'ten'"]
    change(file, "minutes: ten", "minutes: 10")
    assert read(minimal).scenario.minutes == 10


def test_columns_count_characters(minimal: Path) -> None:
    change(minimal / "scenario.yaml", "title: a wrong MTU}", "title: '🕵️ÄÖ', titel: x}")
    assert printed(minimal) == ["scenario.yaml:56:32: unknown key 'titel'"]


def test_what_a_terminal_obeys_is_not_printed(minimal: Path) -> None:
    change(minimal / "scenario.yaml", "name: mtu", 'name: "\\e[2J\\n"')
    change(minimal / "scenario.yaml", "minutes: 10", f'minutes: "{"9" * 1000}"')
    first, second = printed(minimal)
    assert first == f"scenario.yaml:5:10: must be a whole number, not '{'9' * 39}…'"
    assert second.startswith("scenario.yaml:56:12: '\\x1b[2J\\n' is not a valid name")


def test_a_link_out_of_the_folder_is_refused(minimal: Path) -> None:
    (minimal / "story.md").unlink()
    (minimal / "story.md").symlink_to(minimal.parent / "hints" / "patience.yaml")
    assert printed(minimal) == ["scenario.yaml:6:8: 'story.md' leads out of the scenario's folder"]


def test_a_hint_file_that_is_a_link_out_of_the_folder_is_refused(minimal: Path) -> None:
    (minimal / "patience.yaml").symlink_to(minimal.parent / "hints" / "patience.yaml")
    assert printed(minimal) == ["scenario.yaml:9:16: 'patience.yaml' leads out of the scenario's folder"]


def test_links_in_a_circle_are_refused(minimal: Path) -> None:
    (minimal / "story.md").unlink()
    (minimal / "story.md").symlink_to("story.md")
    (problem,) = printed(minimal)
    assert problem.startswith("scenario.yaml:6:8: ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(minimal: Path) -> None:
    (minimal / "story.md").unlink()
    os.mkfifo(minimal / "story.md")
    assert printed(minimal) == ["scenario.yaml:6:8: 'story.md' is something else, not a file"]


def test_a_name_too_long_for_a_file_is_refused(minimal: Path) -> None:
    change(minimal / "scenario.yaml", "story: story.md", f"story: {'s' * 5000}")
    change(minimal / "scenario.yaml", "hints: [quota, patience]", f"hints: [quota, {'h' * 5000}]")
    story, hints = printed(minimal)
    assert story.startswith(f"scenario.yaml:6:8: '{'s' * 39}…' can't be followed: ")
    assert hints.startswith("scenario.yaml:9:16: must have at most 63 characters")


def test_no_scenario_and_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "scenario").mkdir()
    assert printed(tmp_path / "scenario") == ["scenario.yaml:1:1: there is no such file"]
    (tmp_path / "scenario" / "scenario.yaml").mkdir()
    assert printed(tmp_path / "scenario") == ["scenario.yaml:1:1: a folder, not a file"]


# Names and paths.


def test_a_scenario_outside_the_package_is_found_by_path(
    minimal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for way in (minimal, minimal / "scenario.yaml"):
        path = find(str(way), scenarios_folder())
        assert load(path, tmp_path / "hints", CATALOG).scenario.name == "minimal"
    monkeypatch.chdir(tmp_path)
    assert find("scenario", scenarios_folder()) == Path("scenario")
    assert load(Path("scenario"), Path("hints"), CATALOG).folder == Path("scenario")


def test_a_scenario_is_found_by_name() -> None:
    assert find("kluster005", scenarios_folder()) == scenarios_folder() / "kluster005"


def test_an_unknown_name_lists_those_there_are_nearest_first(tmp_path: Path) -> None:
    for name in ("alpha", "kluster005", "zeta"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "scenario.yaml").touch()
    (tmp_path / "no-scenario").mkdir()
    assert names(tmp_path) == ["alpha", "kluster005", "zeta"]
    with pytest.raises(UsageProblem) as caught:
        find("kluster05", tmp_path)
    assert caught.value.detail == "There are: kluster005, alpha, zeta."
    assert "Did you mean kluster005?" in caught.value.remedy


@pytest.mark.parametrize("path", ["../kluster005", "./kluster", "kluster.yaml", "/kluster"])
def test_an_unknown_path_is_said_to_be_missing(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LabError, match="No scenario at") as caught:
        find(path, scenarios_folder())
    assert caught.value.exit_code is ExitCode.USAGE


# The JSON Schema.


@pytest.mark.parametrize(("file", "key"), [("scenario", "faults"), ("solution", "diagnosis"), ("hints", "hints")])
def test_schema_has_the_keys_of_the_files(file: Literal["scenario", "solution", "hints"], key: str) -> None:
    found = schema(file)
    assert {"schema", key} <= set(found["required"])
    assert found["additionalProperties"] is False
    assert refer(found) <= set(found["$defs"])
    json.dumps(found)


def test_schema_knows_the_parameters_of_each_kind() -> None:
    found = schema("scenario", CATALOG)
    fault = found["$defs"]["FaultSpec"]
    assert fault["properties"]["kind"] == {"enum": ["etcd-quota", "forwarding"]}
    assert fault["allOf"][0]["then"]["properties"]["parameters"] == {"$ref": "#/$defs/EtcdQuota"}
    assert refer(found) <= set(found["$defs"])


def refer(part: Any) -> set[str]:
    """Return the names of all definitions that a schema refers to."""
    if isinstance(part, dict):
        own = {part["$ref"].removeprefix("#/$defs/")} if "$ref" in part else set()
        return own.union(*(refer(inner) for inner in part.values()))
    return set().union(*(refer(inner) for inner in part)) if isinstance(part, list) else set()


# Whatever is in the files, each error has a line and a column.


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_valid_or_has_errors_with_places(minimal: Path, data: st.DataObject) -> None:
    file = minimal / data.draw(st.sampled_from(["scenario.yaml", "solution.yaml", "quota.yaml", "app.yaml"]))
    original = file.read_bytes()
    start = data.draw(st.integers(0, len(original)))
    end = data.draw(st.integers(start, min(start + 40, len(original))))
    piece = data.draw(
        st.sampled_from(
            ["", "-", "*a", "&a ", "<<: ", "? ", "[", "{}", "null", "no", "\t", "---\n", "!!set ", '"\\ud800"']
        )
        | st.text(max_size=5)
    )
    damaged = original[:start] + piece.encode("utf-8", "surrogatepass") + original[end:]
    file.write_bytes(damaged)
    problems: tuple[Problem, ...] | None = None
    try:
        read(minimal)
    except ScenarioInvalid as error:
        problems = error.problems
    finally:
        file.write_bytes(original)
    assert problems != ()
    for problem in problems or ():
        data_read = damaged if problem.file == file else problem.file.read_bytes()
        lines = data_read.decode("utf-8", "replace").split("\n")
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert "\n" not in str(problem)


@pytest.mark.parametrize("file", sorted(Path(scenarios_folder()).parent.glob("[sh][ci]*/**/*.yaml")), ids=str)
def test_libyaml_reads_as_python_does(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = file.read_text(encoding="utf-8")
    fast = vars(yaml_marks.parse(file, text, kubernetes=True))
    monkeypatch.setattr(yaml_marks, "CParser", None)
    assert vars(yaml_marks.parse(file, text, kubernetes=True)) == fast
    assert fast["readable"]
