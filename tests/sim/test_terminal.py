"""A trainee's terminal beyond the contract: editors, exit codes, bash's error messages."""

import gc
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.cluster.base import Shell
from lab.cluster.sim.process.cluster import SimCluster
from lab.patience import poll
from lab.progress import Silent

PATIENCE = 120


@pytest.fixture
def real(tmp_path: Path) -> Iterator[SimCluster]:
    """A cluster in real time."""
    cluster = SimCluster("k5", tmp_path)
    cluster.create(Silent())
    yield cluster
    cluster.delete()


@pytest.fixture
def shell(real: SimCluster) -> Iterator[Shell]:
    opened = real.control_plane.shell(24, 80)
    read_until(opened, b"#")
    yield opened
    opened.close()


def read_until(shell: Shell, text: bytes) -> bytes:
    """Return the output up to `text`."""
    seen, deadline = b"", time.monotonic() + PATIENCE
    while text not in seen:
        assert time.monotonic() < deadline, f"no {text!r} in {seen!r}"
        seen += shell.read(0.5) or b""
    return seen


def test_vi_writes_typed_text(shell: Shell, real: SimCluster) -> None:
    real.control_plane.write_file("/root/f", "one\ntwo\n")
    shell.write(b"vi f\r")
    read_until(shell, b"two")
    shell.write(b"ddiZERO \x1b")
    read_until(shell, b"ZERO")
    shell.write(b":wq\r")
    read_until(shell, b"\x1b[?1049l")
    assert real.control_plane.read_file("/root/f") == "ZERO two\n"


@pytest.mark.parametrize("command", ["reboot", "systemctl reboot"])
def test_a_reboot_ends_the_shells_of_its_node_only(real: SimCluster, shell: Shell, command: str) -> None:
    other, elsewhere = real.control_plane.shell(24, 80), real.nodes[1].shell(24, 80)
    for each in (other, elsewhere):
        read_until(each, b"#")
    shell.write(f"{command}\r".encode())
    for each in (shell, other):
        assert poll(lambda each=each: each.read(0.5) == b"", timeout=PATIENCE, every=0)  # type: ignore[misc]
    elsewhere.write(b"echo $((6*7))\r")
    read_until(elsewhere, b"42")
    for each in (other, elsewhere):
        each.close()


def test_vi_does_not_lose_changes_by_mistake(shell: Shell, real: SimCluster) -> None:
    real.control_plane.write_file("/root/f", "one\n")
    shell.write(b"vi /root/f\r")
    read_until(shell, b"one")
    shell.write(b"x:q\r")
    read_until(shell, b"E37")
    shell.write(b":q!\r")
    read_until(shell, b"\x1b[?1049l")
    assert real.control_plane.read_file("/root/f") == "one\n"


def test_nano_has_its_own_keys(shell: Shell, real: SimCluster) -> None:
    shell.write(b"nano new\r")
    read_until(shell, b"[ New File ]")
    shell.write(b"text\x0f\r")
    read_until(shell, b"Wrote 1 line")
    shell.write(b"\x18")
    read_until(shell, b"\x1b[?1049l")
    assert real.control_plane.read_file("/root/new") == "text\n"


def test_kubectl_edit_changes_an_object(shell: Shell, real: SimCluster) -> None:
    shell.write(b"k edit -n kube-system cm coredns\r")
    read_until(shell, b"apiVersion")
    shell.write(b"/Corefile\rdwiRenamed\x1b")
    read_until(shell, b"Renamed")
    shell.write(b":wq\r")
    read_until(shell, b"configmap/coredns edited")
    found = real.control_plane.run(["kubectl", "-n", "kube-system", "get", "cm", "coredns", "-o", "yaml"]).stdout
    assert "Renamed" in found


def test_errors_are_worded_as_at_a_prompt(shell: Shell) -> None:
    shell.write(b"nosuchthing; echo $?\r")
    # As `bash -l` says it, which is what a real node's shell is.
    assert b"-bash" not in read_until(shell, b"bash: nosuchthing: command not found\r\n")
    shell.write(b"false\r echo $?-last\r")
    read_until(shell, b"1-last\r\n")


@pytest.mark.parametrize(
    ("line", "leave"),
    [
        ("vi f", b":q!\r"),
        ("nano f", b"\x18"),
        ("kubectl edit ns default", b":q!\r"),
        ("less /etc/hosts", b"q"),
    ],
)
def test_a_shell_that_was_left_is_let_go(real: SimCluster, line: str, leave: bytes) -> None:
    """The shell's cluster, and the descriptors of both, are freed with it."""
    opened = real.control_plane.shell(24, 80)
    read_until(opened, b"#")
    opened.write(line.encode() + b"\r")
    read_until(opened, b"\x1b[?1049h")
    opened.write(leave)
    read_until(opened, b"\x1b]133;D")
    opened.close()
    left = weakref.ref(opened)
    del opened

    def gone() -> bool:
        gc.collect()
        return left() is None

    assert poll(gone, timeout=PATIENCE, every=0.05)
