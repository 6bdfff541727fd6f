"""A bundle is written whole, or there is none and nothing else either; what it lacks is said."""

import errno
import json
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lab import cli
from lab.bundle import fetch, images
from lab.bundle import make as making
from lab.bundle.check import MANIFEST, PROGRAM, REQUIREMENTS, SUMS, examined
from lab.bundle.fetch import download
from lab.bundle.make import Made, Order, make
from lab.bundle.targets import PYTHONS, TARGETS
from lab.bundle.wheel import Checkout
from lab.cluster.kind.cluster import OFFLINE_IMAGE
from lab.commands.bundle import Platform
from lab.errors import ExitCode, LabError, UsageProblem
from lab.progress import Silent
from tests.bundle.conftest import NOW, files_of, offline


def order(folder: Path, name: str = "k.tar", *, node: bool = False) -> Order:
    return Order(folder / name, targets=("linux-amd64",), with_node_image=node)


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_holds_the_pinned_wheels_of_its_targets_and_no_others(bundle: Made) -> None:
    files = files_of(bundle.path)
    wheels = sorted(name.partition("/")[2].partition("-")[0] for name in files if name.startswith("wheels/"))
    assert wheels == ["kluster005", "picky", "picky", "tiny"]
    assert bundle.wheels == 4
    assert next(iter(files)) == PROGRAM
    lines = files[REQUIREMENTS].decode()
    assert lines.startswith(f"kluster005[serve]=={bundle.manifest['kluster']} \\\n    --hash=sha256:")
    assert 'tiny==1.0 ; sys_platform != "win32"' in lines
    assert lines.count("--hash=") == 4  # and not the hash of the wheel for macOS
    assert examined(bundle.path).verified_with


def test_what_is_missing_is_said(bundle: Made) -> None:
    versions = [".".join(map(str, python)) for python in PYTHONS]
    assert bundle.manifest["targets"] == {
        "linux-amd64": {version: [] for version in versions},
        "musl-arm64": {version: ["picky 2.0"] for version in versions},
        "linux-arm64": {version: [] for version in versions},
    }


def test_the_sums_are_those_of_sha256sum(bundle: Made, tmp_path: Path) -> None:
    if not shutil.which("sha256sum") or not shutil.which("tar"):
        pytest.skip("sha256sum or tar is not installed")
    subprocess.run(["tar", "-xf", str(bundle.path)], cwd=tmp_path, check=True, timeout=60)
    subprocess.run(["sha256sum", "--check", "--strict", SUMS], cwd=tmp_path, check=True, timeout=60)


def test_the_same_checkout_makes_the_same_bundle(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "PYTHONS", PYTHONS[:1])
    key = tmp_path / "bundle.key"
    with offline(checkout):
        made = [make(order(tmp_path, name), checkout, key, NOW, Silent()) for name in ("a.tar", "b.tar")]
    assert made[0].sha256 == made[1].sha256
    assert left(tmp_path) == ["a.tar", "b.tar", "bundle.key"]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_file_that_is_there_stays_as_it_is(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "k.tar").write_text("mine")
    with pytest.raises(UsageProblem, match="exists already"):
        make(order(tmp_path), checkout, tmp_path / "key", NOW, Silent())
    assert (tmp_path / "k.tar").read_text() == "mine"
    with pytest.raises(UsageProblem, match="There is no folder"):
        make(order(tmp_path / "none"), checkout, tmp_path / "key", NOW, Silent())


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("x.zip", "x.tar"),
        ("x.tar.gz", "x.tar"),
        ("x", "x.tar"),
        ("kluster-0.1", "kluster-0.1.tar"),
        ("a b.tgz", "a b.tar"),
    ],
)
def test_another_archives_name_is_refused(name: str, remedy: str, checkout: Checkout, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="is a tar archive") as problem:
        make(order(tmp_path, name), checkout, tmp_path / "key", NOW, Silent())
    assert problem.value.remedy.endswith(shlex.quote(str(tmp_path / remedy)))
    assert left(tmp_path) == []


def test_a_folder_without_new_files_is_a_sentence(checkout: Checkout, tmp_path: Path) -> None:
    with pytest.raises(LabError) as problem:
        make(order(Path("/proc")), checkout, tmp_path / "key", NOW, Silent())
    assert problem.value.title == "/proc/k.tar can't be written."
    assert problem.value.detail in {"No such file or directory", "Permission denied"}
    assert problem.value.remedy == "Choose a file in a folder in which you can create files."


