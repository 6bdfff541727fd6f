"""What a program may take: memory, room on the disk, time for a search. A process may have many clusters."""

import contextlib
import time

import pytest

from lab.cluster.sim.api.etcd import NoSpaceError
from lab.cluster.sim.process.cluster import SimCluster

_A = "a" * 45 + "c"


@pytest.mark.parametrize(
    "script",
    [
        "x=$(yes)",
        "x=$(< /dev/zero)",
        "yes | sort; exit ${PIPESTATUS[1]}",
        "yes | tr -d '\\n' | grep a",
        "yes | tr -d '\\n' | { read x; }",
        "yes '\\\\' | tr -d '\\n' | { read x; }",
        "cat /dev/zero | tail -n 1",
        "cat /dev/zero | gzip; exit ${PIPESTATUS[1]}",
        "for ((i = 0; ; i++)); do printf -v x$i %1000000d 1; done",
        'x=$(seq 9000); for ((i = 0; ; i++)); do eval "f$i() { echo $x; }"; done',
    ],
)
def test_a_process_that_takes_all_memory_is_killed(fresh: SimCluster, script: str) -> None:
    result = fresh.control_plane.run(["bash", "-c", script])
    assert result.rc == 137, result
    assert fresh.control_plane.run(["echo", "alive"]).stdout == "alive\n"


def test_memory_is_given_back(fresh: SimCluster) -> None:
    script = """
    for i in $(seq 20); do printf -v x %4000000d 1; done
    for i in $(seq 20); do printf -v x$i %4000000d 1; unset x$i; done
    for i in $(seq 20); do y=$(printf %4000000d 1); done
    for i in $(seq 3); do printf %01000000d 1 | { read -r z; echo ${#z}; }; done | tail -1
    echo ${#x} ${#y}
    """
    assert fresh.control_plane.run(["bash", "-c", script]).stdout == "1000000\n4000000 4000000\n"


def test_lines_that_are_read_again_take_their_memory_once(fresh: SimCluster) -> None:
    # Each time 3 MB, of 64.
    script = """
    line=$(printf %010000d 1)
    for i in $(seq 25); do mapfile -t a < <(yes $line | head -n 300); done
    echo ${#a[@]}
    """
    assert fresh.control_plane.run(["bash", "-c", script], timeout=600).stdout == "300\n"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo {1..100000000}", "brace expansion: failed to allocate memory"),
        ("echo " + 26 * "{a,b}", "brace expansion: failed to allocate memory"),
        ("printf %1000000000d 1", "printf: Cannot allocate memory"),
        ("printf -v x %*s 1000000000 a", "printf: Cannot allocate memory"),
        ("env printf %.1000000000f 1", "printf: memory exhausted"),
        ("dd if=/dev/zero bs=1G", "dd: memory exhausted by input buffer of size 1073741824 bytes (1.0 GiB)"),
        ("dd if=/dev/zero of=/tmp/x bs=1M count=20", "dd: error writing '/tmp/x': File too large"),
        ("cd /tmp; head -c 9M /dev/zero > x; while cp x x$((i++)); do :; done; exit 1", "No space left on device"),
        ("mkdir /tmp/d; cd /tmp/d; touch $(seq 10000)", "No space left on device"),
        ("while mkdir d && cd d; do :; done; exit 1", "File name too long"),
        ("touch $'a\\001'", "Invalid argument"),
        ("mkdir $'a\\001'", "Invalid argument"),
        ("echo a > $'a\\001'", "Invalid argument"),
    ],
)  # fmt: skip
def test_a_limit_is_an_error_of_the_kernel(fresh: SimCluster, script: str, said: str) -> None:
    result = fresh.control_plane.run(["bash", "-c", script], timeout=600)
    assert result.rc in {1, 2}, result
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_node_whose_disk_is_full_works_again_when_there_is_room(fresh: SimCluster) -> None:
    node = fresh.control_plane
    node.run(["bash", "-c", "for i in $(seq 20); do head -c 9M /dev/zero > /tmp/x$i; done; yes > /tmp/rest"])
    assert "No space left" in node.run(["bash", "-c", "seq 100000 > /root/y"]).stderr
    node.run(["bash", "-c", "systemctl restart kubelet; logger full; kubectl run p --image=x; sleep 20"])
    node.run(["bash", "-c", "rm /tmp/x* /tmp/rest; seq 100000 > /root/y; sleep 20"])
    assert node.run(["wc", "-l", "/root/y"]).stdout == "100000 /root/y\n"
    assert node.run(["kubectl", "get", "nodes"]).stdout.count(" Ready") == 2


@pytest.mark.parametrize(
    "script",
    [
        f"[[ {_A} =~ ^(a|aa)+$ ]]",
        f"shopt -s extglob\ncase {_A} in +(a|aa)) ;; esac",
        f"shopt -s extglob\nx={_A}; echo ${{x/%+(a|aa)/}}",
        f"echo {_A} | grep -E '^(a|aa)+$'",
        f"echo {_A} | sed -E 's/^(a|aa)+$/x/'",
        f"expr {_A} : '\\(a\\|aa\\)*$'",
        f"cd /tmp; : > {_A}; find . -regex './\\(a\\|aa\\)*'",
    ],
)
def test_a_search_has_an_end(fresh: SimCluster, script: str) -> None:
    began = time.monotonic()
    result = fresh.control_plane.run(["bash", "-c", script])
    assert "not simulated: a search that takes so long" in result.stderr, result
    assert result.rc
    # Python's `re` would search for years.
    assert time.monotonic() - began < 60


def test_an_ordinary_search_is_not_bounded(fresh: SimCluster) -> None:
    script = f"""
    [[ {_A} =~ ^(a|aa)+c$ ]] && echo ${{#BASH_REMATCH}}
    seq 30000 | tr '\\n' ' ' | grep -oE '(29999|30000) ' | tail -1
    seq 30000 | tr '\\n' ' ' | sed -E 's/.* (2999.) .*/\\1/'
    """
    assert fresh.control_plane.run(["bash", "-c", script]).stdout == "46\n30000 \n29999"


def test_etcd_takes_no_more_than_there_is_memory_for(fresh: SimCluster) -> None:
    etcd = fresh.world.plane.store.etcd
    etcd.quota = 8 << 30
    kept = 0
    with contextlib.suppress(NoSpaceError):
        while kept < 1000:
            etcd.put(f"/much/{kept}", "x" * 1_000_000, 1_000_000)
            kept += 1
    assert 50 < kept < 140
    assert etcd.alarm
    # History that is compacted takes none.
    etcd.alarm = False
    for number in range(kept):
        etcd.delete(f"/much/{number}")
    etcd.compact(etcd.revision)
    etcd.put("/again", "x" * 1_000_000, 1_000_000)


def test_long_lines_of_the_journal_make_room_for_each_other(fresh: SimCluster) -> None:
    journal = fresh.world.nodes["k5-control-plane"].journal
    for number in range(1000):
        journal.write(number, "x.service", str(number) + "x" * 40_000)
    assert sum(len(entry.message) for entry in journal.entries) <= 4 << 20
    assert journal.entries[-1].at == 999
