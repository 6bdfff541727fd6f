"""The receiver's program: one file that needs only Python, and installs the whole or nothing."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lab.bundle import install
from lab.bundle.check import Problem, examined
from lab.bundle.install import DONE, MACHINE, REFUSED, USAGE, this_target
from lab.bundle.make import Made
from lab.bundle.pack import program
from lab.signing import key_at
from tests.bundle.conftest import files_of, rewritten
from tests.bundle.test_check import listed_anew


@pytest.fixture
def here(bundle: Made) -> Made:
    """Return the bundle, if it can be installed on this machine."""
    if any(bundle.manifest["targets"].get(this_target(), {"": [""]}).values()):
        pytest.skip(f"the made-up wheels are not for {this_target()}")
    return bundle


def started(bundle: Path, folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the bundle's own install.py as a receiver does, on a Python without any library."""
    (folder / "install.py").write_bytes(program())
    argv = [sys.executable, "-S", "install.py", str(bundle), *words]
    return subprocess.run(
        argv, cwd=folder, capture_output=True, text=True, check=False, timeout=300, stdin=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", **env},
    )  # fmt: skip


def test_it_is_one_file_of_the_standard_library(here: Made) -> None:
    text = program().decode()
    assert files_of(here.path)["install.py"] == program()
    assert "lab.bundle" not in text
    assert text.count("from __future__") == 1


