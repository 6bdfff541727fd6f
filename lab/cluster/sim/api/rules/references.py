"""Rules of references to other objects by kind and name."""

from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.api.rules.names import path_segment_problems
from lab.cluster.sim.api.rules.wording import invalids, required

__all__ = ["kind_and_name"]


def kind_and_name(found: Object, path: str) -> Iterator[str]:
    """Yield the errors in the kind and the name of a reference: both are needed, and are parts of a path."""
    for field in ("kind", "name"):
        text = found.get(field) or ""
        if not text:
            yield required(f"{path}.{field}")
        else:
            yield from invalids(f"{path}.{field}", text, path_segment_problems(text))
