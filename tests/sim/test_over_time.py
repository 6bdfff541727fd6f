"""A cluster's own changes as time passes: back-off, series of events, probes, restarts, rollouts."""

import re

from tests.sim.driving import RESTART, Driver
from tests.sim.test_network import deny
from tests.sim.test_static_pods import MANIFEST, restrict

SPREAD = """kubectl create ns wide; kubectl apply -f - <<'END'
apiVersion: apps/v1
kind: Deployment
metadata: {name: spread, namespace: wide}
spec:
  replicas: REPLICAS
  selector: {matchLabels: {app: spread}}
  template:
    metadata: {labels: {app: spread}}
    spec:
      tolerations: [{operator: Exists}]
      containers: [{name: c, image: "registry.k8s.io/pause:3.10.1"}]
END
"""
NO_ETCD = f"sed -i 's/^    - etcd$/    - etcd\\n    - --quota-backend-bytes=/' {MANIFEST}/etcd.yaml"
ATTEMPT = "crictl ps -a --name '^kube-apiserver$' -o json | jq -r '.containers[0].metadata.attempt'"


def refusals(driver: Driver) -> tuple[int, str]:
    """Return how many refusals have an event each, and how many the last event stands for."""
    told = driver.out("kubectl -n kube-system describe ds kindnet | grep FailedCreate").splitlines()
    combined = [line for line in told if "(combined from similar events)" in line]
    count = re.search(r"\(x(\d+) over", combined[-1]) if combined else None
    return len(told) - len(combined), count[1] if count else ""


def refuse(driver: Driver) -> None:
    restrict(driver)
    driver.out("kubectl -n kube-system delete pod --grace-period=0 --force -l app=kindnet")


def test_a_controllers_refusals_double_their_distance_and_become_one_event(driver: Driver) -> None:
    refuse(driver)
    # The tenth appears at 2.6 s, and also stands for those at 5, 10, 20, 41 and 82 s.
    driver.cluster.advance(65)
    assert refusals(driver) == (9, "5")
    driver.cluster.advance(25)
    assert refusals(driver) == (9, "6")


def test_a_restarted_controller_manager_restarts_its_series(driver: Driver) -> None:
    refuse(driver)
    driver.cluster.advance(30)
    driver.out("crictl stop $(crictl ps -q --name kube-controller-manager)")
    driver.cluster.advance(15)
    assert refusals(driver)[0] == 18


def test_too_many_events_about_one_object_are_limited(driver: Driver) -> None:
    driver.out("kubectl -n shop create deploy busy --image=registry.k8s.io/pause:3.10.1")
    for number in range(30):
        driver.out(f"kubectl -n shop scale deploy busy --replicas={number % 2}")
    told = driver.out("kubectl -n shop get events -o json | jq '[.items[] | select(.involvedObject.kind=="
                      '"Deployment" and .involvedObject.name=="busy") | .count] | add\'')  # fmt: skip
    assert int(told) < 30


def test_old_pods_that_are_no_use_go_one_by_one(driver: Driver) -> None:
    restrict(driver)
    driver.out("kubectl -n kube-system delete pod --grace-period=0 --force -l k8s-app=kube-dns")
    driver.cluster.advance(5)
    driver.out("kubectl label ns kube-system pod-security.kubernetes.io/enforce=privileged")
    driver.out("kubectl -n kube-system rollout restart deploy/coredns")
    driver.cluster.advance(30)
    told = driver.out("kubectl -n kube-system describe deploy coredns | grep 'Scaled'")
    steps = re.findall(r"Scaled (up|down) replica set \S+ from (\d) to (\d)", told)
    assert steps[-4:] == [("up", "0", "1"), ("down", "2", "1"), ("up", "1", "2"), ("down", "1", "0")]


def test_refusals_by_icmp_run_out(driver: Driver) -> None:
    deny(driver, "kube-system")
    driver.cluster.advance(10)
    ask = "curl -sS -m 20 http://web.shop/"
    seconds = [driver.inside("client", ask, node=1).seconds for _ in range(2)]
    assert seconds[0] < 2 < seconds[1] < 12
    driver.cluster.advance(10)
    assert driver.inside("client", ask, node=1).seconds < 2


