"""The meaning of kubectl's words: kinds, objects, files with objects."""

import json
from collections.abc import Iterator
from typing import Any

import yaml

from lab.cluster.sim.api.decoding import metadata_problem
from lab.cluster.sim.api.documents import load_all
from lab.cluster.sim.api.kinds import KINDS, Kind, find, kind_of
from lab.cluster.sim.api.objects import Object, meta
from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.kubectl.kustomize import built

__all__ = ["Target", "documents", "from_files", "kind_named", "targets"]

#: A kind and a name; without a name, all of the kind.
Target = tuple[Kind, str]


_NO_TYPE = """\
You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.

error: Required resource not specified.
Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).
See 'kubectl get -h' for help and examples"""  # noqa: E501 -- as it is printed


def kind_named(word: str) -> Kind:
    """Return the kind that `word` means, or end the command as kubectl does."""
    found = find(word)
    if found is None:
        told = word.partition(".")[0] if find(word.partition(".")[0]) else word
        raise Exit(1, f'error: the server doesn\'t have a resource type "{told}"')
    return found


def targets(words: list[str], *, need_names: bool = False) -> list[Target]:
    """Read `pods`, `pod x y`, `pod/x deploy/y`, `deploy,rs`, `all`."""
    if not words:
        raise Exit(1, _NO_TYPE)
    if any("/" in word for word in words):
        return [_slashed(word) for word in words]
    kinds = list(dict.fromkeys(_kinds(words[0])))
    names = words[1:]
    if need_names and not names:
        raise Exit(1, "error: resource(s) were provided, but no name was specified")
    return [(kind, name) for kind in kinds for name in names] if names else [(kind, "") for kind in kinds]


def _slashed(word: str) -> Target:
    kind, slash, name = word.partition("/")
    if not slash:
        raise Exit(
            1,
            "error: there is no need to specify a resource type as a separate argument when passing arguments in "
            "resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource "
            "resource/<resource_name>'",
        )
    if "/" in name:
        raise Exit(1, "error: arguments in resource/name form may not have more than one slash")
    if not name:
        raise Exit(1, "error: arguments in resource/name form must have a single resource and name")
    return kind_named(kind), name


def _kinds(text: str) -> Iterator[Kind]:
    for word in text.split(","):
        if word == "all":
            order = ["pods", "replicationcontrollers", "services", "daemonsets", "deployments", "replicasets"]
            every = [kind for kind in KINDS if "all" in kind.categories]
            yield from sorted(every, key=lambda kind: order.index(kind.plural) if kind.plural in order else 9)
        else:
            yield kind_named(word)


async def from_files(call: Call, flags: Flags) -> list[Object]:
    """Return all objects of the files of -f, and of the folder of -k."""
    if flags.given("kustomize"):
        if flags.given("filename"):
            raise Exit(1, "error: only one of -f or -k can be specified")
        return [item for text in built(call, flags.get("kustomize")) for item in documents(text, "STDIN")]
    found: list[Object] = []
    for path in flags.all("filename"):
        for name in _expanded(call, path):
            try:
                text = await call.read(name)
            except FileNotFoundError:
                raise Exit(1, f'error: the path "{path}" does not exist') from None
            found += documents(text, name)
    return found


def _expanded(call: Call, path: str) -> list[str]:
    if path != "-" and call.files.exists(call.path(path)) and not call.files.is_file(call.path(path)):
        names = [name for name in call.files.names(call.path(path)) if name.endswith((".yaml", ".yml", ".json"))]
        return [f"{call.path(path)}/{name}" for name in names]
    return [path]


def documents(text: str, source: str) -> list[Object]:
    """Return the objects in YAML or JSON text; Lists are flattened."""
    shown = "STDIN" if source == "-" else source
    try:
        raw = [json.loads(text)] if text.lstrip().startswith("{") else list(load_all(text))
    except (yaml.YAMLError, ValueError) as error:
        problem = str(error).splitlines()[0]
        raise Exit(1, f"error: error parsing {shown}: error converting YAML to JSON: yaml: {problem}") from None
    return [item for document in raw if document is not None for item in _taken_apart(document, shown)]


def _taken_apart(document: Any, shown: str) -> Iterator[Object]:  # noqa: ANN401 -- JSON
    if not isinstance(document, dict):
        raise Exit(
            1,
            f'error: error validating "{shown}": error validating data: invalid object to validate; '
            "if you choose to ignore these errors, turn validation off with --validate=false",
        )
    if document.get("kind") == "List" or ("items" in document and str(document.get("kind", "")).endswith("List")):
        for item in document.get("items") or []:
            yield from _taken_apart(item, shown)
        return
    missing = [field for field in ("apiVersion", "kind") if not document.get(field)]
    if missing:
        told = ", ".join(f"{field} not set" for field in missing)
        raise Exit(
            1,
            f'error: error validating "{shown}": error validating data: [{told}]; if you choose to ignore these '
            "errors, turn validation off with --validate=false"
            if len(missing) > 1
            else f'error: error validating "{shown}": error validating data: {told}; if you choose to ignore these '  # noqa: E501 -- as it is printed
            "errors, turn validation off with --validate=false",
        )
    if problem := metadata_problem(document):
        raise Exit(1, f'error: unable to decode "{shown}": {problem}')
    if kind_of(document["kind"], document["apiVersion"]) is None:
        raise Exit(
            1,
            f'error: resource mapping not found for name: "{meta(document).get("name", "")}" namespace: '
            f'"{meta(document).get("namespace", "")}" from "{shown}": no matches for kind "{document["kind"]}" in '
            f'version "{document["apiVersion"]}"\nensure CRDs are installed first',
        )
    yield document
