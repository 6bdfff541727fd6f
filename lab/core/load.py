"""Loads a scenario and everything it refers to from YAML; each error has its file, line and column."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from lab.core.consistency import (
    Catalog,
    check_hints,
    check_pages,
    check_scenario,
    check_solution,
    check_workloads,
    read_objects,
)
from lab.core.problems import Problem, ScenarioInvalid, nearest
from lab.core.scenario import HintFile, Loaded, Scenario, Solution, SolutionStep
from lab.core.scenario_files import Reading, read_yaml
from lab.core.shape import validate
from lab.core.variant_checks import check_only
from lab.core.variants import (
    NO_VARIANT,
    Parts,
    Variant,
    choose,
    each_choice,
    require_seed,
    resolve,
)
from lab.errors import UsageProblem

if TYPE_CHECKING:
    from lab.core.yaml_marks import Keys

__all__ = ["Catalog", "Problem", "ScenarioInvalid", "find", "load", "load_all", "names", "schema"]

SCENARIO = "scenario.yaml"

_FILES: dict[str, type[BaseModel]] = {
    "scenario": Scenario,
    "solution": Solution,
    "hints": HintFile,
    "variants": Parts,
}


def load(
    path: Path, hints_folder: Path, catalog: Catalog, *, seed: int = 0, choices: Mapping[str, str] | None = None
) -> Loaded:
    """Read the scenario in the folder `path`, or from its scenario.yaml, in the variant of `seed`.

    `choices` of parts, such as those stored with a lab, replace those that the seed would make. All errors come in
    one `ScenarioInvalid`. Relations between parts are checked once each part has the right shape.

    Raises:
        ScenarioInvalid: the scenario has errors.
        UsageProblem: it has no variant of that seed, or no such choice any more.

    """
    main = read_yaml(path / SCENARIO if path.is_dir() else path)
    reading = Reading(main, hints_folder)
    parts, variant = _vary(reading, path, require_seed(seed), choices)
    scenario = validate(main, Scenario) if main.readable else None
    solution_file = reading.yaml("solution")
    solution = validate(solution_file, Solution) if solution_file and solution_file.readable else None
    hint_files = [(validate(file, HintFile) if file.readable else None, file) for file in reading.hints("hints")]
    manifests = reading.manifests("workloads", "manifests")
    objects = [found for source in manifests for found in read_objects(source)]
    story, debrief = reading.text("story"), reading.text("debrief")
    hints = [(hint_file, file) for hint_file, file in hint_files if hint_file]
    if scenario:
        check_scenario(scenario, main, catalog)
        complete = len(manifests) == len(scenario.workloads.manifests) and not any(
            file.problems for file in manifests
        )
        check_workloads(objects, scenario, main, complete=complete)
        if solution_file and solution:
            check_solution(solution, solution_file, scenario, variant)
            steps: dict[Keys, SolutionStep] = {
                ("faults", name, i): step for name, made in solution.faults.items() for i, step in enumerate(made)
            }
            check_only({at: step.only for at, step in steps.items()}, solution_file, parts)
        check_hints(hints, scenario, main, variant, complete=len(hints) == len(scenario.hints))
        for hint_file, file in hints:
            check_only({("hints", i): hint.only for i, hint in enumerate(hint_file.hints)}, file, parts)
        check_pages(hints, debrief)
    if reading.problems or not scenario or not solution:
        raise ScenarioInvalid(path, reading.problems)
    return Loaded(
        scenario=scenario,
        solution=solution.model_copy(
            update={
                "faults": {
                    name: [step for step in steps if variant.fits(step.only)]
                    for name, steps in solution.faults.items()
                }
            }
        ),
        hints=[hint for hint_file, _ in hints for hint in hint_file.hints if variant.fits(hint.only)],
        pages=[page for hint_file, _ in hints for page in hint_file.pages],
        story=story,
        debrief=debrief,
        manifests=reading.manifest_texts,
        folder=main.file.parent,
        variant=variant,
        parts=parts,
    )


def _vary(
    reading: Reading, path: Path, seed: int, choices: Mapping[str, str] | None
) -> tuple[Parts | None, Variant]:
    """Return the scenario's parts and the wanted variant, after filling its variables in scenario.yaml."""
    main = reading.main
    if main.get("variants") is None:
        if main.readable and (seed or choices):
            raise UsageProblem(
                f"The scenario {main.get('name')} has no variants.",
                f"{main.file} names no file of variants.",
                "Leave out the seed.",
            )
        return None, NO_VARIANT
    found = reading.parts("variants")
    if not found and reading.problems:
        raise ScenarioInvalid(path, reading.problems)
    if not found:
        return None, NO_VARIANT  # the shape of the file's name is reported elsewhere
    parts, document = found
    chosen = choose(parts, str(main.get("name")), seed) if choices is None else choices
    variant = resolve(parts, chosen, document, seed=seed)
    reading.vary(variant.values)
    return parts, variant


