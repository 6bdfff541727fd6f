import json

import pytest

from lab.cluster.sim.api.etcd import Etcd
from lab.cluster.sim.state import codec
from tests.sim.driving import Driver

BEFORE = (
    "P=/etc/kubernetes/pki/etcd; export ETCDCTL_CACERT=$P/ca.crt ETCDCTL_CERT=$P/server.crt "
    "ETCDCTL_KEY=$P/server.key; "
)


def run(driver: Driver, script: str) -> tuple[int, str, str]:
    said = driver.run(BEFORE + script)
    return said.rc, said.stdout, said.stderr


def out(driver: Driver, script: str) -> str:
    return driver.out(BEFORE + script)


def test_keys_are_found_by_ranges_orders_and_revisions(driver: Driver) -> None:
    out(driver, "for k in b a c; do etcdctl put t/$k $k; done; etcdctl put t/a 2")
    assert out(driver, "etcdctl get t/ --prefix --print-value-only") == "2\nb\nc\n"
    assert out(driver, "etcdctl get t/b t/c --keys-only") == "t/b\n\n"
    assert out(driver, "etcdctl get t/b --from-key --keys-only --limit=1") == "t/b\n\n"
    assert out(driver, "etcdctl get t/ --prefix --keys-only --sort-by=CREATE --order=DESCEND").split() == [
        "t/c", "t/a", "t/b",
    ]  # fmt: skip
    assert out(driver, "etcdctl get t/a --hex") == "\\x74\\x2f\\x61\n\\x32\n"
    fields = out(driver, "etcdctl get t/ --prefix --limit=1 -w fields")
    assert '"Key" : "t/a"\n' in fields
    assert fields.endswith('"Lease" : 0\n"More" : true\n"Count" : 3\n')
    old = json.loads(out(driver, "etcdctl get t/a -w json"))["kvs"][0]["mod_revision"] - 1
    assert out(driver, f"etcdctl get t/a --rev={old} --print-value-only") == "a\n"
    assert run(driver, "etcdctl get t/a --rev=99999999")[2].endswith(
        "Error: etcdserver: mvcc: required revision is a future revision\n"
    )
    assert out(driver, "etcdctl put t/a 3 --prev-kv") == "OK\nt/a\n2\n"
    assert out(driver, "etcdctl del t/ --prefix --prev-kv | head -n 3") == "3\nt/a\n3\n"
    assert run(driver, f"etcdctl get /registry/leases --prefix --rev={old}")[2].startswith("not simulated: ")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("alrm", 1, '"etcdctl"\n\nDid you mean this?\n\talarm\n\nRun'),
        ("get a --limit=x", 1, 'Error: invalid argument "x" for "--limit" flag: strconv.ParseInt: parsing "x"'),
        ("get a --limit", 1, "Error: flag needs an argument: --limit\n\n"),
        ("get a -w table", 4, "Error: table not supported as output format\n"),
        ("get a --count-only", 128, "Error: --count-only is only for `--write-out=fields`\n"),
        ("--cacert=x member list", 1, "conflicting environment variable is shadowed by corresponding"),
        ("member remove 1", 1, "Error: etcdserver: member not found\n"),
        ("lease revoke 12", 1, "Error: failed to revoke lease (etcdserver: requested lease not found)\n"),
        ("move-leader 1", 1, "Error: etcdserver: bad leader transferee\n"),
        ("make-mirror x", 1, "not simulated: etcdctl make-mirror (use --backend kind)\n"),
    ],
)
def test_errors_are_worded_as_etcdctl_does(driver: Driver, words: str, code: int, told: str) -> None:
    rc, _, stderr = run(driver, f"etcdctl {words}")
    assert rc == code
    assert told in stderr


def test_a_command_may_be_a_prefix_and_a_group_shows_its_page(driver: Driver) -> None:
    assert "started, k5-control-plane" in out(driver, "etcdctl mem lis")
    assert out(driver, "etcdctl snapshot status /x").startswith("NAME:\n\tsnapshot -".replace("\t", "  "))


def test_a_lease_takes_its_keys_along_when_its_time_is_over(driver: Driver) -> None:
    lease = out(driver, "etcdctl lease grant 60 | cut -d' ' -f2").strip()
    out(driver, f"etcdctl put t/l 1 --lease={lease}")
    driver.cluster.advance(40)
    assert out(driver, f"etcdctl lease timetolive {lease} --keys").endswith("), attached keys([t/l])\n")
    assert out(driver, f"etcdctl lease keep-alive --once {lease}") == f"lease {lease} keepalived with TTL(60)\n"
    driver.cluster.advance(40)
    assert out(driver, "etcdctl get t/l --print-value-only") == "1\n"
    driver.cluster.advance(30)
    assert not out(driver, "etcdctl get t/l")
    assert out(driver, f"etcdctl lease timetolive {lease}") == f"lease {lease} already expired\n"


