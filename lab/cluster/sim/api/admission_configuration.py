"""The API server's admission configuration, read strictly, and in it that of the plugin PodSecurity."""

import re
from collections.abc import Iterator

from lab.cluster.sim.api.admission import PodSecurity
from lab.cluster.sim.api.configuration_files import ConfigurationError, decoded, decoded_part, struct
from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.api.pod_security import LEVELS
from lab.cluster.sim.api.rules.names import name_problems, subdomain_problems

__all__ = ["pod_security"]

_GROUP = "pod-security.admission.config.k8s.io"
_MODES = ("enforce", "audit", "warn")
_PLUGIN = struct("AdmissionPluginConfiguration", name="string", path="string", configuration="any")
_FILE = struct(
    "AdmissionConfiguration", plugins={**_PLUGIN, "type": "[]AdmissionPluginConfiguration"}
)  # fmt: skip
_DEFAULTS = struct(
    "PodSecurityDefaults", **{f"{mode}{more}": "string" for mode in _MODES for more in ("", "_version")}
)
_EXEMPTIONS = struct(
    "PodSecurityExemptions", usernames="[]string", namespaces="[]string", runtimeClasses="[]string"
)
_SECURITY = struct("PodSecurityConfiguration", defaults=_DEFAULTS, exemptions=_EXEMPTIONS)
_VERSIONS = ("v1", "v1beta1", "v1alpha1")


def pod_security(text: str, *, off: bool = False) -> PodSecurity:
    """Read an AdmissionConfiguration; raise `ConfigurationError` in the API server's words if it is wrong.

    If the plugin is `off`, its own configuration is not read.
    """
    try:
        found = decoded(
            text,
            {
                (group, "AdmissionConfiguration"): _FILE
                for group in ("apiserver.config.k8s.io/v1", "apiserver.k8s.io/v1alpha1")
            },
        )
    except ConfigurationError as error:
        raise ConfigurationError(f"failed to read plugin config: {error}") from error
    for plugin in found.get("plugins") or []:
        if plugin.get("name") == "PodSecurity" and not off:
            if plugin.get("path"):
                raise ConfigurationError("not simulated: a plugin's configuration in a file of its own")
            try:
                found = _decoded_plugin(plugin.get("configuration"))
            except ConfigurationError as error:
                raise ConfigurationError(f'couldn\'t init admission plugin "PodSecurity": {error}') from error
            return _plugin(found)
    return PodSecurity(off=off)


def _decoded_plugin(given: object) -> Object:
    if given is None:
        return {}
    return decoded_part(given, {(f"{_GROUP}/{each}", "PodSecurityConfiguration"): _SECURITY for each in _VERSIONS})


def _plugin(found: Object) -> PodSecurity:
    defaults, exemptions = found.get("defaults") or {}, found.get("exemptions") or {}
    for told, problems in (
        ("configuration error", list(_wrong_defaults(defaults))),
        ("invalid", list(_wrong_exemptions(exemptions))),
    ):
        if problems:
            shown = problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]"
            raise ConfigurationError(
                f'failed to initialize admission plugin "PodSecurity": PodSecurity {told}: {shown}'
            )
    made = PodSecurity(
        versions={mode: defaults.get(f"{mode}-version") or "latest" for mode in _MODES},
        exempt_namespaces=tuple(exemptions.get("namespaces") or ()),
        exempt_users=tuple(exemptions.get("usernames") or ()),
    )
    for mode in _MODES:
        setattr(made, mode, defaults.get(mode) or "privileged")
    return made


def _wrong_defaults(defaults: Object) -> Iterator[str]:
    for mode in _MODES:
        level, version = defaults.get(mode) or "privileged", defaults.get(f"{mode}-version") or "latest"
        if level not in LEVELS:
            yield f"{mode}: must be one of {', '.join(LEVELS)}"
        if version != "latest" and not re.fullmatch(r"v1\.(0|[1-9][0-9]*)", version):
            yield f'{mode}-version: must be "latest" or "v1.x"'


def _wrong_exemptions(exemptions: Object) -> Iterator[str]:
    for field in ("namespaces", "runtimeClasses", "usernames"):
        seen = set()
        for index, name in enumerate(exemptions.get(field) or []):
            where = f"exemptions.{field}[{index}]"
            if field == "usernames" and not name:
                yield f'{where}: Invalid value: "": username must not be empty'
            elif field != "usernames":
                for told in (name_problems if field == "namespaces" else subdomain_problems)(name):
                    yield f'{where}: Invalid value: "{name}": {told}'
            if name in seen:
                yield f'{where}: Duplicate value: "{name}"'
            seen.add(name)
