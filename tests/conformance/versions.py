"""The versions of a recorded cluster."""

import subprocess

from lab.cluster.base import Cluster

__all__ = ["versions_of"]

_QUESTIONS = {
    "kubernetes": "kubectl version -o json | jq -r .serverVersion.gitVersion",
    "etcd": "crictl exec $(crictl ps -q --name '^etcd$') etcd --version | awk '/^etcd Version/ {print $3}'",
    "runtime": "crictl version | awk '$1 ~ /^Runtime/ {print $2}' | xargs",
    "crictl": "crictl --version | awk '{print $NF}'",
    "node": ". /etc/os-release; echo $PRETTY_NAME",
    "kernel": "uname -r",
}


def versions_of(cluster: Cluster) -> dict[str, str]:
    """Return the versions on the control plane; kind's version is the engine's."""
    node = cluster.control_plane
    said = {name: node.run(["bash", "-c", script]).stdout.strip() for name, script in _QUESTIONS.items()}
    if cluster.backend == "kind":
        kind = subprocess.run(["kind", "version"], capture_output=True, text=True, check=True, timeout=20)
        said["kind"] = kind.stdout.split()[1]
    return {"backend": cluster.backend, **said}
