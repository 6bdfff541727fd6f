"""One lab, several processes: all see and change the same cluster, and the end of one harms no other."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing import Pipe
from pathlib import Path
from typing import TYPE_CHECKING, cast

import psutil
import pytest

from lab.cluster.base import ClusterGoneError
from lab.cluster.sim.process.attached import AttachedCluster
from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.process.line import Line
from lab.cluster.sim.process.owner import Owner
from lab.cluster.sim.process.spare import prepared
from lab.cluster.sim.process.wire import PROTOCOL, Address
from lab.errors import LabError
from lab.patience import poll
from lab.progress import Silent
from tests.sim.https.client import Client

if TYPE_CHECKING:
    from lab.cluster.sim.https.listener import ApiListener

_CLIENT = (
    "import sys, pathlib; from lab.cluster.sim.process.attached import AttachedCluster; "
    "c = AttachedCluster('k5', pathlib.Path(sys.argv[1])); "
    "r = c.control_plane.run(['bash', '-c', sys.argv[2]]); print(r.stdout + r.stderr, end=''); sys.exit(r.rc)"
)


@pytest.fixture
def attached(tmp_path: Path) -> Iterator[AttachedCluster]:
    cluster = AttachedCluster("k5", tmp_path)
    cluster.create(Silent())
    yield cluster
    cluster.delete()


def start(folder: Path, script: str) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-c", _CLIENT, str(folder), script]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def said(process: "subprocess.Popen[str]") -> str:
    return process.communicate(timeout=60)[0]


def pid_of(folder: Path) -> int:
    address = Address.read(folder)
    assert address is not None
    return address.pid


def gone(pid: int) -> Callable[[], bool]:
    def ended() -> bool:
        state = Path(f"/proc/{pid}/stat")
        try:
            return state.read_text().rsplit(")", 1)[1].split()[0] == "Z"
        except FileNotFoundError:
            return True

    return ended


def test_processes_see_what_others_do_at_the_same_time(attached: AttachedCluster, tmp_path: Path) -> None:
    waiting = start(tmp_path, "until [ -e /root/done ]; do sleep 0.1; done; cat /root/done")
    shell = attached.control_plane.shell(24, 80)
    shell.write(b"kubectl create ns made-in-a-shell; echo by the shell > /root/done\r")
    assert said(waiting) == "by the shell\n"
    assert "made-in-a-shell" in said(start(tmp_path, "kubectl get ns"))
    shell.close()


def test_many_that_come_at_once_start_one_owner(attached: AttachedCluster, tmp_path: Path) -> None:
    attached.end()
    many = [start(tmp_path, f"mkdir /root/d{number}; ls /root") for number in range(6)]
    for each in many:
        assert "d" in said(each)
    assert attached.control_plane.run(["ls", "/root"]).stdout.split() == [f"d{number}" for number in range(6)]


def test_an_owner_that_is_killed_loses_at_most_the_last_second(attached: AttachedCluster, tmp_path: Path) -> None:
    attached.control_plane.write_file("/root/kept", "kept\n")
    written = base64.b64encode(b"kept\n").decode()
    assert poll(lambda: written in (tmp_path / "sim.json").read_text(), timeout=10, every=0.05)
    pid = pid_of(tmp_path)
    os.kill(pid, signal.SIGKILL)
    assert poll(gone(pid), timeout=10, every=0.02)
    began = time.monotonic()
    assert said(start(tmp_path, "cat /root/kept; kubectl get nodes -o name")) == (
        "kept\nnode/k5-control-plane\nnode/k5-worker\n"
    )
    assert time.monotonic() - began < 30, "a stale lock or address stood in the way"
    assert pid_of(tmp_path) != pid


def test_waiting_clients_learn_of_the_owners_death(attached: AttachedCluster, tmp_path: Path) -> None:
    waiting = start(tmp_path, "touch /root/begun; sleep 600")
    assert poll(lambda: attached.control_plane.run(["test", "-e", "/root/begun"]).ok, timeout=30)
    shell = attached.control_plane.shell(24, 80)
    os.kill(pid_of(tmp_path), signal.SIGKILL)
    assert "has ended in the middle of a command" in said(waiting)
    assert poll(lambda: shell.read(0.1) == b"", timeout=20)


def test_a_client_that_is_killed_ends_its_command(attached: AttachedCluster, tmp_path: Path) -> None:
    client = start(tmp_path, "while sleep 0.05; do echo x >> /root/ticks; done")
    assert poll(lambda: attached.control_plane.run(["test", "-e", "/root/ticks"]).ok, timeout=30)
    client.kill()
    said(client)

    def steady() -> bool:
        count = ["bash", "-c", "wc -l < /root/ticks; sleep 0.5; wc -l < /root/ticks"]
        first, second = attached.control_plane.run(count).stdout.split()
        return first == second

    assert poll(steady, timeout=20)


def test_an_owner_that_nobody_uses_goes(tmp_path: Path) -> None:
    cluster = AttachedCluster("k5", tmp_path, idle=0.2)
    cluster.create(Silent())
    shell = cluster.control_plane.shell(24, 80)
    pid = pid_of(tmp_path)
    shell.close()
    assert poll(gone(pid), timeout=20, every=0.05)
    assert Address.read(tmp_path) is None
    assert cluster.control_plane.run(["hostname"]).stdout == "k5-control-plane\n"
    cluster.delete()


def test_a_terminated_owner_keeps_everything(attached: AttachedCluster, tmp_path: Path) -> None:
    attached.control_plane.write_file("/root/kept", "kept\n")
    pid = pid_of(tmp_path)
    os.kill(pid, signal.SIGTERM)
    assert poll(gone(pid), timeout=20, every=0.02)
    assert attached.control_plane.read_file("/root/kept") == "kept\n"


def test_deletion_ends_the_owner_and_leaves_nothing_of_it(attached: AttachedCluster, tmp_path: Path) -> None:
    pid = pid_of(tmp_path)
    attached.delete()
    assert poll(gone(pid), timeout=20, every=0.02)
    assert not attached.exists()
    with pytest.raises(ClusterGoneError):
        attached.control_plane.run(["true"])
    attached.delete()


def test_errors_arrive_as_they_are(attached: AttachedCluster, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        attached.control_plane.read_file("/nosuch")
    with pytest.raises(LabError, match="already"):
        attached.create(Silent())
    attached.end()
    (tmp_path / "sim.json").write_text("{ damaged")
    with pytest.raises(LabError, match="damaged"):
        attached.control_plane.run(["true"])


def test_a_stranger_does_not_get_in(attached: AttachedCluster, tmp_path: Path) -> None:
    """The address is for the lab's user only, and useless without the lab's key."""
    assert attached.exists()
    assert (tmp_path / "sim.address").stat().st_mode & 0o077 == 0
    address = Address.read(tmp_path)
    assert address is not None
    wrong = Address(address.path, address.family, "0" * 32, address.pid)
    with pytest.raises(Exception, match=r"digest|rejected"):
        wrong.connect()
    assert attached.control_plane.run(["true"]).ok


def test_an_owner_is_made_ready_ahead_and_goes_if_it_is_not_needed(tmp_path: Path) -> None:
    with prepared() as spare:
        cluster = AttachedCluster("k5", tmp_path)
        cluster.create(Silent())
        assert pid_of(tmp_path) == spare.pid
    cluster.delete()
    with prepared() as spare:
        pass
    assert poll(gone(spare.pid), timeout=20, every=0.05)


def _address_of_another(folder: Path, **about: object) -> None:
    """Make the owner's address that of a process of another version."""
    file = folder / "sim.address"
    file.write_text(json.dumps(json.loads(file.read_text()) | about))