def test_a_transaction_does_one_of_two_lists(driver: Driver) -> None:
    script = 'etcdctl txn <<< $\'value("t/x") = "1"\\n\\nput t/x 2\\nget t/x\\n\\nput t/x 1\\n\\n\''
    assert out(driver, script) == "FAILURE\n\nOK\n"
    assert out(driver, script) == "SUCCESS\n\nOK\n\nt/x\n2\n"
    assert run(driver, "etcdctl txn <<< $'nosuch\\n\\n\\n\\n'") == (3, "", "Error: malformed comparison: nosuch\n")


def test_a_watch_shows_what_happens_and_what_happened(driver: Driver) -> None:
    revision = json.loads(out(driver, "etcdctl put t/w 1 -w json"))["header"]["revision"]
    out(driver, "etcdctl put t/w 2; etcdctl del t/w")
    assert run(driver, f"timeout 1 etcdctl watch t/ --prefix --rev={revision}")[1] == (
        "PUT\nt/w\n1\nPUT\nt/w\n2\nDELETE\nt/w\n\n"
    )
    live = "(sleep 1; etcdctl put t/w 3 >/dev/null) & timeout 3 etcdctl watch t/w"
    assert run(driver, live)[1] == "PUT\nt/w\n3\n"


def test_users_and_roles_are_kept(driver: Driver) -> None:
    out(driver, "etcdctl role add r; etcdctl role grant-permission r readwrite t/ --prefix; etcdctl user add u:pw")
    assert out(driver, "etcdctl user grant-role u r") == "Role r is granted to user u\n"
    assert out(driver, "etcdctl user get u --detail").endswith("KV Write:\n\t[t/, t0) (prefix t/)\n")
    assert "AuthRevision: 5" in out(driver, "etcdctl auth status")
    assert "user name already exists" in run(driver, "etcdctl user add u:pw")[2]


def test_a_snapshot_is_a_file_that_etcdutl_reads(driver: Driver) -> None:
    assert out(driver, "etcdctl snapshot save /tmp/x.db 2>/dev/null") == (
        "Snapshot saved at /tmp/x.db\nServer version 3.6.0\n"
    )
    revision = json.loads(out(driver, "etcdctl endpoint status -w json"))[0]["Status"]["header"]["revision"]
    assert json.loads(out(driver, "etcdutl snapshot status /tmp/x.db -w json"))["revision"] == revision
    assert run(driver, "etcdutl snapshot status /etc/hostname") == (1, "", "Error: invalid database\n")
    assert run(driver, "etcdctl snapshot save /nosuch/x.db")[0] == 5


def test_without_etcd_some_commands_wait_for_ever_and_its_file_can_be_defragmented(driver: Driver) -> None:
    run(driver, "for i in $(seq 40); do head -c 90000 /dev/zero | tr '\\0' x | etcdctl put big; done")
    revision = json.loads(out(driver, "etcdctl endpoint status -w json"))[0]["Status"]["header"]["revision"]
    out(driver, f"etcdctl compact {revision}")
    waiting = run(driver, "timeout 3 etcdutl defrag --data-dir=/var/lib/etcd")
    assert (waiting[0], "waiting for etcd to close" in waiting[2]) == (124, True)
    size = driver.cluster.world.plane.etcd.size
    out(driver, "mv /etc/kubernetes/manifests/etcd.yaml /tmp")
    driver.cluster.advance(60)
    rc, _, stderr = run(driver, "etcdctl get a --command-timeout=1s")
    assert (rc, stderr.endswith("Error: context deadline exceeded\n")) == (1, True)
    assert run(driver, "timeout 30 etcdctl user list")[0] == 124
    out(driver, "etcdutl defrag --data-dir=/var/lib/etcd")
    assert driver.cluster.world.plane.etcd.size < size / 2


def test_a_load_test_writes_and_fills_a_small_store(driver: Driver) -> None:
    assert out(driver, "etcdctl check perf 2>/dev/null").startswith("PASS: Throughput is 150 writes/s\n")
    driver.cluster.world.plane.etcd.quota = driver.cluster.world.plane.etcd.size + 100_000
    rc, stdout, _ = run(driver, "etcdctl check perf 2>/dev/null")
    assert rc == 1
    assert stdout.startswith("FAIL: too many errors\nFAIL: ERROR(etcdserver: mvcc: database space exceeded) -> ")
    assert "NOSPACE" in out(driver, "etcdctl alarm list")


def test_written_data_outlives_the_process(driver: Driver) -> None:
    out(
        driver,
        "etcdctl lease grant 600; etcdctl role add r; etcdctl put t/a 1; etcdctl put t/a 2; etcdctl del t/a",
    )
    etcd = driver.cluster.world.plane.etcd
    again = Etcd()
    codec.restore(again, json.loads(codec.text(etcd, {})))
    assert (again.leases, again.access, again.past) == (etcd.leases, etcd.access, etcd.past)
