"""Requests to the API server by kubectl on the control-plane node."""

import json
import shlex
import time
from collections.abc import Iterable, Mapping
from typing import Any

from lab.cluster.base import CommandError, Node, Result
from lab.errors import UnreadableError

__all__ = ["apply", "get", "kubectl", "wait_for_rollouts", "wait_until_it_listens", "wait_until_ready"]

Json = Mapping[str, Any]

_LOCAL = "https://127.0.0.1:6443"
_PKI = "/etc/kubernetes/pki"
#: kubeadm puts the API server's kubelet-client certificate into the administrators' group.
_AS_ADMIN = (
    f"--cacert {_PKI}/ca.crt --cert {_PKI}/apiserver-kubelet-client.crt --key {_PKI}/apiserver-kubelet-client.key"
)


def kubectl(node: Node, *args: str, stdin: str | None = None, timeout: float = 30.0) -> Result:
    """Run kubectl on `node`. kubectl gives up a little before `timeout` s have passed."""
    return node.run(
        ["kubectl", f"--request-timeout={max(timeout - 1, 1):.0f}s", *args], stdin=stdin, timeout=timeout
    )


def get(node: Node, *args: str, timeout: float = 15.0) -> Any:  # noqa: ANN401 -- JSON
    """Return `kubectl get ARGS -o json`, parsed.

    Raises:
        UnreadableError: the API server gave no answer or refused.

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

    A manifest that was applied before needs no validation, which takes half of kubectl's time.
    """
    loose = [] if validate else ["--validate=false"]
    kubectl(node, "apply", *loose, "-f", "-", stdin=manifest, timeout=timeout).check()


def wait_for_rollouts(node: Node, workloads: Mapping[str, Iterable[str]], *, timeout: int) -> None:
    """Wait until the rollouts of `workloads` (namespace -> `deployment/NAME`, ...) are complete, each `timeout` s.

    Raises:
        CommandError: a rollout did not complete.

    """
    waits = [
        ["kubectl", "rollout", "status", "-n", space, *names, f"--timeout={timeout}s"]
        for space, names in workloads.items()
    ]
    limit = len(waits) * (timeout + 5)
    node.run(["sh", "-c", " && ".join(shlex.join(argv) for argv in waits)], timeout=limit).check()


def wait_until_it_listens(node: Node, *, timeout: float) -> None:
    """Wait until the API server accepts connections, which is before it is ready.

    Raises:
        CommandError: it does not within `timeout` s.

    """
    listens = f"until curl -sk -m 2 -o /dev/null {_LOCAL}/; do sleep 0.1; done"
    node.run(["sh", "-c", listens], timeout=timeout).check()


def wait_until_ready(node: Node, *, timeout: float) -> float:
    """Wait until the API server is ready and admits an administrator; return the seconds it took.

    Raises:
        CommandError: it does not within `timeout` s.

    """
    began = time.monotonic()
    # curl with an administrator's certificate takes a fraction of kubectl's processor time, which a starting API
    # server needs itself. The list is refused until the RBAC caches are filled.
    script = (
        f"until curl -sf -m 2 -o /dev/null {_AS_ADMIN} {_LOCAL}/readyz "
        f"&& curl -sf -m 2 -o /dev/null {_AS_ADMIN} '{_LOCAL}/api/v1/pods?limit=1'; do sleep 0.1; done"
    )
    result = node.run(["sh", "-c", script], timeout=timeout)
    if not result.ok:
        raise CommandError(result)
    return time.monotonic() - began


def names(objects: Iterable[Json]) -> list[str]:
    """Return the names of `objects`."""
    return [item["metadata"]["name"] for item in objects]


def is_ready(pod: Json) -> bool:
    """Whether `pod` is Ready."""
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod.get("status", {}).get("conditions", []))
