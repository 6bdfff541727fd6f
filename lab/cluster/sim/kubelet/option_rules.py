"""What a kubelet refuses in its settings before it starts, in its own words."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lab.cluster.sim.api.configuration_files import ConfigurationError
from lab.cluster.sim.api.rules.names import key_problems, label_problems
from lab.cluster.sim.timing.durations import go_seconds

__all__ = ["require", "require_labels"]

_GATES = "failed to set feature gates from initial flags-based config: "
#: Setting -> the flag that is named beside it.
_NOT_NEGATIVE = {
    "eventBurst": "event-burst", "eventRecordQPS": "event-qps", "kubeAPIBurst": "kube-api-burst",
    "kubeAPIQPS": "kube-api-qps", "maxOpenFiles": "max-open-files", "maxPods": "max-pods",
    "podsPerCore": "pods-per-core", "registryBurst": "registry-burst", "registryPullQPS": "registry-qps",
}  # fmt: skip
_BETWEEN = {
    "imageGCHighThresholdPercent": ("image-gc-high-threshold", 0, 100),
    "imageGCLowThresholdPercent": ("image-gc-low-threshold", 0, 100),
    "iptablesDropBit": ("iptables-drop-bit", 0, 31),
    "iptablesMasqueradeBit": ("iptables-masquerade-bit", 0, 31),
    "oomScoreAdj": ("oom-score-adj", -1000, 1000),
    "port": ("port", 1, 65535),
}
_PODS, _NONE = "pods", "none"
_ENFORCED = (
    "pods",
    "system-reserved",
    "system-reserved-compressible",
    "kube-reserved",
    "kube-reserved-compressible",
    "none",
)
_TOPOLOGIES = ("none", "best-effort", "restricted", "single-numa-node")
_HAIRPINS = ("none", "hairpin-veth", "promiscuous-bridge")
_LABELS = ("kubelet.kubernetes.io", "node.kubernetes.io")
_LABELS_ALLOWED = (
    "beta.kubernetes.io/arch", "beta.kubernetes.io/instance-type", "beta.kubernetes.io/os",
    "failure-domain.beta.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone", "kubernetes.io/arch",
    "kubernetes.io/hostname", "kubernetes.io/os", "node.kubernetes.io/instance-type",
    "topology.kubernetes.io/region", "topology.kubernetes.io/zone",
)  # fmt: skip


def require_labels(given: Iterable[str]) -> None:
    """Raise `ConfigurationError` for labels that a kubelet may not give its node, or that are none."""
    pairs = [pair.partition("=") for each in given for pair in each.split(",") if pair]
    unknown = sorted(name for name, _, _ in pairs if _reserved(name) and not _allowed(name))
    if unknown:
        raise ConfigurationError(
            "failed to validate kubelet flags: unknown 'kubernetes.io' or 'k8s.io' labels specified with "
            f"--node-labels: [{' '.join(unknown)}]\n--node-labels in the 'kubernetes.io' namespace must begin "
            f"with an allowed prefix ({', '.join(_LABELS)}) or be in the specifically allowed set "
            f"({', '.join(_LABELS_ALLOWED)})"
        )
    wrong = [(name, told) for name, _, _ in pairs if (told := key_problems(name))]
    wrong += [(value, told) for _, _, value in pairs if (told := label_problems(value))]
    if wrong:
        shown = "; ".join(f"'{text}' - {', '.join(told)}" for text, told in wrong)
        raise ConfigurationError(f"failed to validate kubelet flags: invalid node labels: {shown}")


def _reserved(name: str) -> bool:
    space = name.partition("/")[0] if "/" in name else ""
    return any(space == each or space.endswith(f".{each}") for each in ("kubernetes.io", "k8s.io"))


def _allowed(name: str) -> bool:
    space = name.partition("/")[0]
    return name in _LABELS_ALLOWED or any(space == each or space.endswith(f".{each}") for each in _LABELS)


def require(made: Mapping[str, Any], gates: Mapping[str, bool]) -> None:
    """Raise `ConfigurationError` with all that is wrong; `gates` has each known feature gate's default."""
    for name in made["featureGates"]:
        if name not in gates:
            raise ConfigurationError(f"{_GATES}unrecognized feature gate: {name}")
    enabled = {**gates, **made["featureGates"]}
    if made["logging.format"] not in {"text", "json"}:
        told = f'logging.format: Invalid value: "{made["logging.format"]}": Unsupported log format'
        raise ConfigurationError(f"initialize logging: {told}")
    wrong = list(_problems(made, enabled))
    if wrong:
        shown = wrong[0] if len(wrong) == 1 else f"[{', '.join(wrong)}]"
        raise ConfigurationError(
            f"failed to validate kubelet configuration, error: {shown}, path: &TypeMeta{{Kind:,APIVersion:,}}"
        )


