"""Fast YAML: read by libyaml where the platform has it; errors in the words of Go's YAML library."""

from collections.abc import Iterator
from typing import Any

import yaml

__all__ = ["load", "load_all", "load_first", "problem", "repeated_keys"]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(text: str) -> Any:  # noqa: ANN401 -- YAML
    """Return the one document in `text`."""
    return yaml.load(text, _Loader)  # noqa: S506 -- a safe loader


def load_all(text: str) -> Iterator[Any]:
    """Return all documents in `text`."""
    return iter(yaml.load_all(text, _Loader))


def load_first(text: str) -> Any:  # noqa: ANN401 -- YAML
    """Return the first document in `text`, or None; what follows is not even parsed, as in Go."""
    loader = _Loader(text)
    try:
        return loader.get_data() if loader.check_data() else None
    finally:
        loader.dispose()


def problem(error: yaml.YAMLError, text: str) -> str:
    """Return the error of parsing `text` in the words of Go's library.

    It is the same parser, but Go counts the lines of grammar errors from 0, and those of characters from 1.
    """
    if not isinstance(error, yaml.MarkedYAMLError):
        return "yaml: control characters are not allowed"
    mark = error.problem_mark
    if isinstance(error, yaml.composer.ComposerError) and mark:
        name = text.split("\n")[mark.line][mark.column + 1 :].split(maxsplit=1)[0]
        return f"yaml: unknown anchor '{name}' referenced"
    line = mark.line + isinstance(error, yaml.scanner.ScannerError) if mark and mark.line else 0
    return f"yaml: {f'line {line}: ' if line else ''}{error.problem}"


def repeated_keys(text: str) -> list[str]:
    """Return an error for each key that a map in the first document of `text` has twice."""
    loader = _Loader(text)
    try:
        node = loader.get_node() if loader.check_node() else None
    finally:
        loader.dispose()
    return [f'line {key.start_mark.line + 1}: key "{key.value}" already set in map' for key in _repeated(node)]


def _repeated(node: yaml.Node | None) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _repeated(each)
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield key
            seen.add(key.value)
            yield from _repeated(value)
