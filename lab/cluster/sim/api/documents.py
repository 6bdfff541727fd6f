"""Fast YAML: read by libyaml where the platform has it."""

from collections.abc import Iterator
from typing import Any

import yaml

__all__ = ["load", "load_all"]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(text: str) -> Any:  # noqa: ANN401 -- YAML
    """Return the one document in `text`."""
    return yaml.load(text, _Loader)  # noqa: S506 -- a safe loader


def load_all(text: str) -> Iterator[Any]:
    """Return all documents in `text`."""
    return iter(yaml.load_all(text, _Loader))
