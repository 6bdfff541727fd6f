"""The small programs of a node: which there are, and what they say about it."""

import re

import pytest

from lab.cluster.sim.programfiles import absent, program_names
from tests.sim.driving import Driver


@pytest.mark.parametrize("name", ["man", "sudo", "tree", "file", "vim", "ping", "dig", "wget", "yq", "unzip"])
def test_what_a_node_lacks_is_not_found_on_the_line_where_it_stands(driver: Driver, name: str) -> None:
    result = driver.run(f"true\ntrue; {name} /etc")
    assert (result.rc, result.stderr) == (127, f"bash: line 2: {name}: command not found\n")
    assert driver.run(f"which {name}").rc == 1


@pytest.mark.parametrize("name", ["perl", "apt-get", "tc", "lsns", "/usr/sbin/insmod", "/usr/bin/systemd-analyze"])
def test_what_a_node_has_and_is_not_modelled_says_so(driver: Driver, name: str) -> None:
    result = driver.run(f"{name} -x")
    assert (result.rc, result.stderr) == (1, f"not simulated: {name.rsplit('/', 1)[-1]} (use --backend kind)\n")


def test_programs_are_where_a_node_has_them(driver: Driver) -> None:
    assert driver.out("which kubeadm runc ls mount") == (
        "/usr/bin/kubeadm\n/usr/local/sbin/runc\n/usr/bin/ls\n/usr/bin/mount\n"
    )
    assert driver.out("which -a ls") == "/usr/bin/ls\n/bin/ls\n"
    assert driver.out("/usr/bin/env ls /etc/cni") == "net.d\n"
    assert not absent() & program_names()


def test_a_program_taken_away_stays_away(driver: Driver) -> None:
    driver.out("rm /usr/bin/apt; echo 'echo mine' > /usr/bin/apt-get")
    model = driver.cluster.world.control_plane
    data = model.files.dump()
    assert data["/usr/bin/apt"] is None
    assert "/usr/bin/apt-get" in data
    assert "/usr/bin/apt-cache" not in data
    assert driver.run("apt update").rc == 127


def test_a_killed_program_is_started_again(driver: Driver) -> None:
    before = driver.out("crictl ps -q --name '^etcd$'")
    driver.out("kill -9 $(pidof etcd)")
    assert driver.out("crictl ps -a --state exited -q --name '^etcd$'") == before
    driver.cluster.advance(30)
    assert driver.out("crictl ps -q --name '^etcd$'") not in {"", before}


def test_a_killed_kubelet_is_restarted_by_systemd(driver: Driver) -> None:
    before = driver.out("pidof kubelet")
    assert (
        driver.out("pkill -9 -x kubelet; systemctl is-active kubelet; pgrep -c kubelet || true")
        == "activating\n0\n"
    )
    assert "status=9/KILL" in driver.out("journalctl -u kubelet --no-pager")
    driver.cluster.advance(3)
    assert driver.out("pidof kubelet") not in {"", before}


def test_kill_knows_the_shells_jobs_too(driver: Driver) -> None:
    assert driver.out("sleep 300 & kill $!; wait $!; echo $?") == "143\n"
    assert driver.run("\nkill 999999").stderr == "bash: line 2: kill: (999999) - No such process\n"
    assert driver.out("kill -0 $(pidof kubelet); echo $?") == "0\n"
    assert "not simulated: kill -HUP kubelet" in driver.run("kill -HUP $(pidof kubelet)").stderr


def test_a_service_that_runs_is_a_process(driver: Driver) -> None:
    script = "#!/bin/bash\nwhile sleep 1; do :; done\n"
    driver.cluster.control_plane.write_file("/usr/local/sbin/worker", script, mode=0o755)
    unit = "[Service]\\nExecStart=/usr/local/sbin/worker\\n"
    driver.out(f"printf '{unit}' > /etc/systemd/system/w.service; systemctl start w")
    assert driver.out("pgrep -af worker").split(maxsplit=1)[1] == "/bin/bash /usr/local/sbin/worker\n"
    driver.out("pkill -f worker")
    assert driver.run("systemctl is-active w").stdout == "inactive\n"


def test_ps_shows_what_is_asked_for(driver: Driver) -> None:
    assert driver.out("ps -o pid=,comm= -p 1") == "      1 systemd\n"
    assert driver.out("ps -C kubelet -o pid=").split() == driver.out("pidof kubelet").split()
    assert driver.run("ps -C nosuch").rc == 1
    assert driver.out("ps -eo comm= --sort=-rss | head -n 1") == "kube-apiserver\n"
    assert re.search(r"root +\d+ +1 .* /usr/bin/kubelet --bootstrap", driver.out("ps -ef"))
    assert " \\_ etcd --advertise" in driver.out("ps axf")
    assert driver.run("ps --nosuch").stderr.startswith("error: unknown gnu long option\n\nUsage:\n ps [options]\n")
    assert "not simulated: ps -L" in driver.run("ps -L").stderr


def test_what_is_used_is_told_in_units(driver: Driver) -> None:
    assert driver.out("free -m | awk '/Mem/{print $2}'") == "7948\n"
    assert driver.out("free -h | awk '/Mem/{print $2}'") == "7.8Gi\n"
    assert driver.out("top -bn1 | sed -n 7p").split()[:2] == ["PID", "USER"]
    assert driver.run("top -b").stderr == "not simulated: top -b (use --backend kind)\n"
    assert driver.out("uname -sr; uname -p") == "Linux 6.8.0-45-generic\nunknown\n"
    assert driver.run("uname -x").stderr.startswith("uname: invalid option -- 'x'\n")


def test_time_tells_of_no_processor(driver: Driver) -> None:
    assert driver.run("time -p true").stderr.splitlines()[1:] == ["user 0.00", "sys 0.00"]
    assert driver.run("time true").stderr.splitlines()[2:] == ["user\t0m0.000s", "sys\t0m0.000s"]
    assert driver.out("echo $UID") == "0\n"
