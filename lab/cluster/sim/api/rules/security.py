"""Rules of security contexts, of pods and of containers."""

import re
from collections.abc import Iterable, Iterator

from lab.cluster.sim.api.objects import Object, dig
from lab.cluster.sim.api.rules.names import subdomain_problems
from lab.cluster.sim.api.rules.paths import relative_path
from lab.cluster.sim.api.rules.wording import (
    between,
    duplicate,
    forbidden,
    invalid,
    invalids,
    required,
    shown,
    too_long,
    unsupported,
)

__all__ = [
    "all_containers",
    "container_security",
    "host_users",
    "operating_system",
    "pod_security",
    "windows_host_process",
]

_IDS = between(0, 2147483647)
_SYSCTL = r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SYSTEMS = ("linux", "windows")
_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
_WINDOWS_POD = (
    "securityContext.appArmorProfile", "securityContext.seLinuxOptions", "hostUsers", "hostPID", "hostIPC",
    "securityContext.seccompProfile", "securityContext.fsGroup", "securityContext.fsGroupChangePolicy",
    "securityContext.sysctls", "shareProcessNamespace", "securityContext.runAsUser", "securityContext.runAsGroup",
    "securityContext.supplementalGroups", "securityContext.supplementalGroupsPolicy",
    "securityContext.seLinuxChangePolicy",
)  # fmt: skip
_WINDOWS_CONTAINER = (
    "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged",
    "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup",
)  # fmt: skip
_USER_CHARACTERS = r'["/\\:;|=,\+\*\?<>@\[\]]'
_DNS_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"


def all_containers(spec: Object, path: str) -> Iterator[tuple[str, Object]]:
    """Yield the path of each of a pod's containers, and the container."""
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for index, each in enumerate(spec.get(kind) or []):
            yield f"{path}.{kind}[{index}]", each


def pod_security(spec: Object, path: str) -> Iterator[str]:
    """Yield the errors in the security context of a pod; `path` is that of its spec."""
    found, where = spec.get("securityContext") or {}, f"{path}.securityContext"
    yield from _ids(found, where, ("fsGroup", "runAsUser", "runAsGroup"))
    for index, group in enumerate(found.get("supplementalGroups") or []):
        yield from _id(group, f"{where}.supplementalGroups[{index}]")
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        told = "ShareProcessNamespace and HostPID cannot both be enabled"
        yield invalid(f"{where}.shareProcessNamespace", True, told)  # noqa: FBT003 -- the value that is printed
    yield from _sysctls(found.get("sysctls") or [], spec, f"{where}.sysctls")
    yield from _word(found, where, "fsGroupChangePolicy", ("Always", "OnRootMismatch"))
    yield from _seccomp(found.get("seccompProfile"), f"{where}.seccompProfile")
    yield from _windows(found.get("windowsOptions") or {}, f"{where}.windowsOptions")
    yield from _app_armor(found.get("appArmorProfile"), f"{where}.appArmorProfile")
    yield from _word(found, where, "supplementalGroupsPolicy", ("Merge", "Strict"))
    yield from _word(found, where, "seLinuxChangePolicy", ("MountOption", "Recursive"))


def container_security(found: Object | None, path: str, *, host: bool) -> Iterator[str]:
    """Yield the errors in a container's security context; `host` is whether the pod has the host's users."""
    if found is None:
        return
    yield from _ids(found, path, ("runAsUser", "runAsGroup"))
    yield from _word(found, path, "procMount", ("Default", "Unmasked"))
    if host and found.get("procMount") == "Unmasked":
        yield invalid(f"{path}.procMount", "Unmasked", "`hostUsers` must be false to use `Unmasked`")
    yield from _seccomp(found.get("seccompProfile"), f"{path}.seccompProfile")
    if found.get("allowPrivilegeEscalation") is False:
        told = "cannot set `allowPrivilegeEscalation` to false and"
        if found.get("privileged"):
            yield f"{path}: Invalid value: {_internal(found)}: {told} `privileged` to true"
        for added in dig(found, "capabilities", "add", default=[]):
            if added == "CAP_SYS_ADMIN":
                yield f"{path}: Invalid value: {_internal(found)}: {told} `capabilities.Add` CAP_SYS_ADMIN"
    yield from _windows(found.get("windowsOptions") or {}, f"{path}.windowsOptions")
    yield from _app_armor(found.get("appArmorProfile"), f"{path}.appArmorProfile")


