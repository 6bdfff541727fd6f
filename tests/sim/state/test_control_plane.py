"""Saved at any step: etcd, the API server, leaders, admission."""

from tests.sim.state.going_on import goes_on

_ETCD = (
    "etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt "
    "--cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key"
)
_MANIFESTS = "/etc/kubernetes/manifests"

test_the_control_plane_goes_on = goes_on(
    (
        f"mv {_MANIFESTS}/etcd.yaml /root/",
        f"mv /root/etcd.yaml {_MANIFESTS}/",
        f"mv {_MANIFESTS}/kube-apiserver.yaml /root/",
        f"mv /root/kube-apiserver.yaml {_MANIFESTS}/",
        f"mv {_MANIFESTS}/kube-scheduler.yaml /root/",
        f"mv /root/kube-scheduler.yaml {_MANIFESTS}/",
        f"mv {_MANIFESTS}/kube-controller-manager.yaml /root/",
        f"mv /root/kube-controller-manager.yaml {_MANIFESTS}/",
        f"echo x > {_MANIFESTS}/broken.yaml",
        f"rm -f {_MANIFESTS}/broken.yaml",
        f"sed -i 's/--quota-backend-bytes=.*/--quota-backend-bytes=1/' {_MANIFESTS}/etcd.yaml",
        f"{_ETCD} put some thing; {_ETCD} get some -w json",
        f"{_ETCD} lease grant 60; {_ETCD} lease list",
        f"{_ETCD} del some; {_ETCD} compact $({_ETCD} get some -w json | jq .header.revision)",
        f"{_ETCD} defrag; {_ETCD} alarm list",
        "kubectl delete lease -n kube-system --all",
        "kubectl get --raw /readyz; kubectl get --raw /livez",
        "kubectl auth can-i '*' '*'",
        "crictl stop $(crictl ps -q --name kube-apiserver)",
        "crictl stop $(crictl ps -q --name etcd)",
        "kubectl label namespace shop pod-security.kubernetes.io/enforce=restricted --overwrite",
        "kubectl label namespace shop pod-security.kubernetes.io/enforce-",
        "kubectl -n shop delete pod --all --wait=false",
    )
)
