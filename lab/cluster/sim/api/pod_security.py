"""The Pod Security Standards: a pod's violations at each level, in the words of the real admission plugin."""

from collections.abc import Callable, Iterable, Iterator

from lab.cluster.sim.api.objects import Object, dig, meta

__all__ = ["LEVELS", "Violation", "violations"]

LEVELS = ("privileged", "baseline", "restricted")

Violation = tuple[str, str]

_BASELINE_CAPABILITIES = {
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE",
    "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}  # fmt: skip
_SAFE_SYSCTLS = {
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
}  # fmt: skip
_RESTRICTED_VOLUMES = {
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
}  # fmt: skip


def violations(pod: Object, level: str) -> list[Violation]:
    """Return (reason, detail) of everything that keeps `pod` from `level`, in the plugin's order."""
    spec = pod.get("spec") or {}
    checks: list[Callable[[Object, Object], Iterator[Violation]]] = []
    if level in {"baseline", "restricted"}:
        checks += _BASELINE
    if level == "restricted":
        checks = [check for check in checks if check not in _SHARPENED] + _RESTRICTED
    return [violation for check in checks for violation in check(pod, spec)]


def _containers(spec: Object) -> list[Object]:
    return [*(spec.get("initContainers") or []), *(spec.get("containers") or []),
            *(spec.get("ephemeralContainers") or [])]  # fmt: skip


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _subject(names: list[str], word: str = "container") -> str:
    return f"{word}{'s' if len(names) > 1 else ''} {_quoted(names)}"


def _context(container: Object) -> Object:
    found: Object = container.get("securityContext") or {}
    return found


def _must_not_set(names: list[str], what: str) -> str:
    return f"{_subject(names)} must not set {what}"


def _host_namespaces(_pod: Object, spec: Object) -> Iterator[Violation]:
    used = [f"{field}=true" for field in ("hostNetwork", "hostPID", "hostIPC") if spec.get(field)]
    if used:
        yield "host namespaces", ", ".join(used)


def _privileged(_pod: Object, spec: Object) -> Iterator[Violation]:
    names = [c["name"] for c in _containers(spec) if _context(c).get("privileged")]
    if names:
        yield "privileged", _must_not_set(names, "securityContext.privileged=true")


def _capabilities_baseline(_pod: Object, spec: Object) -> Iterator[Violation]:
    yield from _capabilities_added(spec, _BASELINE_CAPABILITIES, "non-default capabilities")


def _capabilities_added(spec: Object, allowed: set[str], reason: str) -> Iterator[Violation]:
    names, added = [], set()
    for container in _containers(spec):
        extra = set(dig(_context(container), "capabilities", "add", default=[])) - allowed
        if extra:
            names.append(container["name"])
            added |= extra
    if names:
        yield (
            reason,
            f"{_subject(names)} must not include {_quoted(sorted(added))} in securityContext.capabilities.add",
        )


def _host_path(_pod: Object, spec: Object) -> Iterator[Violation]:
    names = [volume["name"] for volume in spec.get("volumes") or [] if "hostPath" in volume]
    if names:
        yield "hostPath volumes", _subject(names, "volume")


def _host_ports(_pod: Object, spec: Object) -> Iterator[Violation]:
    names, ports = [], []
    for container in _containers(spec):
        used = [str(port["hostPort"]) for port in container.get("ports") or [] if port.get("hostPort")]
        if not used and spec.get("hostNetwork"):
            used = [str(port["containerPort"]) for port in container.get("ports") or []]
        if used:
            names.append(container["name"])
            ports += used
    if names:
        verb = "use" if len(names) > 1 else "uses"
        yield "hostPort", f"{_subject(names)} {verb} hostPort{'s' if len(ports) > 1 else ''} {', '.join(ports)}"


def _probe_hosts(_pod: Object, spec: Object) -> Iterator[Violation]:
    names, hosts = [], set()
    for container in _containers(spec):
        actions = [container.get(probe) for probe in ("livenessProbe", "readinessProbe", "startupProbe")]
        actions += list((container.get("lifecycle") or {}).values())
        found = {dig(action, kind, "host") for action in actions for kind in ("httpGet", "tcpSocket")} - {None, ""}
        if found:
            names.append(container["name"])
            hosts |= found
    if names:
        verb = "use" if len(names) > 1 else "uses"
        word = "hosts" if len(hosts) > 1 else "host"
        yield (
            "probe or lifecycle host",
            f"{_subject(names)} {verb} probe or lifecycle {word} {_quoted(sorted(hosts))}",
        )


def _proc_mount(_pod: Object, spec: Object) -> Iterator[Violation]:
    names = [c["name"] for c in _containers(spec) if _context(c).get("procMount") not in {None, "Default"}]
    if names:
        yield "procMount", _must_not_set(names, 'securityContext.procMount to "Unmasked"')


def _seccomp_baseline(_pod: Object, spec: Object) -> Iterator[Violation]:
    bad = [c["name"] for c in _containers(spec) if dig(_context(c), "seccompProfile", "type") == "Unconfined"]
    pod_bad = dig(spec, "securityContext", "seccompProfile", "type") == "Unconfined"
    subjects = (["pod"] if pod_bad else []) + ([_subject(bad)] if bad else [])
    if subjects:
        yield (
            "seccompProfile",
            (f'{" and ".join(subjects)} must not set securityContext.seccompProfile.type to "Unconfined"'),
        )


def _sysctls(_pod: Object, spec: Object) -> Iterator[Violation]:
    names = [item["name"] for item in dig(spec, "securityContext", "sysctls", default=[])]
    forbidden = [name for name in names if name not in _SAFE_SYSCTLS]
    if forbidden:
        yield "forbidden sysctls", ", ".join(forbidden)


def _app_armor(pod: Object, _spec: Object) -> Iterator[Violation]:
    prefix = "container.apparmor.security.beta.kubernetes.io/"
    bad = [f'{key}="{value}"' for key, value in (meta(pod).get("annotations") or {}).items()
           if key.startswith(prefix) and value == "unconfined"]  # fmt: skip
    if bad:
        yield "forbidden AppArmor profile", ", ".join(bad)


def _windows(_pod: Object, spec: Object) -> Iterator[Violation]:
    if dig(spec, "securityContext", "windowsOptions", "hostProcess"):
        yield "hostProcess", "pod must not set securityContext.windowsOptions.hostProcess=true"


def _allow_privilege_escalation(_pod: Object, spec: Object) -> Iterator[Violation]:
    names = [c["name"] for c in _containers(spec) if _context(c).get("allowPrivilegeEscalation") is not False]
    if names:
        yield (
            "allowPrivilegeEscalation != false",
            (f"{_subject(names)} must set securityContext.allowPrivilegeEscalation=false"),
        )


def _capabilities_restricted(_pod: Object, spec: Object) -> Iterator[Violation]:
    keep = [c["name"] for c in _containers(spec)
            if "ALL" not in dig(_context(c), "capabilities", "drop", default=[])]  # fmt: skip
    parts = [f'{_subject(keep)} must set securityContext.capabilities.drop=["ALL"]'] if keep else []
    parts += [detail for _, detail in _capabilities_added(spec, {"NET_BIND_SERVICE"}, "")]
    if parts:
        yield "unrestricted capabilities", "; ".join(parts)


def _volumes(_pod: Object, spec: Object) -> Iterator[Violation]:
    names, types = [], set()
    for volume in spec.get("volumes") or []:
        kinds = set(volume) - {"name"} - _RESTRICTED_VOLUMES
        if kinds:
            names.append(volume["name"])
            types |= kinds
    if names:
        verb = "use" if len(names) > 1 else "uses"
        word = "types" if len(types) > 1 else "type"
        yield (
            "restricted volume types",
            (f"{_subject(names, 'volume')} {verb} restricted volume {word} {_quoted(sorted(types))}"),
        )


def _run_as_non_root(_pod: Object, spec: Object) -> Iterator[Violation]:
    pod_value = dig(spec, "securityContext", "runAsNonRoot")
    wrong = [c["name"] for c in _containers(spec) if _context(c).get("runAsNonRoot") is False]
    unset = [c["name"] for c in _containers(spec) if _context(c).get("runAsNonRoot") is None]
    if pod_value is False or wrong:
        subjects = ["pod"] if pod_value is False else []
        subjects += [_subject(wrong)] if wrong else []
        yield "runAsNonRoot != true", f"{' and '.join(subjects)} must not set securityContext.runAsNonRoot=false"
    elif pod_value is not True and unset:
        yield "runAsNonRoot != true", f"pod or {_subject(unset)} must set securityContext.runAsNonRoot=true"


def _run_as_user(_pod: Object, spec: Object) -> Iterator[Violation]:
    subjects = ["pod"] if dig(spec, "securityContext", "runAsUser") == 0 else []
    names = [c["name"] for c in _containers(spec) if _context(c).get("runAsUser") == 0]
    subjects += [_subject(names)] if names else []
    if subjects:
        yield "runAsUser=0", f"{' and '.join(subjects)} must not set runAsUser=0"


def _seccomp_restricted(_pod: Object, spec: Object) -> Iterator[Violation]:
    allowed = {"RuntimeDefault", "Localhost"}
    pod_type = dig(spec, "securityContext", "seccompProfile", "type")
    types = {c["name"]: dig(_context(c), "seccompProfile", "type") for c in _containers(spec)}
    bad = [name for name, value in types.items() if value is not None and value not in allowed]
    unset = [name for name, value in types.items() if value is None]
    if (pod_type is not None and pod_type not in allowed) or bad:
        subjects = ["pod"] if pod_type is not None and pod_type not in allowed else []
        subjects += [_subject(bad)] if bad else []
        yield (
            "seccompProfile",
            (f'{" and ".join(subjects)} must not set securityContext.seccompProfile.type to "Unconfined"'),
        )
    elif pod_type is None and unset:
        yield (
            "seccompProfile",
            (
                f"pod or {_subject(unset)} must set securityContext.seccompProfile.type "
                'to "RuntimeDefault" or "Localhost"'
            ),
        )


_BASELINE: list[Callable[[Object, Object], Iterator[Violation]]] = [
    _app_armor, _capabilities_baseline, _host_namespaces, _host_path, _host_ports, _probe_hosts, _privileged,
    _proc_mount, _seccomp_baseline, _sysctls, _windows,
]  # fmt: skip
_RESTRICTED: list[Callable[[Object, Object], Iterator[Violation]]] = [
    _allow_privilege_escalation, _capabilities_restricted, _volumes, _run_as_non_root, _run_as_user,
    _seccomp_restricted,
]  # fmt: skip
#: Checks that the restricted level repeats more strictly: its messages replace those of baseline.
_SHARPENED = {_capabilities_baseline, _seccomp_baseline, _host_path}
