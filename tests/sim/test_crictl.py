import json

import pytest

from tests.sim.driving import Driver

ETCD = "$(crictl ps -q --name '^etcd$')"
CLIENT = "$(crictl ps -q --name '^client$')"
DNS = "$(crictl ps -q --name '^coredns$' | head -n 1)"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("ps --state foo", 1, " --state should be one of created, running, exited or unknown\n"),
        ("ps --label foo", 1, 'msg="incorrectly specified label: foo"\n'),
        ("ps -o foo", 1, 'msg="listing containers: unsupported output format \\"foo\\""\n'),
        ("ps --name", 1, 'level=fatal msg="flag needs an argument: -name"\n'),
        ("-r unix:///x.sock ps", 1, "dial unix /x.sock: connect: no such file or directory"),
        ("--config=/nosuch ps", 1, 'msg="load config file: stat /usr/local/bin/crictl.yaml: no such file'),
        ("logs --previous " + ETCD, 1, 'msg="previous terminated container etcd not found"\n'),
        ("stop", 1, "you must specify at least one CONTAINER-ID or use --all\n"),
        ("rm " + ETCD, 1, 'is running, please stop it first"\n'),
        ("start " + ETCD, 1, 'remote_runtime.go:435] "StartContainer from runtime service failed"'),
        ("stopp nosuch", 1, 'remote_runtime.go:267] "StopPodSandbox from runtime service failed"'),
        ("attach nosuch", 1, 'remote_runtime.go:701] "Attach container from runtime service failed"'),
        ("pull nosuch", 1, "dial tcp: lookup registry-1.docker.io on "),
        ("rmi nosuch", 1, 'msg="no such image nosuch"\n'),
        ("runp /nosuch", 1, 'msg="load podSandboxConfig: config at /nosuch not found"\n'),
        ("events", 1, "method GetContainerEvents not implemented"),
        ("runtime-config", 1, "unknown method RuntimeConfig for service runtime.v1.RuntimeService"),
        ("exec -it " + CLIENT + " true", 1, 'input is not a terminal"\n'),
        ("exec " + DNS + " ls", 1, 'exec: \\"ls\\": executable file not found in $PATH: unknown"\n'),
        ("exec -s " + CLIENT + " sh -c 'echo b >&2; exit 3'", 1, 'exited with 3: b\\n"\n'),
        ("config --get nosuch", 1, 'msg="no configuration option named nosuch"\n'),
    ],
)
def test_errors_are_worded_as_crictl_does(driver: Driver, words: str, code: int, told: str) -> None:
    said = driver.run(f"crictl {words}")
    assert said.rc == code
    assert told in said.stderr


def test_filters_and_flags_as_its_library_takes_them(driver: Driver) -> None:
    assert driver.out("crictl ps -aq --name '^etcd$' | wc -l") == "1\n"
    assert driver.out("crictl ps -name=etcd -q | wc -l") == "1\n"
    assert driver.out("crictl pods -n 2 -q | wc -l") == "2\n"
    assert driver.out("crictl ps --image registry.k8s.io/etcd:3.6.5-0 -q | wc -l") == "1\n"
    assert driver.out("crictl ps --image etcd -q | wc -l") == "0\n"
    assert driver.out("crictl ps --name '(' -q | wc -l") == "0\n"
    assert "registry.k8s.io/etcd:3.6.5-0" in driver.out("crictl ps -r --name etcd")
    # Flags behind the first word are words.
    assert 'containerID="-o"' in driver.run(f"crictl inspect {ETCD} -o yaml").stderr
    assert driver.out(f"crictl logs {CLIENT} --tail 1").startswith("NAME:\n   crictl logs")


