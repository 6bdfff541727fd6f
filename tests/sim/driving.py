"""Short functions for tests that type commands on a simulated node."""

from lab.cluster.base import Result
from lab.cluster.sim.process.cluster import SimCluster

ETCDCTL = (
    "etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt "
    "--cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key"
)
RESTART = (
    "systemctl stop kubelet; {edit}; for p in $(crictl pods -q --name '^{name}-'); do "
    "crictl stopp $p; crictl rmp $p; done; systemctl start kubelet"
)


class Driver:
    """Types on the nodes of one cluster."""

    def __init__(self, cluster: SimCluster) -> None:
        self.cluster = cluster

    def run(self, script: str, node: int = 0, timeout: float = 120) -> Result:
        """Run a script on a node."""
        return self.cluster.nodes[node].run(["bash", "-c", script], timeout=timeout)

    def out(self, script: str, node: int = 0) -> str:
        """Run a script that has to succeed; return its output."""
        return self.run(script, node).check().stdout

    def etcd(self, words: str) -> Result:
        """Run etcdctl."""
        return self.run(f"{ETCDCTL} {words}")

    def remake(self, name: str, edit: str) -> None:
        """Change a static pod's manifest in the fast way."""
        self.out(RESTART.format(edit=edit, name=name))
        self.cluster.advance(6)

    def inside(self, name: str, command: str, node: int = 0) -> Result:
        """Run a command in the container called `name` on a node."""
        return self.run(f"crictl exec $(crictl ps -q --name '^{name}$') {command}", node)