def _problems(made: Mapping[str, Any], enabled: Mapping[str, bool]) -> Iterator[str]:
    for told in (*_numbers(made), *_words(made, enabled), *_enforced(made), *_logs(made)):
        yield f"invalid configuration: {told}"


def _numbers(made: Mapping[str, Any]) -> Iterator[str]:  # noqa: C901 -- a rule after the other, in the kubelet's order
    if made["nodeLeaseDurationSeconds"] <= 0:
        yield "nodeLeaseDurationSeconds must be greater than 0"
    yield from _negative(made, "eventBurst", "eventRecordQPS")
    port = made["healthzPort"]
    if port and not 1 <= port <= 65535:
        yield f"healthzPort (--healthz-port) {port} must be between 1 and 65535, inclusive"
    if not 0.001 <= go_seconds(made["cpuCFSQuotaPeriod"]) <= 1:
        found = made["cpuCFSQuotaPeriod"]
        yield f"cpuCFSQuotaPeriod (--cpu-cfs-quota-period) {{{found}}} must be between 1ms and 1sec, inclusive"
    yield from _outside(made, "imageGCHighThresholdPercent", "imageGCLowThresholdPercent")
    low, high = made["imageGCLowThresholdPercent"], made["imageGCHighThresholdPercent"]
    if low >= high:
        yield (
            f"imageGCLowThresholdPercent (--image-gc-low-threshold) {low} must be less than "
            f"imageGCHighThresholdPercent (--image-gc-high-threshold) {high}"
        )
    oldest, youngest = made.get("imageMaximumGCAge", "0s"), made["imageMinimumGCAge"]
    if go_seconds(oldest) < 0:
        yield f"imageMaximumGCAge {oldest} must not be negative"
    if 0 < go_seconds(oldest) <= go_seconds(youngest):
        yield f"imageMaximumGCAge {oldest} must be greater than imageMinimumGCAge {youngest}"
    yield from _outside(made, "iptablesDropBit", "iptablesMasqueradeBit")
    yield from _negative(made, "kubeAPIBurst", "kubeAPIQPS")
    if made["nodeStatusMaxImages"] < -1:
        yield f"nodeStatusMaxImages (--node-status-max-images) {made['nodeStatusMaxImages']} must be -1 or greater"
    yield from _negative(made, "maxOpenFiles", "maxPods")
    yield from _outside(made, "oomScoreAdj")
    yield from _negative(made, "podsPerCore")
    yield from _outside(made, "port")
    port = made.get("readOnlyPort", 0)
    if port and not 1 <= port <= 65535:
        yield f"readOnlyPort (--read-only-port) {port} must be between 0 and 65535, inclusive"
    yield from _negative(made, "registryBurst", "registryPullQPS")
    pulls = made.get("maxParallelImagePulls")
    if pulls is not None and pulls < 1:
        yield f"maxParallelImagePulls {pulls} must be a positive number"
    if made["serializeImagePulls"] and (pulls or 0) > 1:
        yield (
            "maxParallelImagePulls cannot be larger than 1 unless SerializeImagePulls (--serialize-image-pulls) "
            "is set to false"
        )
    if made.get("runOnce"):
        yield "runOnce (--runOnce) true, Runonce mode has been deprecated and should not be set"


def _negative(made: Mapping[str, Any], *names: str) -> Iterator[str]:
    for name in names:
        if made.get(name, 0) < 0:
            yield f"{name} (--{_NOT_NEGATIVE[name]}) {made[name]} must not be a negative number"


def _outside(made: Mapping[str, Any], *names: str) -> Iterator[str]:
    for name in names:
        flag, least, most = _BETWEEN[name]
        if not least <= made[name] <= most:
            yield f"{name} (--{flag}) {made[name]} must be between {least} and {most}, inclusive"


def _quoted(words: Iterable[str]) -> list[str]:
    return [f'"{word}"' for word in words]


