"""The small programs of a node: their names and their answers."""

import re

import pytest

from lab.cluster.sim.machine.program_files import absent, program_names
from tests.sim.driving import Driver


@pytest.mark.parametrize("name", ["man", "sudo", "tree", "file", "vim", "ping", "dig", "wget", "yq", "unzip"])
def test_what_a_node_lacks_is_not_found_on_the_line_where_it_stands(driver: Driver, name: str) -> None:
    result = driver.run(f"true\ntrue; {name} /etc")
    assert (result.rc, result.stderr) == (127, f"bash: line 2: {name}: command not found\n")
    assert driver.run(f"which {name}").rc == 1


@pytest.mark.parametrize("name", ["perl", "apt-get", "lsns", "/usr/sbin/insmod", "/usr/bin/systemd-analyze"])
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
    data = model.files.state()
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


def test_ps_shows_the_requested_columns(driver: Driver) -> None:
    assert driver.out("ps -o pid=,comm= -p 1") == "      1 systemd\n"
    assert driver.out("ps -C kubelet -o pid=").split() == driver.out("pidof kubelet").split()
    assert driver.run("ps -C nosuch").rc == 1
    assert driver.out("ps -eo comm= --sort=-rss | head -n 1") == "kube-apiserver\n"
    assert re.search(r"root +\d+ +1 .* /usr/bin/kubelet --bootstrap", driver.out("ps -ef"))
    assert " \\_ etcd --advertise" in driver.out("ps axf")
    assert driver.run("ps --nosuch").stderr.startswith("error: unknown gnu long option\n\nUsage:\n ps [options]\n")
    assert "not simulated: ps -L" in driver.run("ps -L").stderr


def test_usage_is_printed_in_units(driver: Driver) -> None:
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


def test_a_pods_network_is_entered_by_its_process(driver: Driver) -> None:
    pod = driver.out("kubectl get pods -n shop -l app=client -o jsonpath='{.items[*].status.podIP}'").split()
    enter = "nsenter -t $(crictl inspect $(crictl ps -q --name '^client$') | jq .info.pid)"
    assert driver.out(f"{enter} -n ip -4 -br addr show eth0").split()[2].removesuffix("/24") in pod
    assert driver.out(f"{enter} -n curl -sk -m 8 -o /dev/null -w '%{{http_code}}' https://10.96.0.1/api") == "403"
    assert driver.out(f"{enter} -a hostname").startswith("client-")
    assert driver.out(f"{enter} -n hostname") == "k5-control-plane\n"
    assert driver.out("nsenter -t 1 -n ip -br link show lo").startswith("lo ")
    first = "$(ip netns | awk 'NR == 1 {print $1}')"
    assert driver.out(f"ip netns exec {first} ip route").startswith("default via 10.244.0.1 dev eth0")
    assert "not simulated: iptables in a pod's network" in driver.run(f"{enter} -n iptables -S").stderr


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("nsenter -t 999999 -n ls", 1, "nsenter: cannot open /proc/999999/ns/net: No such file or directory\n"),
        ("nsenter -t 1 -n nosuch", 127, "nsenter: failed to execute nosuch: No such file or directory\n"),
        ("ip netns exec x ls", 255, 'Cannot open network namespace "x": No such file or directory\n'),
        ("tc nosuch", 255, 'Object "nosuch" is unknown, try "tc help".\n'),
        ("tc qdisc show dev x", 1, 'Cannot find device "x"\n'),
        ("ctr nosuch", 3, "No help topic for 'nosuch'\n"),
        ("timedatectl nosuch", 1, "Unknown command verb nosuch.\n"),
        ("df /nosuch", 1, "df: /nosuch: No such file or directory\n"),
        ("du /nosuch", 1, "du: cannot access '/nosuch': No such file or directory\n"),
        ("stat /nosuch", 1, "stat: cannot statx '/nosuch': No such file or directory\n"),
        ("nft", 1, "nft: no command specified\n"),
        ("conntrack -L", 1, "not simulated: conntrack -L (use --backend kind)\n"),
        ("nft list ruleset", 1, "not simulated: nft list ruleset (use --backend kind)\n"),
        ("date -d nosuch", 1, "date: invalid date ‘nosuch’\n"),
        ("date -q", 1, "date: invalid option -- 'q'\nTry 'date --help' for more information.\n"),
        ("date -s x", 1, "not simulated: date -s (use --backend kind)\n"),
        ("id nosuch", 1, "id: ‘nosuch’: no such user\n"),
        ("systemctl reload nosuch", 5, "Failed to reload nosuch.service: Unit nosuch.service not found.\n"),
        (
            "systemctl reload kubelet",
            3,
            "Failed to reload kubelet.service: Job type reload is not applicable for unit kubelet.service.\n",
        ),
        ("findmnt /nosuch", 1, ""),
        ("systemctl kill nosuch", 1, "Failed to kill unit nosuch.service: Unit nosuch.service not loaded.\n"),
        ("journalctl -p nosuch", 1, "Unknown log level nosuch\n"),
        ("journalctl -n nosuch", 1, "Failed to add match 'nosuch': Invalid argument\n"),
        ("journalctl -o verbose", 1, "not simulated: journalctl -o verbose (use --backend kind)\n"),
        ("kubeadm init", 1, "not simulated: kubeadm init (use --backend kind)\n"),
    ],
)
def test_what_fails_says_what_the_program_says(driver: Driver, typed: str, code: int, said: str) -> None:
    result = driver.run(typed)
    assert (result.rc, result.stderr) == (code, said)