def test_all_that_is_known_of_a_container_its_pod_and_its_image(driver: Driver) -> None:
    found = json.loads(driver.out(f"crictl inspect {ETCD}"))
    assert found["info"]["runtimeSpec"]["process"]["args"][0] == "etcd"
    assert {mount["containerPath"]: mount["hostPath"] for mount in found["status"]["mounts"]}["/var/lib/etcd"] == (
        "/var/lib/etcd"
    )
    assert "io.kubernetes.container.hash" in found["status"]["annotations"]
    template = "crictl inspect -o go-template --template '{{range .status.mounts}}{{.containerPath}} {{end}}' "
    assert driver.out(template + ETCD).startswith("/var/lib/etcd /etc/kubernetes/pki/etcd /etc/hosts ")
    pod = json.loads(driver.out("crictl inspectp --name '^etcd'"))
    assert pod["status"]["annotations"]["kubernetes.io/config.source"] == "file"
    image = json.loads(driver.out("crictl inspecti registry.k8s.io/pause:3.10.1"))
    assert image["status"]["repoTags"] == ["registry.k8s.io/pause:3.10.1"]
    assert len(json.loads(driver.out("crictl inspect"))) == len(driver.out("crictl ps -q").split())


def test_what_things_use(driver: Driver) -> None:
    shown = driver.out("crictl stats")
    assert shown.startswith("\x1b[2J\x1b[HCONTAINER           NAME")
    assert driver.out("crictl statsp").startswith("\x1b[2J\x1b[HPOD ")
    running = len(driver.out("crictl ps -q").split())
    assert len(json.loads(driver.out("crictl stats -o json"))["stats"]) == running
    assert "usedBytes" in json.loads(driver.out("crictl imagefsinfo"))["status"]["imageFilesystems"][0]


def test_its_settings_are_a_file(driver: Driver) -> None:
    assert driver.out("crictl config --get runtime-endpoint") == "unix:///run/containerd/containerd.sock\n"
    driver.out("crictl config --set timeout=7,image-endpoint=unix:///x.sock")
    assert "timeout: 7\n" in driver.out("cat /etc/crictl.yaml")
    assert "validate CRI v1 image API" in driver.run("crictl images").stderr
    assert driver.run("crictl pods").ok


def test_logs_can_be_cut(driver: Driver) -> None:
    assert driver.out(f"crictl logs --limit-bytes 10 {ETCD} 2>&1") == '{"level":"'
    assert driver.out(f"crictl logs --since 0s {ETCD} 2>&1 | wc -l") == "0\n"
    assert driver.run(f"crictl logs --stream stdout {ETCD}").stderr == ""
    said = driver.run(f"crictl logs --tail x {ETCD}")
    assert said.stdout.startswith('Incorrect Usage: invalid value "x" for flag -tail: parse error\n\nNAME:')


def test_images_that_no_container_has_can_be_removed(driver: Driver) -> None:
    assert driver.out("crictl rmi --prune") == "Deleted: registry.k8s.io/pause:3.10.1\n"
    assert "no such image" in driver.run("crictl inspecti registry.k8s.io/pause:3.10.1").stderr


def test_a_container_sees_the_folders_of_its_node(driver: Driver) -> None:
    pki = "/etc/kubernetes/pki/etcd"
    etcdctl = (
        f"etcdctl --cacert={pki}/ca.crt --cert={pki}/healthcheck-client.crt --key={pki}/healthcheck-client.key"
    )
    assert ", started, k5-control-plane, " in driver.out(f"crictl exec {ETCD} {etcdctl} member list")
    assert driver.run(f"kubectl -n kube-system exec etcd-k5-control-plane -- {etcdctl} endpoint health").ok
    driver.out(f"crictl exec {ETCD} {etcdctl} snapshot save /var/lib/etcd/x.db")
    assert driver.run("etcdutl snapshot status /var/lib/etcd/x.db").ok
    assert "executable file not found" in driver.run(f"crictl exec {ETCD} rm /var/lib/etcd/x.db").stderr
    driver.out("rm /var/lib/etcd/x.db")
    assert driver.out("ls /var/lib/etcd") == "member\n"
    other = f"etcdctl --cacert={pki}/ca.crt --cert=/etc/kubernetes/pki/apiserver.crt --key=/x member list"
    assert "no such file or directory" in driver.run(f"crictl exec {ETCD} {other}").stderr


def test_all_containers_that_the_filters_find_run_a_command(driver: Driver) -> None:
    assert driver.out("crictl exec --quiet --name '^client$' echo hi") == "hi\n"
    assert driver.out(f"crictl exec -s {CLIENT} echo hi") == "hi\n\n\n"
