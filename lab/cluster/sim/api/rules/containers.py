"""Rules of containers: names, ports, environment, mounts, probes, resources."""

from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.api.rules.names import (
    env_problems,
    key_problems,
    name_problems,
    port_name_problems,
    port_problems,
)
from lab.cluster.sim.api.rules.resources import requirements
from lab.cluster.sim.api.rules.wording import (
    duplicate,
    forbidden,
    invalid,
    invalids,
    negative,
    not_found,
    required,
    unsupported,
)

__all__ = ["containers", "init_containers"]

_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_ONLY_RESTARTED = "may not be set for init containers without restartPolicy=Always"


def containers(found: list[Object], volumes: set[str], path: str) -> Iterator[str]:
    """Yield the errors in a pod's containers."""
    if not found:
        yield required(path)
    names: set[str] = set()
    for index, each in enumerate(found):
        where = f"{path}[{index}]"
        yield from _container(each, volumes, where)
        yield from _unique(each, names, where)
        for name in _PROBES:
            if each.get(name) is not None:
                yield from _probe(each[name], f"{where}.{name}", once=name != "readinessProbe")


def init_containers(found: list[Object], others: list[Object], volumes: set[str], path: str) -> Iterator[str]:
    """Yield the errors in a pod's init containers; `others` are its containers."""
    names = {each.get("name") or "" for each in others}
    for index, each in enumerate(found):
        where = f"{path}[{index}]"
        yield from _container(each, volumes, where)
        yield from _unique(each, names, where)
        for name in ("lifecycle", *_PROBES):
            if each.get(name) is not None and each.get("restartPolicy") != "Always":
                yield forbidden(f"{where}.{name}", _ONLY_RESTARTED)


def _unique(container: Object, names: set[str], path: str) -> Iterator[str]:
    name = container.get("name") or ""
    if name in names:
        yield duplicate(f"{path}.name", name)
    names.add(name)


def _container(each: Object, volumes: set[str], path: str) -> Iterator[str]:
    name, image = each.get("name") or "", each.get("image") or ""
    if not name:
        yield required(f"{path}.name")
    else:
        yield from invalids(f"{path}.name", name, name_problems(name))
    if not image:
        yield required(f"{path}.image")
    elif image != image.strip():
        yield invalid(f"{path}.image", image, "must not have leading or trailing whitespace")
    policy = each.get("terminationMessagePolicy")
    if policy not in {None, "File", "FallbackToLogsOnError"}:
        yield unsupported(f"{path}.terminationMessagePolicy", policy, ("File", "FallbackToLogsOnError"))
    yield from _ports(each.get("ports") or [], f"{path}.ports")
    yield from _environment(each.get("env") or [], f"{path}.env")
    yield from _mounts(each.get("volumeMounts") or [], volumes, f"{path}.volumeMounts")
    pull = each.get("imagePullPolicy")
    if pull not in {None, "Always", "IfNotPresent", "Never"}:
        yield unsupported(f"{path}.imagePullPolicy", pull, ("Always", "IfNotPresent", "Never"))
    yield from requirements(each.get("resources") or {}, f"{path}.resources")
    for policy in each.get("resizePolicy") or []:
        for field, known in (
            ("resourceName", ("cpu", "memory")),
            ("restartPolicy", ("NotRequired", "RestartContainer")),
        ):
            if not policy.get(field):
                yield required(f"{path}.resizePolicy")
            elif policy[field] not in known:
                yield unsupported(f"{path}.resizePolicy", policy[field], known)


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
            yield from (
                invalid(f"{where}.hostPort", port["hostPort"], told) for told in port_problems(port["hostPort"])
            )
        protocol = port.get("protocol") or "TCP"
        if protocol not in {"TCP", "UDP", "SCTP"}:
            yield unsupported(f"{where}.protocol", protocol, ("SCTP", "TCP", "UDP"))


def _environment(entries: list[Object], path: str) -> Iterator[str]:
    for index, entry in enumerate(entries):
        where, name = f"{path}[{index}]", entry.get("name") or ""
        if not name:
            yield required(f"{where}.name")
        else:
            yield from invalids(f"{where}.name", name, env_problems(name))
        source = entry.get("valueFrom")
        if source is None:
            continue
        yield from _source(source, f"{where}.valueFrom", alone=not entry.get("value"))


def _source(source: Object, path: str, *, alone: bool) -> Iterator[str]:
    given = [name for name in _SOURCES if source.get(name) is not None]
    if not given:
        told = ", ".join(f"`{name}`" for name in _SOURCES[:3])
        yield invalid(path, "", f"must specify one of: {told} or `{_SOURCES[3]}`")
    elif not alone:
        yield invalid(path, "", "may not be specified when `value` is not empty")
    for name in given:
        found, where = source[name], f"{path}.{name}"
        if name == "fieldRef":
            version = found.get("apiVersion") or "v1"
            if not found.get("fieldPath"):
                yield required(f"{where}.fieldPath")
            elif version != "v1":
                told = f"error converting fieldPath: unsupported pod version: {version}"
                yield invalid(f"{where}.fieldPath", found["fieldPath"], told)
        elif name in {"configMapKeyRef", "secretKeyRef"}:
            if not found.get("name"):
                yield required(f"{where}.name")
            if not found.get("key"):
                yield required(f"{where}.key")


def _mounts(mounts: list[Object], volumes: set[str], path: str) -> Iterator[str]:
    places: set[str] = set()
    for index, mount in enumerate(mounts):
        where, name, place = f"{path}[{index}]", mount.get("name") or "", mount.get("mountPath") or ""
        if not name:
            yield required(f"{where}.name")
        if name not in volumes:
            yield not_found(f"{where}.name", name)
        if not place:
            yield required(f"{where}.mountPath")
        if place in places:
            yield invalid(f"{where}.mountPath", place, "must be unique")
        places.add(place)


def _probe(probe: Object, path: str, *, once: bool) -> Iterator[str]:
    given = [name for name in _HANDLERS if probe.get(name) is not None]
    for name in given[:1]:
        yield from _handler(name, probe[name], f"{path}.{name}")
    yield from (forbidden(f"{path}.{name}", "may not specify more than 1 handler type") for name in given[1:])
    if not given:
        yield required(path, "must specify a handler type")
    for name in ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"):
        yield from negative(f"{path}.{name}", probe.get(name))
    grace = probe.get("terminationGracePeriodSeconds")
    if grace is not None and grace <= 0:
        yield invalid(f"{path}.terminationGracePeriodSeconds", grace, "must be greater than 0")
    if once and probe.get("successThreshold") not in {None, 1}:
        yield invalid(f"{path}.successThreshold", probe["successThreshold"], "must be 1")


def _handler(name: str, found: Object, path: str) -> Iterator[str]:
    if name == "exec":
        if not found.get("command"):
            yield required(f"{path}.command")
        return
    if name == "httpGet" and not found.get("path"):
        yield required(f"{path}.path")
    port = found.get("port") or 0
    problems = port_problems(port) if isinstance(port, int) else port_name_problems(port)
    yield from invalids(f"{path}.port", port, problems)
    if name == "httpGet" and (found.get("scheme") or "HTTP") not in {"HTTP", "HTTPS"}:
        yield unsupported(f"{path}.scheme", found["scheme"], ("HTTP", "HTTPS"))
    for header in found.get("httpHeaders") or []:
        if key_problems(header.get("name") or ""):
            told = "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"  # noqa: E501 -- as it is printed
            yield invalid(f"{path}.httpHeaders", header.get("name") or "", told)