@pytest.mark.parametrize(
    ("problem", "expected", "said"),
    [
        (KeyboardInterrupt(), KeyboardInterrupt, "^$"),
        (OSError(errno.ENOSPC, "No space left on device"), LabError, "The disk is full"),
        (OSError(errno.EROFS, "Read-only file system"), LabError, "can't be written"),
    ],
)
def test_nothing_is_left_of_a_bundle_that_was_not_finished(
    problem: BaseException,
    expected: type[BaseException],
    said: str,
    checkout: Checkout,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop(out: Path, *_: object) -> None:
        out.write_bytes(b"the first half")
        raise problem

    monkeypatch.setattr(making, "pack", stop)
    monkeypatch.setattr(making, "download", lambda *_, **__: {})
    with pytest.raises(expected, match=said):
        make(order(tmp_path), checkout, tmp_path / "bundle.key", NOW, Silent())
    assert left(tmp_path) == ["bundle.key"]


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("WARNING: Retrying after connection broken by 'NewConnectionError'", "index can't be reached"),
        ("ERROR: Could not install: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", "other files than requirements.lock"),
        ("SSLError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "certificate that pip does not trust"),
        ("ERROR: something new", "pip could not download"),
    ],
)  # fmt: skip
def test_failures_of_pip_are_sentences(printed: str, said: str, checkout: Checkout, tmp_path: Path) -> None:
    failing = [sys.executable, "-c", f"import sys; print({printed!r}, file=sys.stderr); sys.exit(1)"]
    with pytest.raises(LabError, match=said):
        download(checkout.pins, [TARGETS["linux-amd64"]], tmp_path, Silent(), pip=failing)


def test_an_index_that_is_not_there_is_named(checkout: Checkout, tmp_path: Path) -> None:
    with offline(checkout), pytest.MonkeyPatch.context() as patch:
        patch.delenv("PIP_NO_INDEX")
        patch.delenv("PIP_FIND_LINKS")
        patch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
        with pytest.raises(LabError, match="index can't be reached") as found:
            make(order(tmp_path), checkout, tmp_path / "key", NOW, Silent())
    assert "HTTPS_PROXY" in found.value.remedy
    assert left(tmp_path) == []


def test_a_lock_file_older_than_the_requirements_is_refused(checkout: Checkout, tmp_path: Path) -> None:
    shutil.copytree(checkout.root, tmp_path / "old")
    project = tmp_path / "old" / "pyproject.toml"
    project.write_text(project.read_text().replace("tiny>=1", "tiny>=2"))
    with pytest.raises(UsageProblem, match=r"older than pyproject\.toml") as found:
        Checkout.at(tmp_path / "old")
    assert "tiny>=2" in found.value.detail
    with pytest.raises(UsageProblem, match="from a checkout"):
        Checkout.at(tmp_path)


def test_the_node_image_needs_docker_and_the_image(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LabError, match="no `docker`"):
        make(order(tmp_path, node=True), checkout, tmp_path / "key", NOW, Silent(), pip=["pip"])

    class Empty:
        def has_image(self, _name: str) -> bool:
            return False

    (tmp_path / "docker").write_text("#!/bin/sh\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setattr(images, "Engine", Empty)
    with pytest.raises(LabError, match=f"no image {OFFLINE_IMAGE}") as found:
        make(order(tmp_path, node=True), checkout, tmp_path / "key", NOW, Silent(), pip=["pip"])
    assert "make node-image" in found.value.remedy
    assert left(tmp_path) == ["docker"]


def test_the_node_image_is_in_it(checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Host:
        def environment(self, base: dict[str, str]) -> dict[str, str]:
            return dict(base)

    class Full:
        host = Host()

        def has_image(self, _name: str) -> bool:
            return True

    (tmp_path / "docker").write_text('#!/bin/sh\n[ "$1" = image ] && echo arm64 12 || echo the image of "$2"\n')
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(images, "Engine", Full)
    with offline(checkout):
        made = make(order(tmp_path, node=True), checkout, tmp_path / "key", NOW, Silent())
    assert made.manifest["images"] == [{"file": "images/node.tar", "name": OFFLINE_IMAGE, "architecture": "arm64"}]
    assert files_of(made.path)["images/node.tar"] == f"the image of {OFFLINE_IMAGE}\n".encode()


def test_the_command_refuses_a_file_that_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "k.tar").touch()
    assert cli.main(["bundle", str(tmp_path / "k.tar")]) == ExitCode.USAGE
    assert "exists already" in capsys.readouterr().err


def test_the_command_prints_what_the_receiver_needs(
    bundle: Made, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(making, "make", lambda *_, **__: bundle)
    assert cli.main(["bundle", "k.tar", "--platform", "linux-amd64"]) == ExitCode.DONE
    told = capsys.readouterr()
    assert bundle.sha256 in told.out
    assert "Not for musl-arm64 with Python 3.12: no wheel of picky 2.0" in told.out
    assert "python3 install.py k.tar --sha256" in told.err
    assert cli.main(["bundle", "k.tar", "--json"]) == ExitCode.DONE
    data = json.loads(capsys.readouterr().out)
    assert (data["sha256"], data["key"]) == (bundle.sha256, bundle.fingerprint)
    assert data["targets"]["musl-arm64"]["3.11"] == ["picky 2.0"]
    assert json.loads(files_of(bundle.path)[MANIFEST])["expires"] == data["expires"]


def test_the_command_offers_all_targets() -> None:
    assert [each.value for each in Platform] == list(TARGETS)
