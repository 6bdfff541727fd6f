"""Rules of jobs and cron jobs."""

import re
import zoneinfo
from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object, dig, matches, meta, name_of
from lab.cluster.sim.api.rules.cron import schedule_problem
from lab.cluster.sim.api.rules.metadata import selector_of, selector_value, template_metadata
from lab.cluster.sim.api.rules.names import domain_path_problems, key_problems, name_problems
from lab.cluster.sim.api.rules.pods import pod_spec
from lab.cluster.sim.api.rules.wording import (
    duplicate,
    invalid,
    invalids,
    negative,
    required,
    shown,
    too_long,
    too_many,
    unsupported,
)

__all__ = ["cron_job", "job"]

_COUNTS = ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished",
           "backoffLimitPerIndex", "maxFailedIndexes")  # fmt: skip
_FIXED = ("completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy")
_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_OPERATORS = ("In", "NotIn")
_STATES = ("False", "True", "Unknown")
_IMMUTABLE = "field is immutable"
_UNMATCHED = "`selector` does not match template `labels`"
_MANY = 100_000


def job(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a job."""
    spec = item.get("spec") or {}
    if old is None:
        yield from _generated(item, spec)
    yield from _job(spec, "spec")
    selector, found = spec.get("selector"), dig(spec, "template", "metadata", "labels")
    wrong = list(selector_of(selector, "spec.selector"))
    yield from wrong
    if selector is None:
        yield required("spec.selector")
    if not wrong and (selector is None or not matches(selector, found or {})):
        yield invalid("spec.template.metadata.labels", found, _UNMATCHED)
    if old is not None:
        yield from _fixed(spec, old.get("spec") or {})
    elif spec.get("completionMode") == "Indexed" and (spec.get("completions") or 0) > 0:
        last = f"{name_of(item)}-{spec['completions'] - 1}"
        if name_problems(last):
            told = f"will not able to create pod with invalid DNS label: {last}"
            yield invalid("metadata.name", name_of(item), told)


def _fixed(spec: Object, before: Object) -> Iterator[str]:
    if spec.get("completions") != before.get("completions"):
        if spec.get("completionMode") != "Indexed":
            yield invalid("spec.completions", spec.get("completions"), _IMMUTABLE)
        elif spec.get("completions") is not None and spec["completions"] != spec.get("parallelism"):
            told = "can only be modified in tandem with spec.parallelism"
            yield invalid("spec.completions", spec["completions"], told)
    if spec.get("selector") != before.get("selector"):
        yield invalid("spec.selector", selector_value(spec.get("selector")), _IMMUTABLE)
    for field in _FIXED:
        if spec.get(field) != before.get(field):
            yield invalid(f"spec.{field}", spec.get(field), _IMMUTABLE)


def _generated(item: Object, spec: Object) -> Iterator[str]:
    """Yield the errors in labels that the API server adds unless the job has a selector of its own."""
    if spec.get("manualSelector") or spec.get("selector") is None:
        return
    found, path = dig(spec, "template", "metadata", "labels", default={}), "spec.template.metadata.labels"
    own = {"controller-uid": meta(item).get("uid", ""), "job-name": name_of(item)}
    expected = own | {f"batch.kubernetes.io/{key}": value for key, value in own.items()}
    for key, value in expected.items():
        if key not in found:
            yield required(f"{path}[{key}]", f"must be '{value}'")
        elif found[key] != value:
            yield invalid(f"{path}[{key}]", found[key], f"must be '{value}'")
    if not list(selector_of(spec["selector"], "")) and not matches(spec["selector"], expected):
        yield invalid("spec.selector", spec["selector"], "`selector` not auto-generated")


def _job(spec: Object, path: str) -> Iterator[str]:
    for field in _COUNTS:
        yield from negative(f"{path}.{field}", spec.get(field))
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        yield required(f"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified")
    if (manager := spec.get("managedBy")) is not None:
        yield from domain_path_problems(manager, f"{path}.managedBy")
        if len(manager.encode()) > 63:
            yield too_long(f"{path}.managedBy", 63)
    yield from _completion(spec, path)
    if (policy := spec.get("podFailurePolicy")) is not None:
        yield from _failure_policy(policy, spec, f"{path}.podFailurePolicy.rules")
    yield from _success_policy(spec, f"{path}.successPolicy")
    replacement, known = spec.get("podReplacementPolicy"), ["Failed", "TerminatingOrFailed"]
    if replacement is not None:
        known = known[:1] if spec.get("podFailurePolicy") is not None else known
        if replacement not in known:
            yield unsupported(f"{path}.podReplacementPolicy", replacement, known)
    yield from _pods(spec, path)


def _pods(spec: Object, path: str) -> Iterator[str]:
    template = spec.get("template") or {}
    yield from template_metadata(template, f"{path}.template")
    yield from pod_spec(template.get("spec") or {}, f"{path}.template.spec")
    where, policy = f"{path}.template.spec.restartPolicy", dig(template, "spec", "restartPolicy")
    if policy in {None, "", "Always"}:
        yield required(where, 'valid values: "OnFailure", "Never"')
    elif policy not in {"OnFailure", "Never"}:
        yield unsupported(where, policy, ("OnFailure", "Never"))
    elif spec.get("podFailurePolicy") is not None and policy != "Never":
        yield invalid(where, policy, 'only "Never" is supported when podFailurePolicy is specified')


def _completion(spec: Object, path: str) -> Iterator[str]:
    mode = spec.get("completionMode")
    if mode not in {None, "NonIndexed", "Indexed"}:
        yield unsupported(f"{path}.completionMode", mode, ("NonIndexed", "Indexed"))
    if mode == "Indexed":
        yield from _indexed(spec, path)
    if mode in {None, "NonIndexed"}:
        for field in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(field) is not None:
                yield invalid(f"{path}.{field}", spec[field], "requires indexed completion mode")


def _indexed(spec: Object, path: str) -> Iterator[str]:
    completions, failed = spec.get("completions"), spec.get("maxFailedIndexes")
    parallelism = spec.get("parallelism") or 0
    if completions is None:
        yield required(f"{path}.completions", "when completion mode is Indexed")
    if parallelism > _MANY:
        told = f"must be less than or equal to {_MANY} when completion mode is Indexed"
        yield invalid(f"{path}.parallelism", parallelism, told)
    if completions is not None and failed is not None and failed > completions:
        yield invalid(f"{path}.maxFailedIndexes", failed, "must be less than or equal to completions")
    if (failed or 0) > _MANY:
        yield invalid(f"{path}.maxFailedIndexes", failed, f"must be less than or equal to {_MANY}")
    if (completions or 0) > _MANY and spec.get("backoffLimitPerIndex") is not None:
        yield from _large(parallelism, failed, path)


def _large(parallelism: int, failed: int | None, path: str) -> Iterator[str]:
    high = f"when completions are above {_MANY} and used with backoff limit per index"
    told = f"must be less than or equal to 10000 {high}"
    if failed is None:
        yield required(f"{path}.maxFailedIndexes", f"must be specified when completions is above {_MANY}")
    if parallelism > 10_000:
        yield invalid(f"{path}.parallelism", parallelism, told)
    if failed is not None and failed > 10_000:
        yield invalid(f"{path}.maxFailedIndexes", failed, told)


def _failure_policy(policy: Object, spec: Object, path: str) -> Iterator[str]:
    rules = policy.get("rules") or []
    if len(rules) > 20:
        yield too_many(path, len(rules), 20)
    pod = dig(spec, "template", "spec", default={})
    names = {each.get("name") for kind in ("containers", "initContainers") for each in pod.get(kind) or []}
    for index, rule in enumerate(rules):
        where, action = f"{path}[{index}]", rule.get("action") or ""
        codes, conditions = rule.get("onExitCodes"), rule.get("onPodConditions") or []
        if not action:
            yield required(f"{where}.action", f"valid values: {_listed(_ACTIONS)}")
        elif action not in _ACTIONS:
            yield unsupported(f"{where}.action", action, _ACTIONS)
        elif action == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
            yield invalid(f"{where}.action", action, "requires the backoffLimitPerIndex to be set")
        if codes is not None:
            yield from _exit_codes(codes, names, f"{where}.onExitCodes")
        yield from _conditions(conditions, f"{where}.onPodConditions")
        if codes is not None and conditions:
            yield f"{where}: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported"
        if codes is None and not conditions:
            yield f"{where}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required"


def _conditions(found: list[Object], path: str) -> Iterator[str]:
    for index, each in enumerate(found):
        where, kind, status = f"{path}[{index}]", each.get("type") or "", each.get("status") or "True"
        yield from invalids(f"{where}.type", kind, key_problems(kind))
        if status not in _STATES:
            yield unsupported(f"{where}.status", status, _STATES)


def _listed(words: tuple[str, ...]) -> str:
    return f"[{' '.join(shown(word) for word in words)}]"


def _exit_codes(codes: Object, names: set[str | None], path: str) -> Iterator[str]:
    operator, container, values = (
        codes.get("operator") or "",
        codes.get("containerName"),
        codes.get("values") or [],
    )
    if not operator:
        yield required(f"{path}.operator", f"valid values: {_listed(_OPERATORS)}")
    elif operator not in _OPERATORS:
        yield unsupported(f"{path}.operator", operator, _OPERATORS)
    if container is not None and container not in names:
        told = "must be one of the container or initContainer names in the pod template"
        yield invalid(f"{path}.containerName", container, told)
    if not values:
        yield invalid(f"{path}.values", codes.get("values"), "at least one value is required")
    elif len(values) > 255:
        yield too_many(f"{path}.values", len(values), 255)
    for index, value in enumerate(values):
        if operator == "In" and value == 0:
            yield invalid(f"{path}.values[{index}]", value, "must not be 0 for the In operator")
        if value in values[:index]:
            yield duplicate(f"{path}.values[{index}]", value)
    if values != sorted(values):
        yield invalid(f"{path}.values", values, "must be ordered")


def _success_policy(spec: Object, path: str) -> Iterator[str]:
    policy, completions = spec.get("successPolicy"), spec.get("completions")
    if policy is None:
        return
    rules = policy.get("rules") or []
    if spec.get("completionMode") != "Indexed":
        internal = [
            {"SucceededIndexes": each.get("succeededIndexes"), "SucceededCount": each.get("succeededCount")}
            for each in rules
        ]
        value = {"Rules": internal or policy.get("rules")}
        yield f'{path}: Invalid value: {{"Rules":{shown(value["Rules"])}}}: requires indexed completion mode'
        return
    if not rules:
        told = "at least one rules must be specified when the successPolicy is specified"
        yield required(f"{path}.rules", told)
    for index, rule in enumerate(rules):
        where, count = f"{path}.rules[{index}]", rule.get("succeededCount")
        if count is None and rule.get("succeededIndexes") is None:
            yield required(where, "at least one of succeededCount or succeededIndexes must be specified")
        if count is not None:
            yield from negative(f"{where}.succeededCount", count)
            if completions is not None and count > completions:
                told = f"must be less than or equal to {completions} (the number of specified completions)"
                yield invalid(f"{where}.succeededCount", count, told)


def cron_job(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a cron job."""
    spec = item.get("spec") or {}
    schedule, zone = spec.get("schedule") or "", spec.get("timeZone")
    if not schedule:
        yield required("spec.schedule")
    else:
        if told := schedule_problem(schedule):
            yield invalid("spec.schedule", schedule, told)
        if "TZ" in schedule and "TZ" not in str(dig(old, "spec", "schedule", default="")):
            told = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
            yield invalid("spec.schedule", schedule, told)
    yield from negative("spec.startingDeadlineSeconds", spec.get("startingDeadlineSeconds"))
    if zone is not None and (old is None or dig(old, "spec", "timeZone") != zone):
        yield from invalids("spec.timeZone", zone, _zone_problems(zone))
    if (policy := spec.get("concurrencyPolicy") or "Allow") not in {"Allow", "Forbid", "Replace"}:
        yield unsupported("spec.concurrencyPolicy", policy, ("Allow", "Forbid", "Replace"))
    template = dig(spec, "jobTemplate", "spec", default={})
    yield from _job(template, "spec.jobTemplate.spec")
    if template.get("selector") is not None:
        yield invalid("spec.jobTemplate.spec.selector", template["selector"], "`selector` will be auto-generated")
    if template.get("manualSelector"):
        yield unsupported("spec.jobTemplate.spec.manualSelector", template["manualSelector"], ("nil", "false"))
    for field in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        yield from negative(f"spec.{field}", spec.get(field))
    if old is None and len(name_of(item)) > 52:
        yield invalid("metadata.name", name_of(item), "must be no more than 52 characters")


def _zone_problems(zone: str) -> Iterator[str]:
    if not zone:
        yield "timeZone must be nil or non-empty string"
    elif any(
        part.startswith((".", "-")) or not re.fullmatch(r"[A-Za-z._0-9+-]{1,14}", part) for part in zone.split("/")
    ):
        yield f"unknown time zone {zone}"
    else:
        if zone.lower() == "local":
            yield "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        if zone not in {"UTC", "Local"} and zone not in zoneinfo.available_timezones():
            yield f"unknown time zone {zone}"
