"""Rules of pods, and of the pods in templates."""

from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object, dig, name_of
from lab.cluster.sim.api.rules.containers import (
    Around,
    containers,
    ephemeral_containers,
    image_spaces,
    init_containers,
)
from lab.cluster.sim.api.rules.metadata import labels_of
from lab.cluster.sim.api.rules.names import key_problems, name_problems, search_problems, subdomain_problems
from lab.cluster.sim.api.rules.resources import overhead, pod_requirements
from lab.cluster.sim.api.rules.scheduling import affinity, gates, spreading, tolerations
from lab.cluster.sim.api.rules.security import (
    host_users,
    operating_system,
    pod_security,
    windows_host_process,
)
from lab.cluster.sim.api.rules.volumes import volumes
from lab.cluster.sim.api.rules.wording import (
    between,
    duplicate,
    forbidden,
    invalid,
    invalids,
    required,
    unsupported,
)
from lab.cluster.sim.text.addresses import is_address

__all__ = ["pod", "pod_spec"]

_DNS = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_RESTART = ("Always", "OnFailure", "Never")
_PREEMPTION = ("PreemptLowerPriority", "Never")
_ADDRESS = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"


def pod(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a pod."""
    spec = item.get("spec") or {}
    yield from pod_spec(spec, "spec", name_of(item))
    if not spec.get("serviceAccountName"):
        for index, volume in enumerate(spec.get("volumes") or []):
            for number, source in enumerate(dig(volume, "projected", "sources", default=[])):
                if source.get("serviceAccountToken") is not None:
                    where = f"spec.volumes[{index}].projected.sources[{number}].serviceAccountToken"
                    yield forbidden(where, "must not be specified when serviceAccountName is not set")
    for kind in ("containers", "initContainers"):
        for index, each in enumerate(spec.get(kind) or []):
            yield from image_spaces(each, f"spec.{kind}[{index}]")
    if old is None:
        if spec.get("ephemeralContainers"):
            yield forbidden("spec.ephemeralContainers", "cannot be set on create")
        if spec.get("nodeName") and spec.get("schedulingGates"):
            yield forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared")


def pod_spec(spec: Object, path: str, name: str = "") -> Iterator[str]:
    """Yield the errors in a pod's spec at `path`; a template has no `name`."""
    errors: list[str] = []
    around = Around(spec, volumes(spec.get("volumes") or [], f"{path}.volumes", errors, name))
    yield from errors
    yield from _claims(spec.get("resourceClaims") or [], f"{path}.resourceClaims")
    yield from containers(around, f"{path}.containers")
    yield from init_containers(around, f"{path}.initContainers")
    yield from ephemeral_containers(around, f"{path}.ephemeralContainers")
    yield from pod_requirements(spec, path)
    yield from _host_network(spec, f"{path}.containers", whole=bool(name))
    if (spec.get("restartPolicy") or "Always") not in _RESTART:
        yield unsupported(f"{path}.restartPolicy", spec["restartPolicy"], _RESTART)
    if (spec.get("dnsPolicy") or "Default") not in _DNS:
        yield unsupported(f"{path}.dnsPolicy", spec["dnsPolicy"], _DNS)
    yield from labels_of(spec.get("nodeSelector"), f"{path}.nodeSelector")
    yield from pod_security(spec, path)
    yield from affinity(spec.get("affinity") or {}, f"{path}.affinity")
    yield from _dns(spec, f"{path}.dnsConfig")
    for index, gate in enumerate(spec.get("readinessGates") or []):
        kind = gate.get("conditionType") or ""
        yield from invalids(f"{path}.readinessGates[{index}].conditionType", kind, key_problems(kind))
    yield from gates(spec.get("schedulingGates") or [], f"{path}.schedulingGates")
    yield from spreading(spec.get("topologySpreadConstraints") or [], f"{path}.topologySpreadConstraints")
    yield from windows_host_process(spec, path)
    yield from host_users(spec, path)
    yield from _named(spec, path)
    if spec.get("preemptionPolicy") not in {None, *_PREEMPTION}:
        if not spec["preemptionPolicy"]:
            yield required(f"{path}.preemptionPolicy")
        else:
            yield unsupported(f"{path}.preemptionPolicy", spec["preemptionPolicy"], _PREEMPTION)
    yield from overhead(spec.get("overhead") or {}, f"{path}.overhead")
    yield from operating_system(spec, path)


def _host_network(spec: Object, path: str, *, whole: bool) -> Iterator[str]:
    """Yield the errors in ports of a pod in the node's network; a template's ports may still be empty."""
    if not spec.get("hostNetwork"):
        return
    for index, each in enumerate(spec.get("containers") or []):
        for number, port in enumerate(each.get("ports") or []):
            host, own = port.get("hostPort") or 0, port.get("containerPort") or 0
            if host != own and (host or whole):
                told = "must match `containerPort` when `hostNetwork` is true"
                yield invalid(f"{path}[{index}].ports[{number}].hostPort", host, told)


def _named(spec: Object, path: str) -> Iterator[str]:
    """Yield the errors in fields that name something."""
    for field in ("serviceAccountName", "nodeName"):
        if name := spec.get(field):
            yield from invalids(f"{path}.{field}", name, subdomain_problems(name))
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 0 < deadline < 2**31:
        yield invalid(f"{path}.activeDeadlineSeconds", deadline, between(1, 2147483647))
    for field in ("hostname", "subdomain"):
        if name := spec.get(field):
            yield from invalids(f"{path}.{field}", name, name_problems(name))
    yield from tolerations(spec.get("tolerations") or [], f"{path}.tolerations")
    yield from _aliases(spec.get("hostAliases") or [], f"{path}.hostAliases")
    for field in ("priorityClassName", "runtimeClassName"):
        if (name := spec.get(field)) is not None and (name or field == "runtimeClassName"):
            yield from invalids(f"{path}.{field}", name, subdomain_problems(name))


def _aliases(found: list[Object], path: str) -> Iterator[str]:
    for index, alias in enumerate(found):
        where, address = f"{path}[{index}]", alias.get("ip") or ""
        if not is_address(address):
            yield invalid(f"{where}.ip", address, _ADDRESS)
        for number, name in enumerate(alias.get("hostnames") or []):
            yield from invalids(f"{where}.hostnames[{number}]", name, subdomain_problems(name))


def _claims(claims: list[Object], path: str) -> Iterator[str]:
    names: set[str] = set()
    for index, claim in enumerate(claims):
        where, name = f"{path}[{index}]", claim.get("name") or ""
        one, other = claim.get("resourceClaimName"), claim.get("resourceClaimTemplateName")
        if not name:
            yield required(f"{where}.name")
        elif name in names:
            yield duplicate(f"{where}.name", name)
        else:
            yield from invalids(f"{where}.name", name, name_problems(name))
        names |= {name} - {""}
        value = {"Name": name, "ResourceClaimName": one, "ResourceClaimTemplateName": other}
        if one is not None and other is not None:
            told = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            yield invalid(where, value, told)
        elif one is None and other is None:
            yield invalid(where, value, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`")
        for field in ("resourceClaimName", "resourceClaimTemplateName"):
            if (chosen := claim.get(field)) is not None:
                yield from invalids(f"{where}.{field}", chosen, subdomain_problems(chosen))


def _dns(spec: Object, path: str) -> Iterator[str]:
    found = spec.get("dnsConfig")
    if spec.get("dnsPolicy") == "None":
        if found is None:
            yield required(path, "must provide `dnsConfig` when `dnsPolicy` is None")
            return
        if not found.get("nameservers"):
            told = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            yield required(f"{path}.nameservers", told)
            return
    yield from _resolving(found or {}, path)


def _resolving(found: Object, path: str) -> Iterator[str]:
    servers, searches = found.get("nameservers") or [], found.get("searches") or []
    if len(servers) > 3:
        yield invalid(f"{path}.nameservers", servers, "must not have more than 3 nameservers")
    for index, server in enumerate(servers):
        if not is_address(server):
            yield invalid(f"{path}.nameservers[{index}]", server, _ADDRESS)
    if len(searches) > 32:
        yield invalid(f"{path}.searches", searches, "must not have more than 32 search paths")
    if len(" ".join(searches)) > 2048:
        told = "must not have more than 2048 characters (including spaces) in the search list"
        yield invalid(f"{path}.searches", searches, told)
    for index, domain in enumerate(searches):
        if domain != ".":
            bare = domain.removesuffix(".")
            yield from invalids(f"{path}.searches[{index}]", bare, search_problems(bare))
    for index, option in enumerate(found.get("options") or []):
        if not option.get("name"):
            yield required(f"{path}.options[{index}]", "must not be empty")
