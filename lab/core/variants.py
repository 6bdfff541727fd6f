"""Variants of a scenario: parts that are chosen by a seed, and the variables that a choice sets.

A scenario's texts, parameters and manifests name a variable as `${name}`. Variant 0 takes the first choice of each
part. The choice of a part depends on the scenario's name, the seed and the part's name alone, so a new part does
not change the others.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from lab.core.names import LARGEST_SEED
from lab.core.problems import nearest, quoted
from lab.core.yaml_marks import Document, Keys
from lab.errors import UsageProblem

__all__ = [
    "NO_VARIANT",
    "Parts",
    "Value",
    "Variant",
    "choose",
    "each_choice",
    "expand",
    "fill",
    "require_seed",
    "resolve",
    "seat_seeds",
]

#: One of 341 seeds differs from the one before it in every part, with the parts of kluster005.
_MOST_TRIES = 10_000

Value = str | int | list[str]
Variable = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=63)]
Text = Annotated[str, Field(min_length=1)]

#: `${name}`, or `$${` for a `${` that is meant literally.
_PLACE = re.compile(r"\$\$\{|\$\{([^{}\n]*)\}")
#: A line that has nothing but one variable.
_ALONE = re.compile(r"^[ \t]*\$\{([^{}\n]*)\}[ \t]*(?:\n|\Z)", re.MULTILINE)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Choice(_Model):
    """One choice of a part, and the variables that it sets."""

    name: Name
    sets: dict[Variable, Value] = Field(description="Variable -> text, number or list of texts.")


class Part(_Model):
    """A part of the scenario that differs between variants."""

    name: Name
    about: Text = Field(description="What differs, for the instructor.")
    choices: Annotated[list[Choice], Field(min_length=2, description="The first one is that of variant 0.")]


class Parts(_Model):
    """The content of a scenario's file of variants."""

    schema_version: Literal[1] = Field(alias="schema")
    parts: Annotated[list[Part], Field(min_length=1)]
    derived: dict[Variable, Value] = Field(
        default={}, description="Variables made of others; each may name those above it."
    )


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant: its seed, the choice of each part, and the value of each variable."""

    seed: int = 0
    #: Part -> name of its choice.
    choices: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)

    def fits(self, wanted: Mapping[str, Sequence[str]]) -> bool:
        """Whether each part in `wanted` has one of the choices that are listed there."""
        return all(self.choices.get(part) in choices for part, choices in wanted.items())


#: The variant of a scenario that has none.
NO_VARIANT = Variant()


def require_seed(seed: int) -> int:
    """Return `seed`, or raise `UsageProblem` if it is none."""
    if not 0 <= seed <= LARGEST_SEED:
        raise UsageProblem(
            f"{seed} can't be a seed.",
            remedy=f"Use a number from 1 to {LARGEST_SEED}, or 0 for no variant.",
        )
    return seed


def choose(parts: Parts, scenario: str, seed: int) -> dict[str, str]:
    """Return part -> name of its choice, for a seed."""
    return dict(_choices(parts, scenario, seed))


def _choices(parts: Parts, scenario: str, seed: int) -> Iterator[tuple[str, str]]:
    for part in parts.parts:
        number = _chosen(f"{scenario}/{seed}/{part.name}", len(part.choices)) if seed else 0
        yield part.name, part.choices[number].name


def seat_seeds(parts: Parts, scenario: str, seed: int, count: int) -> list[int]:
    """Return a seed for each of `count` seats at an event whose seed is `seed`.

    No two are the same, and seats beside each other differ in every part, if the parts have so many choices.
    """
    found: list[int] = []
    before: dict[str, str] = {}

    def alike(trial: int, most: int) -> int:
        """Return in how many parts `trial` is like the seat before, counted up to `most`."""
        same = (None for part, choice in _choices(parts, scenario, trial) if before.get(part) == choice)
        return sum(1 for _ in islice(same, most))

    for seat in range(1, count + 1):
        best, most = 0, len(parts.parts) + 1
        for number in range(_MOST_TRIES):
            trial = 1 + _chosen(f"{seed}/seat {seat}/{number}", LARGEST_SEED)
            if trial not in found and (same := alike(trial, most)) < most:
                best, most = trial, same
            if not most:
                break
        found.append(best)
        before = choose(parts, scenario, best)
    return found


def each_choice(parts: Parts) -> Iterator[dict[str, str]]:
    """Return few combinations in which each choice of each part occurs, variant 0 first."""
    for number in range(max(len(part.choices) for part in parts.parts)):
        yield {part.name: part.choices[number % len(part.choices)].name for part in parts.parts}


def _chosen(text: str, count: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % count


def resolve(parts: Parts, choices: Mapping[str, str], document: Document, *, seed: int = 0) -> Variant:
    """Return the variant with `choices`; report in `document` a variable that is not set above its use.

    Raises:
        UsageProblem: a part or a choice is not there any more.

    """
    values: dict[str, Value] = {}

    def filled(value: Value, at: Keys) -> Value:
        return cast("Value", _filled(value, at, values, document))

    taken: dict[str, str] = {}
    for i, part in enumerate(parts.parts):
        names = [choice.name for choice in part.choices]
        name = choices.get(part.name, names[0])
        if name not in names:
            raise UsageProblem(
                f"The part {part.name} of this lab's variant has no choice {name}.",
                f"{document.file} has: {', '.join(names)}.",
                "The scenario has changed since then. Make a new lab: kluster delete, kluster create",
            )
        taken[part.name] = name
        j = names.index(name)
        for variable, value in part.choices[j].sets.items():
            values[variable] = filled(value, ("parts", i, "choices", j, "sets", variable))
    for variable, value in parts.derived.items():
        values[variable] = filled(value, ("derived", variable))
    return Variant(seed, taken, values)


def fill(document: Document, values: Mapping[str, Value]) -> None:
    """Replace the variables in all texts of `document`; report those that do not exist."""
    document.value = _filled(document.value, (), values, document)


def _filled(value: object, at: Keys, values: Mapping[str, Value], document: Document) -> Any:  # noqa: ANN401 -- JSON
    if isinstance(value, dict):
        return {key: _filled(each, (*at, key), values, document) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, (*at, i), values, document) for i, each in enumerate(value)]
    if not isinstance(value, str) or "${" not in value:
        return value
    whole = _PLACE.fullmatch(value)
    if whole and whole[1] in values:
        found = values[whole[1]]
        return list(found) if isinstance(found, list) else found

    def unknown(_index: int, message: str, near: str) -> None:
        document.report(at, message, near)

    return expand(value, values, unknown)


def expand(text: str, values: Mapping[str, Value], unknown: Callable[[int, str, str], None]) -> str:
    """Return `text` with the variables replaced.

    Further lines of a value are indented as the line that names it. A line that has only a variable is removed if
    the value is empty. `unknown` is called with the place of each variable that does not exist, a message, and the
    name that was probably meant.
    """
    if "${" not in text:
        return text
    for found in _PLACE.finditer(text):
        if found[1] is not None and found[1] not in values:
            unknown(found.start(), f"there is no variable {quoted(found[1])}", nearest(found[1], values))
    text = _ALONE.sub(lambda found: "" if values.get(found[1]) == "" else found[0], text)

    def replaced(found: re.Match[str]) -> str:
        if found[1] is None:
            return "${"
        value = values.get(found[1], found[0])
        said = ", ".join(value) if isinstance(value, list) else str(value)
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        return said.replace("\n", "\n" + line[: len(line) - len(line.lstrip())])

    return _PLACE.sub(replaced, text)
