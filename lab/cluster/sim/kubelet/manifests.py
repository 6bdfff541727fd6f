"""Manifests of static pods: a file's text read as the kubelet reads it, with the kubelet's own errors."""

import hashlib
import json
from collections.abc import Iterator
from functools import lru_cache

from lab.cluster.sim.api.configuration_files import ConfigurationError, identified, unregistered
from lab.cluster.sim.api.decoding import read
from lab.cluster.sim.api.defaults import pod_defaults
from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object, clone, meta
from lab.cluster.sim.api.validation import validate
from lab.cluster.sim.state.large import LARGE

__all__ = ["UnusableError", "key_of", "pod_of"]

#: Volumes, and sources of variables, that name an object of the API; a static pod can't have one.
_VOLUMES = {"secret": "secrets", "configMap": "configmaps", "persistentVolumeClaim": "persistentvolumeclaims"}
_SOURCES = {
    "secretKeyRef": "secrets",
    "configMapKeyRef": "configmaps",
    "secretRef": "secrets",
    "configMapRef": "configmaps",
}


class UnusableError(Exception):
    """A file that holds no pod that the kubelet can run, with the kubelet's message."""


def pod_of(path: str, text: str, node: str) -> Object:
    """Return the pod in the file at `path` on `node`, with defaults; raise `UnusableError`.

    Its name ends with the node's. Its UID depends on the object, the node and the path, not on the file's text.
    """
    read = _read_before if len(text) < LARGE else _read
    found = read(path, text, node)
    if isinstance(found, str):
        raise UnusableError(found)
    return clone(found)


def _read(path: str, text: str, node: str) -> Object | str:
    """Return the pod in a file, or the kubelet's message about the file."""
    try:
        return _pod_of(path, text, node)
    except UnusableError as error:
        return str(error)


#: Every kubelet reads its whole folder again every 20 s, and the files are almost always the same.
_read_before = lru_cache(maxsize=64)(_read)


def _pod_of(path: str, text: str, node: str) -> Object:
    try:
        pod = _decoded(text)
    except ConfigurationError as error:
        raise UnusableError(f"{path}: couldn't parse as pod({error}), please check config file") from error
    metadata = pod.setdefault("metadata", {})
    if not metadata.get("name"):
        raise UnusableError("invalid pod: name is needed for the pod")
    if not metadata.get("uid"):
        canonical = json.dumps(pod, sort_keys=True, default=str)
        metadata["uid"] = hashlib.md5(
            f"{canonical}host:{node}file:{path}".encode(), usedforsecurity=False
        ).hexdigest()
    metadata["name"] = f"{metadata['name']}-{node}"
    metadata["namespace"] = metadata.get("namespace") or "default"
    spec = pod["spec"] = pod.get("spec") or {}
    if spec.get("containers"):
        pod_defaults(spec)
    try:
        validate(KIND["Pod"], pod)
    except ApiError as refused:
        raise UnusableError(f"invalid pod: [{' '.join(refused.causes)}]") from refused
    if found := next(_named_objects(spec), ""):
        raise UnusableError(f"static pods may not reference {found}")
    return pod


def _decoded(text: str) -> Object:
    found, version, kind = identified(text)
    known = KIND.get(kind)
    if known is None or known.api_version != version:
        raise unregistered(version, kind)
    reading = read(known, found)
    if reading.mistaken:
        raise ConfigurationError(reading.mistaken)
    if kind != "Pod":
        raise ConfigurationError(f"invalid pod: not simulated: {kind} as Go prints it")
    return reading.item


def _named_objects(spec: Object) -> Iterator[str]:
    if spec.get("serviceAccountName"):
        yield "serviceaccounts"
    for container in [*(spec.get("initContainers") or []), *spec["containers"]]:
        for source in [
            *(container.get("envFrom") or []),
            *(each.get("valueFrom") or {} for each in container.get("env") or []),
        ]:
            yield from (named for field, named in _SOURCES.items() if source.get(field))
    for volume in spec.get("volumes") or []:
        yield from (named for field, named in _VOLUMES.items() if volume.get(field))


def key_of(pod: Object) -> str:
    """Return the key under which the kubelet keeps a static pod: one pod for each namespace and name."""
    return f"{meta(pod)['namespace']}/{meta(pod)['name']}"
