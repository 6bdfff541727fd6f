"""Watches of the API server that outlived it.

A client whose watch breaks asks again after a pause that doubles each time, up to a minute with its jitter
(client-go's reflector). After a long absence of the API server the kubelet of a worker was seen to start new pods
35 to 40 s after they were made, and the pod network to enforce new policies later still. One that starts anew asks
at once.
"""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from lab.cluster import api
from lab.cluster.base import Cluster
from lab.cluster.containers import Container, containers
from lab.patience import poll

__all__ = ["renew", "wait_until_renewed"]

#: Containers that program each node's network by what they watch.
_NETWORK = ("kindnet-cni", "kube-proxy")
_PATIENCE = 60.0


def renew(cluster: Cluster) -> Collection[str]:
    """Start anew who has watched since before the API server's last start; return the names of their containers.

    New pods are not waited for.

    Raises:
        UnreadableError, CommandError: a node or the API server does not answer.

    """
    found = _found(cluster)
    started = _api_started(found)
    stale = [c for each in found for c in each if c.name in _NETWORK and c.created < started]
    if not stale:
        return ()
    # The control plane's own kubelet is started anew with each static pod that changes.
    workers = [node for node in cluster.nodes if node is not cluster.control_plane]
    with ThreadPoolExecutor() as pool:
        for restarted in pool.map(lambda node: node.run(["systemctl", "restart", "kubelet"]), workers):
            restarted.check()
    # Some may be gone from the API already: what made them was cut off before their containers ended.
    delete = ["delete", "pods", *(c.pod for c in stale), "--wait=false", "--ignore-not-found"]
    api.kubectl(cluster.control_plane, "-n", "kube-system", *delete).check()
    return {c.name for c in stale}


def wait_until_renewed(cluster: Cluster, names: Collection[str]) -> None:
    """Wait, for a minute at most, until each node runs containers called `names` that are new.

    A DaemonSet's status tells later: it is written by a controller manager that has to become the leader first.
    """

    def there() -> bool:
        found = _found(cluster)
        started = _api_started(found)
        return all(set(names) <= {c.name for c in each if c.created >= started} for each in found)

    if names:
        poll(there, timeout=_PATIENCE, time=cluster.control_plane.time)


def _found(cluster: Cluster) -> list[list[Container]]:
    with ThreadPoolExecutor() as pool:
        return list(pool.map(containers, cluster.nodes))


def _api_started(found: list[list[Container]]) -> int:
    return max((c.created for each in found for c in each if c.name == "kube-apiserver"), default=0)
