"""The state of a simulated cluster between processes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.timing.clock import Clock
from tests.sim import world_graph
from tests.sim.driving import Driver

#: A part of every kind of state.
_BUSY = """
kubectl create ns busy
kubectl -n busy create deployment web --image=$IMAGE --replicas=2 -- /agnhost netexec
kubectl -n busy expose deployment web --port=80 --target-port=8080
kubectl -n busy run stuck --image=nosuch/image:1
kubectl -n busy create deployment crash --image=$IMAGE -- /agnhost nosuch

iptables -A INPUT -p tcp --dport 9999 -j DROP
echo x > /etc/kubernetes/manifests/broken.yaml
printf '[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=7\n' > /etc/systemd/system/fails.service
printf '[Service]\nExecStart=sleep 1000\n' > /etc/systemd/system/sleeps.service
systemctl start fails.service sleeps.service

kubectl get --raw /metrics | tail -1
kubectl logs -n kube-system ds/kube-proxy
crictl ps -a
etcdctl lease grant 60

mv /etc/kubernetes/manifests/etcd.yaml /root/
kubectl -n shop exec ds/client -- curl -s -m 3 http://web/

kubectl -n shop get pods
sleep 90

mv /root/etcd.yaml /etc/kubernetes/manifests/
rm /etc/kubernetes/manifests/broken.yaml
sleep 60

kubectl cordon k5-worker
kubectl -n shop rollout restart deployment web
kubectl -n shop run pending --image=$IMAGE
kubectl delete ns busy --wait=false
"""
_DENY = """
kubectl apply -f - <<'E'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: nobody, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}
E
"""


@pytest.fixture
def reopened(driver: Driver) -> Iterator[Callable[[], Driver]]:
    """Close the cluster, and reopen it from its file."""

    def reopen() -> Driver:
        folder = driver.cluster.home.folder
        driver.cluster.close()
        driver.cluster = SimCluster("k5", folder, clock=Clock(turned=True))
        return driver

    yield reopen
    driver.cluster.delete()


def test_all_that_can_change_is_declared_and_kept(driver: Driver) -> None:
    """Undeclared state of a class or an attribute would be lost silently."""
    found: dict[str, None] = {}
    for script in _BUSY.split("\n\n"):
        driver.run(f"IMAGE=registry.k8s.io/e2e-test-images/agnhost:2.53\n{script}")
        driver.cluster.advance(4)
        found |= dict.fromkeys(world_graph.problems(driver.cluster.world))
    assert not found, "\n".join(found)


def test_undeclared_state_is_found(driver: Driver) -> None:
    world: Any = driver.cluster.world
    world.network.forgotten = {}
    world.scheduler.due = "soon"
    world.controllers.controllers[3].backoff.failures = world.nodes["k5-worker"].kubelet.attempts
    world.identity[1] = "one"
    assert {each.partition(":")[0] for each in world_graph.problems(world)} == {
        "world.network.forgotten",
        "world.identity[key 1]",
        "world.controllers.controllers[3].backoff.failures",
        "world.scheduler.due",
    }


def test_what_the_network_was_programmed_with_stays_while_the_api_server_is_away(
    driver: Driver, reopened: Callable[[], Driver]
) -> None:
    """Rules of policies and Services belong to the nodes: they need no API server, and no process of the lab."""
    ask = "crictl exec $(crictl ps -q --name '^client$') curl -s -m 3 -o /dev/null -w '%{http_code} %{errormsg}' "
    addresses = ("http://web/", "http://db/", "http://web.stage/")
    driver.out(_DENY)
    driver.out("mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/")
    driver.cluster.advance(60)
    before = [driver.run(ask + address, node=1).stdout for address in addresses]
    again = reopened()
    assert [again.run(ask + address, node=1).stdout for address in addresses] == before
    assert before[0].startswith("000 Failed to connect"), before
