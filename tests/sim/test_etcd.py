import contextlib

import pytest

from lab.cluster.sim.api.etcd import CompactedError, Etcd, FutureRevisionError, NoSpaceError
from tests.sim.driving import Driver

MIB = 1024**2


def filled(quota: int = 4 * MIB) -> Etcd:
    etcd = Etcd(quota=quota)
    while not etcd.alarm:
        with contextlib.suppress(NoSpaceError):
            etcd.put("/big", "x", 500_000)
    return etcd


def test_history_grows_the_file_until_the_alarm() -> None:
    etcd = filled()
    assert etcd.alarm
    assert 3 * MIB < etcd.size <= 4 * MIB
    with pytest.raises(NoSpaceError):
        etcd.put("/small", "x", 10)


def test_deletes_still_work_under_the_alarm() -> None:
    etcd = filled()
    assert etcd.delete("/big")
    assert etcd.get("/big") is None


def test_disarming_alone_trips_again() -> None:
    etcd = filled()
    assert etcd.disarm()
    with pytest.raises(NoSpaceError):
        etcd.put("/big", "x", 500_000)
    assert etcd.alarm


def test_a_larger_quota_alone_changes_nothing() -> None:
    etcd = filled()
    etcd.quota = 100 * MIB
    with pytest.raises(NoSpaceError):
        etcd.put("/small", "x", 10)


def test_compaction_frees_pages_and_defragmentation_shrinks_the_file() -> None:
    etcd = filled()
    size = etcd.size
    etcd.compact(etcd.revision)
    assert etcd.size == size
    assert etcd.size_in_use < 1 * MIB
    etcd.defragment()
    assert etcd.size < 1 * MIB
    etcd.disarm()
    etcd.put("/small", "x", 10)


def test_compaction_knows_its_revisions() -> None:
    etcd = filled()
    etcd.compact(3)
    with pytest.raises(CompactedError):
        etcd.compact(3)
    with pytest.raises(FutureRevisionError):
        etcd.compact(etcd.revision + 1)


def full(driver: Driver) -> None:
    flag = "sed -i 's/^    - etcd$/    - etcd\\n    - --quota-backend-bytes=16777216/' /etc/kubernetes/manifests/etcd.yaml"  # noqa: E501 -- as it is printed
    driver.remake("etcd", flag)
    driver.run(
        "head -c 700000 /dev/zero | tr '\\0' x > /tmp/blob; for i in $(seq 30); do "
        "kubectl create cm big --from-file=/tmp/blob && kubectl delete cm big || break; done"
    )


def test_no_space_as_a_trainee_meets_it(driver: Driver) -> None:
    full(driver)
    said = driver.run("kubectl create ns x")
    assert (said.rc, said.stderr) == (1, "Error from server: etcdserver: mvcc: database space exceeded\n")
    assert driver.run("kubectl create cm x --from-literal=a=b").stderr == (
        "error: failed to create configmap: etcdserver: mvcc: database space exceeded\n"
    )
    assert driver.run("kubectl -n shop rollout restart deploy/web").stderr == (
        "error: failed to patch: etcdserver: mvcc: database space exceeded\n"
    )
    cordon = driver.run("kubectl cordon k5-worker")
    assert (cordon.rc, cordon.stderr) == (
        0,
        'error: unable to cordon node "k5-worker": etcdserver: mvcc: database space exceeded\n',
    )
    label = driver.run("kubectl label ns shop a=b")
    assert (label.rc, label.stderr) == (1, "Error from server: etcdserver: mvcc: database space exceeded\n")
    assert driver.out("kubectl get nodes --no-headers").count("Ready") == 2
    assert "NOSPACE" in driver.etcd("alarm list").stdout
    assert "Active Alarm(s): NOSPACE" in driver.etcd("endpoint health").stderr
    assert driver.out("curl -s http://127.0.0.1:2381/health") == '{"health":"false","reason":"ALARM NOSPACE"}\n'
    assert driver.etcd("del nosuch").stdout == "0\n"


def test_the_alarm_is_stored_and_the_right_repair_works(driver: Driver) -> None:
    full(driver)
    driver.remake("etcd", "sed -i '/quota-backend/d' /etc/kubernetes/manifests/etcd.yaml")
    assert "database space exceeded" in driver.run("kubectl create ns x").stderr
    revision = driver.out(
        "etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt "
        "--cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key "
        "endpoint status -w json | grep -o '\"revision\":[0-9]*' | cut -d: -f2"
    ).strip()
    assert driver.etcd(f"compact {revision}").stdout == f"compacted revision {revision}\n"
    assert driver.etcd("defrag").stdout.startswith("Finished defragmenting")
    assert driver.etcd("alarm disarm").ok
    assert driver.run("kubectl create ns x").ok


def test_etcdctl_needs_the_right_certificates(driver: Driver) -> None:
    said = driver.run("etcdctl endpoint health")
    assert said.rc == 1
    assert "is unhealthy" in said.stderr
    assert driver.run("etcdctl --cacert=/nosuch endpoint health").stderr == (
        "Error: open /nosuch: no such file or directory\n"
    )
