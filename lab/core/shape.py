"""Validation of YAML by pydantic models. Each error has its line and column, and words for the file's author."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lab.core.problems import nearest, quoted
from lab.core.scenario import NAME_PATTERN
from lab.core.yaml_marks import Document, Keys

__all__ = ["validate"]

Model = TypeVar("Model", bound=BaseModel)

_REQUIRED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}


def validate(document: Document, model: type[Model], keys: Keys = ()) -> Model | None:
    """Make a `model` of the value at `keys`; report errors in `document` and return None."""
    value = document.get(*keys)
    try:
        # As JSON and strictly: lists do for tuples and texts for enums, but "64" is never 64.
        return model.model_validate_json(json.dumps({} if value is None and keys else value), strict=True)
    except ValidationError as error:
        _report(document, model, keys, error.errors(include_url=False, include_input=True))
        return None


def _report(document: Document, model: type[BaseModel], base: Keys, errors: list[ErrorDetails]) -> None:
    meant: set[Keys] = set()
    for error in sorted(errors, key=lambda error: error["type"] == "missing"):
        if document.full:
            return
        at = _locate(document, base, error["loc"])
        kind = error["type"]
        if kind == "extra_forbidden":
            name = str(error["loc"][-1])
            near = nearest(name, _keys_of(model, error["loc"][:-1]) - set(_mapping(document, at[:-1])))
            meant.add((*at[:-1], near))
            document.report(at, f"unknown key {quoted(name)}", near, key=True)
        elif kind == "missing":
            # A misspelt key is not reported as missing too.
            if (*at, error["loc"][-1]) not in meant:
                document.report(at, f"the key {quoted(error['loc'][-1])} is missing")
        elif at not in document.doubtful:
            message, near = _explain(document, at, error)
            document.report(at, message, near, key=error["loc"][-1:] == ("[key]",))


def _locate(document: Document, base: Keys, loc: tuple[int | str, ...]) -> Keys:
    """Return the path of an error, without the parts that pydantic adds for unions."""
    if base not in document:
        return base
    for part in loc:
        if (*base, part) in document:
            base = (*base, part)
    return base


def _mapping(document: Document, keys: Keys) -> Mapping[str, Any]:
    value = document.get(*keys)
    return value if isinstance(value, dict) else {}


def _explain(document: Document, at: Keys, error: ErrorDetails) -> tuple[str, str]:
    """Return the message for an error of a value, and the value that was probably meant."""
    kind, found = error["type"], error["input"]
    context = error.get("ctx", {})
    plain = document.plain.get(at, "")
    # The model wants a text, and YAML read another type.
    remedy = f'; as a text it needs quotes: "{plain}"' if plain and not isinstance(found, str) else ""
    if kind in {"literal_error", "enum"}:
        expected = str(context.get("expected", ""))
        choices = re.findall(r"'([^']*)'", expected)
        near = nearest(found, choices) if isinstance(found, str) else ""
        return f"must be {expected}, not {quoted(found)}{remedy if choices else ''}", near
    if kind == "string_pattern_mismatch" and context.get("pattern") == NAME_PATTERN:
        return f"{quoted(found)} is not a valid name: use lower-case letters, digits and dashes", ""
    if kind in {"string_too_short", "too_short"}:
        return "must not be empty", ""
    if kind in _REQUIRED:
        given = {dict: "a mapping", list: "a list", type(None): "empty"}.get(type(found)) or quoted(found)
        remedy = remedy if found is not None and kind == "string_type" else ""
        return f"must be {_REQUIRED[kind]}, not {given}{remedy}", ""
    message = error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    message = re.sub(r"^(Input|\w+) should ", "must ", message)
    return (f"{message}, not {quoted(found)}" if message.startswith("must ") else message), ""


def _keys_of(model: type[BaseModel], loc: tuple[int | str, ...]) -> set[str]:
    """Return the keys that the mapping at `loc` may have, according to the JSON Schema of `model`."""
    schema = _schema(model)
    definitions = schema.get("$defs", {})
    here = _alternatives(schema, definitions)
    for part in loc:
        step: list[dict[str, Any]] = []
        for option in here:
            inner = option.get("items") if isinstance(part, int) else option.get("properties", {}).get(part)
            if isinstance(part, str) and inner is None:  # a mapping with free keys
                inner = option.get("additionalProperties") or next(
                    iter(option.get("patternProperties", {}).values()), 0
                )
            if isinstance(inner, dict):
                step += _alternatives(inner, definitions)
        # A part that is not in the schema names a member of a union.
        here = step or here
    return {key for option in here for key in option.get("properties", {})}


@lru_cache(maxsize=16)
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _alternatives(schema: dict[str, Any], definitions: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the schemas behind `schema`, after following references and unions."""
    if "$ref" in schema:
        return _alternatives(cast("dict[str, Any]", definitions[schema["$ref"].split("/")[-1]]), definitions)
    options = [*schema.get("anyOf", []), *schema.get("oneOf", []), *schema.get("allOf", [])]
    return [found for option in options for found in _alternatives(option, definitions)] or [schema]