def test_it_installs_into_a_new_environment_without_a_network(here: Made, tmp_path: Path) -> None:
    # Settings of pip from outside are of no effect.
    wrong = {"PIP_INDEX_URL": "http://127.0.0.1:9", "PIP_REQUIRE_VIRTUALENV": "no", "PYTHONPATH": "/nowhere"}
    ran = started(here.path, tmp_path, "--sha256", here.sha256, "--into", "there/venv", **wrong)
    assert (ran.returncode, ran.stderr) == (DONE, "")
    assert "its sum is the sender's" in ran.stdout
    kluster = tmp_path / "there" / "venv" / "bin" / "kluster"
    said = subprocess.run([kluster, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    assert said == f"kluster {here.manifest['kluster']}\n"
    assert sorted(path.name for path in (tmp_path / "there").iterdir()) == ["venv"]
    # What is there is not touched.
    again = started(here.path, tmp_path, "--sha256", here.sha256, "--into", "there/venv")
    assert (again.returncode, "exists already" in again.stderr) == (USAGE, True)


def test_without_the_senders_words_it_installs_nothing_by_itself(here: Made, tmp_path: Path) -> None:
    ran = started(here.path, tmp_path, "--into", "venv")
    assert ran.returncode == USAGE
    assert "Not checked: who made this bundle" in ran.stdout
    assert "who made this bundle is not known" in ran.stderr
    assert not (tmp_path / "venv").exists()


def test_a_bad_bundle_is_named_with_its_exit_code(here: Made, tmp_path: Path) -> None:
    cut = tmp_path / "cut.tar"
    cut.write_bytes(here.path.read_bytes()[:-4000])
    for bundle, words, code, said in (
        (cut, [], REFUSED, "truncated: "),
        (here.path, ["--sha256", "0" * 32], REFUSED, "swapped: This is not the sender's bundle"),
        (here.path, ["--key", "0" * 32], REFUSED, "swapped: Another key"),
        (here.path, ["--version", "0.0.1", "--sha256", here.sha256], REFUSED, "stale: The bundle has kluster"),
        (tmp_path / "none.tar", [], USAGE, "can't be read"),
    ):
        ran = started(bundle, tmp_path, *words, "--into", "venv")
        assert (ran.returncode, said in ran.stderr) == (code, True), ran.stderr
        assert not (tmp_path / "venv").exists()


def test_check_alone_installs_nothing(here: Made, tmp_path: Path) -> None:
    ran = started(here.path, tmp_path, "--check", "--into", "venv")
    assert ran.returncode == DONE
    assert "no file is damaged or missing" in ran.stdout
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize(
    "problem",
    [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device"), Problem("machine", "pip could not")],
)
@pytest.mark.parametrize("step", [1, 2, 3])
def test_nothing_is_left_of_an_installation_that_was_not_finished(
    step: int, problem: BaseException, here: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []

    def run(argv: list[str], *_: object, **__: object) -> str:
        ran.append(argv)
        (tmp_path / "venv" / "bin").mkdir(parents=True, exist_ok=True)
        if len(ran) == step:
            raise problem
        return ""

    monkeypatch.setattr(install, "_run", run)
    with pytest.raises((KeyboardInterrupt, Problem)):
        install.install(examined(here.path), tmp_path / "venv")
    assert len(ran) == step
    assert list(tmp_path.iterdir()) == []


def test_a_parent_folder_that_it_made_goes_too_and_no_other(
    here: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()

    def run(*_: object, **__: object) -> str:
        assert (tmp_path / "mine" / "a" / "b").is_dir()
        raise Problem("machine", "pip could not")

    monkeypatch.setattr(install, "_run", run)
    with pytest.raises(Problem, match="pip could not"):
        install.install(examined(here.path), tmp_path / "mine" / "a" / "b" / "venv")
    assert list(tmp_path.iterdir()) == [tmp_path / "mine"]
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_program_that_takes_long_shows_its_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "go")
    told: list[str] = []

    def say(text: str) -> None:
        if not told:
            (tmp_path / "go").write_text("on\n")
        told.append(text)

    monkeypatch.setattr(install, "_TICK", 0.01)
    monkeypatch.setattr(install, "_say", say)
    waiting = [sys.executable, "-c", "print('first'); print(open('go').read())"]

    assert install._run(waiting, "it could not", cwd=str(tmp_path)) == "first\non\n\n"
    assert re.fullmatch(r"  \d+ s \.\.\.", told[0])


@pytest.mark.parametrize(
    ("printed", "said"), [("no such thing", "it could not"), ("OSError: [Errno 28]", "The disk is full")]
)
def test_a_program_that_fails_is_a_sentence(printed: str, said: str) -> None:
    failing = [sys.executable, "-c", f"import sys; sys.exit({printed!r})"]
    with pytest.raises(Problem, match=said) as problem:
        install._run(failing, "it could not")
    assert problem.value.remedy == printed


def test_a_file_that_changes_after_its_check_is_not_installed(here: Made, tmp_path: Path) -> None:
    path = tmp_path / "k.tar"
    path.write_bytes(here.path.read_bytes())
    found = examined(path)
    files = files_of(path)
    files[next(name for name in files if name.startswith("wheels/tiny"))] = b"another one"
    path.unlink()
    rewritten(path, files)
    with pytest.raises(Problem, match="has changed since"):
        install.install(found, tmp_path / "venv")
    assert [each.name for each in tmp_path.iterdir()] == ["k.tar"]


def test_images_go_to_docker(here: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Problem, match="has no images"):
        install.load_images(examined(here.path))
    told = here.manifest | {"images": [{"file": "images/node.tar", "name": "x", "architecture": "amd64"}]}
    files = {**files_of(here.path), "images/node.tar": b"an image"}
    path = rewritten(tmp_path / "k.tar", listed_anew(files, key_at(tmp_path / "key")))
    found = examined(path)
    found.manifest = told
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Problem, match="no `docker`"):
        install.load_images(found)
    (tmp_path / "docker").write_text(f'#!/bin/sh\n/bin/cat > {tmp_path}/"$1"\n')
    (tmp_path / "docker").chmod(0o755)
    install.load_images(found)
    assert (tmp_path / "load").read_bytes() == b"an image"
    (tmp_path / "docker").write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(Problem, match=r"did not load images/node\.tar") as problem:
        install.load_images(found)
    assert problem.value.kind == "machine"


def test_an_older_python_is_told_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))
    assert install.main(["k.tar"]) == MACHINE
    assert "3.11" in capsys.readouterr().out
