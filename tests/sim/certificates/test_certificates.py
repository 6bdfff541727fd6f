"""The certificates of a simulated cluster against a real one's, as the programs of a node see them."""

from pathlib import Path

import pytest

from lab.cluster.sim.pki import kubeadm
from lab.cluster.sim.pki.reading import certificates, flaw, go_problem, pair_problem, private_key, public_bytes
from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.timing.clock import Clock
from lab.progress import Silent
from tests.sim.certificates.answers import comparable, recorded

_ADMIN = "/etc/kubernetes/admin.conf"
_PKI = "/etc/kubernetes/pki"
_OVER = "x509: certificate has expired or is not yet valid: current time"
_FOR = "x509: certificate is valid for"


def _made(seed: str) -> kubeadm.Made:
    return kubeadm.cluster(seed, 1_800_000_000.0, "k5-control-plane", "172.18.0.3")


def test_answers_are_those_of_a_real_cluster(tmp_path: Path) -> None:
    # The names are in the order of the recorded cluster's name.
    cluster = SimCluster("pki", tmp_path, clock=Clock(turned=True))
    cluster.create(Silent())
    answers, found = recorded(), {}
    for question in answers:
        asked = ["bash", "-c", f"({question}) 2>&1"]
        result = cluster.control_plane.run(asked, timeout=120, env={"KUBECONFIG": _ADMIN})
        found[question] = comparable(result.stdout, cluster.name)
    cluster.delete()
    assert found == answers


def test_the_same_seed_gives_the_same_files() -> None:
    first = _made("a")
    kubeadm.cluster.cache_clear()
    assert _made("a") == first
    assert _made("b").files["ca.key"] != first.files["ca.key"]


def test_no_two_keys_are_equal() -> None:
    made = _made("a")
    keys = [text for path, text in made.files.items() if path.endswith(".key")]
    keys += [user.key for user in made.users.values()]
    found = [private_key(text) for text in keys]
    assert len({public_bytes(key.public_key()) for key in found if key is not None}) == len(keys) == 16


@pytest.mark.parametrize(
    ("at", "roots", "host", "problem"),
    [
        (1_800_000_000, "ca.crt", "localhost", ""),
        (1_800_000_000, "ca.crt", "10.96.0.1", ""),
        (1_800_000_000, "etcd/ca.crt", "", "x509: certificate signed by unknown authority"),
        (1_800_000_000, "ca.crt", "10.0.0.9", f"{_FOR} 10.96.0.1, 172.18.0.3, 127.0.0.1, not 10.0.0.9"),
        (1_700_000_000, "ca.crt", "", f"{_OVER} 2023-11-14T22:13:20Z is before 2027-01-15T07:55:00Z"),
        (1_900_000_000, "ca.crt", "", f"{_OVER} 2030-03-17T17:46:40Z is after 2028-01-15T08:00:00Z"),
    ],
)  # fmt: skip
def test_a_go_program_names_what_is_wrong_with_a_server(at: float, roots: str, host: str, problem: str) -> None:
    files = _made("a").files
    assert go_problem(certificates(files["apiserver.crt"])[0], files[roots], at, host=host) == problem


def test_a_server_certificate_is_no_clients() -> None:
    files = _made("a").files
    found = go_problem(certificates(files["apiserver.crt"])[0], files["ca.crt"], 1_800_000_000, client=True)
    assert found == "x509: certificate specifies an incompatible key usage"


def test_a_leaf_signs_nothing() -> None:
    files = _made("a").files
    leaf = certificates(files["apiserver.crt"])[0]
    found = flaw(leaf, certificates(files["front-proxy-client.crt"]), 1_800_000_000)
    assert found is not None
    assert found.number == 20


def test_keys_and_certificates_belong_together() -> None:
    files = _made("a").files
    assert not pair_problem(files["apiserver.crt"], files["apiserver.key"])
    assert pair_problem(files["apiserver.crt"], files["ca.key"]) == "tls: private key does not match public key"
    assert pair_problem(files["apiserver.crt"], "") == "tls: failed to find any PEM data in key input"


def test_an_expired_server_is_refused(fresh: SimCluster) -> None:
    run = fresh.control_plane.run
    lines = (
        f"cd {_PKI}; openssl req -new -key apiserver.key -subj /CN=kube-apiserver -out /tmp/a.csr",
        f"cd {_PKI}; openssl x509 -req -in /tmp/a.csr -CA ca.crt -CAkey ca.key -days -1 -out apiserver.crt",
        f"curl -sS --cacert {_PKI}/ca.crt https://127.0.0.1:6443/livez; echo $?",
        f"kubectl --kubeconfig {_ADMIN} get ns; echo $?",
        "kubeadm certs check-expiration 2>/dev/null | awk '/^apiserver / {print $7}'",
    )
    *_, curl, kubectl, _ = [run(["bash", "-c", f"({line}) 2>&1"]).stdout for line in lines]
    assert curl.startswith("curl: (60) SSL certificate problem: certificate has expired\n")
    told = "Unable to connect to the server: tls: failed to verify certificate: x509: certificate has expired or"
    assert kubectl.startswith(told)
    assert kubectl.endswith("\n1\n")


def test_curl_has_the_rights_of_its_certificates_groups(fresh: SimCluster) -> None:
    script = f"""
    cd /tmp
    openssl req -new -newkey rsa:2048 -nodes -keyout eve.key -subj /O=dev/CN=eve -out eve.csr
    printf extendedKeyUsage=clientAuth > ext
    openssl x509 -req -in eve.csr -CA {_PKI}/ca.crt -CAkey {_PKI}/ca.key -days 9 -extfile ext -out eve.crt
    kubectl create role reader --verb=list --resource=pods
    kubectl create rolebinding devs --role=reader --group=dev
    for namespace in default kube-system; do
      curl -sk -o /dev/null -w '%{{http_code}}\\n' --cert eve.crt --key eve.key \\
        https://127.0.0.1:6443/api/v1/namespaces/$namespace/pods
    done
    """
    assert fresh.control_plane.run(["bash", "-c", script]).stdout.splitlines()[-2:] == ["200", "403"]
