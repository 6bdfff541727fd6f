"""Label and field selectors as typed."""

import re

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import Kind
from lab.cluster.sim.api.label_selectors import SelectorError, parsed
from lab.cluster.sim.api.objects import Object, dig, labels

__all__ = ["check_selectors", "field_matches", "label_matches"]

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
_TERM = re.compile(r"(?P<path>[^=!]*)(?P<operator>!=|==|=)(?P<value>.*)\Z", re.DOTALL)


def check_selectors(kind: Kind, labels_: str, fields: str) -> None:
    """Raise `ApiError` if a selector can't be parsed or uses an unsupported field."""
    why = _label_problem(labels_) or _field_problem(kind, fields)
    if why:
        resource = f"{kind.group}/{kind.version}, Resource={kind.plural}"
        raise ApiError.bad_request(
            f'Unable to find "{resource}" that match label selector "{labels_}", field selector "{fields}": {why}'
        )


def _label_problem(selector: str) -> str:
    try:
        parsed(selector)
    except SelectorError as error:
        return str(error)
    return ""


def _field_problem(kind: Kind, fields: str) -> str:
    own = _FIELDS.get(kind.kind)
    known = {"metadata.name", *(own or "").split()} | (
        {"metadata.namespace"} if kind.namespaced or not own else set()
    )
    for part in filter(None, fields.split(",")):
        term = _TERM.match(part)
        if term is None:
            return f"invalid selector: '{fields}'; can't understand '{part}'"
        path = term["path"]
        if path in known or (not path and not term["value"]):
            continue
        if own:
            return f"field label not supported: {path}"
        return f'"{path}" is not a known field selector: only "metadata.name", "metadata.namespace"'
    return ""


def label_matches(selector: str, item: Object) -> bool:
    """Whether `selector` (`a=b,c!=d,e in (f,g),h,!i`) selects the object's labels; a wrong one selects nothing."""
    try:
        return all(requirement.holds(labels(item)) for requirement in parsed(selector))
    except SelectorError:
        return False


def field_matches(selector: str, item: Object) -> bool:
    """Whether `selector` (`status.phase!=Running,spec.nodeName=x`) selects the object's fields."""
    return all(_field(part, item) for part in filter(None, selector.split(",")))


def _field(part: str, item: Object) -> bool:
    term = _TERM.match(part)
    if term is None:
        return False
    if not term["path"]:
        return True
    actual = dig(item, *term["path"].split("."), default="")
    if isinstance(actual, bool):
        actual = str(actual).lower()
    return (str(actual) == term["value"]) == (term["operator"] != "!=")
