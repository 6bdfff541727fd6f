"""Parts of all descriptions: fields, mappings, dates, events."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object, labels, meta, name_of, namespace_of, parse_time
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.timing.durations import human

__all__ = ["Lines", "date", "event_lines", "fields", "heading", "mapping"]

Lines = Iterator[str]


def date(text: str | None) -> str:
    """Return a time in the format of descriptions."""
    if not text:
        return "<unset>"
    return datetime.fromisoformat(text).strftime("%a, %d %b %Y %H:%M:%S +0000")


def mapping(found: Mapping[str, str] | None, sign: str = "=") -> list[str] | str:
    """Return labels or annotations, one per line."""
    hidden = "kubectl.kubernetes.io/last-applied-configuration"
    shown = [f"{key}{sign}{value}" for key, value in sorted((found or {}).items()) if key != hidden]
    return shown or "<none>"


def fields(values: Mapping[str, object], indent: str = "") -> Lines:
    """Return `name: value` lines; further values follow below the first."""
    for name, value in values.items():
        first, *rest = value if isinstance(value, list) else [value]
        yield f"{indent}{name}:\t{first}"
        for more in rest:
            yield f"{indent}\t{more}"


def heading(item: Object, *, namespaced: bool = True) -> Lines:
    """Return the beginning of most descriptions."""
    yield from fields({
        "Name": name_of(item),
        **({"Namespace": namespace_of(item)} if namespaced else {}),
        "Labels": mapping(labels(item)),
        "Annotations": mapping(meta(item).get("annotations"), ": "),
    })  # fmt: skip


def event_lines(call: Call, item: Object) -> Lines:
    """Return the events about `item`."""
    # Events about a static pod carry the hash of its manifest.
    source = (meta(item).get("annotations") or {}).get("kubernetes.io/config.mirror", "")
    found = [
        event
        for event in call.plane.store.list(KIND["Event"], namespace_of(item) or "default")
        if event["involvedObject"].get("uid") in {meta(item).get("uid"), source}
    ]
    found.sort(key=lambda event: parse_time(event["lastTimestamp"]))
    if not found:
        yield "Events:\t<none>"
        return
    yield "Events:"
    yield "  Type\tReason\tAge\tFrom\tMessage"
    yield "  ----\t------\t----\t----\t-------"
    for event in found:
        last, first = parse_time(event["lastTimestamp"]), parse_time(event["firstTimestamp"])
        age = human(call.now() - last)
        if event["count"] > 1:
            age += f" (x{event['count']} over {human(call.now() - first)})"
        source = event["source"].get("component", "")
        yield f"  {event['type']}\t{event['reason']}\t{age}\t{source}\t{event['message'].strip()}"