def _words(made: Mapping[str, Any], enabled: Mapping[str, bool]) -> Iterator[str]:
    policy, scope = made["topologyManagerPolicy"], made["topologyManagerScope"]
    if policy not in _TOPOLOGIES:
        known = " ".join(_quoted(_TOPOLOGIES))
        yield f'topologyManagerPolicy (--topology-manager-policy) "{policy}" must be one of: [{known}]'
    if scope not in {"container", "pod"}:
        yield f'topologyManagerScope (--topology-manager-scope) "{scope}" must be one of: "container", or "pod"'
    grace, critical = made.get("shutdownGracePeriod", "0s"), made.get("shutdownGracePeriodCriticalPods", "0s")
    if go_seconds(critical) > go_seconds(grace):
        yield f"shutdownGracePeriodCriticalPods {{{critical}}} must be <= shutdownGracePeriod {{{grace}}}"
    for name, value in (("shutdownGracePeriod", grace), ("shutdownGracePeriodCriticalPods", critical)):
        if go_seconds(value) < 0 or 0 < go_seconds(value) < 1:
            yield f"{name} {{{value}}} must be either zero or otherwise >= 1 sec"
    swap = made.get("memorySwap.swapBehavior", "")
    if enabled.get("NodeSwap") and swap not in {"", "NoSwap", "LimitedSwap"}:
        yield f'memorySwap.swapBehavior "{swap}" must be one of: "", "LimitedSwap" or "NoSwap"'
    if not enabled.get("NodeSwap") and swap:
        yield "memorySwap.swapBehavior cannot be set when NodeSwap feature flag is disabled"
    longest = made.get("crashLoopBackOff.maxContainerRestartPeriod")
    if longest is not None and not enabled.get("KubeletCrashLoopBackOffMax"):
        yield (
            "FeatureGate KubeletCrashLoopBackOffMax not enabled, "
            "CrashLoopBackOff.MaxContainerRestartPeriod must not be set"
        )
    elif longest is not None and not 1 <= go_seconds(longest) <= 300:
        yield (
            f"CrashLoopBackOff.MaxContainerRestartPeriod (got: {go_seconds(longest):g} seconds) "
            "must be set between 1s and 300s"
        )


def _enforced(made: Mapping[str, Any]) -> Iterator[str]:
    found, name = made["enforceNodeAllocatable"], "enforceNodeAllocatable (--enforce-node-allocatable)"
    seen = set()
    for value in found:
        if value in seen:
            yield f'duplicated enforcements "{value}" in {name}'
            continue
        seen.add(value)
        if value not in _ENFORCED:
            *first, last = _quoted(_ENFORCED)
            yield f'option "{value}" specified for {name}. Valid options are {", ".join(first)} or {last}'
            continue
        if value == _NONE:
            if len(found) > 1:
                yield f'{name} may not contain additional enforcements when "none" is specified'
            continue
        if value != _PODS:
            owner = value.removesuffix("-compressible").split("-")[0]
            if not made.get(f"{owner}ReservedCgroup"):
                yield (
                    f"{owner}ReservedCgroup (--{owner}-reserved-cgroup) must be specified when "
                    f'"{owner}-reserved" or "{owner}-reserved-compressible" included in {name}'
                )
        if not made["cgroupsPerQOS"]:
            yield f'cgroupsPerQOS (--cgroups-per-qos) must be set to true when "{value}" contained in {name}'
    hairpin = made["hairpinMode"]
    if hairpin not in _HAIRPINS:
        yield (
            f'option "{hairpin}" specified for hairpinMode (--hairpin-mode). '
            'Valid options are "none", "hairpin-veth" or "promiscuous-bridge"'
        )


def _logs(made: Mapping[str, Any]) -> Iterator[str]:
    factor = made["memoryThrottlingFactor"]
    if not 0 < factor <= 1:
        yield f"memoryThrottlingFactor {factor:g} must be greater than 0 and less than or equal to 1.0"
    if not made["containerRuntimeEndpoint"]:
        yield "the containerRuntimeEndpoint was not specified or empty"
    if made["containerLogMaxWorkers"] < 1:
        yield "containerLogMaxWorkers must be greater than or equal to 1"
    if go_seconds(made["containerLogMonitorInterval"]) < 3:
        yield "containerLogMonitorInterval must be a positive time duration greater than or equal to 3s"
    if made["containerLogMaxFiles"] <= 1:
        yield "containerLogMaxFiles must be greater than 1"
    logs = made["podLogsDir"]
    if not logs.startswith("/"):
        yield f'pod logs path "{logs}" must be absolute path'
