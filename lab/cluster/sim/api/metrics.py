"""The API server's metrics, as far as this model counts them: requests, stored objects, the store's size."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from lab.cluster.sim.api.kinds import KINDS, Kind
from lab.cluster.sim.api.store import Store
from lab.cluster.sim.state.declared import stateful

__all__ = ["RequestCounts", "health_metrics", "metrics"]

_LABELS = ("code", "component", "dry_run", "group", "resource", "scope", "subresource", "verb", "version")
_VERBS = {"GET": "GET", "POST": "POST", "PUT": "PUT", "PATCH": "PATCH", "DELETE": "DELETE"}


@stateful
class RequestCounts:
    """Counts requests and their results."""

    #: By the values of `_LABELS`.
    counted: Counter[tuple[str, ...]]

    def __init__(self) -> None:
        self.counted = Counter()

    @property
    def number(self) -> int:
        """The number of all requests."""
        return self.counted.total()

    def count(  # noqa: PLR0917 -- the labels of the metric
        self, method: str, kind: Kind, code: int, scope: str, sub: str = "", dry: str = ""
    ) -> None:  # fmt: skip
        """Count one request for objects of a kind; `scope` is resource, namespace or cluster."""
        verb = "LIST" if method == "GET" and scope != "resource" else _VERBS.get(method, method)
        self.counted[str(code), "apiserver", dry, kind.group, kind.plural, scope, sub, verb, kind.version] += 1


def metrics(store: Store, requests: RequestCounts) -> str:
    """Return the page of `/metrics`."""
    return "\n".join(_lines(store, requests)) + "\n"


def _lines(store: Store, requests: RequestCounts) -> Iterator[str]:
    yield from _head(
        "apiserver_request_total", "counter",
        "[STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, "
        "resource, scope, component, and HTTP response code.",
    )  # fmt: skip
    for values, number in sorted(requests.counted.items()):
        yield _sample("apiserver_request_total", dict(zip(_LABELS, values, strict=True)), number)
    yield from _head(
        "apiserver_storage_objects", "gauge",
        "[STABLE] [DEPRECATED, consider using apiserver_resource_objects instead] Number of stored objects at the "
        "time of last check split by kind. In case of a fetching error, the value will be -1.",
    )  # fmt: skip
    for kind in sorted(KINDS, key=lambda kind: kind.full):
        # Events are stored once and counted under the name of their first group.
        if "watch" in kind.verbs and not (kind.kind == "Event" and kind.group):
            yield _sample("apiserver_storage_objects", {"resource": kind.full}, len(store.list(kind)))
    yield from _head(
        "apiserver_storage_size_bytes", "gauge",
        "[STABLE] Size of the storage database file physically allocated in bytes.",
    )  # fmt: skip
    size = store.etcd.size
    yield f'apiserver_storage_size_bytes{{storage_cluster_id="etcd-0"}} {_go(size)}'


def _go(number: float) -> str:
    """Return a number in Go's shortest form: 2.367488e+06."""
    if abs(number) < 1e21 and number == int(number) and abs(number) < 1e6:
        return str(int(number))
    mantissa, _, exponent = f"{number:.15e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{exponent}"


def health_metrics(checks: Mapping[str, Sequence[str]]) -> str:
    """Return the page of `/metrics/slis`: the checks behind each of the health paths, all passed."""
    lines = list(
        _head("kubernetes_healthcheck", "gauge",
              "[STABLE] This metric records the result of a single healthcheck.")
    )  # fmt: skip
    names = sorted({name for found in checks.values() for name in found})
    lines += [
        _sample("kubernetes_healthcheck", {"name": name, "type": which}, 1)
        for name in names
        for which, found in sorted(checks.items())
        if name in found
    ]
    return "\n".join(lines) + "\n"


def _head(name: str, kind: str, text: str) -> tuple[str, str]:
    return f"# HELP {name} {text}", f"# TYPE {name} {kind}"


def _sample(name: str, labels: Mapping[str, str], value: int) -> str:
    told = ",".join(f'{key}="{text}"' for key, text in labels.items())
    return f"{name}{{{told}}} {value}"
