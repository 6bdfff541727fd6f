"""Candidates for the shell's Tab key: names of labs, scenarios, symptoms, faults, nodes and causes.

Each function takes the words that were typed before and returns names, or pairs of a name and a remark. Typer
chooses those that fit. The functions read only files and load few modules: somebody waits at a key. A file that
can't be read has no candidates.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import typer

from lab.core.names import DEFAULT_LAB
from lab.places import hints_folder, lab_folder, scenarios_folder
from lab.places import labs as lab_names

__all__ = [
    "causes",
    "commands",
    "components",
    "faults_of_list",
    "hints",
    "labs",
    "nodes",
    "scenarios",
    "symptoms",
    "symptoms_of_list",
    "symptoms_to_break",
]

Names = list[str | tuple[str, str]]
_DEFAULT_SCENARIO = "kluster005"


def labs() -> Names:
    """Return the labs on this machine."""
    return [*lab_names()]


def scenarios() -> Names:
    """Return the scenarios that come with the lab."""
    return [file.parent.name for file in sorted(scenarios_folder().glob("*/scenario.yaml"))]


def commands(context: typer.Context) -> Names:
    """Return the commands of `kluster`, with their descriptions."""
    root = context.find_root()
    found = getattr(root.command, "commands", {})
    return [(name, command.get_short_help_str()) for name, command in found.items()]


def nodes(context: typer.Context) -> Names:
    """Return the nodes of the lab."""
    session = _session(context)
    prefix = f"{session.get('name')}-"
    return [name.removeprefix(prefix) for name in session.get("identity", {})]


def symptoms(context: typer.Context) -> Names:
    """Return the symptoms of the lab's attempt, without those that were typed before."""
    return _symptoms(context, set(_session(context).get("injected", [])))


def hints(context: typer.Context) -> Names:
    """Return the symptoms of the lab's attempt, and the hints about method."""
    scenario = _of_lab(context)
    files = [hints_folder() / f"{name}.yaml" for name in scenario.get("hints", [])]
    free = [hint["name"] for file in files for hint in _read(file).get("hints", []) if "fault" not in hint]
    return [*symptoms(context), *free]


def symptoms_to_break(context: typer.Context) -> Names:
    """Return the symptoms of the lab's scenario. The names of faults would do as well, but give causes away."""
    return _symptoms(context)


def symptoms_of_list(context: typer.Context, incomplete: str) -> Names:
    """Return the possible continuations of a list of symptoms of the SCENARIO to play."""
    names = [fault["symptom"]["name"] for fault in _faults(_of_argument(context))]
    return list(_listed(names, incomplete))


def faults_of_list(context: typer.Context, incomplete: str) -> Names:
    """Return the possible continuations of a list of faults of the SCENARIO to rehearse."""
    return list(_listed([fault["name"] for fault in _faults(_of_argument(context))], incomplete))


def components(context: typer.Context) -> Names:
    """Return the components that a diagnosis can name."""
    return _choices(context, "components")


def causes(context: typer.Context) -> Names:
    """Return the causes that a diagnosis can name."""
    return _choices(context, "causes")


def _choices(context: typer.Context, kind: str) -> Names:
    choices = _of_lab(context).get("diagnosis", {}).get(kind, [])
    return [(choice["name"], choice["title"]) for choice in choices]


def _symptoms(context: typer.Context, only: set[str] | None = None) -> Names:
    before = context.params.get("faults") or []
    return [
        (fault["symptom"]["name"], fault["symptom"]["title"])
        for fault in _faults(_of_lab(context))
        if (only is None or fault["name"] in only) and fault["symptom"]["name"] not in before
    ]


def _faults(scenario: dict[str, Any]) -> list[dict[str, Any]]:
    return list(scenario.get("faults", []))


def _listed(names: Iterable[str], incomplete: str) -> Iterator[str]:
    """Yield the continuations of a list of names, separated by commas: each name once."""
    *before, _last = incomplete.split(",")
    yield from (",".join([*before, name]) for name in names if name not in before)


def _session(context: typer.Context) -> dict[str, Any]:
    """Return the lab's file, of the lab that was named before or else of the default one."""
    try:
        found = json.loads((lab_folder(context.params.get("name") or DEFAULT_LAB) / "lab.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _of_lab(context: typer.Context) -> dict[str, Any]:
    """Return the scenario of the lab."""
    folder = _session(context).get("scenario")
    return _read(Path(folder) / "scenario.yaml") if folder else {}


def _of_argument(context: typer.Context) -> dict[str, Any]:
    """Return the scenario that was named before, or else the default one."""
    named = context.params.get("scenario") or _DEFAULT_SCENARIO
    folder = scenarios_folder() / named
    return _read((folder if folder.is_dir() else Path(named)) / "scenario.yaml")


def _read(path: Path) -> dict[str, Any]:
    import yaml  # noqa: PLC0415 -- --help does without

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        found = yaml.load(path.read_bytes(), loader)  # noqa: S506 -- it is a safe one
    except (OSError, yaml.YAMLError):
        return {}
    return found if isinstance(found, dict) else {}
