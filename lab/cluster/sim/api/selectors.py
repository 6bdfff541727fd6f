"""Label and field selectors as typed."""

import re

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import Kind
from lab.cluster.sim.api.objects import Object, dig, labels

__all__ = ["check_selectors", "field_matches", "label_matches"]

_SET = re.compile(r"^\s*(\S+)\s+(in|notin)\s*\(([^)]*)\)\s*$")


#: Fields for field selectors, for kinds with more than name and namespace.
_FIELDS = {
    "Pod": (
        "spec.nodeName spec.restartPolicy spec.schedulerName spec.serviceAccountName spec.hostNetwork "
        "status.phase status.podIP status.podIPs status.nominatedNodeName"
    ),
    "Event": (
        "involvedObject.kind involvedObject.namespace involvedObject.name involvedObject.uid "
        "involvedObject.apiVersion involvedObject.resourceVersion involvedObject.fieldPath reason "
        "reportingComponent source type"
    ),
    "Namespace": "status.phase",
    "Node": "spec.unschedulable",
    "Secret": "type",
    "ReplicaSet": "status.replicas",
    "Service": "spec.clusterIP spec.type",
}


def check_selectors(kind: Kind, labels_: str, fields: str) -> None:
    """Raise `ApiError` if a selector can't be parsed or uses an unsupported field."""
    why = ""
    for part in filter(str.strip, re.split(r",(?![^(]*\))", labels_)):
        words = part.split()
        if len(words) > 1 and not _SET.match(part) and not re.search(r"[=!<>]", part):
            why = f"unable to parse requirement: found '{words[1]}', expected: in, notin, =, ==, !=, gt, lt"
    known = {"metadata.name", "metadata.namespace", *_FIELDS.get(kind.kind, "").split()}
    for part in filter(str.strip, fields.split(",")):
        path = re.split(r"!?==?", part)[0].strip()
        if re.search("=", part) and path not in known:
            why = why or f"field label not supported: {path}"
    if why:
        resource = f"{kind.group}/{kind.version}, Resource={kind.plural}"
        raise ApiError.bad_request(
            f'Unable to find "{resource}" that match label selector "{labels_}", field selector "{fields}": {why}'
        )


def label_matches(selector: str, item: Object) -> bool:
    """Whether `selector` (`a=b,c!=d,e in (f,g),h,!i`) selects the object's labels."""
    return all(
        _requirement(part.strip(), labels(item)) for part in re.split(r",(?![^(]*\))", selector) if part.strip()
    )


def _requirement(part: str, found: dict[str, str]) -> bool:
    by_set = _SET.match(part)
    if by_set:
        key, operator, text = by_set.groups()
        values = {value.strip() for value in text.split(",")}
        return (found.get(key) in values) == (operator == "in")
    for operator in ("!=", "==", "="):
        key, found_operator, value = part.partition(operator)
        if found_operator:
            return (found.get(key.strip()) == value.strip()) == (operator != "!=")
    return part[1:] not in found if part.startswith("!") else part in found


def field_matches(selector: str, item: Object) -> bool:
    """Whether `selector` (`status.phase!=Running,spec.nodeName=x`) selects the object's fields."""
    return all(_field(part.strip(), item) for part in selector.split(",") if part.strip())


def _field(part: str, item: Object) -> bool:
    for operator in ("!=", "==", "="):
        path, found, value = part.partition(operator)
        if found:
            actual = dig(item, *path.strip().split("."), default="")
            if isinstance(actual, bool):
                actual = str(actual).lower()
            return (str(actual) == value.strip()) == (operator != "!=")
    raise ApiError.bad_request(f"invalid field selector: '{part}'; can't understand '{part}'")
