"""Which command lines may change a cluster."""

import pytest

from lab.core.effects import may_change


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ls -l /etc/kubernetes/manifests",
        "k get pods -A",
        "kubectl -n kube-system get pods -o wide",
        "kubectl --kubeconfig /etc/kubernetes/admin.conf describe node",
        "kubectl get pods -A | grep -v Running | head -3",
        "kubectl get pods 2>/dev/null; crictl ps -a",
        "kubectl get nodes 2>&1 | tail -1",
        "watch kubectl get pods",
        "crictl logs --tail 20 abc",
        "systemctl status kubelet",
        "systemctl list-timers --all",
        "journalctl -u kubelet --no-pager | tail -20",
        "journalctl -f -u kubelet",
        "etcdctl --endpoints https://127.0.0.1:2379 endpoint status -w table",
        "/usr/bin/cat /etc/hosts && pwd",
        "kubectl auth can-i '*' '*'",
    ],
)
def test_reads_only(line: str) -> None:
    assert not may_change(line)


@pytest.mark.parametrize(
    "line",
    [
        "sysctl -w net.ipv4.ip_forward=1",
        "kubectl -n shop delete networkpolicy deny",
        "kubectl get pods -o yaml > /etc/kubernetes/manifests/x.yaml",
        "cat <<EOF > /etc/x",
        "echo 1 >/proc/sys/net/ipv4/ip_forward",
        "echo $(systemctl stop janitor)",
        "cat `which sh`",
        "systemctl stop janitor",
        "systemctl --now disable janitor.timer",
        "sudo -i",
        "vi /etc/kubernetes/manifests/etcd.yaml",
        "kubectl get pods; rm -f /etc/x",
        "kubectl get pods || kubectl delete pods --all",
        "for n in a b; do kubectl get pods; done",
        "journalctl --vacuum-size=1M",
        "kubectl get --raw /api",
        "kubectl auth reconcile -f x.yaml",
        "env X=1 rm -f /etc/x",
        "A=1 kubectl get pods",
        "./repair",
        "etcdctl alarm disarm",
        "crictl rm -f abc",
        "echo 'not closed",
        "ls >",
        "diff <(ls) <(rm -f x)",
    ],
)
def test_may_change(line: str) -> None:
    assert may_change(line)