def test_the_runtime_below_the_cri_is_the_same(driver: Driver) -> None:
    etcd = driver.out("crictl ps -q --no-trunc --name '^etcd$'").strip()
    assert driver.out(f"ctr -n k8s.io tasks ls | grep {etcd}").split() == [
        etcd, driver.out("pidof etcd").strip(), "RUNNING"
    ]  # fmt: skip
    assert etcd in driver.out("ctr -n k8s.io containers ls -q").split()
    assert driver.out("ctr containers ls -q") == ""
    assert etcd in driver.out("runc --root /run/containerd/runc/k8s.io list")


def test_who_asks_starts_the_service_that_answers(driver: Driver) -> None:
    assert driver.run("systemctl is-active systemd-logind").stdout == "inactive\n"
    assert driver.out("loginctl; hostnamectl hostname") == "No sessions.\nk5-control-plane\n"
    assert driver.run("systemctl is-active systemd-logind systemd-hostnamed").stdout == "active\nactive\n"
    driver.cluster.advance(40)
    assert driver.run("systemctl is-active systemd-logind systemd-hostnamed").stdout == "active\ninactive\n"


def test_mounts_and_usage_are_printed(driver: Driver) -> None:
    sandbox = driver.out("crictl pods -q --no-trunc --name etcd").strip()
    assert f"{sandbox}/shm type tmpfs" in driver.out("mount")
    assert driver.out("findmnt -n -o FSTYPE /var; df /etc/hosts | awk 'NR == 2 {print $1}'") == "ext4\n/dev/vda1\n"
    assert driver.out("stat -c '%a %U:%G %F' /etc/hosts /etc") == (
        "644 root:root regular file\n755 root:root directory\n"
    )
    assert driver.out("grep -c ' /proc proc ' /proc/mounts") == "1\n"


def test_etcds_file_is_as_large_as_etcd_says(driver: Driver) -> None:
    size = driver.etcd("endpoint status -w json").stdout.split('"dbSize":')[1].split(",")[0]
    assert driver.out("stat -c %s /var/lib/etcd/member/snap/db") == f"{size}\n"
    assert driver.out("ls -l /var/lib/etcd/member/snap/db").split()[4] == size
    assert driver.out("du -sb /var/lib/etcd/member/snap").split()[0] == str(int(size) + 4096)


