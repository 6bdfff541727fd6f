"""Containers on a node, as its container runtime lists them, even while the API server does not answer."""

import json
from dataclasses import dataclass
from typing import Any

from lab.cluster.base import Node
from lab.errors import UnreadableError

__all__ = ["Container", "containers", "parse_containers", "removal"]


@dataclass(frozen=True, slots=True)
class Container:
    """One container, by `crictl ps -a -o json`."""

    id: str
    name: str
    namespace: str
    pod: str
    pod_uid: str
    sandbox: str
    image: str
    running: bool
    attempt: int
    created: int


def containers(node: Node, *, stopped: bool = False) -> list[Container]:
    """Return the running containers on `node`, newest first; with `stopped`, also those that ended.

    Raises:
        UnreadableError: the container runtime does not answer.

    """
    result = node.run(["crictl", "--timeout=6s", "ps", *(["-a"] if stopped else []), "-o", "json"], timeout=10)
    if not result.ok:
        raise UnreadableError(f"The container runtime of {node.name} does not answer.", result.stderr)
    return parse_containers(result.stdout)


def parse_containers(said: str) -> list[Container]:
    """Return the containers in `said` (JSON of `crictl ps`), newest first; raise `ValueError` if it is none."""
    found = [_container(each) for each in json.loads(said).get("containers") or []]
    return sorted(found, key=lambda container: container.created, reverse=True)


def _container(said: dict[str, Any]) -> Container:
    labels = said["labels"]
    return Container(
        id=said["id"],
        name=said["metadata"]["name"],
        namespace=labels.get("io.kubernetes.pod.namespace", ""),
        pod=labels.get("io.kubernetes.pod.name", ""),
        pod_uid=labels.get("io.kubernetes.pod.uid", ""),
        sandbox=said["podSandboxId"],
        image=said["imageRef"],
        running=said["state"] == "CONTAINER_RUNNING",
        attempt=int(said["metadata"].get("attempt", 0)),
        created=int(said["createdAt"]),
    )


def removal(sandboxes: str) -> list[str]:
    """Return lines of bash that remove pods' `sandboxes` (ids, as words of the shell) in parallel.

    The runtime refuses to remove a sandbox whose container is just starting; the lines try again.
    """
    return [
        f"old=$(echo {sandboxes} | tr ' ' '|')",
        'left() { [ -z "$old" ] || crictl pods -q | grep -E "$old" || :; }',
        "for _ in $(seq 20); do",
        '  found=$(left); [ -n "$found" ] || break',
        "  said=$(crictl rmp -f $found 2>&1) || sleep 0.3",
        "done",
        '[ -z "$(left)" ] || { echo "$said" >&2; exit 1; }',
    ]
