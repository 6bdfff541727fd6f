"""Configuration files of Kubernetes' programs: their kinds, and how strictly their fields are read.

`decoded` reads one object; its errors are those of Kubernetes' own decoder.
"""

import json
from collections.abc import Mapping
from typing import Any

import yaml

from lab.cluster.sim.api.decoding import not_an_object, read_as
from lab.cluster.sim.api.documents import load_first, problem, repeated_keys
from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.api.schema import Field

__all__ = ["ConfigurationError", "decoded", "decoded_leniently", "identified", "struct", "unregistered"]

_SCHEME = '"pkg/runtime/scheme.go:110"'


class ConfigurationError(Exception):
    """A file with which a program refuses to start, or that it leaves aside."""


def struct(name: str, /, **fields: str | Field) -> Field:
    """Return the type `name` with its fields; `_` in a field's name stands for `-`."""
    made = {
        key.replace("_", "-"): {"type": each} if isinstance(each, str) else each for key, each in fields.items()
    }
    return {"type": name, "fields": made}


def identified(text: str, *, as_it_is: bool = False) -> tuple[Object, str, str]:
    """Return the object in `text`, its API version and its kind; raise `ConfigurationError` if it has none.

    The error shows the text `as_it_is`, or as JSON.
    """
    try:
        found = load_first(text)
    except yaml.YAMLError as error:
        raise ConfigurationError(problem(error, text)) from error
    return identify(found, text if as_it_is else "")


def identify(found: Any, text: str = "") -> tuple[Object, str, str]:  # noqa: ANN401 -- YAML
    """Return an object, its API version and its kind; raise `ConfigurationError` if it has none.

    The error shows `text`, or the object as JSON.
    """
    if found is not None and not isinstance(found, dict):
        raise ConfigurationError(f"couldn't get version/kind; json parse error: {not_an_object(found)}")
    found = found or {}
    shown = text or (
        json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
        if found
        else "null"
    )
    for name, told in (("kind", "Kind"), ("apiVersion", "apiVersion")):
        if not found.get(name):
            raise ConfigurationError(f"Object '{told}' is missing in '{shown}'")
        if not isinstance(found[name], str):
            raise ConfigurationError(
                f"couldn't get version/kind; json parse error: {not_a_text(found[name], name)}"
            )
    return found, found["apiVersion"], found["kind"]


def not_a_text(value: Any, name: str) -> str:  # noqa: ANN401 -- YAML
    """Return the decoder's message about an API version or a kind that is no text."""
    called = not_an_object(value).split()[3]
    return f"json: cannot unmarshal {called} into Go struct field .{name} of type string"


def unregistered(version: str, kind: str) -> ConfigurationError:
    """Return the error about a kind that the program does not know."""
    return ConfigurationError(f'no kind "{kind}" is registered for version "{version}" in scheme {_SCHEME}')


def decoded(text: str, kinds: Mapping[tuple[str, str], Field]) -> Object:
    """Return the object in `text`; `kinds` has (API version, kind) -> type. Raise `ConfigurationError`."""
    found, version, kind = identified(text, as_it_is=True)
    if (version, kind) not in kinds:
        raise unregistered(version, kind)
    return _strictly(found, kinds[version, kind], repeated_keys(text))


def decoded_leniently(text: str, kinds: Mapping[tuple[str, str], Field]) -> tuple[Object, list[str]]:
    """Return the object in `text` and what a strict decoder would refuse: unknown fields, repeated keys."""
    found, version, kind = identified(text, as_it_is=True)
    if (version, kind) not in kinds:
        raise unregistered(version, kind)
    return _read(found, kinds[version, kind], repeated_keys(text))


def decoded_part(found: Any, kinds: Mapping[tuple[str, str], Field]) -> Object:  # noqa: ANN401 -- YAML
    """Return an object that is a part of a file, as `decoded` returns a file's own."""
    found, version, kind = identify(found)
    if (version, kind) not in kinds:
        raise unregistered(version, kind)
    return _strictly(found, kinds[version, kind], [])


def _strictly(found: Object, root: Field, repeated: list[str]) -> Object:
    item, told = _read(found, root, repeated)
    if told:
        raise ConfigurationError(f"strict decoding error: {', '.join(told)}")
    return item


def _read(found: Object, root: Field, repeated: list[str]) -> tuple[Object, list[str]]:
    named = {**root, "fields": {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, **root["fields"]}}
    reading = read_as(named, found)
    if reading.mistaken:
        raise ConfigurationError(reading.mistaken)
    told = ["yaml: unmarshal errors:\n  " + "\n  ".join(repeated)] if repeated else []
    return reading.item, told + [f'unknown field "{path}"' for path in reading.unknown]
