"""Rules of probes and of what runs at the start and the end of a container."""

from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.api.rules.names import header_problems, port_name_problems, port_problems
from lab.cluster.sim.api.rules.wording import (
    forbidden,
    invalid,
    invalids,
    missing,
    negative,
    required,
    unsupported,
)

__all__ = ["lifecycle", "probe"]

_PROBED = ("exec", "httpGet", "tcpSocket", "grpc")
_RUN = ("exec", "httpGet", "tcpSocket", "sleep")
_TIMES = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")


def probe(container: Object, kind: str, path: str) -> Iterator[str]:
    """Yield the errors in a container's probe of a kind, such as `livenessProbe`; `path` is the container's."""
    found, where = container.get(kind), f"{path}.{kind}"
    if found is None:
        return
    yield from _handler(found, where, _PROBED, 0)
    for name in _TIMES:
        yield from negative(f"{where}.{name}", found.get(name))
    grace = found.get("terminationGracePeriodSeconds")
    if grace is not None and grace <= 0:
        yield invalid(f"{where}.terminationGracePeriodSeconds", grace, "must be greater than 0")
    if kind == "readinessProbe":
        if grace is not None:
            told = "must not be set for readinessProbes"
            yield invalid(f"{where}.terminationGracePeriodSeconds", grace, told)
    elif found.get("successThreshold") not in {None, 0, 1}:
        yield invalid(f"{where}.successThreshold", found["successThreshold"], "must be 1")


def lifecycle(container: Object, path: str, grace: int) -> Iterator[str]:
    """Yield the errors in what runs when a container starts and ends, within `grace` seconds."""
    for name in ("postStart", "preStop"):
        if (container.get("lifecycle") or {}).get(name) is not None:
            yield from _handler(container["lifecycle"][name], f"{path}.lifecycle.{name}", _RUN, grace)


def _handler(found: Object, path: str, known: tuple[str, ...], grace: int) -> Iterator[str]:
    given = [name for name in known if found.get(name) is not None]
    for number, name in enumerate(given):
        if number:
            yield forbidden(f"{path}.{name}", "may not specify more than 1 handler type")
        else:
            yield from _action(name, found[name], f"{path}.{name}", grace)
    if not given:
        yield required(path, "must specify a handler type")


def _action(name: str, found: Object, path: str, grace: int) -> Iterator[str]:
    if name == "exec":
        yield from missing(found, path, "command")
    elif name == "sleep":
        seconds = found.get("seconds") or 0
        if not 0 <= seconds <= grace:
            told = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
            yield invalid(path, seconds, told)
    else:
        if name == "httpGet":
            yield from missing(found, path, "path")
        port = found.get("port") or (found.get("port") if found.get("port") == "" else 0)
        problems = port_problems(port) if isinstance(port, int) else port_name_problems(str(port))
        yield from invalids(f"{path}.port", port, problems)
        if name == "httpGet":
            yield from _http(found, path)


def _http(found: Object, path: str) -> Iterator[str]:
    if (found.get("scheme") or "HTTP") not in {"HTTP", "HTTPS"}:
        yield unsupported(f"{path}.scheme", found["scheme"], ("HTTP", "HTTPS"))
    for header in found.get("httpHeaders") or []:
        name = header.get("name") or ""
        yield from invalids(f"{path}.httpHeaders", name, header_problems(name))
