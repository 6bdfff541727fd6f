"""What clients ask about the API itself: discovery in one answer, and OpenAPI of version 3."""

import functools
import hashlib
from typing import Any

from pydantic_core import to_json

from lab.cluster.sim.api.discovery import VERSION, published
from lab.cluster.sim.api.schema import type_names, type_of

__all__ = ["AGGREGATED", "aggregated", "openapi", "openapi_index"]

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_HEAD: dict[str, Any] = {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}}
_PRIMITIVE = {"integer": "integer", "number": "number", "boolean": "boolean", "string": "string"}
_PATCHES = ("application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml")


@functools.cache
def aggregated(*, core: bool) -> dict[str, Any]:
    """Return the resources of all groups, or of the core group (`/api`)."""
    found = published()
    groups: list[dict[str, Any]] = (
        [{"name": "", "versions": [{"groupVersion": "v1", "version": "v1"}]}] if core else found["groups"]
    )
    items = [
        {
            "metadata": {"name": group["name"], "creationTimestamp": None} if group["name"] else
                        {"creationTimestamp": None},
            "versions": [
                {"version": each["version"], "freshness": "Current",
                 "resources": _resources(found["resources"].get(each["groupVersion"], []), each["groupVersion"])}
                for each in group["versions"]
            ],
        }
        for group in groups
    ]  # fmt: skip
    return {**_HEAD, "items": items}


def _resources(listed: list[dict[str, Any]], group_version: str) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    group, _, version = group_version.rpartition("/")
    for each in listed:
        name, _, sub = each["name"].partition("/")
        kind = {"group": each.get("group", group), "version": each.get("version", version), "kind": each["kind"]}
        scope = "Namespaced" if each["namespaced"] else "Cluster"
        if sub:
            # A kind may have only subresources, such as serviceaccounts/token of a kind that is not stored.
            parent = found.setdefault(
                name, {"resource": name, "scope": scope, "singularResource": "", "verbs": [], "responseKind": kind}
            )
            parent.setdefault("subresources", []).append(
                {"subresource": sub, "responseKind": kind, "verbs": each["verbs"]}
            )
            continue
        found[name] = {
            "resource": name, "responseKind": kind, "scope": scope, "singularResource": each["singularName"],
            "verbs": each["verbs"],
            **({"shortNames": each["shortNames"]} if each.get("shortNames") else {}),
            **({"categories": each["categories"]} if each.get("categories") else {}),
        }  # fmt: skip
    return list(found.values())


@functools.cache
def openapi_index() -> dict[str, Any]:
    """Return the documents of /openapi/v3: one for each group and version."""
    names = [_where(each) for each in published()["resources"]]
    paths = {
        name: {"serverRelativeURL": f"/openapi/v3/{name}?hash={hashlib.sha512(openapi(name)).hexdigest().upper()}"}
        for name in names
    }
    return {"paths": paths}


def _where(group_version: str) -> str:
    return f"apis/{group_version}" if "/" in group_version else f"api/{group_version}"


@functools.lru_cache(maxsize=64)
def openapi(name: str) -> bytes:
    """Return the document `name`, such as `apis/apps/v1`; raise `KeyError` if there is none."""
    group_version = name.partition("/")[2]
    listed = published()["resources"][group_version]
    if _where(group_version) != name:
        raise KeyError(name)
    group, _, version = group_version.rpartition("/")
    paths: dict[str, Any] = {}
    wanted: list[str] = []
    roots: dict[str, list[dict[str, str]]] = {}
    for each in listed:
        if "/" in each["name"]:
            continue
        kind = {"group": group, "version": version, "kind": each["kind"]}
        reference = type_names().get((each["kind"], group_version))
        if reference:
            wanted.append(reference)
            roots.setdefault(reference, []).append(kind)
        inside = "/namespaces/{namespace}" if each["namespaced"] else ""
        path = f"/{name}{inside}/{each['name']}"
        paths[path] = _operations(kind, each, ("create", "list"))
        paths[f"{path}/{{name}}"] = _operations(kind, each, ("get", "update", "patch", "delete"))
    document = {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": VERSION},
        "paths": paths,
        "components": {"schemas": _schemas(wanted, roots)},
    }
    return to_json(document)


_METHODS = {"create": "post", "list": "get", "get": "get", "update": "put", "patch": "patch", "delete": "delete"}
_WRITES = {"create", "update", "patch"}


def _operations(kind: dict[str, str], resource: dict[str, Any], verbs: tuple[str, ...]) -> dict[str, Any]:
    found = {}
    for verb in verbs:
        if verb not in resource["verbs"]:
            continue
        names = ("dryRun", "fieldManager", "fieldValidation") if verb in _WRITES else ()
        operation: dict[str, Any] = {
            "x-kubernetes-action": {"create": "post", "update": "put"}.get(verb, verb),
            "x-kubernetes-group-version-kind": kind,
            "parameters": [{"name": each, "in": "query", "schema": {"type": "string"}} for each in names],
            "responses": {"200": {"description": "OK"}},
        }
        if verb == "patch":
            operation["requestBody"] = {"content": {each: {"schema": {}} for each in _PATCHES}}
        found[_METHODS[verb]] = operation
    return found


def _schemas(wanted: list[str], roots: dict[str, list[dict[str, str]]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        about = type_of({"ref": name})
        properties = {}
        for field, facts in (about.get("fields") or {}).items():
            properties[field] = _schema(facts)
            if facts.get("ref"):
                wanted.append(facts["ref"])
        found[name] = {
            "type": "object",
            "description": about.get("text", ""),
            **({"properties": properties} if properties else {}),
            **({"required": about["required"]} if about.get("required") else {}),
            **({"x-kubernetes-group-version-kind": roots[name]} if name in roots else {}),
        }
    return found


def _schema(facts: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """Return the schema of a field with a printed type such as `[]Container` or `map[string]string`."""
    found = _typed(facts["type"], facts.get("ref", ""))
    if facts.get("enum") and "type" in found:
        found["enum"] = facts["enum"]
    return {**found, "description": facts.get("text", "")}


def _typed(printed: str, reference: str) -> dict[str, Any]:
    if printed.startswith("[]"):
        return {"type": "array", "items": _typed(printed[2:], reference)}
    if printed.startswith("map[string]"):
        return {"type": "object", "additionalProperties": _typed(printed.removeprefix("map[string]"), reference)}
    if printed in _PRIMITIVE:
        return {"type": printed}
    if reference:
        return {"allOf": [{"$ref": f"#/components/schemas/{reference}"}], "default": {}}
    return {"type": "object"}
