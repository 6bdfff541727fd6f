"""Input on a simulated node stays there, and programs have an end."""

import asyncio
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.cluster.sim.process import health
from lab.cluster.sim.process.attached import AttachedCluster
from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.process.wire import Address
from lab.cluster.sim.timing.background_loop import background_loop
from lab.progress import Silent


@pytest.fixture
def real(tmp_path: Path) -> Iterator[SimCluster]:
    """A cluster in real time."""
    cluster = SimCluster("k5", tmp_path)
    cluster.create(Silent())
    yield cluster
    cluster.delete()


@pytest.mark.parametrize(
    "script",
    ["while :; do :; done", "f() { f | f & }; f", "sleep 1000", "until false; do sleep 0.01; done"],
)
def test_what_does_not_end_is_ended(real: SimCluster, script: str) -> None:
    result = real.control_plane.run(["bash", "-c", script], timeout=1)
    assert result.seconds < 20
    assert real.control_plane.run(["echo", "alive"]).stdout == "alive\n"


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        ("bash /root/again.sh", 254, "fork: retry: Resource temporarily unavailable"),
        (
            "f() { timeout 5 bash -c 'bash /root/again.sh'; }; f",
            254,
            "fork: retry: Resource temporarily unavailable",
        ),
        # A full stack ends bash by SIGSEGV.
        ("f() { f; }; f", 139, ""),
        ('kubectl() { kubectl "$@"; }; kubectl get nodes', 139, ""),
        ("f() { eval f; }; f", 139, ""),
        ("f() { echo $(f); }; f", 0, "fork: retry: Resource temporarily unavailable"),
        ("echo '. /root/sourced.sh' > /root/sourced.sh; . /root/sourced.sh", 139, ""),
        ("bash -c 'f() { f; }; f'; echo $?", 0, "Segmentation fault"),
    ],
)
def test_what_calls_itself_has_an_end(fresh: SimCluster, script: str, code: int, said: str) -> None:
    fresh.control_plane.write_file("/root/again.sh", "bash /root/again.sh\n")
    result = fresh.control_plane.run(["bash", "-c", script])
    assert result.rc == code
    assert said in result.stderr
    assert fresh.control_plane.run(["echo", "alive"]).stdout == "alive\n"


def test_the_hosts_programs_and_environment_are_not_there(
    real: SimCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_HOST", "x")
    node = real.control_plane
    assert "SECRET_OF_THE_HOST" not in node.run(["env"]).stdout
    assert node.run(["bash", "-c", "python3 -c 'print(1)'"]).rc == 127
    assert node.run(["ls", str(Path(__file__).parent)]).rc != 0


@pytest.fixture
def owned(tmp_path: Path) -> Iterator[tuple[AttachedCluster, Path]]:
    """A cluster with an owner, and its folder."""
    cluster = AttachedCluster("k5", tmp_path)
    cluster.create(Silent())
    yield cluster, tmp_path
    cluster.delete()


def pid_of(folder: Path) -> int:
    address = Address.read(folder)
    assert address is not None
    return address.pid


_DEEP = 90 * "{ " + "/root/again" + 90 * "; }"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read where Linux tells it")
@pytest.mark.parametrize(
    ("file", "script", "codes"),
    [
        ("/root/again", "/root/again", {254}),
        ("#!/bin/bash\n./again", "cd /root && ./again", {254}),
        ("again", "PATH=/root:$PATH; again", {254}),
        ('"$0" x "$@"', "/root/again", {254}),
        ("exec /root/again", "exec /root/again", {139}),
        (_DEEP, "/root/again", {254}),
        ("", "x=aaaaaaaa; while :; do x=$x$x; done", {137}),
        ("", 'a=(x); while :; do a+=("${a[@]}"); done', {137}),
        ("", 'e=\'eval "$e"\'; eval "$e"', {139}),
    ],
)
def test_what_takes_all_memory_is_ended(
    owned: tuple[AttachedCluster, Path], file: str, script: str, codes: set[int]
) -> None:
    cluster, folder = owned
    cluster.control_plane.write_file("/root/again", f"{file}\n", 0o755)
    pid = pid_of(folder)
    result = cluster.control_plane.run(["bash", "-c", script], timeout=30)
    assert result.rc in codes
    assert cluster.control_plane.run(["echo", "alive"]).stdout == "alive\n"
    assert pid_of(folder) == pid
    held = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    assert int(held.split()[1]) < 1_000_000, held


def test_a_shell_survives_a_memory_kill_in_it(owned: tuple[AttachedCluster, Path]) -> None:
    cluster, _folder = owned
    cluster.control_plane.write_file("/root/again", "/root/again\n", 0o755)
    shell = cluster.control_plane.shell(24, 80)
    shell.write(b"/root/again\recho still-$((40 + 2))\r")
    shown, until = b"", time.monotonic() + 30
    while b"still-42" not in shown and time.monotonic() < until:
        shown += shell.read(0.2) or b""
    shell.close()
    assert b"still-42" in shown


def test_programs_that_cannot_be_stopped_leave_the_lab_usable(owned: tuple[AttachedCluster, Path]) -> None:
    cluster, _folder = owned
    for _ in range(3):
        assert cluster.control_plane.run(["jq", "-n", "def f: f; f"], timeout=0.5).rc == 124
    assert cluster.control_plane.run(["bash", "-c", "echo alive | cat"], timeout=10).stdout == "alive\n"


def test_an_owner_knows_when_its_shells_no_longer_answer() -> None:
    assert health.shells_answer(20)
    begun, done = threading.Event(), threading.Event()

    async def blocked() -> None:
        begun.set()
        done.wait(20)

    future = asyncio.run_coroutine_threadsafe(blocked(), background_loop())
    assert begun.wait(20)
    assert not health.shells_answer(0.1)
    done.set()
    future.result(20)


def test_the_hosts_network_is_not_reached(real: SimCluster) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        port = listener.getsockname()[1]
        for script in (
            f"curl -sS -m 2 http://127.0.0.1:{port}/",
            f"exec 3<>/dev/tcp/127.0.0.1/{port}; echo x >&3",
            f"echo x > /dev/tcp/localhost/{port}",
            f"kubectl --server=http://127.0.0.1:{port} get nodes",
        ):
            assert real.control_plane.run(["bash", "-c", script], timeout=5).rc != 0
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize(
    "script", ["awk 'BEGIN { system(\"ls /work /proc/self/cwd\") }'", "cat /tmp/../../../../../../etc/machine-id"]
)
def test_the_hosts_files_are_not_there(real: SimCluster, script: str) -> None:
    real.control_plane.run(["ln", "-s", "../../../../../..", "/root/up"])
    said = real.control_plane.run(["bash", "-c", f"{script}; ls /root/up/{Path(__file__).parent}"]).stdout
    assert Path(__file__).name not in said
    host = Path("/etc/machine-id")
    assert not host.is_file() or not host.read_text().strip() or host.read_text().strip() not in said
