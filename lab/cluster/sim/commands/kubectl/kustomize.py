"""kubectl kustomize: a folder's objects, changed as its kustomization says."""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from lab.cluster.sim.api.documents import load, load_all
from lab.cluster.sim.api.kinds import kind_of
from lab.cluster.sim.api.objects import Object, dig, meta
from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.golang.goyaml import as_yaml
from lab.cluster.sim.commands.kubectl.client import Client

__all__ = ["built", "kustomize"]

_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
#: Fields of a kustomization that are simulated; others are reported as not simulated.
_KNOWN = {"apiVersion", "kind", "metadata", "resources", "namePrefix", "nameSuffix", "namespace", "commonLabels",
          "labels", "commonAnnotations", "images", "replicas"}  # fmt: skip


async def kustomize(call: Call, client: Client) -> int:
    """Print the objects of a folder's kustomization."""
    words = client.flags.words
    if client.flags.given("output") or client.flags.given("ignored"):
        raise NotSimulated("kubectl kustomize with flags")
    if len(words) > 1:
        raise Exit(1, "error: specify one path to kustomization.yaml")
    await call.out("---\n".join(built(call, words[0] if words else ".")))
    return 0


def built(call: Call, folder: str) -> list[str]:
    """Return the objects of a folder's kustomization as YAML."""
    path = call.path(folder)
    if not call.files.exists(path):
        raise Exit(
            1,
            f"error: must build at directory: not a valid directory: evalsymlink failure on '{folder}' : "
            f"lstat {path}: no such file or directory",
        )
    if call.files.is_file(path):
        raise Exit(
            1, f"error: must build at directory: not a valid directory: '{folder}' is a file, not directory"
        )
    return [as_yaml(item) for item in _objects(call, path)]


def _objects(call: Call, folder: str) -> list[Object]:
    plan = _plan(call, folder)
    found: list[Object] = []
    for name in plan.get("resources") or []:
        path = posixpath.normpath(posixpath.join(folder, str(name)))
        if call.files.is_file(path):
            found += [item for item in load_all(call.files.read(path)) if isinstance(item, dict)]
        elif call.files.exists(path):
            found += _objects(call, path)
        else:
            missing = "no such file or directory"
            raise Exit(
                1,
                f"error: accumulating resources: accumulation err='accumulating resources from '{name}': "
                f"open {path}: {missing}': must build at directory: not a valid directory: "
                f"evalsymlink failure on '{path}' : lstat {path}: {missing}",
            )
    for item in found:
        _change(item, plan)
    return found


def _plan(call: Call, folder: str) -> Mapping[str, Any]:
    names = [name for name in _NAMES if call.files.is_file(posixpath.join(folder, name))]
    if not names:
        told = "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory"
        raise Exit(1, f"error: {told} '{folder}'")
    try:
        plan = load(call.files.read(posixpath.join(folder, names[0]))) or {}
    except yaml.YAMLError as error:
        raise Exit(1, f"error: {str(error).splitlines()[0]}") from None
    if more := sorted(set(plan) - _KNOWN):
        raise NotSimulated(f"kubectl kustomize with {', '.join(more)}")
    return plan if isinstance(plan, dict) else {}


def _change(item: Object, plan: Mapping[str, Any]) -> None:
    metadata = meta(item)
    metadata["name"] = f"{plan.get('namePrefix', '')}{metadata.get('name', '')}{plan.get('nameSuffix', '')}"
    kind = kind_of(str(item.get("kind")))
    if plan.get("namespace") and kind is not None and kind.namespaced:
        metadata["namespace"] = plan["namespace"]
    if notes := plan.get("commonAnnotations"):
        metadata["annotations"] = {**(metadata.get("annotations") or {}), **notes}
    common = plan.get("commonLabels") or {}
    for pairs, everywhere in [(common, True), *_labels(plan)]:
        _label(item, pairs, everywhere=everywhere)
    for image in plan.get("images") or []:
        for container in _containers(item):
            _image(container, image)
    for count in plan.get("replicas") or []:
        if metadata["name"] == count.get("name") and dig(item, "spec", "template"):
            item["spec"]["replicas"] = count["count"]


def _labels(plan: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, str], bool]]:
    for entry in plan.get("labels") or []:
        yield entry.get("pairs") or {}, bool(entry.get("includeSelectors"))


def _label(item: Object, pairs: Mapping[str, str], *, everywhere: bool) -> None:
    if not pairs:
        return
    holders = [item, *([item["spec"]["template"]] if everywhere and dig(item, "spec", "template") else [])]
    for holder in holders:
        metadata = holder.setdefault("metadata", {})
        metadata["labels"] = {**(metadata.get("labels") or {}), **pairs}
    selector = dig(item, "spec", "selector")
    if everywhere and isinstance(selector, dict):
        if "matchLabels" in selector:
            selector["matchLabels"] = {**selector["matchLabels"], **pairs}
        elif item.get("kind") == "Service":
            item["spec"]["selector"] = {**selector, **pairs}


def _containers(item: Object) -> list[Object]:
    spec = dig(item, "spec", "template", "spec") or (item.get("spec") if item.get("kind") == "Pod" else {}) or {}
    return [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]


def _image(container: Object, change: Mapping[str, str]) -> None:
    name, _, tag = str(container.get("image", "")).partition(":")
    if name != change.get("name"):
        return
    name = change.get("newName", name)
    tag = str(change.get("newTag", tag))
    container["image"] = f"{name}@{change['digest']}" if "digest" in change else f"{name}:{tag}" if tag else name
