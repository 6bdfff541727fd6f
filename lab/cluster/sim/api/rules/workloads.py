"""Rules of deployments, replica sets, daemon sets and stateful sets."""

import re
from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object, dig, matches, meta
from lab.cluster.sim.api.rules.claims import claim_spec
from lab.cluster.sim.api.rules.metadata import selector_of, selector_value, template_metadata
from lab.cluster.sim.api.rules.names import name_problems
from lab.cluster.sim.api.rules.pods import pod_spec
from lab.cluster.sim.api.rules.wording import forbidden, invalid, invalids, negative, required, unsupported

__all__ = ["daemon_set", "deployment", "percent_of_all", "replica_set", "share", "stateful_set"]

_UNMATCHED = "`selector` does not match template `labels`"
_PERCENT = re.compile(r"[0-9]+%")
_PERCENT_RULE = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used "
    "for validation is '[0-9]+%')"
)
_FIXED = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
_CHANGEABLE = {"replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
               "persistentVolumeClaimRetentionPolicy", "minReadySeconds"}  # fmt: skip


def _template(spec: Object, path: str, kind: str = "ReplicaSet") -> Iterator[str]:
    template = spec.get("template") or {}
    yield from template_metadata(template, path)
    yield from pod_spec(template.get("spec") or {}, f"{path}.spec")
    if template.get("spec", {}).get("ephemeralContainers"):
        yield forbidden(f"{path}.spec.ephemeralContainers", "ephemeral containers not allowed in pod template")
    policy = dig(template, "spec", "restartPolicy")
    if policy not in {None, "", "Always"}:
        yield unsupported(f"{path}.spec.restartPolicy", policy, ("Always",))
    if dig(template, "spec", "activeDeadlineSeconds") is not None:
        told = f"activeDeadlineSeconds in {kind} is not Supported"
        yield forbidden(f"{path}.spec.activeDeadlineSeconds", told)


def _selected(spec: Object, called: str) -> Iterator[str]:
    """Yield the errors in a selector, and in a template that it has to select."""
    selector = spec.get("selector")
    wrong = list(selector_of(selector, "spec.selector"))
    empty = not any((selector or {}).get(part) for part in ("matchLabels", "matchExpressions"))
    if selector is None:
        yield required("spec.selector")
    yield from wrong
    if selector is not None and empty:
        yield invalid("spec.selector", selector_value(selector), f"empty selector is invalid for {called}")
    stateful = called == "statefulset"
    if wrong:
        yield invalid("spec.selector", selector_value(selector), "" if stateful else "invalid label selector")
        return
    found = dig(spec, "template", "metadata", "labels")
    if selector is None or not (empty or matches(selector, found or {})):
        yield invalid("spec.template.metadata.labels", found, _UNMATCHED)
    yield from _template(spec, "spec.template", "StatefulSet" if stateful else "ReplicaSet")


def _same_selector(item: Object, old: Object | None) -> Iterator[str]:
    selector = dig(item, "spec", "selector")
    if old is not None and _filled(dig(old, "spec", "selector")) != _filled(selector):
        yield invalid("spec.selector", selector_value(selector), "field is immutable")


def _filled(selector: Object | None) -> Object:
    return {part: value for part, value in (selector or {}).items() if value}