def test_proc_tells_of_processes(driver: Driver) -> None:
    assert driver.out("cat /proc/$(pidof etcd)/comm") == "etcd\n"
    assert driver.out("tr '\\0' ' ' < /proc/1/cmdline") == "/sbin/init "
    gone = driver.out("pidof etcd").strip()
    assert driver.run(f"kill -9 {gone}; cat /proc/{gone}/comm").rc == 1
    assert len(driver.out("cat /proc/loadavg").split()) == 5
    assert not any(path.startswith("/proc/1") for path in driver.cluster.world.control_plane.files.state())


def test_forwarding_is_one_setting_by_two_names(driver: Driver) -> None:
    driver.out("sysctl -w net.ipv4.ip_forward=0")
    assert driver.out("sysctl -n net.ipv4.conf.all.forwarding") == "0\n"
    driver.out("sysctl -w net.ipv4.conf.all.forwarding=1")
    assert driver.out("sysctl -n net.ipv4.ip_forward") == "1\n"


def test_kubeadm_prints_its_findings(driver: Driver) -> None:
    assert driver.out("kubeadm version -o short") == "v1.34.4\n"
    assert driver.out("kubeadm token list | awk 'NR == 2 {print $1, $2}'") == "abcdef.0123456789abcdef 23h\n"
    assert (
        driver.out("kubectl delete secret -n kube-system bootstrap-token-abcdef; kubeadm token list").count("\n")
        == 1
    )
    assert "etcd-server " in driver.out("kubeadm certs check-expiration")
    driver.remake("kube-apiserver", "mv /etc/kubernetes/manifests/kube-apiserver.yaml /tmp")
    assert "not simulated: kubeadm token list without the API server" in driver.run("kubeadm token list").stderr


def test_versions_are_those_of_a_node(driver: Driver) -> None:
    assert driver.out("vi --version | head -n 1").startswith("VIM - Vi IMproved 9.0 ")
    assert (
        driver.out("nsenter --version; findmnt -V")
        == "nsenter from util-linux 2.38.1\nfindmnt from util-linux 2.38.1\n"
    )
    assert driver.out("perl --version") != ""
    assert driver.out("cat --version | head -n 1; arch --version | head -n 1") == (
        "cat (GNU coreutils) 9.1\narch (GNU coreutils) 9.1\n"
    )


def test_no_program_has_a_version_of_the_simulators_own(driver: Driver) -> None:
    """Programs of the library, of the simulator's own, and programs that are not simulated."""
    programs = (
        "base64 cat chmod comm cut diff dir dpkg-query expand find fold gzip join localectl nl od realpath sed "
        "seq sha256sum sort split stat stdbuf tac tail tar tee timeout touch tr uniq wc xargs xz"
    )
    script = f'for p in {programs}; do echo "$p: $(/usr/bin/$p --version 2>&1 | head -n 1)"; done'
    said = driver.out(script).splitlines()
    wrong = [line for line in said if not any(digit.isdigit() for digit in line.partition(": ")[2])]
    assert wrong == []
    assert "bashkit" not in "".join(said)


def test_programs_of_pods_have_versions_too(driver: Driver) -> None:
    inside = "crictl exec $(crictl ps -q --name '^client$' | head -1)"
    assert driver.out(f"{inside} curl --version").startswith("curl 7.88.1 ")
    assert driver.out(f"{inside} wget --version").startswith("GNU Wget 1.21.3 ")


def test_times_in_words(driver: Driver) -> None:
    assert driver.out("date -d @0 --rfc-3339=seconds") == "1970-01-01 00:00:00+00:00\n"
    ahead = driver.out("echo $(( $(date -d '2 days ago' +%s) - $(date -d yesterday +%s) ))")
    assert ahead == "-86400\n"
    assert driver.out("date -d '+1 hour' +%s; date -d '1 hour' +%s").split()[0].isdigit()


