"""Rules of ingresses."""

import re
from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.api.rules.names import (
    dns1035_problems,
    port_name_problems,
    port_problems,
    subdomain_problems,
    wildcard_problems,
)
from lab.cluster.sim.api.rules.references import kind_and_name
from lab.cluster.sim.api.rules.wording import invalid, invalids, required, unsupported
from lab.cluster.sim.text.addresses import is_address

__all__ = ["ingress"]

_PATHS = ("Exact", "ImplementationSpecific", "Prefix")
_ABSOLUTE = "must be an absolute path"


def ingress(item: Object, _old: Object | None) -> Iterator[str]:
    """Yield the errors in an ingress."""
    spec = item.get("spec") or {}
    rules, default = spec.get("rules") or [], spec.get("defaultBackend")
    if not rules and default is None:
        yield invalid("spec", spec.get("rules"), "either `defaultBackend` or `rules` must be specified")
    if default is not None:
        yield from _backend(default, "spec.defaultBackend")
    for index, rule in enumerate(rules):
        yield from _rule(rule, f"spec.rules[{index}]")
    for index, tls in enumerate(spec.get("tls") or []):
        where, secret = f"spec.tls[{index}]", tls.get("secretName") or ""
        for number, host in enumerate(tls.get("hosts") or []):
            yield from invalids(f"{where}.hosts[{number}]", host, _host_problems(host))
        if secret:
            yield from invalids(f"{where}.secretName", secret, subdomain_problems(secret))
    if (chosen := spec.get("ingressClassName")) is not None:
        yield from invalids("spec.ingressClassName", chosen, subdomain_problems(chosen))


def _host_problems(host: str) -> list[str]:
    return wildcard_problems(host) if "*" in host else subdomain_problems(host)


def _rule(rule: Object, path: str) -> Iterator[str]:
    host, http = rule.get("host") or "", rule.get("http")
    if host:
        if is_address(host):
            yield invalid(f"{path}.host", host, "must be a DNS name, not an IP address")
        yield from invalids(f"{path}.host", host, _host_problems(host))
    if http is not None:
        paths = http.get("paths") or []
        if not paths:
            yield required(f"{path}.http.paths")
        for number, each in enumerate(paths):
            yield from _path(each, f"{path}.http.paths[{number}]")


def _path(path: Object, where: str) -> Iterator[str]:
    kind, text = path.get("pathType"), path.get("path") or ""
    if kind is None:
        yield required(f"{where}.pathType", "pathType must be specified")
        return
    if kind not in _PATHS:
        yield unsupported(f"{where}.pathType", kind, _PATHS)
    elif kind == "ImplementationSpecific":
        if text and not text.startswith("/"):
            yield invalid(f"{where}.path", text, _ABSOLUTE)
    else:
        if not text.startswith("/"):
            yield invalid(f"{where}.path", text, _ABSOLUTE)
        for part in ("//", "/./", "/../", "%2f", "%2F"):
            if part in text:
                yield invalid(f"{where}.path", text, f"must not contain '{part}'")
        if end := re.search(r"/\.\.?\Z", text):
            yield invalid(f"{where}.path", text, f"cannot end with '{end.group()}'")
    yield from _backend(path.get("backend") or {}, f"{where}.backend")


def _backend(backend: Object, path: str) -> Iterator[str]:
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None and resource is not None:
        yield invalid(path, "", "cannot set both resource and service backends")
    elif resource is not None:
        yield from _resource(resource, f"{path}.resource")
    elif service is None:
        yield invalid(path, "", "resource or service backend is required")
    else:
        name, port = service.get("name") or "", service.get("port") or {}
        if not name:
            yield required(f"{path}.service.name")
        else:
            yield from invalids(f"{path}.service.name", name, dns1035_problems(name))
        if port.get("name") and port.get("number"):
            yield invalid(path, "", "cannot set both port name & port number")
        elif port.get("name"):
            yield from invalids(f"{path}.service.port.name", port["name"], port_name_problems(port["name"]))
        elif port.get("number"):
            yield from invalids(f"{path}.service.port.number", port["number"], port_problems(port["number"]))
        else:
            yield required(path, "port name or number is required")


def _resource(found: Object, path: str) -> Iterator[str]:
    if (group := found.get("apiGroup")) is not None:
        yield from invalids(f"{path}.apiGroup", group, subdomain_problems(group))
    yield from kind_and_name(found, path)
