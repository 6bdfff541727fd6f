"""What a scenario's workloads ask for that reaches the node, and so the machine under a real cluster. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

__all__ = ["reach"]

_HOST = ("hostNetwork", "hostPID", "hostIPC")


def reach(manifests: Iterable[str]) -> list[str]:
    """Return the settings of pods in `manifests` that reach the node, such as `hostPath /` or `privileged`."""
    documents = (item for text in manifests for item in yaml.safe_load_all(text) if isinstance(item, Mapping))
    return list(dict.fromkeys(found for document in documents for found in _of(document)))


def _of(value: object) -> Iterator[str]:
    """Look through all of an object: a pod's spec is in many kinds, and in lists."""
    if isinstance(value, Mapping):
        yield from _settings(value)
        for each in value.values():
            yield from _of(each)
    elif isinstance(value, list):
        for each in value:
            yield from _of(each)


def _settings(spec: Mapping[str, Any]) -> Iterator[str]:
    yield from (name for name in _HOST if spec.get(name) is True)
    if isinstance(spec.get("hostPath"), Mapping):
        yield f"hostPath {spec['hostPath'].get('path', '')}"
    if spec.get("privileged") is True:
        yield "privileged"