def test_a_kubelet_that_started_without_etcd_gives_the_api_server_four_minutes(driver: Driver) -> None:
    driver.remake("etcd", NO_ETCD)
    driver.cluster.advance(220)
    assert driver.out(ATTEMPT).strip() == "0"
    assert driver.out("curl -sk https://127.0.0.1:6443/version | jq -r .gitVersion").strip() == "v1.34.4"
    assert "etcd failed" in driver.out("curl -sk https://127.0.0.1:6443/livez")
    driver.cluster.advance(30)
    # When stopped, it first leaves etcd, and then refuses; the next one accepts connections and says nothing.
    assert driver.run(f"until [ $({ATTEMPT}) -gt 0 ]; do sleep 1; done; sleep 2").ok
    waiting = driver.run("kubectl get nodes")
    assert 10 <= waiting.seconds < 11
    assert waiting.stderr == "Unable to connect to the server: net/http: TLS handshake timeout\n"
    assert driver.run("curl -sSk -m 2 https://127.0.0.1:6443/livez").rc == 28
    driver.cluster.advance(40)
    code = "crictl ps -a -q --name '^kube-apiserver$' --state exited | head -1"
    assert driver.out(f"crictl inspect $({code}) | jq .status.exitCode").strip() == "255"
    assert int(driver.out(ATTEMPT)) >= 2


def test_a_kubelet_that_knew_it_well_ends_it_after_a_minute_and_a_half(driver: Driver) -> None:
    driver.cluster.advance(30)
    driver.out(f"mv {MANIFEST}/etcd.yaml /root/")
    driver.cluster.advance(100)
    assert 'containerName="kube-apiserver" gracePeriod=30' in driver.out("journalctl -u kubelet")
    driver.cluster.advance(30)
    assert int(driver.out(ATTEMPT)) >= 1


def test_a_static_pod_is_ready_when_its_startup_probe_was_asked(driver: Driver) -> None:
    ready = "kubectl -n kube-system get pod etcd-k5-control-plane --no-headers | awk '{print $2}'"
    driver.remake("etcd", f"sed -i 's/--snapshot-count=10000/--snapshot-count=20000/' {MANIFEST}/etcd.yaml")
    assert driver.out(ready).strip() == "0/1"
    driver.cluster.advance(12)
    assert driver.out(ready).strip() == "1/1"


def test_a_returning_manifest_restarts_its_count_once_its_logs_are_gone(driver: Driver) -> None:
    restrict(driver)
    driver.cluster.advance(70)
    flag = "/admission-control-config-file/d"
    driver.remake("kube-apiserver", f"sed -i '{flag}' {MANIFEST}/kube-apiserver.yaml")
    assert driver.out(ATTEMPT).strip() == "0"
    driver.remake("kube-apiserver", "true")
    assert driver.out(ATTEMPT).strip() == "1"


def test_one_ended_container_is_kept(driver: Driver) -> None:
    driver.remake("etcd", NO_ETCD)
    driver.cluster.advance(230)
    assert len(driver.out("crictl ps -a -q --name '^etcd$'").split()) == 1


def test_pods_go_where_room_is_and_their_like_are_not(driver: Driver) -> None:
    driver.out(SPREAD.replace("REPLICAS", "1"))
    driver.cluster.advance(3)
    nodes = "kubectl -n wide get pods -o wide --no-headers | awk '{print $7}' | sort"
    assert driver.out(nodes).split() == ["k5-worker"]
    driver.out("kubectl -n wide scale deploy spread --replicas=4")
    driver.cluster.advance(3)
    assert driver.out(nodes).split() == ["k5-control-plane"] * 2 + ["k5-worker"] * 2


def test_an_administrator_s_certificate_is_refused_until_rbac_is_read(driver: Driver) -> None:
    pki = "/etc/kubernetes/pki/apiserver-kubelet-client"
    shown = f"--cert {pki}.crt --key {pki}.key"
    ask = f"curl -sk {shown} https://127.0.0.1:6443"
    driver.out(f"{RESTART.format(edit='true', name='kube-apiserver')}; until {ask}/readyz; do sleep 0.1; done")
    said = driver.out(f"{ask}/api/v1/pods | jq -r .message")
    assert said.startswith('pods is forbidden: User "kubernetes-admin" cannot list resource "pods"')
    driver.cluster.advance(3)
    assert driver.out(f"{ask}/api/v1/pods | jq -r .kind").strip() == "PodList"


def test_a_pod_that_goes_behind_the_api_servers_back_is_replaced(driver: Driver) -> None:
    names = "kubectl get pods -n shop -o name | sort"
    before = driver.out(names).split()
    driver.etcd(f"del /registry/pods/shop/{before[0].removeprefix('pod/')}").check()
    driver.cluster.advance(5)
    after = driver.out(names).split()

    assert before[0] not in after
    assert len(after) == len(before)
