"""Extract the data of `kubectl explain` from a running cluster: `python -m tests.conformance.schema LAB`.

Writes lab/cluster/sim/data/explain.json.gz, from /openapi/v3 of the lab's API server.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

from lab.cluster.sim.api.kinds import KINDS
from lab.lab import Lab

TARGET = Path(__file__).parents[2] / "lab" / "cluster" / "sim" / "data" / "explain.json.gz"


def condensed(documents: list[dict[str, Any]]) -> bytes:
    """Return the simulator's kinds, and all their types, from OpenAPI documents."""
    schemas: dict[str, Any] = {}
    for document in documents:
        schemas |= document["components"]["schemas"]
    known = {(kind.group, kind.version, kind.kind) for kind in KINDS}
    roots = {}
    for name, schema in schemas.items():
        for each in schema.get("x-kubernetes-group-version-kind", []):
            if (each["group"], each["version"], each["kind"]) in known:
                roots[each["kind"]] = name
    types: dict[str, Any] = {}
    waiting = list(roots.values())
    while waiting:
        name = waiting.pop()
        if name not in types:
            types[name] = _type(schemas[name], schemas)
            waiting += [field["ref"] for field in types[name].get("fields", {}).values() if "ref" in field]
    data = json.dumps({"kinds": roots, "types": types}, separators=(",", ":"), sort_keys=True)
    return gzip.compress(data.encode(), mtime=0)


def _type(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    fields = {name: _field(each, schemas) for name, each in schema.get("properties", {}).items()}
    made = {"text": schema.get("description", ""), "fields": fields, "required": schema.get("required", [])}
    return {key: value for key, value in made.items() if value}


def _field(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    shown, inner = "", schema
    while inner.get("type") == "array" or "additionalProperties" in inner:
        shown += "[]" if inner.get("type") == "array" else "map[string]"
        inner = inner["items"] if inner.get("type") == "array" else inner["additionalProperties"]
    referred = (inner.get("allOf") or [inner])[0].get("$ref", "").rpartition("/")[2]
    simple = schemas.get(referred, inner).get("type", "Object")
    # A named string type (a time) is shown as a string.
    of = referred.rpartition(".")[2] if referred and simple != "string" else simple.replace("object", "Object")
    made = {
        "type": shown + of,
        "ref": referred,
        "text": schema.get("description", ""),
        "enum": schema.get("enum", []),
    }
    return {key: value for key, value in made.items() if value}


def main() -> None:
    """Read, condense and write."""
    node = Lab.open(sys.argv[1]).cluster.control_plane

    def raw(path: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(node.run(["kubectl", "get", "--raw", path], timeout=60).check().stdout)
        return found

    groups = sorted(
        {f"apis/{kind.group}/{kind.version}" if kind.group else f"api/{kind.version}" for kind in KINDS}
    )
    published = raw("/openapi/v3")["paths"]
    TARGET.write_bytes(condensed([raw(f"/openapi/v3/{group}") for group in groups if group in published]))


if __name__ == "__main__":
    main()