def load_all(path: Path, hints_folder: Path, catalog: Catalog) -> list[Loaded]:
    """Return few variants of a scenario in which each choice of each part occurs; the first one is variant 0.

    Raises:
        ScenarioInvalid: with the errors of all of them, each once.

    """
    problems: dict[Problem, None] = {}
    found = []
    main = read_yaml(path / SCENARIO if path.is_dir() else path)
    parts = Reading(main, hints_folder).parts("variants") if main.get("variants") is not None else None
    for choices in each_choice(parts[0]) if parts else [None]:
        try:
            found.append(load(path, hints_folder, catalog, choices=choices))
        except ScenarioInvalid as invalid:
            problems |= dict.fromkeys(invalid.problems)
    if problems:
        raise ScenarioInvalid(path, list(problems))
    return found


def names(scenarios_folder: Path) -> list[str]:
    """Return the names of the scenarios in a folder."""
    return sorted(file.parent.name for file in scenarios_folder.glob(f"*/{SCENARIO}"))


def find(name_or_path: str, scenarios_folder: Path) -> Path:
    """Return the folder of the scenario of that name, or of the given path, which may be anywhere."""
    known = names(scenarios_folder)
    if name_or_path in known:
        return scenarios_folder / name_or_path
    path = Path(name_or_path).expanduser()
    if path.is_file() or (path / SCENARIO).is_file():
        return path
    if re.search(r"[/\\]|\.ya?ml$|^[.~]", name_or_path):
        detail = f"There is no {path if path.suffix else path / SCENARIO}."
        raise UsageProblem(f"No scenario at {name_or_path}", detail)
    near = nearest(name_or_path, known)
    listed = [near, *(name for name in known if name != near)] if near else known
    there = f"There are: {', '.join(listed)}." if listed else f"There are none in {scenarios_folder}."
    meant = f"Did you mean {near}? " if near else ""
    raise UsageProblem(
        f"No scenario is called {name_or_path}", there, f"{meant}Give a name, or the path of a scenario's folder."
    )


def schema(
    file: Literal["scenario", "solution", "hints", "variants"] = "scenario", catalog: Catalog | None = None
) -> dict[str, Any]:
    """Return the JSON Schema of one of a scenario's files; with `catalog`, also of each kind's parameters."""
    top = _FILES[file]
    kinds = (
        {"FaultSpec": catalog.faults, "CheckSpec": catalog.checks, "GateSpec": catalog.gates} if catalog else {}
    )
    models = dict.fromkeys([top, *(model for known in kinds.values() for model in known.values())])
    refs, schemas = models_json_schema([(model, "validation") for model in models])
    definitions: dict[str, Any] = schemas["$defs"]
    for spec, known in kinds.items():
        if file == "scenario" and known:
            definitions[spec]["properties"]["kind"] = {"enum": sorted(known)}
            definitions[spec]["allOf"] = [
                {
                    "if": {"properties": {"kind": {"const": kind}}},
                    "then": {"properties": {"parameters": refs[model, "validation"]}},
                }
                for kind, model in sorted(known.items())
            ]
    name = refs[top, "validation"]["$ref"].rsplit("/", 1)[-1]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Kluster 005: {file}",
        **definitions.pop(name),
        "$defs": definitions,
    }
