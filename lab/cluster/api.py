"""The API server, asked with kubectl on the control-plane node."""

import json
import shlex
import time
from collections.abc import Iterable, Mapping
from typing import Any

from lab.cluster.base import CommandError, Node, Result
from lab.errors import UnreadableError

__all__ = ["answers", "apply", "get", "kubectl", "wait_for_rollouts", "wait_until_ready"]

Json = Mapping[str, Any]


def kubectl(node: Node, *args: str, stdin: str | None = None, timeout: float = 30.0) -> Result:
    """Run kubectl on `node`, told to give up a little before `timeout` s are over."""
    return node.run(
        ["kubectl", f"--request-timeout={max(timeout - 1, 1):.0f}s", *args], stdin=stdin, timeout=timeout
    )


def get(node: Node, *args: str, timeout: float = 15.0) -> Any:  # noqa: ANN401 -- JSON
    """Return `kubectl get ARGS -o json`, parsed.

    Raises:
        UnreadableError: the API server gave no answer, or refused.

    """
    result = kubectl(node, "get", *args, "-o", "json", timeout=timeout)
    if not result.ok:
        raise UnreadableError(
            "The API server gave no answer that can be read.",
            f"$ kubectl get {' '.join(args)}\n{result.stderr.strip()}",
        )
    return json.loads(result.stdout)


def apply(node: Node, manifest: str, *, validate: bool = True, timeout: float = 60.0) -> None:
    """Apply `manifest` (YAML or JSON); raise `CommandError` if it is refused.

    One that was applied before need not be validated again, which takes kubectl half of its time.
    """
    loose = [] if validate else ["--validate=false"]
    kubectl(node, "apply", *loose, "-f", "-", stdin=manifest, timeout=timeout).check()


def wait_for_rollouts(node: Node, workloads: Mapping[str, Iterable[str]], *, timeout: int) -> None:
    """Wait until the rollouts of `workloads` (namespace -> `deployment/NAME`, ...) are complete, each `timeout` s.

    Raises:
        CommandError: one is not.

    """
    waits = [
        ["kubectl", "rollout", "status", "-n", space, *names, f"--timeout={timeout}s"]
        for space, names in workloads.items()
    ]
    limit = len(waits) * (timeout + 5)
    node.run(["sh", "-c", " && ".join(shlex.join(argv) for argv in waits)], timeout=limit).check()


def answers(node: Node) -> bool:
    """Whether the API server is ready and lets an administrator in.

    Right after a restart its RBAC caches are still empty and it answers Forbidden for some seconds.
    """
    script = (
        "kubectl get --raw /readyz --request-timeout=3s && kubectl auth can-i create pods -q --request-timeout=3s"
    )
    return node.run(["sh", "-c", script], timeout=8).ok


def wait_until_ready(node: Node, *, timeout: float) -> float:
    """Wait until the API server answers; return the seconds it took, or raise `CommandError` after `timeout` s."""
    began = time.monotonic()
    # Whether anybody listens is asked by curl, which takes a tenth of kubectl's processor time.
    script = (
        "until curl -sk -m 2 -o /dev/null https://127.0.0.1:6443/; do sleep 0.1; done; "
        "until kubectl get --raw /readyz --request-timeout=2s >/dev/null 2>&1 "
        "&& kubectl auth can-i create pods -q --request-timeout=2s 2>/dev/null; do sleep 0.2; done"
    )
    result = node.run(["sh", "-c", script], timeout=timeout)
    if not result.ok:
        raise CommandError(result)
    return time.monotonic() - began


def names(objects: Iterable[Json]) -> list[str]:
    """Return the names of `objects`."""
    return [item["metadata"]["name"] for item in objects]
