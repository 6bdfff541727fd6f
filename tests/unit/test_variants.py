"""Variants: what a seed chooses, and that no text says what is so in another variant only."""

import ast
import re
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import lab
from lab import catalog
from lab.core.load import load
from lab.core.scenario import Loaded
from lab.core.variants import choose, expand, seat_seeds
from lab.errors import ExitCode, UsageProblem
from lab.places import hints_folder, scenarios_folder
from tests.fakes import Kluster, kluster
from tests.unit.test_load import CATALOG, build, read
from tests.variants import FOLDER, NAMESPACES, ON_KIND, as_namespace, covering, find, loaded, parts, texts, untrue

__all__ = ["kluster"]

SEEDS = range(1, 101)


def variant(folder: Path, seed: int = 0, **choices: str) -> Loaded:
    return load(folder, folder.parent / "hints", CATALOG, seed=seed, choices=choices or None)


def test_without_a_seed_each_part_has_its_first_choice(tmp_path: Path) -> None:
    told = read(build("valid-variants", tmp_path))
    assert told.variant.choices == {"size": "small", "words": "plain"}
    assert told.scenario.faults[0].parameters["quota_mib"] == 64
    assert [step.title for step in told.solution.faults["quota"]] == ["Disarm the alarm"]
    assert told.debrief == "The store was full of janitor.\n"


def test_a_variable_fills_numbers_texts_and_steps(tmp_path: Path) -> None:
    told = variant(build("valid-variants", tmp_path), size="smaller", words="rich")
    assert told.scenario.faults[0].parameters["quota_mib"] == 32
    assert told.hints[0].name == "quota-how-rich"
    assert told.hints[0].text == "Look at janitor-sync."
    _, second = told.solution.faults["quota"]
    assert second.title == "Remove /etc/janitor-sync.conf"
    assert second.why == "It holds a, b and ${HOME}."
    assert second.run == "rm /etc/janitor-sync.conf\n  It was janitor-sync.\n  Truly.\ntrue\n"


def test_a_line_with_an_empty_variable_alone_is_removed() -> None:
    assert expand("a\n  ${none}\nb${none}\n", {"none": ""}, lambda *_: None) == "a\nb\n"


def test_a_scenario_without_variants_keeps_what_looks_like_a_variable(tmp_path: Path) -> None:
    folder = build("valid-minimal", tmp_path)
    (folder / "debrief.md").write_text("It was ${HOME}.\n", encoding="utf-8")
    assert read(folder).debrief == "It was ${HOME}.\n"


def test_a_seed_for_a_scenario_without_variants_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="minimal has no variants"):
        variant(build("valid-minimal", tmp_path), seed=3)


@pytest.mark.parametrize("seed", [-1, 1_000_000])
def test_a_seed_out_of_range_is_refused(tmp_path: Path, seed: int) -> None:
    with pytest.raises(UsageProblem, match="can't be a seed") as caught:
        variant(build("valid-variants", tmp_path), seed=seed)
    assert "from 1 to 999999" in caught.value.remedy


def test_a_stored_choice_that_is_gone_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="has no choice huge"):
        variant(build("valid-variants", tmp_path), size="huge")


def test_seeds_stay_what_they_are() -> None:
    """A lab that was played can be played again: a seed's choices are part of the interface."""
    assert choose(parts(), "kluster005", 7) == {
        "app": "shop",
        "probes": "preprod",
        "chapters": "admission-first",
        "auditor": "late",
        "service": "janitor",
        "namespace": "trial",
        "quota-size": "mib-40",
        "quota-form": "long",
        "finding": "audit-0427",
        "place": "etc",
        "keeper": "timer",
        "worse": "neither",
        "policy": "wip",
        "shape": "ingress",
        "exemption": "half",
    }
    assert seat_seeds(parts(), "kluster005", 7, 3) == [89689, 31246, 425237]


def test_neighbours_in_an_exam_differ_in_every_part() -> None:
    seeds = seat_seeds(parts(), "kluster005", 7, 60)
    assert len(set(seeds)) == 60
    labs = [choose(parts(), "kluster005", seed) for seed in seeds]
    for one, other in pairwise(labs):
        assert not one.items() & other.items()
    assert seat_seeds(parts(), "kluster005", 7, 20) == seeds[:20]


def test_a_new_part_does_not_change_the_others() -> None:
    fewer = parts().model_copy(update={"parts": parts().parts[2:]})
    assert choose(fewer, "kluster005", 7).items() <= choose(parts(), "kluster005", 7).items()


def test_a_hundred_seeds_are_a_hundred_labs() -> None:
    assert len({tuple(choose(parts(), "kluster005", seed).items()) for seed in SEEDS}) == len(SEEDS)


def test_the_seeds_on_kind_have_what_they_are_for() -> None:
    taken = [choose(parts(), "kluster005", seed) for seed in ON_KIND]
    assert len({(each["chapters"], each["auditor"]) for each in taken}) == len(ON_KIND) == 4
    names = {*NAMESPACES, "service", "namespace", "finding", "policy"}
    for part in parts().parts:
        if part.name not in names:
            assert {each[part.name] for each in taken} == {choice.name for choice in part.choices}


def test_few_seeds_have_all_choices() -> None:
    assert len(covering()) <= 8


@pytest.mark.parametrize("some", [range(first, first + 20) for first in range(1, 101, 20)], ids=str)
def test_no_text_says_what_is_so_in_another_variant(some: range) -> None:
    for seed in some:
        said = texts(loaded(seed))
        assert find(untrue(seed), said) == [], seed
        assert "${" not in said, seed


