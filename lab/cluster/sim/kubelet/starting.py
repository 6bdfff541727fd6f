"""What a kubelet with valid settings needs before it runs: what it does not find ends it, in its own words."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lab.cluster.sim.api.rules.resources import amount, quantity_problem
from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.machine.runtime import SOCKET

__all__ = ["missing", "thresholds_problem"]

_SIGNALS = {
    "memory.available", "nodefs.available", "nodefs.inodesFree", "imagefs.available", "imagefs.inodesFree",
    "containerfs.available", "containerfs.inodesFree", "allocatableMemory.available", "pid.available",
}  # fmt: skip
_RESERVED = {"cpu", "memory", "ephemeral-storage", "pid"}
_VERSIONS = {"", "VersionTLS10", "VersionTLS11", "VersionTLS12", "VersionTLS13"}


def missing(machine: Machine, settings: Mapping[str, Any]) -> str:
    """Return the kubelet's last words, or an empty string if it can run."""
    for told in _dependencies(machine, settings):
        return f"failed to construct kubelet dependencies: {told}"
    return next((f"failed to run Kubelet: {told}" for told in _run(machine, settings)), "")


def _dependencies(machine: Machine, settings: Mapping[str, Any]) -> Iterator[str]:
    version = settings.get("tlsMinVersion", "")
    if version not in _VERSIONS:
        yield f'unknown tls version "{version}"'
    path = settings.get("authentication.x509.clientCAFile", "")
    if path and not machine.files.is_file(path):
        yield f"unable to load client CA file {path}: open {path}: no such file or directory"


def _run(machine: Machine, settings: Mapping[str, Any]) -> Iterator[str]:
    kubeconfig, first = settings.get("--kubeconfig", ""), settings.get("--bootstrap-kubeconfig", "")
    if kubeconfig and not machine.files.is_file(kubeconfig):
        why = f"stat {first}: no such file or directory" if first else "invalid configuration: no configuration"
        yield f"unable to load bootstrap kubeconfig: {why}"
    mode = settings["authorization.mode"]
    if mode not in {"Webhook", "AlwaysAllow"}:
        yield f"unknown authorization mode {mode}"
    yield from _runtime(machine, settings["containerRuntimeEndpoint"])
    for name, flag in (("kubeReserved", "kube-reserved"), ("systemReserved", "system-reserved")):
        for resource, value in (settings.get(name) or {}).items():
            if told := _reserved_problem(resource, value):
                yield f"--{flag} value failed to parse: {told}"
    if told := thresholds_problem(settings["evictionHard"]):
        yield told
    root = settings.get("--root-dir", "")
    if root.startswith("/proc/"):
        yield f'error creating root directory "{root}": mkdir {root}: no such file or directory'
    if settings["failSwapOn"] and len(machine.files.get("/proc/swaps").splitlines()) > 1:
        yield ("running with swap on is not supported, please disable swap or set --fail-swap-on flag to false")
    policy = settings["cpuManagerPolicy"]
    if policy not in {"none", "static"}:
        yield f'unknown policy: "{policy}"'


def _runtime(machine: Machine, endpoint: str) -> Iterator[str]:
    path = endpoint.removeprefix("unix://") if endpoint.startswith("unix:") else ""
    address = f"dial unix {path}" if path else "dial unix"
    why = "missing address" if not path else "connect: no such file or directory"
    if path.removeprefix("/var") == SOCKET:
        if machine.systemd.is_active("containerd.service"):
            return
        why = "connect: connection refused"
    desc = f"transport: Error while dialing: {address}: {why}"
    yield (
        f'validate service connection: validate CRI v1 runtime API for endpoint "{endpoint}": rpc error: '
        f'code = Unavailable desc = connection error: desc = "{desc}"'
    )


def _reserved_problem(resource: str, value: str) -> str:
    if resource not in _RESERVED:
        return f'cannot reserve "{resource}" resource'
    if told := quantity_problem(value):
        return f'failed to parse quantity "{value}" for "{resource}" resource: {told}'
    return f'resource quantity for "{resource}" cannot be negative: {value}' if amount(value) < 0 else ""


def thresholds_problem(given: Mapping[str, str]) -> str:  # noqa: PLR0911 -- a rule after the other
    """Return what is wrong with eviction thresholds, or an empty string."""
    for signal, value in given.items():
        if signal not in _SIGNALS:
            return f"unrecognized eviction signal {signal}"
        if value.endswith("%"):
            number = value.rstrip("%")
            if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", number):
                return f'strconv.ParseFloat: parsing "{number}": invalid syntax'
            if float(number) < 0:
                return f"eviction percentage threshold {signal} must be >= 0%: {value}"
            if float(number) > 100:
                return f"eviction percentage threshold {signal} must be <= 100%: {value}"
        elif told := quantity_problem(value):
            return told
        elif amount(value) <= 0:
            return f"eviction threshold {signal} must be positive: {value}"
    return ""
