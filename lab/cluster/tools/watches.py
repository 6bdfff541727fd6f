"""Watches of the API server that are older than its last start.

A client whose watch breaks retries after a pause that doubles each time, up to a minute with jitter (client-go's
reflector). After a long outage of the API server, a worker's kubelet was seen to start new pods 35 to 40 s after
their creation, and the pod network enforced new policies even later. A restarted client asks at once.
"""

from collections.abc import Collection

from lab.cluster.base import Cluster
from lab.cluster.tools.containers import Container, containers, removal

__all__ = ["renew", "wait_until_renewed"]

#: Containers that program each node's network from what they watch.
_NETWORK = ("kindnet-cni", "kube-proxy")
_PATIENCE = 60.0


def renew(cluster: Cluster) -> Collection[Container]:
    """Start anew who has watched since before the API server's last start; return the containers that are to go.

    New pods are not waited for.

    Raises:
        UnreadableError, CommandError: a node does not answer.

    """
    with cluster.control_plane.time.side_by_side(len(cluster.nodes)) as pool:
        found = list(pool.map(containers, cluster.nodes))
    started = max((c.created for each in found for c in each if c.name == "kube-apiserver"), default=0)
    stale = [c for each in found for c in each if c.name in _NETWORK and c.created < started]
    if not stale:
        return ()
    # The control plane's own kubelet restarts with each static pod that changes. Containers are ended by the
    # container runtime. Deleting pods would have to wait for a controller manager that first has to become the
    # leader.
    scripts = []
    for node, each in zip(cluster.nodes, found, strict=True):
        restart = [] if node is cluster.control_plane else ["systemctl restart kubelet"]
        sandboxes = " ".join(c.sandbox for c in stale if c in each)
        scripts.append("\n".join([*restart, *removal(sandboxes)]))
    with cluster.control_plane.time.side_by_side(len(cluster.nodes)) as pool:
        for done in pool.map(lambda node, script: node.run(["bash", "-eu", "-c", script]), cluster.nodes, scripts):
            done.check()
    return stale


def wait_until_renewed(cluster: Cluster, stale: Collection[Container]) -> None:
    """Wait, for a minute at most, until each node runs other containers in place of `stale`."""
    if not stale:
        return
    old = "|".join(c.id for c in stale)
    waits = [
        f"until crictl ps -q --name '^{name}$' | grep -qvE '{old}'; do sleep 0.3; done"
        for name in sorted({c.name for c in stale})
    ]
    with cluster.control_plane.time.side_by_side(len(cluster.nodes)) as pool:
        list(pool.map(lambda node: node.run(["sh", "-c", "; ".join(waits)], timeout=_PATIENCE), cluster.nodes))
