"""Which command lines read their terminal, and what is done so that only those commands do."""

import pytest

from lab.cluster.sim.shell.input_needs import guarded, reads_input


@pytest.mark.parametrize(
    "line",
    [
        "cat",
        "cat > file",
        "cat - | wc -l",
        "read x; echo $x",
        "read -p 'a|b; c ' x",
        "kubectl get pods; read x",
        "stty -echo; wc -l",
        "kubectl apply -f -",
        "k apply -n shop -f - ",
        "kubectl exec -it pod -- sh",
        "kubectl run -it x --image=y -- sh",
        "crictl exec -it abc sh",
        "bash",
        "sudo bash",
        'bash -c "read x"',
        "while read x; do echo $x; done",
        "if read x; then echo; fi",
        "FOO=1 cat",
        "grep x",
        "tee file",
        "time cat",
    ],
)
def test_lines_that_read(line: str) -> None:
    assert reads_input(line)


@pytest.mark.parametrize(
    "line",
    [
        "ls",
        "cat file",
        "cat <<END\ncat\nEND",
        "cat < file",
        "cat <<< word",
        "echo cat",
        "echo 'a; cat'",
        'echo "a; cat"',
        "echo x | cat",
        "kubectl get pods | grep x | wc -l",
        "kubectl get pods | while read x; do echo $x; done",
        "kubectl logs -f pod",
        "kubectl apply -f file",
        "grep x file",
        "bash -c 'echo x'",
        "sleep 100",
        "cat; exit",
        "# cat",
        "x=cat",
    ],
)
def test_lines_that_do_not(line: str) -> None:
    assert not reads_input(line)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("kubectl get pods; read x", "</dev/null kubectl get pods; read x"),
        ("stty -echo && wc -l", "</dev/null stty -echo && wc -l"),
        ("while read x; do ls $x | head; done", "while read x; do </dev/null ls $x | head; done"),
        ("A=1 date; cat", "A=1 </dev/null date; cat"),
        ("cat <<E; cat\nls\nE\nls", "cat <<E; cat\nls\nE\n</dev/null ls"),
        ("echo a; cat", "echo a; cat"),
        ("read -p 'Who? ' x", "printf %s 'Who? ' >&2 && read  x"),
        ("while read -r -p a b; do :; done", "while printf %s a >&2 && read -r  b; do :; done"),
    ],
)
def test_what_does_not_read_leaves_the_input_alone(line: str, kept: str) -> None:
    assert guarded(line) == kept
