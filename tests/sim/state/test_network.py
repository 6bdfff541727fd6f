"""Saved at any step: the network's programmed rules, and flows."""

from tests.sim.state.going_on import goes_on


def _policy(name: str, spec: str) -> str:
    return (
        "kubectl apply -f - <<'E'\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        f"metadata: {{name: {name}, namespace: shop}}\nspec: {spec}\nE"
    )


test_the_network_goes_on = goes_on(
    (
        _policy("nobody", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}"),
        _policy("nothing", "{podSelector: {}, policyTypes: [Egress]}"),
        "kubectl -n shop delete networkpolicy nobody nothing --ignore-not-found",
        "kubectl -n shop expose deployment web --name=again --port=80 --target-port=8080",
        "kubectl -n shop delete service again --ignore-not-found",
        "kubectl -n shop exec ds/client -- curl -s -m 3 http://again/; echo $?",
        "kubectl -n shop exec ds/client -- curl -sk -m 3 https://kubernetes.default.svc/api; echo $?",
        "iptables -A INPUT -p tcp --dport 9999 -j DROP; iptables -S",
        "iptables -I FORWARD -j DROP",
        "iptables -D FORWARD -j DROP",
        "sysctl -w net.ipv4.ip_forward=0",
        "sysctl -w net.ipv4.ip_forward=1",
        "crictl stop $(crictl ps -q --name kube-proxy)",
        "crictl stop $(crictl ps -q --name kindnet)",
        "crictl stop $(crictl ps -q --name coredns)",
        "kubectl -n kube-system scale deployment coredns --replicas=0",
        "kubectl -n kube-system scale deployment coredns --replicas=2",
        "mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/",
        "mv /root/kube-apiserver.yaml /etc/kubernetes/manifests/",
        "curl -sk -m 3 https://127.0.0.1:6443/version | head -3",
        "getent hosts web.shop.svc.cluster.local; echo $?",
    )
)
