"""Whether a scenario's parts fit together, and whether hints and steps name parts that exist."""

from collections.abc import Mapping, Sequence

from lab.core.problems import nearest, quoted
from lab.core.variants import Part, Parts
from lab.core.yaml_marks import Document, Keys

__all__ = ["check_only", "check_parts"]


def check_parts(parts: Parts, document: Document) -> None:
    """Report in `document` parts, choices and variables that do not fit together."""
    owners: dict[str, str] = {}
    seen: set[str] = set()
    for i, part in enumerate(parts.parts):
        if part.name in seen:
            document.report(("parts", i, "name"), f"the part {quoted(part.name)} exists already")
        seen.add(part.name)
        for variable in part.choices[0].sets:
            _check_owner(variable, owners, document, ("parts", i, "choices", 0, "sets", variable))
            owners.setdefault(variable, part.name)
        _check_choices(part, document, ("parts", i, "choices"))
    for variable in parts.derived:
        _check_owner(variable, owners, document, ("derived", variable))


def _check_owner(variable: str, owners: Mapping[str, str], document: Document, at: Keys) -> None:
    if variable in owners:
        owner = quoted(owners[variable])
        document.report(at, f"the variable {quoted(variable)} belongs to the part {owner}", key=True)


def _check_choices(part: Part, document: Document, at: Keys) -> None:
    """Report choices of the same name, and choices that set other variables than the first one."""
    first, names = part.choices[0], set[str]()
    for j, choice in enumerate(part.choices):
        if choice.name in names:
            document.report((*at, j, "name"), f"the choice {quoted(choice.name)} exists already")
        names.add(choice.name)
        if lacking := [variable for variable in first.sets if variable not in choice.sets]:
            document.report(
                (*at, j, "sets"), f"does not set {', '.join(lacking)}, which {quoted(first.name)} sets"
            )
        for variable in choice.sets:
            if variable not in first.sets:
                near = nearest(variable, first.sets)
                message = f"the choice {quoted(first.name)} does not set {quoted(variable)}"
                document.report((*at, j, "sets", variable), message, near, key=True)


def check_only(
    wanted: Mapping[Keys, Mapping[str, Sequence[str]]], document: Document, parts: Parts | None
) -> None:
    """Report in `document` parts and choices that do not exist in `wanted`: place -> part -> choices."""
    known = {part.name: [choice.name for choice in part.choices] for part in parts.parts} if parts else {}
    for at, only in wanted.items():
        for part, choices in only.items():
            if part not in known:
                near = nearest(part, known)
                document.report((*at, "only", part), f"there is no part {quoted(part)}", near, key=True)
                continue
            for i, choice in enumerate(choices):
                if choice not in known[part]:
                    near = nearest(choice, known[part])
                    document.report(
                        (*at, "only", part, i), f"the part {quoted(part)} has no choice {quoted(choice)}", near
                    )
