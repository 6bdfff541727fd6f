"""Parts of a list: `limit` and `continue`, and the forms in which clients take lists."""

import base64
import binascii
import json

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.objects import Object

__all__ = ["page", "partial", "shown_table"]

_METADATA = {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata"}


def _key(entry: Object) -> list[str]:
    metadata = entry.get("object", entry).get("metadata") or {}
    return [metadata.get("namespace", ""), metadata.get("name", "")]


def page(listed: Object, limit: str, start: str) -> Object:
    """Return the part of a list or a table that `limit` and `continue` ask for; raise `ApiError`."""
    name = "rows" if "rows" in listed else "items"
    entries = listed.get(name)
    if entries is None or not (start or (limit.isdigit() and int(limit))):
        return listed
    revision = (listed.get("metadata") or {}).get("resourceVersion", "")
    if start:
        try:
            token = json.loads(base64.urlsafe_b64decode(start + "=" * (-len(start) % 4)))
            after, revision = list(token["start"]), token["rv"]
        except (ValueError, KeyError, TypeError, binascii.Error):
            raise ApiError.bad_request("continue key is not valid: invalid continue token") from None
        entries = [entry for entry in entries if _key(entry) > after]
    metadata = {**(listed.get("metadata") or {}), "resourceVersion": revision}
    metadata.pop("remainingItemCount", None)
    most = int(limit) if limit.isdigit() else 0
    if 0 < most < len(entries):
        token = {"v": "meta.k8s.io/v1", "rv": revision, "start": _key(entries[most - 1])}
        coded = base64.urlsafe_b64encode(json.dumps(token).encode()).decode().rstrip("=")
        metadata |= {"continue": coded, "remainingItemCount": len(entries) - most}
        entries = entries[:most]
    return {**listed, "metadata": metadata, name: entries}


def partial(item: Object) -> Object:
    """Return only the metadata of an object, or of the objects of a list."""
    if "items" in item:
        listed = [partial(each) for each in item["items"]]
        return {**_METADATA, "kind": "PartialObjectMetadataList", "metadata": item["metadata"], "items": listed}
    return {**_METADATA, "metadata": item.get("metadata") or {}}


def shown_table(table: Object, include: str, revision: str = "") -> Object:
    """Return a table as clients want it: with types of columns, and with the part of each object to `include`."""
    columns = [
        {"name": each["name"], "type": "string", "format": "name" if each["name"] == "Name" else "",
         "description": "", "priority": each["priority"]}
        for each in table["columnDefinitions"]
    ]  # fmt: skip
    rows = []
    for row in table["rows"]:
        item = row["object"]
        if include != "Object":
            item = partial(item)
        rows.append({"cells": row["cells"], **({} if include == "None" else {"object": item})})
    metadata = {"resourceVersion": revision} if revision else table.get("metadata") or {}
    return {**table, "metadata": metadata, "columnDefinitions": columns, "rows": rows}
