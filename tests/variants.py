"""What a variant of kluster005 may say: the texts that a trainee can see, and the names that are not so in it."""

from collections.abc import Iterator
from functools import cache

from lab.catalog import CATALOG
from lab.core.load import load
from lab.core.scenario import Loaded
from lab.core.scenario_files import read_yaml
from lab.core.shape import validate
from lab.core.variants import Parts, choose, resolve
from lab.places import hints_folder, scenarios_folder

__all__ = [
    "FOLDER",
    "NAMESPACES",
    "ON_KIND",
    "as_namespace",
    "covering",
    "find",
    "loaded",
    "parts",
    "texts",
    "untrue",
]

FOLDER = scenarios_folder() / "kluster005"
_FILE = FOLDER / "variants.yaml"
#: Seeds that are played on a real cluster. Together they have four orders of events and, of all else that is more
#: than a name, each choice.
ON_KIND = (1, 4, 20, 114)
#: Variables that are names of the app's namespaces.
NAMESPACES = ("app", "probes")
#: Values shorter than this are words of any text.
_SHORTEST = 4


@cache
def parts() -> Parts:
    """Return the parts of the scenario."""
    found = validate(read_yaml(_FILE), Parts)
    assert found
    return found


def loaded(seed: int) -> Loaded:
    """Return the scenario in the variant of `seed`."""
    return load(FOLDER, hints_folder(), CATALOG, seed=seed)


def covering(most: int = 1000) -> list[int]:
    """Return few seeds in which each choice of each part occurs."""
    missing = {(part.name, choice.name) for part in parts().parts for choice in part.choices}
    made = {seed: set(choose(parts(), "kluster005", seed).items()) for seed in range(1, most)}
    found = []
    while missing:
        best = max(made, key=lambda seed: len(made[seed] & missing))
        assert made[best] & missing, f"no seed below {most} has {missing}"
        missing -= made[best]
        found.append(best)
    return found


def texts(told: Loaded) -> str:
    """Return all texts of a scenario that a trainee can see, now or in the end, and its parameters."""
    hints = [hint.text for hint in told.hints]
    steps = [step.model_dump_json(exclude={"only"}) for steps in told.solution.faults.values() for step in steps]
    scenario = told.scenario.model_dump_json()
    return "\n".join([told.story, told.debrief, *hints, *steps, scenario, *told.manifests.values()])


@cache
def _said_in_every_variant() -> str:
    """Return the scenario's files as they are written: what they say without a variable is so in every variant."""
    files = [*FOLDER.rglob("*.md"), FOLDER / "scenario.yaml", FOLDER / "solution.yaml"]
    files += [hints_folder() / "kluster005.yaml", hints_folder() / "common.yaml"]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def as_namespace(name: str) -> Iterator[str]:
    """Return `name` as a text names it where it is a namespace, and not a word of the story."""
    yield from (f"`{name}`", f"({name}", f"-n {name}", f"ns {name}", f"in {name}", f"{name}/")
    yield from (f".{name}.", f".{name}:", f".{name}`", f"namespace: {name}", f"namespace {name}", f'"{name}"')


def untrue(seed: int) -> Iterator[str]:
    """Return the values that variables have in other variants, and that a text of this variant must not name."""
    taken = choose(parts(), "kluster005", seed)
    document = read_yaml(_FILE)
    values = resolve(parts(), taken, document).values
    ours = "\n".join(map(str, values.values()))
    for part in parts().parts:
        for choice in part.choices:
            others = resolve(parts(), taken | {part.name: choice.name}, document).values
            for name, value in others.items():
                said = str(value) if isinstance(value, str | int) else ""
                if name in NAMESPACES and said != values[name]:
                    yield from as_namespace(said)
                if len(said) >= _SHORTEST and said not in ours and said not in _said_in_every_variant():
                    yield said
    if taken["keeper"] == "service":
        yield "timer"


def find(names: Iterator[str], text: str) -> list[str]:
    """Return those of `names` that `text` says, also within longer words."""
    return sorted({name for name in names if name in text})
