"""The scripts that make the node image, and the scripts in it, run unchanged: nothing here needs Docker."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from lab.cluster.kind.cluster import OFFLINE_IMAGE

TOP = Path(__file__).parents[2]
NODE = TOP / "images" / "node"
SCRIPTS = [NODE / "build", *sorted((NODE / "inside").iterdir())]
SCRIPTS += [NODE / "files" / path for path in ("usr/local/bin/entrypoint", "usr/local/sbin/runc")]
SCRIPTS += [*sorted((NODE / "files/kind/bin").iterdir()), NODE / "policies/iptables-restore"]
SCRIPTS += [TOP / ".ci" / name for name in ("docker-up", "kind-up")]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(NODE, tmp_path / "node"))


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def sourced(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run lines of bash as a part of the build, with its log and cache in `folder`."""
    prelude = (
        f"set -euo pipefail; cd {NODE}; cache={folder} work={folder}/work log={folder}/log steps=1 steps_done=0\n"
    )
    prelude += "source ./say.sh; source ./needs.sh; source ./recipe.sh\n"
    return run("bash", "-c", prelude + script)


def image_hash(folder: Path) -> str:
    return run(folder / "build", "--hash").stdout


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_shellcheck_finds_nothing(script: Path) -> None:
    assert run("shellcheck", "-x", script).stdout == ""


def test_the_lab_looks_for_the_name_that_is_built() -> None:
    assert run(NODE / "build", "--name").stdout == OFFLINE_IMAGE + "\n"
    assert run(NODE / "build", "--name", "--stripped").stdout == OFFLINE_IMAGE + "-stripped\n"


def test_the_hash_is_that_of_a_copy_elsewhere(copy: Path) -> None:
    assert image_hash(copy) == image_hash(NODE)
    assert len(image_hash(copy)) == 17


def test_fields_for_readers_do_not_change_the_hash(copy: Path) -> None:
    (copy / "README.md").write_text("Something else.\n")
    (copy / "go" / "cni" / "main.go~").write_text("what an editor leaves\n")
    (copy / "pause.c").touch()
    assert image_hash(copy) == image_hash(NODE)


@pytest.mark.parametrize(
    "path", ["recipe.sh", "go/cni/main.go", "packages/node", "files/etc/crictl.yaml", "files/new"]
)
def test_each_input_changes_the_hash(copy: Path, path: str) -> None:
    with (copy / path).open("a") as file:
        file.write("\n# changed\n")
    assert image_hash(copy) != image_hash(NODE)


def test_a_script_that_can_no_longer_be_executed_changes_the_hash(copy: Path) -> None:
    (copy / "files/usr/local/bin/entrypoint").chmod(0o644)
    assert image_hash(copy) != image_hash(NODE)


def test_an_unknown_argument_is_a_usage_error() -> None:
    result = run(NODE / "build", "--fast")
    assert result.returncode == 2
    assert "knows no argument '--fast'" in result.stderr
    assert result.stdout == ""


