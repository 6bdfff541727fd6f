"""Rules of the workloads: deployments, replica sets, daemon sets, stateful sets, jobs and cron jobs."""

import re
from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object, dig, matches
from lab.cluster.sim.api.rules.metadata import selector_of, template_metadata
from lab.cluster.sim.api.rules.pods import pod_spec
from lab.cluster.sim.api.rules.wording import forbidden, invalid, negative, required, unsupported

__all__ = ["cron_job", "daemon_set", "deployment", "job", "replica_set", "stateful_set"]

_UNMATCHED = "`selector` does not match template `labels`"
_FIXED = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
_CHANGEABLE = {"replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
               "persistentVolumeClaimRetentionPolicy", "minReadySeconds"}  # fmt: skip


def _template(spec: Object, path: str) -> Iterator[str]:
    template = spec.get("template") or {}
    yield from template_metadata(template, path)
    yield from pod_spec(template.get("spec") or {}, f"{path}.spec")
    policy = dig(template, "spec", "restartPolicy")
    if policy not in {None, "Always"}:
        yield unsupported(f"{path}.spec.restartPolicy", policy, ("Always",))
    if dig(template, "spec", "activeDeadlineSeconds") is not None:
        yield forbidden(
            f"{path}.spec.activeDeadlineSeconds", "activeDeadlineSeconds in ReplicaSet is not Supported"
        )


def _selected(spec: Object, called: str) -> Iterator[str]:
    """Yield the errors in a selector, and in a template that it has to select."""
    selector = spec.get("selector")
    wrong = list(selector_of(selector, "spec.selector"))
    empty = not any((selector or {}).get(part) for part in ("matchLabels", "matchExpressions"))
    if selector is None:
        yield required("spec.selector")
    yield from wrong
    if selector is not None and empty:
        yield invalid("spec.selector", selector, f"empty selector is invalid for {called}")
    if wrong:
        yield invalid("spec.selector", selector, "invalid label selector")
        return
    found = dig(spec, "template", "metadata", "labels")
    if selector is None or not (empty or matches(selector, found or {})):
        yield invalid("spec.template.metadata.labels", found, _UNMATCHED)
    yield from _template(spec, "spec.template")


def _same_selector(item: Object, old: Object | None) -> Iterator[str]:
    selector = dig(item, "spec", "selector")
    if old is not None and _filled(dig(old, "spec", "selector")) != _filled(selector):
        yield invalid("spec.selector", selector, "field is immutable")


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
        yield unsupported("spec.strategy", {"Type": kind, "RollingUpdate": rolling}, ("Recreate", "RollingUpdate"))
    elif kind == "Recreate":
        if rolling is not None:
            told = "may not be specified when strategy `type` is 'Recreate'"
            yield forbidden("spec.strategy.rollingUpdate", told)
    else:
        yield from _rolling(rolling or {}, "spec.strategy.rollingUpdate")


def _rolling(rolling: Object, path: str) -> Iterator[str]:
    for field in ("maxUnavailable", "maxSurge"):
        value = rolling.get(field)
        if isinstance(value, str) and not re.fullmatch(r"[0-9]+%", value):
            told = (
                "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', "
                "regex used for validation is '[0-9]+%')"
            )
            yield invalid(f"{path}.{field}", value, told)
        yield from negative(f"{path}.{field}", value)
    nothing = {"0%", 0}
    if rolling.get("maxUnavailable") in nothing and rolling.get("maxSurge") in nothing:
        told = "may not be 0 when `maxSurge` is 0"
        yield invalid(f"{path}.maxUnavailable", rolling["maxUnavailable"], told)


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
        yield invalid("spec.selector", selector, "empty selector is invalid for daemonset")
    yield from _template(spec, "spec.template")
    for field in ("minReadySeconds", "revisionHistoryLimit"):
        yield from negative(f"spec.{field}", spec.get(field))
    kind = dig(spec, "updateStrategy", "type")
    if kind not in {None, "RollingUpdate", "OnDelete"}:
        yield unsupported("spec.updateStrategy.type", kind, ("RollingUpdate", "OnDelete"))


def stateful_set(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a stateful set."""
    spec = item.get("spec") or {}
    if spec.get("podManagementPolicy") not in {None, "OrderedReady", "Parallel"}:
        told = f"must be '{'OrderedReady'}' or '{'Parallel'}'"
        yield invalid("spec.podManagementPolicy", spec["podManagementPolicy"], told)
    yield from negative("spec.replicas", spec.get("replicas"))
    yield from negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    yield from _selected(spec, "statefulset")
    if old is not None:
        before = dig(old, "spec", default={})
        if any(before.get(key) != spec.get(key) for key in {*before, *spec} - _CHANGEABLE):
            yield forbidden("spec", _FIXED)


def job(item: Object, _old: Object | None) -> Iterator[str]:
    """Yield the errors in a job."""
    yield from _job(item.get("spec") or {}, "spec")


def _job(spec: Object, path: str) -> Iterator[str]:
    for field in (
        "parallelism",
        "completions",
        "backoffLimit",
        "activeDeadlineSeconds",
        "ttlSecondsAfterFinished",
    ):
        yield from negative(f"{path}.{field}", spec.get(field))
    template = spec.get("template") or {}
    yield from template_metadata(template, f"{path}.template")
    yield from pod_spec(template.get("spec") or {}, f"{path}.template.spec")
    policy = dig(template, "spec", "restartPolicy")
    if policy in {None, "Always"}:
        yield required(f"{path}.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"')
    elif policy not in {"OnFailure", "Never"}:
        yield unsupported(f"{path}.template.spec.restartPolicy", policy, ("OnFailure", "Never"))


def cron_job(item: Object, _old: Object | None) -> Iterator[str]:
    """Yield the errors in a cron job."""
    spec = item.get("spec") or {}
    yield from _job(dig(spec, "jobTemplate", "spec", default={}), "spec.jobTemplate.spec")
    if not spec.get("schedule"):
        yield required("spec.schedule")
    if spec.get("concurrencyPolicy") not in {None, "Allow", "Forbid", "Replace"}:
        yield unsupported("spec.concurrencyPolicy", spec["concurrencyPolicy"], ("Allow", "Forbid", "Replace"))
    for field in ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        yield from negative(f"spec.{field}", spec.get(field))