def test_users_are_those_of_the_nodes_file(driver: Driver) -> None:
    assert driver.out("id nobody") == "uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)\n"
    assert driver.out("id -un; id -gn; getent passwd 0") == "root\nroot\nroot:x:0:0:root:/root:/bin/bash\n"
    driver.out("echo 'eve:x:1000:0::/home/eve:/bin/sh' >> /etc/passwd")
    assert driver.out("id -u eve") == "1000\n"
    assert driver.run("getent group nosuch").rc == 2
    assert driver.inside("client", "id").stdout == "uid=10001 gid=0(root) groups=0(root)\n"


def test_ls_shows_more_on_demand(driver: Driver) -> None:
    number = driver.out("stat -c %i /etc/hosts").strip()
    assert driver.out("ls -i /etc/hosts") == f"{number} /etc/hosts\n"
    assert driver.out("ls -n /etc/hosts").split()[2:4] == ["0", "0"]
    assert re.search(
        r" \d{4}-\d\d-\d\d \d\d:\d\d /etc/hosts", driver.out("ls -l --time-style=long-iso /etc/hosts")
    )


def test_the_journal_takes_a_line(driver: Driver) -> None:
    driver.out("logger -t me hello")
    assert driver.out("journalctl -t me -o cat --no-pager") == "hello\n"
    assert re.match(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000 ", driver.out("journalctl -t me -o short-iso --no-pager")
    )
    driver.out("systemctl kill -s KILL kubelet")
    assert "status=9/KILL" in driver.out("journalctl -u kubelet --no-pager")


def test_ls_paints_as_coreutils_does(driver: Driver) -> None:
    make = "mkdir /tmp/l; cd /tmp/l; mkdir dir ow st tw; touch f x sgid suid; ln -s dir link; ln -s no broken; "
    modes = "chmod +x x; chmod 777 ow; chmod 1755 st; chmod 1777 tw; chmod 4755 suid; chmod 2755 sgid"
    driver.out(make + modes)
    names = ["broken:01;36", "dir:01;34", "f:", "link:01;36", "ow:34;42", "sgid:30;43", "st:37;44"]
    names += ["suid:37;41", "tw:30;42", "x:01;32"]
    cells = [_painted(*each.split(":")) for each in names]
    lines = "\x1b[0m" + "".join(f"{each}\n" for each in cells)
    assert driver.out("cd /tmp/l; ls --color=always") == lines
    assert driver.out("cd /tmp/l; ls --color") == lines
    assert driver.out("cd /tmp/l; ls --color=always -C") == "\x1b[0m" + "  ".join(cells) + "\n"
    assert driver.out("cd /tmp/l; ls --color=auto").split() == [each.split(":")[0] for each in names]
    long = driver.out("cd /tmp/l; ls -lF --color=always").splitlines()
    assert long[1].endswith(" \x1b[0m\x1b[01;36mbroken\x1b[0m -> no")
    assert long[4].endswith(" \x1b[01;36mlink\x1b[0m -> \x1b[01;34mdir\x1b[0m/")
    assert driver.out("cd /tmp/l; LS_COLORS='di=1;35:*.c=33:fi=4' ls --color=always -d f dir; touch a.c") == (
        "\x1b[0m\x1b[1;35mdir\x1b[0m\n\x1b[4mf\x1b[0m\n"
    )
    assert driver.out("cd /tmp/l; LS_COLORS='*.c=33' ls --color=always a.c") == "\x1b[0m\x1b[33ma.c\x1b[0m\n"
    refused = driver.run("ls --color=bogus")
    assert (refused.rc, refused.stderr.splitlines()[0]) == (1, "ls: invalid argument ‘bogus’ for ‘--color’")


def _painted(name: str, code: str) -> str:
    return f"\x1b[{code}m{name}\x1b[0m" if code else name