def test_the_search_finds_what_is_not_so() -> None:
    """Names of the lab without a seed, in another variant: the search must see each."""
    one, other = loaded(0), next(seed for seed in SEEDS if not _same(seed))
    found = find(untrue(other), texts(one))
    assert {"deny-wip", "audit-0427", "timer"} <= set(found)
    for name in ("shop", "stage"):
        assert {f"`{name}`", f'"{name}"', f"{name}/"} <= set(found) & set(as_namespace(name))


def _same(seed: int) -> bool:
    taken, first = choose(parts(), "kluster005", seed), choose(parts(), "kluster005", 0)
    return any(taken[part] == first[part] for part in ("policy", "finding", "keeper", *NAMESPACES))


def test_no_fault_check_or_tool_knows_the_apps_namespaces() -> None:
    names = {choice.name for part in parts().parts if part.name in NAMESPACES for choice in part.choices}
    word = re.compile(rf"(?<![\w-])({'|'.join(names)})(?![\w-])")
    for folder in ("faults", "checks", "drill", "cluster/tools"):
        for path in (Path(lab.__file__).parent / folder).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            told = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
            for each in ast.walk(tree):
                if isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in told:
                    assert not word.search(each.value), (path, each.value)


@pytest.mark.parametrize("auditor", ["between", "early", "late"])
@pytest.mark.parametrize("chapters", ["policy-first", "admission-first"])
def test_the_debrief_tells_the_order_in_which_the_faults_come(chapters: str, auditor: str) -> None:
    told = load(FOLDER, hints_folder(), catalog.CATALOG, choices={"chapters": chapters, "auditor": auditor})
    site: Any = SimpleNamespace(cluster=SimpleNamespace(control_plane=None), baseline=None)
    faults = catalog.faults_at(site, told.scenario.faults).values()
    steps = sorted((step for fault in faults for step in fault.injection()), key=lambda step: step.stage)
    happened = [_told_as(step.title) for step in steps]
    _, _, story = told.debrief.partition("## In which order it happened")
    assert happened == sorted(happened, key=story.index)
    assert all(min(step.stage for step in fault.injection()) <= fault.seen_after for fault in faults)


def _told_as(title: str) -> str:
    """Return the debrief's words for a step of the injection."""
    words = {
        "deny all": "applied the policy",
        "give etcd": "gave etcd the small quota",
        "enforce restricted": "the admission file",
        "tidy the system pods": "deleted the system's pods",
        "run the proof of concept": "filled",
        "switch forwarding off": "switched forwarding off",
        "remove the quota": "changed the quota's flag",
    }
    return next(said for start, said in words.items() if title.startswith(start))


def test_each_hint_of_a_variant_is_there_for_each_fault_and_tier() -> None:
    for seed in covering():
        told = loaded(seed)
        for fault in told.scenario.faults:
            tiers = {hint.tier for hint in told.hints if hint.fault == fault.name and not hint.when}
            assert tiers == set(range(4))


def test_the_lab_keeps_its_variant(kluster: Kluster) -> None:
    vary(kluster.scenario)
    assert kluster("create", str(kluster.scenario), "--backend", "sim", "--seed", "11").code == 0
    assert kluster("break").code == 0
    said = kluster("status")
    assert "on sim, seed 11" in said.out
    assert kluster("status", "--json").data["seed"] == 11
    assert "the whale" in kluster("status", "--story").out


def test_an_exam_names_its_seed_after_its_end(kluster: Kluster) -> None:
    vary(kluster.scenario)
    create = ("create", str(kluster.scenario), "--backend", "sim", "--mode", "exam", "--seed", "11")
    assert kluster(*create).code == 0
    assert kluster("status", "--json").data["seed"] is None
    assert kluster("break").code == 0
    assert "seed" not in kluster("status").out
    assert kluster("status", "--json").data["seed"] is None
    kluster("submit", "--yes")
    assert kluster("status", "--json").data["seed"] == 11
    said = kluster("debrief", "--format", "markdown").out
    assert "variant of seed 11" in said
    assert "kluster play toy --seed 11" in said


def test_a_seed_that_the_scenario_does_not_know_is_an_error(kluster: Kluster) -> None:
    ran = kluster("create", str(kluster.scenario), "--backend", "sim", "--seed", "11")
    assert ran.code == ExitCode.USAGE
    assert "has no variants" in ran.err
    assert "Leave out the seed." in ran.err


def test_validate_checks_every_choice(kluster: Kluster) -> None:
    vary(kluster.scenario)
    assert kluster("validate", str(kluster.scenario)).code == 0
    with (kluster.scenario / "variants.yaml").open("a", encoding="utf-8") as file:
        file.write("  - {name: broken, sets: {animal: '${nobody}'}}\n")
    ran = kluster("validate", str(kluster.scenario))
    assert ran.code == ExitCode.USAGE
    assert "there is no variable 'nobody'" in ran.out


def vary(scenario: Path) -> None:
    """Give the toy scenario a part whose choice for seed 11 is the whale."""
    main = scenario / "scenario.yaml"
    text = main.read_text(encoding="utf-8")
    main.write_text(text.replace("story:", "variants: variants.yaml\nstory:"), encoding="utf-8")
    story = scenario / "story.md"
    story.write_text(story.read_text(encoding="utf-8") + "\nIt met the ${animal}.\n", encoding="utf-8")
    (scenario / "variants.yaml").write_text(
        "schema: 1\nparts:\n- name: animal\n  about: whom it met\n  choices:\n"
        "  - {name: shark, sets: {animal: shark}}\n  - {name: whale, sets: {animal: whale}}\n",
        encoding="utf-8",
    )


def test_the_scenario_comes_with_its_variants() -> None:
    assert (scenarios_folder() / "kluster005") == FOLDER
    assert len(parts().parts) >= 10
