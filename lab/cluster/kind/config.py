"""The configuration of kind and kubeadm for a lab's cluster."""

from collections.abc import Sequence
from pathlib import Path

import yaml

from lab.cluster.base import Role

__all__ = ["FILES", "MARK_ON_NODE", "write"]

MARK_ON_NODE = "/etc/kluster/lab"

_CONFIG = "kind.yaml"
#: CoreDNS is probed every second instead of every ten: a kubelet that started less than one period ago waits for a
#: random part of it before its first probe (prober/worker.go), and whoever restarts the kubelet waits with it.
#: kubeadm finds the patch by the file's name; a kubeadm that does not know the name leaves CoreDNS unchanged.
_PATCHES_ON_NODE = "/etc/kluster/kubeadm"
_COREDNS_NAME = "corednsdeployment+strategic.yaml"
_COREDNS = """\
spec:
  template:
    spec:
      containers:
      - name: coredns
        readinessProbe: {periodSeconds: 1}
"""
_KUBEADM = f"""\
kind: InitConfiguration
patches: {{directory: {_PATCHES_ON_NODE}}}
"""

#: The files that `write` makes, by name.
FILES = (_CONFIG, _COREDNS_NAME)


def write(folder: Path, name: str, roles: Sequence[Role], mark: Path) -> Path:
    """Write kind's configuration of the cluster `name` and its files into `folder`; return its path.

    Each node, one for each of `roles`, mounts `mark` read-only at `MARK_ON_NODE`.

    Raises:
        OSError: the folder can't be written.

    """
    patch = folder / _COREDNS_NAME
    patch.write_text(_COREDNS, encoding="utf-8")
    mounts = [_mount(mark, MARK_ON_NODE), _mount(patch, f"{_PATCHES_ON_NODE}/{_COREDNS_NAME}")]
    config = {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "name": name,
        "kubeadmConfigPatches": [_KUBEADM],
        "nodes": [{"role": role, "extraMounts": mounts} for role in roles],
    }
    written = folder / _CONFIG
    written.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return written


def _mount(file: Path, where: str) -> dict[str, object]:
    """From a file of the lab's folder, into a node."""
    return {"hostPath": str(file.resolve()), "containerPath": where, "readOnly": True}