def deployment(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a deployment."""
    spec = item.get("spec") or {}
    yield from negative("spec.replicas", spec.get("replicas"))
    yield from _selected(spec, "deployment")
    yield from _strategy(spec.get("strategy") or {})
    for field in ("minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"):
        yield from negative(f"spec.{field}", spec.get(field))
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None and deadline <= (spec.get("minReadySeconds") or 0):
        yield invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")
    yield from _same_selector(item, old)


def _strategy(strategy: Object) -> Iterator[str]:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind not in {None, "Recreate", "RollingUpdate"}:
        yield unsupported(
            "spec.strategy", {"Type": kind, "RollingUpdate": _internal(rolling)}, ("Recreate", "RollingUpdate")
        )
    elif kind == "Recreate":
        if rolling is not None:
            told = "may not be specified when strategy `type` is 'Recreate'"
            yield forbidden("spec.strategy.rollingUpdate", told)
    else:
        yield from _rolling(rolling or {}, "spec.strategy.rollingUpdate")


def _rolling(rolling: Object, path: str) -> Iterator[str]:
    for field in ("maxUnavailable", "maxSurge"):
        yield from share(rolling.get(field), f"{path}.{field}")
    if (
        "maxUnavailable" in rolling
        and not _part(rolling["maxUnavailable"])
        and not _part(rolling.get("maxSurge", 1))
    ):
        told = "may not be 0 when `maxSurge` is 0"
        yield invalid(f"{path}.maxUnavailable", rolling["maxUnavailable"], told)
    yield from percent_of_all(rolling.get("maxUnavailable"), f"{path}.maxUnavailable")


def share(value: object, path: str) -> Iterator[str]:
    """Yield the errors in a number of pods, or a percentage of them."""
    if isinstance(value, str) and not _PERCENT.fullmatch(value):
        yield invalid(path, value, _PERCENT_RULE)
    yield from negative(path, value)


def percent_of_all(value: object, path: str) -> Iterator[str]:
    """Yield the error in a percentage of more than all."""
    if isinstance(value, str) and _PERCENT.fullmatch(value) and int(value[:-1]) > 100:
        yield invalid(path, value, "must not be greater than 100%")


def _part(value: object) -> int:
    """Return the number of a count or percentage; 0 for other words."""
    text = str(value).removesuffix("%")
    return int(text) if re.fullmatch(r"-?[0-9]+", text) else 0


def replica_set(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a replica set."""
    spec = item.get("spec") or {}
    yield from negative("spec.replicas", spec.get("replicas"))
    yield from negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    yield from _selected(spec, "deployment")
    yield from _same_selector(item, old)


def daemon_set(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a daemon set."""
    spec = item.get("spec") or {}
    selector = spec.get("selector")
    yield from _same_selector(item, old)
    wrong = list(selector_of(selector, "spec.selector"))
    yield from wrong
    found = dig(spec, "template", "metadata", "labels")
    empty = not any((selector or {}).get(part) for part in ("matchLabels", "matchExpressions"))
    if not wrong and (selector is None or not (empty or matches(selector, found or {}))):
        yield invalid("spec.template.metadata.labels", found, _UNMATCHED)
    if selector is not None and empty:
        yield invalid("spec.selector", selector_value(selector), "empty selector is invalid for daemonset")
    yield from _template(spec, "spec.template", "DaemonSet")
    yield from negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    yield from _daemon_strategy(spec.get("updateStrategy") or {}, "spec.updateStrategy")
    yield from negative("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))


def _daemon_strategy(strategy: Object, path: str) -> Iterator[str]:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind not in {None, "RollingUpdate", "OnDelete"}:
        internal = {"Type": kind, "RollingUpdate": _internal(rolling)}
        yield unsupported(path, internal, ("RollingUpdate", "OnDelete"))
    elif kind == "RollingUpdate" and rolling is not None:
        for rule in (share, percent_of_all):
            for field in ("maxUnavailable", "maxSurge"):
                yield from rule(rolling.get(field), f"{path}.rollingUpdate.{field}")
        unavailable, surge = _part(rolling.get("maxUnavailable", 1)), _part(rolling.get("maxSurge", 0))
        if unavailable and surge:
            told = "may not be set when maxUnavailable is non-zero"
            yield invalid(f"{path}.rollingUpdate.maxSurge", rolling.get("maxSurge"), told)
        elif not unavailable and not surge:
            yield required(f"{path}.rollingUpdate.maxUnavailable", "cannot be 0 when maxSurge is 0")


def _internal(rolling: Object | None) -> Object | None:
    """Return a rolling update as the API server prints it: with Go's names."""
    if rolling is None:
        return None
    return {"MaxUnavailable": rolling.get("maxUnavailable", 0), "MaxSurge": rolling.get("maxSurge", 0)}


def stateful_set(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a stateful set."""
    spec = item.get("spec") or {}
    if (policy := spec.get("podManagementPolicy") or "Parallel") not in {"OrderedReady", "Parallel"}:
        yield invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")
    yield from _stateful_strategy(spec.get("updateStrategy") or {}, "spec.updateStrategy")
    retention = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    for field in ("whenDeleted", "whenScaled"):
        if (kept := retention.get(field) or "Retain") not in {"Retain", "Delete"}:
            yield unsupported(f"spec.persistentVolumeClaimRetentionPolicy.{field}", kept, ("Retain", "Delete"))
    templates = spec.get("volumeClaimTemplates") or []
    if old is None:
        for index, template in enumerate(templates):
            yield from claim_spec(template.get("spec") or {}, f"spec.volumeClaimTemplates[{index}].spec")
    yield from negative("spec.replicas", spec.get("replicas"))
    yield from negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    yield from negative("spec.ordinals.start", dig(spec, "ordinals", "start"))
    if old is None and (name := spec.get("serviceName")):
        yield from invalids("spec.serviceName", name, name_problems(name))
    yield from _selected({**spec, "template": _claimed(spec.get("template") or {}, templates)}, "statefulset")
    if old is not None:
        before = dig(old, "spec", default={})
        if any(before.get(key) != spec.get(key) for key in {*before, *spec} - _CHANGEABLE):
            yield forbidden("spec", _FIXED)


def _claimed(template: Object, claims: list[Object]) -> Object:
    """Return a template as a stateful set's pods have it: with volumes for its claims, named by itself."""
    names = [meta(claim).get("name") or "" for claim in claims]
    spec = template.get("spec") or {}
    own = [volume for volume in spec.get("volumes") or [] if volume.get("name") not in names]
    added = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in dict.fromkeys(names)]
    changed = {"volumes": [*added, *own], "hostname": "", "subdomain": ""}
    return {**template, "spec": {**spec, **changed}}


def _stateful_strategy(strategy: Object, path: str) -> Iterator[str]:
    kind, rolling = strategy.get("type") or "RollingUpdate", strategy.get("rollingUpdate")
    shown = (
        None
        if rolling is None
        else {"Partition": rolling.get("partition") or 0, "MaxUnavailable": rolling.get("maxUnavailable")}
    )
    if kind == "OnDelete":
        if rolling is not None:
            yield invalid(f"{path}.rollingUpdate", shown, "only allowed for updateStrategy 'RollingUpdate'")
    elif kind == "RollingUpdate":
        yield from negative(f"{path}.rollingUpdate.partition", (rolling or {}).get("partition"))
    else:
        yield invalid(path, {"Type": kind, "RollingUpdate": shown}, "must be 'RollingUpdate' or 'OnDelete'")
