"""Watches of the API server that outlived it.

A client whose watch breaks asks again after a pause that doubles each time, up to a minute with its jitter
(client-go's reflector). After a long absence of the API server the kubelet of a worker was seen to start new pods
35 to 40 s after they were made, and the pod network to enforce new policies later still. One that starts anew asks
at once.
"""

from concurrent.futures import ThreadPoolExecutor

from lab.cluster import api
from lab.cluster.base import Cluster
from lab.cluster.containers import Container, containers

__all__ = ["renew"]

#: Containers that program each node's network by what they watch.
_NETWORK = ("kindnet-cni", "kube-proxy")


def renew(cluster: Cluster) -> None:
    """Start anew who has watched since before the API server's last start, without waiting for new pods.

    Raises:
        UnreadableError, CommandError: a node or the API server does not answer.

    """
    with ThreadPoolExecutor() as pool:
        found = [c for each in pool.map(containers, cluster.nodes) for c in each]
        started = max((c.created for c in found if c.name == "kube-apiserver"), default=0)
        stale = [c for c in found if c.name in _NETWORK and c.created < started]
        if not stale:
            return
        # The control plane's own kubelet is started anew with each static pod that changes.
        workers = [node for node in cluster.nodes if node is not cluster.control_plane]
        for restarted in pool.map(lambda node: node.run(["systemctl", "restart", "kubelet"]), workers):
            restarted.check()
    _delete(cluster, stale)


def _delete(cluster: Cluster, stale: list[Container]) -> None:
    # Some may be gone from the API already: what made them was cut off before their containers ended.
    argv = ["delete", "pods", *(c.pod for c in stale), "--wait=false", "--ignore-not-found"]
    api.kubectl(cluster.control_plane, "-n", "kube-system", *argv).check()
