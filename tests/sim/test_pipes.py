"""Loops at the end of pipes run for each line, as in a real bash. If there is one, it is asked as well."""

import shutil
import subprocess

import pytest

from lab.cluster.sim.process.cluster import SimCluster

SCRIPTS = {
    "seq 3 | while read -r n; do cat /etc/hostname >/dev/null; echo $n; done": "1 2 3",
    "seq 3 | tac | while read -r n; do v=$(cat /dev/null; echo v); echo $n$v; done": "3v 2v 1v",
    "seq 2 | while read n; do seq 2 | while read m; do cat /dev/null; echo $n$m; done; done": "11 12 21 22",
    "seq 3 | { read a; cat /dev/null; read b; echo $a-$b; }": "1-2",
    "seq 3 | (read a; cat /dev/null; read b; echo $a-$b)": "1-2",
    "(seq 2; seq 2) | while read n; do cat /dev/null; echo $n; done | sort -u": "1 2",
    "for i in 1 2; do echo $i; done | while read n; do cat /dev/null; echo $n; done > /tmp/o; cat /tmp/o": "1 2",
    "seq 3 | if read a; then cat /dev/null; read b; echo $b; fi": "2",
    "true && seq 2 | while read n; do cat /dev/null; echo $n; done && echo end": "1 2 end",
    "case x in x) seq 2 | while read n; do cat /dev/null; echo $n; done;; *) echo no;; esac": "1 2",
    "f() { seq 2 | while read n; do cat /dev/null; echo $n; done; }; f": "1 2",
    "if seq 2 | grep -q 2; then seq 2 | while read n; do cat /dev/null; echo $n; done; fi": "1 2",
    "echo 'a | while b' | while read n; do cat /dev/null; echo $n; done": "a | while b",
    "a=(1 2); for ((i=0;i<2;i++)); do echo ${a[i]}; done | while read n; do cat /dev/null; echo $n; done": "1 2",
    "cat <<'E' | while read n; do echo $n; done\n1\n2\nE": "1 2",
    "seq 2 |\n  while read n\n  do\n    cat /dev/null\n    echo $n\n  done": "1 2",
    "# seq | while\nseq 2 | while read n; do cat /dev/null; echo $n; done # | while": "1 2",
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_loop_reads_line_by_line(fresh: SimCluster, script: str) -> None:
    result = fresh.control_plane.run(["bash", "-c", script])
    assert result.stdout.split() == SCRIPTS[script].split(), result.stderr


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_real_bash_says_the_same(script: str) -> None:
    ran = subprocess.run(["bash", "-c", script], input="", capture_output=True, text=True, check=False)
    assert ran.stdout.split() == SCRIPTS[script].split(), ran.stderr


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("while true; do echo y; done | head -3", "y y y"),
        ("yes | head -2", "y y"),
        ("seq 1000000 | head -1", "1"),
        ("kubectl get nodes -w | head -1", "NAME STATUS ROLES AGE VERSION"),
        (
            "while sleep 1; do echo $((++n)); done | while read n; do echo got $n; [ $n = 2 ] && break; done",
            "got 1 got 2",
        ),
        ("(sleep 2; echo late) | cat; echo after", "late after"),
        ("{ echo first; sleep 1; echo second; } | while read w; do echo $w $SECONDS; done", "first 0 second 1"),
        ("tail -f /root/grows & for i in 1 2 3; do echo line $i >> /root/grows; sleep 1; done; kill %1", ""),
    ],
)
def test_a_pipe_passes_on_what_is_written_as_it_is_written(fresh: SimCluster, script: str, said: str) -> None:
    fresh.control_plane.write_file("/root/grows", "begin\n")
    result = fresh.control_plane.run(["bash", "-c", script])
    wanted = said.split() or ["begin", "line", "1", "line", "2", "line", "3"]
    assert result.stdout.split() == wanted, result.stderr


@pytest.mark.parametrize(
    "line", ["bash /root/loop a b", "cd /root; sh ./loop a b", "bash -e /root/outer a b | cat"]
)
def test_a_script_in_a_file_reads_line_by_line(fresh: SimCluster, line: str) -> None:
    node = fresh.control_plane
    node.write_file(
        "/root/loop",
        'seq 2 | while read -r n; do cat /dev/null; echo "$n $2"; done\necho "${0##*/} $#"\nexit 3\n',
    )
    node.write_file("/root/outer", "bash /root/loop $1 $2\n")
    result = node.run(["bash", "-c", f"set -o pipefail; {line}"])
    assert result.stdout == "1 b\n2 b\nloop 2\n", result.stderr
    assert result.rc == 3


def test_each_of_a_kind_by_name(fresh: SimCluster) -> None:
    script = "kubectl get ns -o name | while read -r n; do kubectl get $n -o name; done"
    result = fresh.control_plane.run(["bash", "-c", script])
    assert result.stdout.split() == [
        "namespace/default",
        "namespace/kube-node-lease",
        "namespace/kube-public",
        "namespace/kube-system",
    ]
