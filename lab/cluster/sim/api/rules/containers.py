"""Rules of containers: names, ports, policies, and the order in which their parts are checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lab.cluster.sim.api.objects import Object, dig
from lab.cluster.sim.api.rules.environment import environment, environment_from
from lab.cluster.sim.api.rules.handlers import lifecycle, probe
from lab.cluster.sim.api.rules.mounts import devices, mounts
from lab.cluster.sim.api.rules.names import name_problems, port_name_problems, port_problems
from lab.cluster.sim.api.rules.resources import requirements
from lab.cluster.sim.api.rules.security import container_security
from lab.cluster.sim.api.rules.wording import (
    duplicate,
    forbidden,
    invalid,
    invalids,
    not_found,
    required,
    unsupported,
)

__all__ = ["Around", "containers", "ephemeral_containers", "image_spaces", "init_containers"]

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_ONLY_RESTARTED = "may not be set for init containers without restartPolicy=Always"
_ONLY_LASTING = "cannot be set for an Ephemeral Container"
_PULL = ("Always", "IfNotPresent", "Never")
_ENDED = ("File", "FallbackToLogsOnError")
#: Fields of a container that an ephemeral one lacks, in the order of the API's type.
_LASTING = ("ports", "resources", "resizePolicy", "lifecycle", *_PROBES)


@dataclass(frozen=True, slots=True)
class Around:
    """The parts of a pod's spec that the rules of its containers need."""

    spec: Object
    #: The volumes without errors, by name.
    volumes: Mapping[str, Object]

    @property
    def grace(self) -> int:
        """The seconds that a container has to end."""
        found = self.spec.get("terminationGracePeriodSeconds")
        return 30 if found is None else int(found)

    @property
    def claims(self) -> set[str]:
        """The names of the pod's claims of resources."""
        return {each.get("name") or "" for each in self.spec.get("resourceClaims") or []} - {""}


def containers(around: Around, path: str) -> Iterator[str]:
    """Yield the errors in a pod's containers."""
    found = around.spec.get("containers") or []
    if not found:
        yield required(path)
    names: set[str] = set()
    for index, each in enumerate(found):
        where = f"{path}[{index}]"
        yield from _container(each, around, where)
        yield from _unique(each, names, where)
        names.add(each.get("name") or "")
        yield from lifecycle(each, where, around.grace)
        for name in _PROBES:
            yield from probe(each, name, where)
    yield from _host_ports(found, path)


def init_containers(around: Around, path: str) -> Iterator[str]:
    """Yield the errors in a pod's init containers."""
    names = {each.get("name") or "" for each in around.spec.get("containers") or []}
    for index, each in enumerate(around.spec.get("initContainers") or []):
        where = f"{path}[{index}]"
        yield from _container(each, around, where)
        yield from _unique(each, names, where)
        names |= {each.get("name") or ""} - {""}
        yield from _host_ports([each], path)
        if each.get("restartPolicy") == "Always":
            yield from lifecycle(each, where, around.grace)
            for name in _PROBES:
                yield from probe(each, name, where)
        else:
            for name in ("lifecycle", *_PROBES):
                if each.get(name) is not None:
                    yield forbidden(f"{where}.{name}", _ONLY_RESTARTED)


def ephemeral_containers(around: Around, path: str) -> Iterator[str]:
    """Yield the errors in a pod's ephemeral containers."""
    others = {
        each.get("name") or "" for kind in ("containers", "initContainers") for each in around.spec.get(kind) or []
    }
    names = set(others)
    for index, each in enumerate(around.spec.get("ephemeralContainers") or []):
        where, target = f"{path}[{index}]", each.get("targetContainerName") or ""
        yield from _container(each, around, where)
        yield from image_spaces(each, where)
        yield from _unique(each, names, where)
        names.add(each.get("name") or "")
        if target and target not in others:
            yield not_found(f"{where}.targetContainerName", target)
        yield from (forbidden(f"{where}.{name}", _ONLY_LASTING) for name in _LASTING if each.get(name))
        for number, mount in enumerate(each.get("volumeMounts") or []):
            for name in ("subPath", "subPathExpr"):
                if mount.get(name):
                    yield forbidden(f"{where}.volumeMounts[{number}].{name}", _ONLY_LASTING)


