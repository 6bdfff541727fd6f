"""The words of refused fields."""

import json
from collections.abc import Iterable, Iterator, Mapping

__all__ = [
    "between",
    "duplicate",
    "forbidden",
    "invalid",
    "invalids",
    "missing",
    "negative",
    "not_found",
    "positive",
    "required",
    "shown",
    "too_long",
    "too_many",
    "unsupported",
]


def shown(value: object) -> str:
    """Return a value as it is printed: JSON, in which maps are sorted and structs have no empty parts."""
    if isinstance(value, dict):
        parts = {key: _sorted(part) for key, part in value.items() if part not in ({}, [])}
        value = _sorted(parts)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _sorted(value: object) -> object:
    is_map = isinstance(value, dict) and all(isinstance(part, str) for part in value.values())
    return dict(sorted(value.items())) if isinstance(value, dict) and is_map else value


def required(path: str, detail: str = "") -> str:
    """The field is missing."""
    return f"{path}: Required value" + (f": {detail}" if detail else "")


def invalid(path: str, value: object, detail: str) -> str:
    """The value breaks a rule."""
    return f"{path}: Invalid value: {shown(value)}" + (f": {detail}" if detail else "")


def invalids(path: str, value: object, details: Iterable[str]) -> Iterator[str]:
    """The value breaks several rules, or none."""
    return (invalid(path, value, detail) for detail in details)


def unsupported(path: str, value: object, supported: Iterable[str]) -> str:
    """The value is none of a few words."""
    told = ", ".join(shown(one) for one in supported)
    return f"{path}: Unsupported value: {shown(value)}: supported values: {told}"


def forbidden(path: str, detail: str) -> str:
    """The field may not be set here."""
    return f"{path}: Forbidden: {detail}"


def duplicate(path: str, value: object) -> str:
    """The value is there already."""
    return f"{path}: Duplicate value: {shown(value)}"


def not_found(path: str, value: object, detail: str = "") -> str:
    """Nothing has this name."""
    return f"{path}: Not found: {shown(value)}" + (f": {detail}" if detail else "")


def negative(path: str, value: object) -> Iterable[str]:
    """Yield an error if a number is below zero."""
    if isinstance(value, int) and value < 0:
        yield invalid(path, value, "must be greater than or equal to 0")


def positive(path: str, value: object) -> Iterable[str]:
    """Yield an error unless a number is above zero."""
    if isinstance(value, int) and value <= 0:
        yield invalid(path, value, "must be greater than zero")


def missing(found: Mapping[str, object], path: str, *names: str) -> Iterator[str]:
    """Yield an error for each of the fields `names` that is missing or empty."""
    return (required(f"{path}.{name}") for name in names if not found.get(name))


def between(least: int, most: int) -> str:
    """Return what is wrong with a number outside a range."""
    return f"must be between {least} and {most}, inclusive"


def too_long(path: str, most: int) -> str:
    """The text is too long."""
    return f"{path}: Too long: may not be more than {most} bytes"


def too_many(path: str, count: int, most: int) -> str:
    """The list is too long."""
    return f"{path}: Too many: {count}: must have at most {most} items"
