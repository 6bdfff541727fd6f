"""YAML as kubectl writes it."""

from typing import Any

import yaml

__all__ = ["as_yaml"]

#: Words that Go's YAML takes for booleans, and PyYAML does not.
_BOOLEANS = {"y", "Y", "n", "N"}


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """YAML as Go writes it: block scalars for text with line ends, no aliases."""

    def ignore_aliases(self, _data: Any) -> bool:  # noqa: ANN401 -- YAML
        """Write everything out."""
        return True


def _text(dumper: Any, value: str) -> Any:  # noqa: ANN401 -- YAML
    style = "|" if "\n" in value else None
    kinds = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:yaml"}
    if style is None and value in _BOOLEANS:
        style = '"'
    if style is None and dumper.resolve(yaml.ScalarNode, value, (True, False)) not in kinds:
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def as_yaml(data: Any) -> str:  # noqa: ANN401 -- JSON
    """Return `data` as YAML."""
    return str(
        yaml.dump(data, Dumper=_Dumper, sort_keys=True, default_flow_style=False, allow_unicode=True, width=80)
    )
