import json

from tests.sim.driving import Driver

MANIFEST = "/etc/kubernetes/manifests"
CONFIG = """\
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults: {enforce: restricted, enforce-version: latest}
    exemptions: {namespaces: [EXEMPT]}
"""


def restrict(driver: Driver, exempt: str = "") -> None:
    text = CONFIG.replace("EXEMPT", exempt)
    driver.cluster.control_plane.write_file("/etc/kubernetes/pki/admission.yaml", text)
    flag = "--admission-control-config-file=/etc/kubernetes/pki/admission.yaml"
    driver.remake(
        "kube-apiserver",
        f"grep -q admission-control {MANIFEST}/kube-apiserver.yaml || sed -i "
        f"'s#^    - kube-apiserver$#    - kube-apiserver\\n    - {flag}#' {MANIFEST}/kube-apiserver.yaml",
    )


def test_a_plain_edit_of_etcd_takes_its_time(driver: Driver) -> None:
    driver.out(f"sed -i 's/--snapshot-count=10000/--snapshot-count=20000/' {MANIFEST}/etcd.yaml")
    driver.cluster.advance(20)
    assert driver.out("crictl ps -q --name etcd") == ""
    driver.cluster.advance(40)
    assert driver.out("crictl ps -q --name etcd") != ""
    assert driver.run("kubectl get nodes").ok


def test_removing_the_sandbox_while_the_kubelet_is_stopped_is_fast(driver: Driver) -> None:
    driver.remake("etcd", f"sed -i 's/--snapshot-count=10000/--snapshot-count=20000/' {MANIFEST}/etcd.yaml")
    assert driver.run("kubectl get nodes").ok


def test_an_empty_quota_crashes_etcd_and_hides_the_api(driver: Driver) -> None:
    # The kubelet restarts on the way: it then grants the API server a startup probe's time.
    driver.remake(
        "etcd", f"sed -i 's/^    - etcd$/    - etcd\\n    - --quota-backend-bytes=/' {MANIFEST}/etcd.yaml"
    )
    driver.cluster.advance(54)
    listed = driver.out("crictl ps -a --name etcd")
    assert "Exited" in listed
    log = driver.run("crictl logs $(crictl ps -aq --name etcd | head -1)")
    assert 'invalid value "" for flag -quota-backend-bytes' in log.stderr
    first, second = driver.run("kubectl get nodes"), driver.run("kubectl get nodes")
    assert first.seconds > 59
    assert first.stdout == second.stdout == ""
    assert first.stderr.startswith("Error from server (Timeout): the server was unable to return a response")
    write = driver.run("kubectl create ns x")
    assert 33 < write.seconds < 36
    assert "request did not complete within requested timeout" in write.stderr


def test_after_minutes_without_etcd_the_api_server_is_restarted(driver: Driver) -> None:
    driver.out(f"mv {MANIFEST}/etcd.yaml /root/")
    driver.cluster.advance(290)
    assert "was refused" in driver.run("kubectl get nodes").stderr
    driver.out(f"mv /root/etcd.yaml {MANIFEST}/")
    driver.cluster.advance(330)
    assert driver.run("kubectl get nodes").ok


def test_restricted_hides_mirror_pods_and_refuses_system_pods(driver: Driver) -> None:
    restrict(driver)
    driver.run("kubectl -n kube-system delete pod --grace-period=1 -l tier=control-plane")
    driver.run("kubectl -n kube-system delete pod --grace-period=1 -l k8s-app=kube-dns")
    driver.cluster.advance(10)
    assert driver.out("kubectl -n kube-system get pods -l tier=control-plane -o name") == ""
    assert driver.run("kubectl -n kube-system logs etcd-k5-control-plane").stderr.startswith(
        'error: error from server (NotFound): pods "etcd-k5-control-plane" not found'
    )
    assert driver.out("crictl ps -q --name etcd") != ""
    messages = [
        event["message"]
        for event in json.loads(driver.out("kubectl -n kube-system get events -o json"))["items"]
        if event["reason"] == "FailedCreate"
    ]
    assert any(
        'violates PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "coredns" must set '
        in message
        for message in messages
    )
    assert "Failed creating a mirror pod" in driver.out("journalctl -u kubelet")


def test_an_exemption_brings_them_back(driver: Driver) -> None:
    restrict(driver)
    driver.run("kubectl -n kube-system delete pod --grace-period=1 -l tier=control-plane")
    restrict(driver, "kube-system")
    assert len(driver.out("kubectl -n kube-system get pods -l tier=control-plane -o name").splitlines()) == 4
    refused = driver.run("kubectl run priv -n shop --image=nginx --privileged")
    assert refused.rc == 1
    assert refused.stderr.startswith(
        'Error from server (Forbidden): pods "priv" is forbidden: violates PodSecurity "restricted:latest": privileged '  # noqa: E501 -- as it is printed
        '(container "priv" must not set securityContext.privileged=true), allowPrivilegeEscalation != false '
    )


def test_a_namespace_label_is_another_right_repair(driver: Driver) -> None:
    restrict(driver)
    driver.run("kubectl -n kube-system delete pod --grace-period=1 -l k8s-app=kube-dns")
    driver.out("kubectl label ns kube-system pod-security.kubernetes.io/enforce=privileged")
    driver.out("kubectl -n kube-system rollout restart deploy/coredns")
    driver.out("kubectl -n kube-system rollout status deploy/coredns --timeout=30s")


def test_refused_controllers_wait_out_their_back_off(driver: Driver) -> None:
    restrict(driver)
    driver.run("kubectl -n kube-system delete pod --grace-period=1 -l k8s-app=kube-dns")
    driver.cluster.advance(200)
    driver.out("kubectl label ns kube-system pod-security.kubernetes.io/enforce=privileged")
    driver.cluster.advance(10)
    assert driver.out("kubectl -n kube-system get pods -l k8s-app=kube-dns -o name") == ""
    driver.out("kubectl -n kube-system rollout restart deploy/coredns")
    driver.cluster.advance(10)
    assert len(driver.out("kubectl -n kube-system get pods -l k8s-app=kube-dns -o name").splitlines()) == 2


def test_controllers_retry_at_once_after_an_outage_of_the_api_server(driver: Driver) -> None:
    restrict(driver)
    driver.run("kubectl -n kube-system delete pod --grace-period=1 -l k8s-app=kube-dns")
    driver.cluster.advance(200)
    restrict(driver, "kube-system")
    driver.cluster.advance(4)
    assert len(driver.out("kubectl -n kube-system get pods -l k8s-app=kube-dns -o name").splitlines()) == 2


def test_a_config_outside_the_mounts_keeps_the_api_server_down(driver: Driver) -> None:
    driver.cluster.control_plane.write_file("/etc/elsewhere.yaml", CONFIG)
    driver.remake(
        "kube-apiserver",
        "sed -i 's#^    - kube-apiserver$#    - kube-apiserver\\n    - "
        f"--admission-control-config-file=/etc/elsewhere.yaml#' {MANIFEST}/kube-apiserver.yaml",
    )
    assert "was refused" in driver.run("kubectl get nodes").stderr
    log = driver.run("crictl logs $(crictl ps -aq --name kube-apiserver | head -1)")
    assert "no such file or directory" in log.stderr


def test_a_broken_manifest_is_reported_in_the_journal(driver: Driver) -> None:
    driver.out(f"echo '{{' > {MANIFEST}/kube-scheduler.yaml")
    driver.cluster.advance(20)
    assert "Could not process manifest file" in driver.out("journalctl -u kubelet")