def _internal(found: Object) -> str:
    """Return a container's context as the API server prints it: with Go's names, and with all fields."""
    fields = (
        "capabilities", "privileged", "seLinuxOptions", "windowsOptions", "runAsUser", "runAsGroup",
        "runAsNonRoot", "readOnlyRootFilesystem", "allowPrivilegeEscalation", "procMount", "seccompProfile",
        "appArmorProfile",
    )  # fmt: skip
    capabilities = found.get("capabilities")
    whole = dict(found)
    if capabilities is not None:
        whole["capabilities"] = {"Add": capabilities.get("add"), "Drop": capabilities.get("drop")}
    special = {"seLinuxOptions": "SELinuxOptions"}
    parts = (f'"{special.get(name, name[0].upper() + name[1:])}":{shown(whole.get(name))}' for name in fields)
    return "{" + ",".join(parts) + "}"


def _ids(found: Object, path: str, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if found.get(name) is not None:
            yield from _id(found[name], f"{path}.{name}")


def _id(number: int, path: str) -> Iterator[str]:
    if not 0 <= number < 2**31:
        yield invalid(path, number, _IDS)


def _word(found: Object, path: str, name: str, known: tuple[str, ...]) -> Iterator[str]:
    if found.get(name) is not None and found[name] not in known:
        yield unsupported(f"{path}.{name}", found[name], known)


def _sysctls(found: list[Object], spec: Object, path: str) -> Iterator[str]:
    names: set[str] = set()
    for index, each in enumerate(found):
        where, name = f"{path}[{index}].name", each.get("name") or ""
        if not name:
            yield required(where)
        elif len(name) > 253 or not re.fullmatch(_SYSCTL, name):
            yield invalid(where, name, f"must have at most 253 characters and match regex ^{_SYSCTL}$")
        elif name in names:
            yield duplicate(where, name)
        dotted = name.replace("/", ".")
        if spec.get("hostNetwork") and dotted.startswith("net."):
            yield invalid(where, name, "may not be specified when 'hostNetwork' is true")
        elif spec.get("hostIPC") and dotted.startswith(("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")):
            yield invalid(where, name, "may not be specified when 'hostIPC' is true")
        names.add(name)


def _seccomp(found: Object | None, path: str) -> Iterator[str]:
    if found is None:
        return
    kind, profile = found.get("type") or "", found.get("localhostProfile")
    if not kind:
        yield required(f"{path}.type", "type is required when seccompProfile is set")
    elif kind not in _PROFILES:
        yield unsupported(f"{path}.type", kind, _PROFILES)
    if kind == "Localhost":
        if profile is None:
            yield required(f"{path}.localhostProfile", "must be set when seccomp type is Localhost")
        else:
            yield from relative_path(profile, f"{path}.localhostProfile")
    elif profile is not None:
        value, told = {"Type": kind, "LocalhostProfile": profile}, "can only be set when seccomp type is Localhost"
        yield f"{path}.localhostProfile: Invalid value: {_plain(value)}: {told}"


def _plain(value: Object) -> str:
    return "{" + ",".join(f'"{key}":{shown(part)}' for key, part in value.items()) + "}"


def _app_armor(found: Object | None, path: str) -> Iterator[str]:
    if found is None:
        return
    kind, profile, where = found.get("type") or "", found.get("localhostProfile"), f"{path}.localhostProfile"
    if kind == "Localhost":
        if profile is not None and profile != profile.strip():
            yield invalid(where, profile, "must not be padded with whitespace")
        elif not profile:
            yield required(where, "must be set when AppArmor type is Localhost")
        if len((profile or "").encode()) > 4095:
            yield too_long(where, 4095)
    elif kind in _PROFILES:
        if profile is not None:
            yield invalid(where, profile, "can only be set when AppArmor type is Localhost")
    elif not kind:
        yield required(f"{path}.type", "type is required when appArmorProfile is set")
    else:
        yield unsupported(f"{path}.type", kind, _PROFILES)


def _windows(found: Object, path: str) -> Iterator[str]:
    name, text = found.get("gmsaCredentialSpecName"), found.get("gmsaCredentialSpec")
    if name is not None:
        yield from invalids(f"{path}.gmsaCredentialSpecName", name, subdomain_problems(name))
    if text == "":
        yield invalid(f"{path}.gmsaCredentialSpec", text, "gmsaCredentialSpec cannot be an empty string")
    user = found.get("runAsUserName")
    if user is not None:
        yield from invalids(
            f"{path}.runAsUserName", user, (f"runAsUserName{told}" for told in _windows_user(user))
        )


def _windows_user(text: str) -> Iterator[str]:
    domain, backslash, user = text.partition("\\") if "\\" in text else ("", "", text)
    if not text:
        yield " cannot be an empty string"
    elif re.search(r"[\x00-\x1f\x7f]", text):
        yield " cannot contain control characters"
    elif "\\" in user:
        yield " cannot contain more than one backslash"
    else:
        if len(domain) >= 256:
            yield "'s Domain length must be under 256 characters"
        bios = re.fullmatch(r'[^\\/:\*\?"<>|\.][^\\/:\*\?"<>|]{0,14}', domain)
        if backslash and not (bios or re.fullmatch(rf"{_DNS_LABEL}(?:\.{_DNS_LABEL})*", domain)):
            yield "'s Domain doesn't match the NetBios nor the DNS format"
        if not user:
            yield "'s User cannot be empty"
        elif len(user) > 104:
            yield "'s User length must not be longer than 104 characters"
        if re.fullmatch(r"[\. ]+", user):
            yield "'s User cannot contain only periods or spaces"
        if re.search(_USER_CHARACTERS, user):
            yield "'s User cannot contain the following characters: \"/\\:;|=,+*?<>@[]"


def windows_host_process(spec: Object, path: str) -> Iterator[str]:
    """Yield the errors in a pod's containers that run on a Windows host."""
    own = dig(spec, "securityContext", "windowsOptions", "hostProcess")
    count = total = 0
    for where, each in all_containers(spec, path):
        total += 1
        found = dig(each, "securityContext", "windowsOptions", "hostProcess")
        if own is not None and found is not None and own != found:
            told = f"pod hostProcess value must be identical if both are specified, was {str(own).lower()}"
            yield invalid(f"{where}.securityContext.windowsOptions.hostProcess", found, told)
        count += bool(own if found is None else found)
    if count and count != total:
        told = "If pod contains any hostProcess containers then all containers must be HostProcess containers"
        yield invalid(path, "", told)
    if count and not spec.get("hostNetwork"):
        told = "hostNetwork must be true if pod contains any hostProcess containers"
        yield invalid(f"{path}.hostNetwork", False, told)  # noqa: FBT003 -- the value that is printed


def host_users(spec: Object, path: str) -> Iterator[str]:
    """Yield the errors in a pod with users of its own."""
    if spec.get("hostUsers") is not False:
        return
    for field, called in (("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")):
        if spec.get(field):
            yield forbidden(f"{path}.{called}", "when `hostUsers` is false")
    for where, each in all_containers(spec, path):
        if each.get("volumeDevices"):
            yield forbidden(f"{where}.volumeDevices", "when `hostUsers` is false")


def operating_system(spec: Object, path: str) -> Iterator[str]:
    """Yield the errors in a pod's operating system, and in fields that it does not have."""
    system = spec.get("os")
    if system is None:
        return
    name = system.get("name") or ""
    if not name:
        yield required(f"{path}.os.name")
    elif name not in _SYSTEMS:
        yield unsupported(f"{path}.os", name, _SYSTEMS)
    elif name == "linux":
        told = "windows options cannot be set for a linux pod"
        for where, each in [(path, spec), *all_containers(spec, path)]:
            if dig(each, "securityContext", "windowsOptions") is not None:
                yield forbidden(f"{where}.securityContext.windowsOptions", told)
    else:
        yield from _no_linux(spec, path)


def _no_linux(spec: Object, path: str) -> Iterator[str]:
    told = "cannot be set for a windows pod"
    for field in _WINDOWS_POD:
        value = dig(spec, *field.split("."))
        if value is not None and not (field in {"hostPID", "hostIPC"} and not value) and value != []:
            yield forbidden(f"{path}.{field}", told)
    for where, each in all_containers(spec, path):
        for field in _WINDOWS_CONTAINER:
            if dig(each, "securityContext", field) is not None:
                yield forbidden(f"{where}.securityContext.{field}", told)