def test_with_no_docker_it_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "awk", "dirname"):
        (programs / name).symlink_to(shutil.which(name) or "")
    result = run(NODE / "build", PATH=str(programs), XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert result.returncode == 3
    assert "Docker is not installed" in result.stderr
    assert ".ci/docker-up" in result.stderr
    assert not (tmp_path / "cache").exists()


@pytest.mark.skipif(shutil.which("docker") is None, reason="Docker's client is not installed")
def test_with_a_docker_that_does_not_answer_it_says_so(tmp_path: Path) -> None:
    result = run(NODE / "build", DOCKER_HOST=f"unix://{tmp_path}/none", XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert result.returncode == 3
    assert "Docker can't be reached" in result.stderr
    assert f"{tmp_path}/none" in result.stderr


def test_a_step_that_fails_ends_the_build_with_its_last_words(tmp_path: Path) -> None:
    result = sourced("ruin() { echo a clue; false; echo too late; }\nstep 'the step' ruin\necho went on", tmp_path)
    assert result.returncode == 1
    assert "the step: exit code 1" in result.stderr
    assert "a clue" in result.stderr
    assert "too late" not in (tmp_path / "log").read_text()
    assert result.stdout == ""


def test_an_interruption_ends_the_whole_step(tmp_path: Path) -> None:
    begun, lasting = tmp_path / "begun", tmp_path / "lasting"
    os.mkfifo(begun)
    os.mkfifo(lasting)
    script = f"""
    set -euo pipefail; cd {NODE}; log={tmp_path}/log steps=1 steps_done=0
    source ./say.sh; trap end_step EXIT; trap 'exit 130' TERM
    work() {{ bash -c 'echo begun >{begun}; exec sleep 1000 >{lasting}'; }}
    step 'the step' work
    """
    with subprocess.Popen(["bash", "-c", script], stderr=subprocess.DEVNULL) as build:
        begun.read_text()
        with lasting.open() as held:  # by the step's grandchild, until it ends
            build.send_signal(signal.SIGTERM)
            assert build.wait(timeout=30) == 130
            assert held.read() == ""


def test_settings_of_other_go_work_do_not_get_in(tmp_path: Path) -> None:
    script = (
        "export GOFLAGS=-mod=vendor GOOS=plan9 GOARCH=mips GOWORK=/elsewhere CGO_ENABLED=1\nclean_go_environment\n"
    )
    result = sourced(script + "env | grep -E '^(GO[A-Z0-9]*|CGO_ENABLED)=' | sort", tmp_path)
    own = {"CGO_ENABLED=0", "GOFLAGS=-mod=readonly", "GOTOOLCHAIN=local", "GOWORK=off"}
    assert own <= set(result.stdout.split())
    assert "GOOS" not in result.stdout
    assert "GOARCH" not in result.stdout


def test_the_room_that_is_needed_adds_up_on_a_disk(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free // 2**30
    script = f"need_space {free // 2} {tmp_path} half; echo ${{#problems[@]}}; need_space {free} {tmp_path}/b more"
    result = sourced(script + "; echo ${#problems[@]} ${problems[*]}", tmp_path)
    first, second = result.stdout.split("\n", 1)
    assert first == "0"
    assert second.startswith("1 ")
    assert "with more" in second


@pytest.mark.parametrize(
    ("version", "is_enough"), [("1.26.2", True), ("1.26.10", True), ("1.9.9", False), ("1.26.1", False)]
)
def test_versions_of_go_are_compared_as_numbers(tmp_path: Path, version: str, is_enough: object) -> None:
    program = tmp_path / "go"
    program.write_text(f"#!/bin/sh\necho go{version}\n")
    program.chmod(0o755)
    assert sourced(f"is_go {program} 1.26.2", tmp_path).returncode == (0 if is_enough else 1)


MANIFEST = "etc/kubernetes/manifests/etcd.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("kind", "etc/kubernetes/manifests", "etc/kubernetes/pki"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def follow(root: Path, address: str, **environment: str) -> subprocess.CompletedProcess[str]:
    script = NODE / "files/kind/bin/follow-address"
    return run(script, ROOT=str(root), NODE_NAME=address, **environment)


def test_a_first_start_only_records_the_address(root: Path) -> None:
    (root / MANIFEST).write_text("--name=192.0.2.7\n")
    assert follow(root, "192.0.2.7").returncode == 0
    assert (root / "kind/old-ipv4").read_text() == "192.0.2.7"
    assert not (root / "kind/old-ipv6").exists()
    assert (root / MANIFEST).read_text() == "--name=192.0.2.7\n"


def test_a_new_address_replaces_the_old_one_and_nothing_like_it(root: Path) -> None:
    (root / "kind/old-ipv4").write_text("192.0.2.7")
    (root / MANIFEST).write_text(
        "a=https://192.0.2.7:2379,https://192.0.2.7:2380\n192.0.2.7 192.0.2.7\n192.0.2.71 1.192.0.2.7 192x0.2.7\n"
    )
    result = follow(root, "192.0.2.9")
    assert result.returncode == 0
    assert (root / MANIFEST).read_text() == (
        "a=https://192.0.2.9:2379,https://192.0.2.9:2380\n192.0.2.9 192.0.2.9\n192.0.2.71 1.192.0.2.7 192x0.2.7\n"
    )
    assert (root / "kind/old-ipv4").read_text() == "192.0.2.9"
    assert "was 192.0.2.7 and is 192.0.2.9" in result.stderr


def test_ipv6_is_followed_too(root: Path) -> None:
    (root / "kind/old-ipv6").write_text("fd00::3")
    (root / MANIFEST).write_text("https://[fd00::3]:2379 fd00::3 fd00::31 fd00::3:1 afd00::3\n")
    assert follow(root, "fd00::5").returncode == 0
    assert (root / MANIFEST).read_text() == "https://[fd00::5]:2379 fd00::5 fd00::31 fd00::3:1 afd00::3\n"


@pytest.fixture
def server(root: Path) -> Path:
    """A control plane's files, and a kubeadm that makes a certificate unless a test lets it fail."""
    (root / "kind/old-ipv4").write_text("192.0.2.7")
    (root / "kind/kubeadm.conf").write_text("localAPIEndpoint: {advertiseAddress: 192.0.2.7}\n")
    for suffix in ("crt", "key"):
        (root / f"etc/kubernetes/pki/apiserver.{suffix}").write_text("old")
    kubeadm = root / "kubeadm"
    pki = root / "etc/kubernetes/pki"
    kubeadm.write_text(
        f'#!/bin/sh\n[ "$FAILS" = no ] && echo "new: $*" | tee {pki}/apiserver.crt >{pki}/apiserver.key\n'
    )
    kubeadm.chmod(0o755)
    return pki


def test_a_new_address_gets_the_api_server_a_new_certificate(root: Path, server: Path) -> None:
    assert follow(root, "192.0.2.9", PATH=f"{root}:{os.environ['PATH']}", FAILS="no").returncode == 0
    assert "init phase certs apiserver" in (server / "apiserver.crt").read_text()
    assert "192.0.2.9" in (root / "kind/kubeadm.conf").read_text()
    assert sorted(path.name for path in server.iterdir()) == ["apiserver.crt", "apiserver.key"]


def test_the_old_certificate_stays_where_no_new_one_can_be_made(root: Path, server: Path) -> None:
    assert follow(root, "192.0.2.9", PATH=f"{root}:{os.environ['PATH']}", FAILS="yes").returncode == 0
    assert [(server / f"apiserver.{suffix}").read_text() for suffix in ("crt", "key")] == ["old", "old"]


def test_the_policy_controller_writes_no_chains_but_its_own(tmp_path: Path) -> None:
    """It writes the whole table as it was before kube-proxy added KUBE-SERVICES, and drops an old policy."""
    now = ":KUBE-FORWARD - [0:0]\n:KUBE-SERVICES - [0:0]\n:KUBE-NWPLCY-OLD - [0:0]\n:KUBE-NWPLCY-NEW - [0:0]\n"
    written = (
        "*filter\n:INPUT ACCEPT [5:300]\n:KUBE-FORWARD - [0:0]\n:KUBE-NWPLCY-NEW - [0:0]\n:KUBE-POD-FW-A - [0:0]\n"
        "-A INPUT -j KUBE-ROUTER-INPUT\n-A KUBE-FORWARD -j ACCEPT\n-A KUBE-POD-FW-A -j KUBE-NWPLCY-NEW\nCOMMIT\n"
    )
    (tmp_path / "now").write_text(f"*filter\n{now}COMMIT\n")
    (tmp_path / "iptables-save").write_text(f"#!/bin/sh\ncat {tmp_path}/now\n")
    (tmp_path / "real").write_text('#!/bin/sh\necho "$@"\ncat\n')
    script = (
        (NODE / "policies/iptables-restore").read_text().replace("/usr/sbin/iptables-restore", f"{tmp_path}/real")
    )
    (tmp_path / "iptables-restore").write_text(script)
    for name in ("iptables-save", "real", "iptables-restore"):
        (tmp_path / name).chmod(0o755)
    result = subprocess.run(
        [tmp_path / "iptables-restore", "--wait", "-T", "filter"],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        input=written,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert result.stdout == (
        "--noflush --wait -T filter\n*filter\n:KUBE-NWPLCY-NEW - [0:0]\n:KUBE-POD-FW-A - [0:0]\n"
        "-A KUBE-POD-FW-A -j KUBE-NWPLCY-NEW\n-F KUBE-NWPLCY-OLD\n-X KUBE-NWPLCY-OLD\nCOMMIT\n"
    )
