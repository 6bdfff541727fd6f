"""A terminal of any backend."""

import re
import threading
import time
from collections.abc import Iterator

import pytest

from lab.cluster.base import Cluster, Node, Shell
from lab.patience import poll

#: Long enough for any machine: a shell that has not answered by then never will.
PATIENCE = 30


@pytest.fixture
def shell(node: Node) -> Iterator[Shell]:
    opened = node.shell(30, 100)
    yield opened
    opened.close()


#: The marks about commands that a lab's shell sends to its terminal; they are not displayed.
_MARKS = re.compile(rb"\x1b\][0-9]+;[^\x07]*\x07")


def read_until(shell: Shell, pattern: bytes) -> bytes:
    """Return the shell's output up to `pattern`; if it does not come, fail with the output."""
    seen, deadline = b"", time.monotonic() + PATIENCE
    while not re.search(pattern, seen := _MARKS.sub(b"", seen)):
        assert time.monotonic() < deadline, f"no {pattern!r} in {seen!r}"
        data = shell.read(0.1)
        assert data != b"", f"the shell ended; it had printed {seen!r}"
        seen += data or b""
    return seen


def read_line(shell: Shell, line: bytes) -> bytes:
    """Return the shell's output up to the line `line`."""
    return read_until(shell, rb"(?:^|[\r\n])" + re.escape(line) + rb"\r?\n")


def test_typed_commands_are_echoed_and_run(shell: Shell) -> None:
    shell.write(b"echo $((40 + 2))-answer\r")

    seen = read_line(shell, b"42-answer")

    assert b"echo $((40 + 2))-answer" in seen


def test_the_size_is_known_and_changes(shell: Shell) -> None:
    shell.write(b"stty size\r")
    read_line(shell, b"30 100")

    shell.resize(50, 132)

    shell.write(b"stty size\r")
    read_line(shell, b"50 132")


def test_control_c_ends_a_command_at_once(shell: Shell) -> None:
    # The program that prints this has the terminal; bash itself would print it a moment too early.
    shell.write(b"bash -c 'echo started; sleep 600'\r")
    read_line(shell, b"started")

    shell.write(b"\x03")
    shell.write(b"echo $?-ended\r")

    read_line(shell, b"130-ended")


def test_control_p_brings_back_the_command_before(shell: Shell) -> None:
    """By default, Docker holds a Ctrl-P back until the next key, since Ctrl-Q might follow."""
    shell.write(b"echo o''nce\r")
    read_line(shell, b"once")

    shell.write(b"\x10")

    read_until(shell, b"echo o''nce")


def test_it_is_a_login_shell_of_root(shell: Shell, node: Node) -> None:
    shell.write(b"shopt -q login_shell && echo $(whoami)@$(hostname):$PWD:$TERM\r")

    read_line(shell, f"root@{node.name}:/root:xterm-256color".encode())


def test_the_short_name_of_kubectl_works_on_the_control_plane(cluster: Cluster) -> None:
    shell = cluster.control_plane.shell(30, 100)
    try:
        shell.write(b"k get ns kube-system -o name\r")
        read_line(shell, b"namespace/kube-system")
    finally:
        shell.close()


def test_kubectl_is_completed(cluster: Cluster) -> None:
    shell = cluster.control_plane.shell(30, 100)
    try:
        shell.write(b"echo re''ady\r")
        read_line(shell, b"ready")
        shell.write(b"k get names\t kube-sys\t\r")
        read_until(shell, rb"(?s)k get namespaces +kube-system.*Active")
    finally:
        shell.close()


def test_much_that_is_pasted_arrives(shell: Shell) -> None:
    """Meanwhile another thread waits for output, in short turns."""
    lines = 4000
    shell.write(b"stty -echo; echo re''ady; wc -l\r")
    read_line(shell, b"ready")
    pasting = threading.Thread(target=shell.write, args=(b"0123456789abcdef\r" * lines + b"\x04",))
    pasting.start()

    read_line(shell, str(lines).encode())

    pasting.join(PATIENCE)


def test_a_silent_shell_says_nothing_yet(shell: Shell) -> None:
    shell.write(b"echo dr''ained; sleep 600\r")
    read_line(shell, b"drained")

    assert shell.read(0.2) is None
    assert shell.read(0) is None


def test_a_shell_that_ends_says_so_for_good(shell: Shell) -> None:
    shell.write(b"exit\r")
    deadline = time.monotonic() + PATIENCE
    while shell.read(0.5) != b"":
        assert time.monotonic() < deadline

    assert shell.read(0.5) == b""
    shell.write(b"echo nobody reads this\r")
    shell.resize(10, 10)


def test_a_closed_shell_says_so_for_good(shell: Shell) -> None:
    shell.close()
    shell.close()

    assert shell.read(0.5) == b""
    shell.write(b"echo nobody reads this\r")
    shell.resize(10, 10)


def test_what_a_closed_shell_had_still_to_say_is_not_heard(node: Node, shell: Shell) -> None:
    shell.write(b"seq 100; touch /run/said\r")
    assert poll(lambda: node.run(["rm", "/run/said"]).ok, timeout=PATIENCE)
    shell.close()

    assert shell.read(0.5) == b""


def test_two_shells_are_two_terminals(node: Node) -> None:
    first, second = node.shell(20, 80), node.shell(40, 160)
    try:
        for shell, size in ((first, b"20 80"), (second, b"40 160")):
            shell.write(b"stty size\r")
            read_line(shell, b"" + size + b"")
    finally:
        first.close()
        second.close()


def test_a_program_reads_typed_input(shell: Shell) -> None:
    shell.write(b"echo re''ady; cat > /tmp/typed; wc -l < /tmp/typed\r")
    read_line(shell, b"ready")
    shell.write(b"one\rtwo\rthre\x7fe\r\x04")

    read_line(shell, b"3")

    shell.write(b"cat /tmp/typed; rm /tmp/typed\r")
    read_until(shell, rb"one\r?\ntwo\r?\nthre\r?\n")


def test_a_variable_is_read(shell: Shell) -> None:
    shell.write(b"read -p 'Who? ' who; echo hel''lo $who\r")
    read_until(shell, rb"[\r\n]+Who\? ")

    shell.write(b"there\r")

    read_line(shell, b"hello there")


def test_keys_typed_ahead_are_for_the_next_command(shell: Shell) -> None:
    shell.write(b"echo be''gun; sleep 1\r")
    read_line(shell, b"begun")

    shell.write(b"echo a''head\r")

    read_line(shell, b"ahead")


def test_a_shell_within_the_shell_is_left(shell: Shell) -> None:
    shell.write(b"bash\r")
    shell.write(b"echo $((1 + 1))-within\r")
    read_line(shell, b"2-within")
    shell.write(b"mark=inner; echo $mark-1; exit 3\r")
    read_line(shell, b"inner-1")

    shell.write(b"echo $?-[$mark]\r")

    read_line(shell, b"3-[]")


def test_a_here_document_is_typed_over_several_lines(shell: Shell) -> None:
    shell.write(b"cat <<END\rfirst $((1 + 1))\rEND\r")

    read_line(shell, b"first 2")