def image_spaces(container: Object, path: str) -> Iterator[str]:
    """Yield the error in an image with spaces around it, which only a pod's own containers must not have."""
    image = container.get("image") or ""
    if image != image.strip():
        yield invalid(f"{path}.image", image, "must not have leading or trailing whitespace")


def _unique(container: Object, names: set[str], path: str) -> Iterator[str]:
    name = container.get("name") or ""
    if name in names:
        yield duplicate(f"{path}.name", name)


def _container(each: Object, around: Around, path: str) -> Iterator[str]:
    name = each.get("name") or ""
    if not name:
        yield required(f"{path}.name")
    else:
        yield from invalids(f"{path}.name", name, name_problems(name))
    if not each.get("image"):
        yield required(f"{path}.image")
    if (policy := each.get("terminationMessagePolicy") or "File") not in _ENDED:
        yield unsupported(f"{path}.terminationMessagePolicy", policy, _ENDED)
    yield from _ports(each.get("ports") or [], f"{path}.ports")
    yield from environment(each.get("env") or [], f"{path}.env")
    yield from environment_from(each.get("envFrom") or [], f"{path}.envFrom")
    yield from mounts(each, around.volumes, f"{path}.volumeMounts")
    yield from devices(each, around.volumes, f"{path}.volumeDevices")
    if (pull := each.get("imagePullPolicy") or "Always") not in _PULL:
        yield unsupported(f"{path}.imagePullPolicy", pull, _PULL)
    yield from requirements(each.get("resources") or {}, f"{path}.resources", around.claims)
    yield from _resizing(each.get("resizePolicy") or [], f"{path}.resizePolicy", around.spec)
    host = around.spec.get("hostUsers") is not False
    yield from container_security(each.get("securityContext"), f"{path}.securityContext", host=host)


def _resizing(found: list[Object], path: str, spec: Object) -> Iterator[str]:
    names: set[str] = set()
    for index, each in enumerate(found):
        name, policy = each.get("resourceName") or "", each.get("restartPolicy") or ""
        if name in names:
            yield duplicate(f"{path}[{index}]", name)
        names.add(name)
        for value, known in ((name, ("cpu", "memory")), (policy, ("NotRequired", "RestartContainer"))):
            if not value:
                yield required(path)
            elif value not in known:
                yield unsupported(path, value, known)
        if spec.get("restartPolicy") == "Never" and policy != "NotRequired":
            yield invalid(path, policy, "must be 'NotRequired' when `restartPolicy` is 'Never'")


def _ports(ports: list[Object], path: str) -> Iterator[str]:
    names: set[str] = set()
    for index, port in enumerate(ports):
        where, name = f"{path}[{index}]", port.get("name") or ""
        problems = port_name_problems(name) if name else []
        yield from invalids(f"{where}.name", name, problems)
        if name and not problems:
            if name in names:
                yield duplicate(f"{where}.name", name)
            names.add(name)
        number = port.get("containerPort") or 0
        if not number:
            yield required(f"{where}.containerPort")
        else:
            yield from invalids(f"{where}.containerPort", number, port_problems(number))
        if port.get("hostPort"):
            yield from invalids(f"{where}.hostPort", port["hostPort"], port_problems(port["hostPort"]))
        protocol = port.get("protocol") or "TCP"
        if protocol not in {"TCP", "UDP", "SCTP"}:
            yield unsupported(f"{where}.protocol", protocol, ("SCTP", "TCP", "UDP"))


def _host_ports(found: list[Object], path: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, each in enumerate(found):
        for number, port in enumerate(dig(each, "ports", default=[])):
            if not port.get("hostPort"):
                continue
            used = f"{port.get('protocol') or 'TCP'}/{port.get('hostIP') or ''}/{port['hostPort']}"
            if used in seen:
                yield duplicate(f"{path}[{index}].ports[{number}].hostPort", used)
            seen.add(used)
