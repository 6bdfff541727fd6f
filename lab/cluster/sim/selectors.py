"""Label and field selectors as they are typed."""

import re

from lab.cluster.sim.errors import ApiError
from lab.cluster.sim.objects import Object, dig, labels

__all__ = ["field_matches", "label_matches"]

_SET = re.compile(r"^\s*(\S+)\s+(in|notin)\s*\(([^)]*)\)\s*$")


def label_matches(selector: str, item: Object) -> bool:
    """Whether the object's labels are selected by `selector` (`a=b,c!=d,e in (f,g),h,!i`)."""
    return all(
        _requirement(part.strip(), labels(item)) for part in re.split(r",(?![^(]*\))", selector) if part.strip()
    )


def _requirement(part: str, found: dict[str, str]) -> bool:
    by_set = _SET.match(part)
    if by_set:
        key, operator, text = by_set.groups()
        values = {value.strip() for value in text.split(",")}
        return (found.get(key) in values) == (operator == "in")
    for operator in ("!=", "==", "="):
        key, found_operator, value = part.partition(operator)
        if found_operator:
            return (found.get(key.strip()) == value.strip()) == (operator != "!=")
    return part[1:] not in found if part.startswith("!") else part in found


def field_matches(selector: str, item: Object) -> bool:
    """Whether the object's fields are selected by `selector` (`status.phase!=Running,spec.nodeName=x`)."""
    return all(_field(part.strip(), item) for part in selector.split(",") if part.strip())


def _field(part: str, item: Object) -> bool:
    for operator in ("!=", "==", "="):
        path, found, value = part.partition(operator)
        if found:
            actual = dig(item, *path.strip().split("."), default="")
            if isinstance(actual, bool):
                actual = str(actual).lower()
            return (str(actual) == value.strip()) == (operator != "!=")
    raise ApiError.bad_request(f"invalid field selector: '{part}'; can't understand '{part}'")