def test_an_owner_of_another_version_is_not_spoken_to(attached: AttachedCluster, tmp_path: Path) -> None:
    _address_of_another(tmp_path, protocol=PROTOCOL + 1, kluster="9.9", spoken="softly")
    with pytest.raises(LabError) as error:
        attached.control_plane.run(["true"])
    assert "run by kluster 9.9" in error.value.title
    assert "Use kluster 9.9 for it" in error.value.remedy
    assert "kluster delete --name k5" in error.value.remedy
    attached.delete()
    assert not attached.exists()


def test_an_owner_refuses_a_client_of_another_version(
    attached: AttachedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Address, "require_protocol", lambda _self, _name: None)
    monkeypatch.setattr("lab.cluster.sim.process.wire.PROTOCOL", PROTOCOL - 1)
    with pytest.raises(LabError, match="is run by"):
        attached.control_plane.run(["true"])


def test_an_address_of_before_there_were_versions_is_one_of_another_version(
    attached: AttachedCluster, tmp_path: Path
) -> None:
    file = tmp_path / "sim.address"
    old = {name: json.loads(file.read_text())[name] for name in ("path", "family", "key", "pid")}
    file.write_text(json.dumps(old))
    with pytest.raises(LabError, match="another build of kluster"):
        attached.control_plane.run(["true"])
    # The rest of a dead process does not matter.
    os.kill(pid_of(tmp_path), signal.SIGKILL)
    assert poll(gone(old["pid"]), timeout=10, every=0.02)
    assert attached.control_plane.run(["true"]).ok


