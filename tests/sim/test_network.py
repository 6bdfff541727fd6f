import pytest

from tests.sim.driving import Driver

API = "curl -sk -m 30 -o /dev/null -w '%{http_code} %{time_total}' https://kubernetes.default.svc/api"
DENY = (
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny-wip, namespace: NS}\n"
    "spec: {podSelector: {}, policyTypes: [Ingress]}\n"
)


def deny(driver: Driver, namespace: str) -> None:
    driver.cluster.control_plane.run(["kubectl", "apply", "-f", "-"], stdin=DENY.replace("NS", namespace)).check()
    driver.cluster.advance(1)


@pytest.mark.parametrize("node", [0, 1])
def test_the_users_curl_answers_on_every_node(driver: Driver, node: int) -> None:
    assert driver.inside("client", API, node).stdout.startswith("403 ")


def test_the_answer_verifies_with_the_clusters_ca_only(driver: Driver) -> None:
    url = "https://kubernetes.default.svc/api"
    ca = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"
    assert driver.inside("client", f"curl -s --cacert {ca} -o /dev/null {url}").ok
    assert "exit code 60" in driver.inside("client", f"curl -s {url}").stderr


def test_without_forwarding_names_take_twenty_seconds(driver: Driver) -> None:
    for node in (0, 1):
        driver.out("sysctl -w net.ipv4.ip_forward=0", node)
    result = driver.inside("client", "curl -sk -m 30 https://kubernetes.default.svc/api", 1)
    assert "exit code 6" in result.stderr
    assert 20 <= result.seconds < 22
    short = driver.inside("client", "curl -k -m 5 https://kubernetes.default.svc/api", 1)
    assert "curl: (28) Resolving timed out after 5000 milliseconds" in short.stderr


def test_without_forwarding_a_pod_still_reaches_its_own_node(driver: Driver) -> None:
    for node in (0, 1):
        driver.out("sysctl -w net.ipv4.ip_forward=0", node)
    fetch = "curl -sk -m 3 -o /dev/null https://10.96.0.1/api"
    assert driver.inside("client", fetch, 0).ok
    assert "exit code 28" in driver.inside("client", fetch, 1).stderr
    assert driver.out("kubectl get pods -n shop --no-headers").count("1/1") == 4


def test_a_new_pod_turns_forwarding_on_again(driver: Driver) -> None:
    driver.out("sysctl -w net.ipv4.ip_forward=0", 1)
    driver.out("kubectl -n stage delete pod --wait=false -l app=probe")
    driver.cluster.advance(10)
    assert driver.out("sysctl -n net.ipv4.ip_forward", 1) == "1\n"


def test_a_policy_on_dns_refuses_at_once(driver: Driver) -> None:
    deny(driver, "kube-system")
    result = driver.inside("client", "curl -sk -m 30 https://kubernetes.default.svc/api", 1)
    assert "exit code 6" in result.stderr
    assert result.seconds < 5
    assert driver.inside("client", "curl -sk -m 4 https://10.96.0.1/api", 1).ok


def test_policies_deny_by_pod_and_allow_by_rule(driver: Driver) -> None:
    assert driver.inside("client", "curl -s -m 3 http://web/").ok
    deny(driver, "shop")
    assert "exit code 7" in driver.inside("client", "curl -s -m 3 http://web/").stderr
    allow = (
        DENY.replace("NS", "shop")
        .replace("deny-wip", "allow")
        .replace(
            "policyTypes: [Ingress]}",
            "policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: client}}}], "
            "ports: [{port: 8080, protocol: TCP}]}]}",
        )
    )
    driver.cluster.control_plane.run(["kubectl", "apply", "-f", "-"], stdin=allow).check()
    driver.cluster.advance(1)
    assert driver.inside("client", "curl -s -m 3 http://web/").ok
    assert "exit code 7" in driver.inside("probe", "curl -s -m 3 http://web.shop/").stderr
    assert "exit code 7" in driver.inside("client", "curl -s -m 3 http://db:5432/").stderr


def test_nodes_reach_their_own_pods_whatever_the_policy(driver: Driver) -> None:
    deny(driver, "shop")
    address = driver.out("kubectl -n shop get pod -l app=web -o jsonpath='{.items[0].status.podIP}'")
    assert driver.run(f"curl -s -m 2 http://{address}:8080/", 1).ok


def test_a_service_without_endpoints_is_refused(driver: Driver) -> None:
    driver.out("kubectl -n shop scale deploy web --replicas=0")
    driver.cluster.advance(5)
    assert "exit code 7" in driver.inside("client", "curl -s -m 3 http://web/").stderr


def test_a_rule_of_the_packet_filter_counts(driver: Driver) -> None:
    rule = "OUTPUT -p tcp --dport 6443 -j REJECT --reject-with tcp-reset"
    driver.out(f"iptables -w -I {rule}")
    assert "was refused" in driver.run("kubectl get nodes").stderr
    assert "--dport 6443" in driver.out("iptables -S")
    driver.out(f"iptables -w -D {rule}")
    assert driver.run("kubectl get nodes").ok
    assert driver.run(f"iptables -w -D {rule}").rc == 1


def test_a_port_that_leads_nowhere_is_refused(driver: Driver) -> None:
    rule = "OUTPUT -p tcp --dport 6443 -j DNAT --to-destination 127.0.0.1:1"
    driver.out(f"iptables -w -t nat -I {rule}")
    assert "was refused" in driver.run("kubectl get nodes").stderr
    driver.out(f"iptables -w -t nat -D {rule}")
    assert driver.run("kubectl get nodes").ok


def test_the_api_server_tells_strangers_by_their_certificate(driver: Driver) -> None:
    assert '"code": 403' in driver.out("curl -sk https://127.0.0.1:6443/api/v1/nodes")
    assert driver.out("curl -sk https://127.0.0.1:6443/readyz") == "ok"
    assert "curl: (60)" in driver.run("curl https://10.96.0.1/version").stderr
