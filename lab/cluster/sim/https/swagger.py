"""OpenAPI of version 2 (/openapi/v2), made of the documents of version 3. As JSON alone, not as protobuf."""

import functools
import json
from typing import Any

from pydantic_core import to_json

from lab.cluster.sim.https.publishing import openapi, openapi_index

__all__ = ["swagger"]

_SCHEMAS, _DEFINITIONS = "#/components/schemas/", "#/definitions/"


@functools.cache
def swagger() -> bytes:
    """Return the document."""
    paths: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    info: dict[str, Any] = {}
    for name in openapi_index()["paths"]:
        document = json.loads(openapi(name))
        info = document["info"]
        definitions |= {each: _older(schema) for each, schema in document["components"]["schemas"].items()}
        for path, operations in document["paths"].items():
            paths[path] = {method: _operation(path, asked) for method, asked in operations.items()}
    return to_json(
        {"swagger": "2.0", "info": info, "paths": paths, "definitions": dict(sorted(definitions.items()))}
    )


def _operation(path: str, asked: dict[str, Any]) -> dict[str, Any]:
    found = {key: value for key, value in asked.items() if key not in {"parameters", "requestBody"}}
    if "requestBody" in asked:
        found["consumes"] = list(asked["requestBody"]["content"])
    inside = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    given = [{"name": each, "in": "path", "required": True, "type": "string"} for each in inside]
    return {**found, "parameters": given + [
        {"name": each["name"], "in": each["in"], **each["schema"]} for each in asked["parameters"]
    ]}  # fmt: skip


def _older(schema: Any) -> Any:  # noqa: ANN401 -- JSON
    """Return a schema of version 3 as one of version 2: a reference stands for itself."""
    if isinstance(schema, list):
        return [_older(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    reference = (schema.get("allOf") or [{}])[0].get("$ref") or schema.get("$ref")
    if isinstance(reference, str):
        kept = {key: value for key, value in schema.items() if key == "description"}
        return {**kept, "$ref": reference.replace(_SCHEMAS, _DEFINITIONS)}
    return {key: _older(value) for key, value in schema.items()}