def test_an_owner_that_is_about_to_end_takes_no_request(
    attached: AttachedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that connected too late asks the next owner; nothing is done twice, and nothing is lost."""
    first = Address.connect
    closed: list[Address] = []

    def connect(self: Address) -> Line:
        if not closed:
            closed.append(self)
            mine, theirs = Pipe()
            theirs.close()
            return Line(mine)
        return first(self)

    monkeypatch.setattr(Address, "connect", connect)
    assert attached.control_plane.run(["hostname"]).stdout == "k5-control-plane\n"
    closed.clear()
    attached.delete()
    assert not attached.exists()


def test_clients_reach_a_lab_until_its_owner_ends(attached: AttachedCluster, tmp_path: Path) -> None:
    first = attached.client_config()
    assert attached.client_config() == first
    client = Client(first)
    assert client.ask("GET", "/api/v1/nodes/k5-worker")[1]["metadata"]["name"] == "k5-worker"
    attached.control_plane.run(["kubectl", "create", "ns", "seen"]).check()
    assert client.ask("GET", "/api/v1/namespaces/seen")[0] == 200
    attached.delete()
    with pytest.raises(ConnectionError):
        client.ask("GET", "/version")
    assert not list(tmp_path.glob("**/*.pem"))


def test_an_owner_listens_for_nobody_before_it_is_asked(attached: AttachedCluster, tmp_path: Path) -> None:
    def listening() -> set[int]:
        owner = psutil.Process(pid_of(tmp_path))
        return {each.laddr.port for each in owner.net_connections("tcp") if each.status == psutil.CONN_LISTEN}

    assert listening() == set()
    port = Client(attached.client_config()).port
    assert listening() == {port}


def test_without_the_extra_the_error_names_it(attached: AttachedCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    # The owner began before; a module of this name in its way can't be put there, so the function is asked.
    monkeypatch.setitem(sys.modules, "lab.cluster.sim.https.listener", None)
    owner = Owner(SimCluster("k5", attached.folder), attached.folder, 60)
    with pytest.raises(LabError, match="needs the package") as refused:
        owner.kubeconfig()
    assert "[serve]" in refused.value.remedy


def test_an_owner_that_worked_hard_keeps_the_port_that_its_clients_know(tmp_path: Path) -> None:
    owner = Owner(SimCluster("k5", tmp_path), tmp_path, idle=600)
    owner._used = time.monotonic() - 5
    assert owner._unused(wasteful=True)
    assert not owner._unused(wasteful=False)

    owner._listener = cast("ApiListener", object())
    assert not owner._unused(wasteful=True)
    owner._used -= 600
    assert owner._unused(wasteful=True)
