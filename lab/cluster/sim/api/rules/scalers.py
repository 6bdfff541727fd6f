"""Rules of horizontal pod autoscalers."""

from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.api.rules.names import name_problems, path_segment_problems
from lab.cluster.sim.api.rules.references import kind_and_name
from lab.cluster.sim.api.rules.resources import amount, container_resource
from lab.cluster.sim.api.rules.wording import forbidden, invalid, invalids, required, unsupported

__all__ = ["scaler"]

#: Each source's field, in the order in which the API server looks at them, and the type that needs it.
_SOURCES = {"object": "Object", "external": "External", "pods": "Pods", "resource": "Resource",
            "containerResource": "ContainerResource"}  # fmt: skip
_TYPES = tuple(sorted(_SOURCES.values()))
_BOTH = "may not set both a target raw value and a target utilization"
_EITHER = "must set either a target raw value or a target utilization"


def scaler(item: Object, _old: Object | None) -> Iterator[str]:
    """Yield the errors in a horizontal pod autoscaler."""
    spec = item.get("spec") or {}
    least, most = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    if least is not None and least < 1:
        yield invalid("spec.minReplicas", least, "must be greater than or equal to 1")
    if most < 1:
        yield invalid("spec.maxReplicas", most, "must be greater than 0")
    if most < (1 if least is None else least):
        yield invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
    target = spec.get("scaleTargetRef") or {}
    yield from _target(target, "spec.scaleTargetRef", grouped=target.get("kind") != "ReplicationController")
    for index, metric in enumerate(spec.get("metrics") or []):
        yield from _metric(metric, f"spec.metrics[{index}]")
    if least == 0 and not any(each.get("type") in {"Object", "External"} for each in spec.get("metrics") or []):
        told = "must specify at least one Object or External metric to support scaling to zero replicas"
        yield forbidden("spec.metrics", told)
    for side in ("scaleUp", "scaleDown"):
        rules = (spec.get("behavior") or {}).get(side)
        if rules is not None:
            yield from _rules(rules, f"spec.behavior.{side}")


def _target(found: Object, path: str, *, grouped: bool) -> Iterator[str]:
    """Yield the errors in a reference; `grouped` is whether it has to name a group."""
    yield from kind_and_name(found, path)
    version = found.get("apiVersion") or ""
    if version.count("/") > 1:
        yield invalid(f"{path}.apiVersion", version, f"unexpected GroupVersion string: {version}")
    elif grouped and "/" not in version:
        yield invalid(f"{path}.apiVersion", version, "apiVersion must specify API group")


def _metric(metric: Object, path: str) -> Iterator[str]:
    kind = metric.get("type") or ""
    if not kind:
        yield required(f"{path}.type", "must specify a metric source type")
    if kind not in _TYPES:
        yield unsupported(f"{path}.type", kind, _TYPES)
    given = [field for field in _SOURCES if metric.get(field) is not None]
    for field in given[:1]:
        yield from _source(field, metric[field], f"{path}.{field}")
    expected = next((field for field, word in _SOURCES.items() if word == kind), "")
    if not expected:
        yield unsupported(f"{path}.type", kind, _TYPES)
    elif expected not in given:
        yield required(f"{path}.{expected}", "must populate information for the given metric source")
    if len(given) != 1:
        for field in given:
            if field != expected:
                yield forbidden(f"{path}.{field}", "must populate the given metric source only")


def _source(field: str, found: Object, path: str) -> Iterator[str]:
    if field in {"resource", "containerResource"}:
        yield from _resource(field, found, path)
        return
    if field == "object":
        yield from _target(found.get("describedObject") or {}, f"{path}.describedObject", grouped=False)
    name = (found.get("metric") or {}).get("name") or ""
    if not name:
        yield required(f"{path}.metric.name", "must specify a metric name")
    else:
        yield from invalids(f"{path}.metric.name", name, path_segment_problems(name))
    target = found.get("target") or {}
    yield from _amounts(target, f"{path}.target")
    value, average = target.get("value"), target.get("averageValue")
    if field == "pods":
        if average is None:
            yield required(f"{path}.target.averageValue", "must specify a positive target averageValue")
    elif value is None and average is None:
        either = "averageValue" if field == "object" else "value for metric or a per-pod target"
        told = (
            f"must set either a target value or {either}"
            if field == "object"
            else f"must set either a target {either}"
        )
        yield required(f"{path}.target.averageValue", told)
    elif field == "external" and value is not None and average is not None:
        told = "may not set both a target value for metric and a per-pod target"
        yield forbidden(f"{path}.target.value", told)


def _resource(field: str, found: Object, path: str) -> Iterator[str]:
    name, container, target = found.get("name") or "", found.get("container") or "", found.get("target") or {}
    if not name:
        yield required(f"{path}.name", "must specify a resource name")
    elif field == "containerResource":
        yield from container_resource(name, f"{path}.name")
    if field == "containerResource":
        if not container:
            yield required(f"{path}.container", "must specify a container")
        else:
            yield from invalids(f"{path}.container", container, name_problems(container))
    yield from _amounts(target, f"{path}.target")
    share, average = target.get("averageUtilization"), target.get("averageValue")
    if share is None and average is None:
        yield required(f"{path}.target.averageUtilization", _EITHER)
    elif share is not None and average is not None:
        yield forbidden(f"{path}.target.averageValue", _BOTH)


def _amounts(target: Object, path: str) -> Iterator[str]:
    kind = target.get("type") or ""
    if not kind:
        yield required(f"{path}.type", "must specify a metric target type")
    if kind not in {"Utilization", "Value", "AverageValue"}:
        yield invalid(f"{path}.type", kind, "must be either Utilization, Value, or AverageValue")
    for field in ("value", "averageValue"):
        if target.get(field) is not None and amount(target[field]) <= 0:
            yield invalid(f"{path}.{field}", str(target[field]), "must be positive")
    share = target.get("averageUtilization")
    if share is not None and share < 1:
        yield invalid(f"{path}.averageUtilization", share, "must be greater than 0")


def _rules(rules: Object, path: str) -> Iterator[str]:
    seconds, chosen, policies = (
        rules.get("stabilizationWindowSeconds"),
        rules.get("selectPolicy"),
        rules.get("policies") or [],
    )
    if seconds is not None and seconds < 0:
        yield invalid(f"{path}.stabilizationWindowSeconds", seconds, "must be greater than or equal to zero")
    if seconds is not None and seconds > 3600:
        yield invalid(f"{path}.stabilizationWindowSeconds", seconds, "must be less than or equal to 3600")
    if chosen not in {None, "Max", "Min", "Disabled"}:
        yield unsupported(f"{path}.selectPolicy", chosen, ("Disabled", "Max", "Min"))
    if not policies:
        yield required(f"{path}.policies", "must specify at least one Policy")
    for index, policy in enumerate(policies):
        where, period = f"{path}.policies[{index}]", policy.get("periodSeconds") or 0
        if (kind := policy.get("type") or "") not in {"Pods", "Percent"}:
            yield unsupported(f"{where}.type", kind, ("Percent", "Pods"))
        for field in ("value", "periodSeconds"):
            if (policy.get(field) or 0) <= 0:
                yield invalid(f"{where}.{field}", policy.get(field) or 0, "must be greater than zero")
        if period > 1800:
            yield invalid(f"{where}.periodSeconds", period, "must be less than or equal to 1800")
