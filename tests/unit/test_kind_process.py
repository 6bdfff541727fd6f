"""kind as a subprocess, played by scripts that print kind's output."""

import os
import select
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.cluster.kind import process
from lab.cluster.kind.process import default_image, end_left_over, find_program, run_kind, version
from lab.errors import LabError
from lab.progress import Silent

Install = Callable[[str], None]


class Steps:
    """Progress that is remembered."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def begin(self, title: str) -> None:
        self.seen.append(f"> {title}")

    def advance(self, fraction: float, note: str = "") -> None:
        raise NotImplementedError

    def end(self, *, ok: bool) -> None:
        self.seen.append("ok" if ok else "failed")

    def note(self, text: str) -> None:
        raise NotImplementedError


@pytest.fixture
def kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a script called kind first on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)

    def install(script: str) -> None:
        (folder / "kind").write_text(f"#!/bin/bash\n{script}\n")
        (folder / "kind").chmod(0o755)

    return install


def create(folder: Path, progress: Steps | Silent | None = None, timeout: float = 30) -> None:
    run_kind(["create", "cluster"], env=os.environ, folder=folder, progress=progress or Silent(), timeout=timeout)


def ends(pid: int) -> bool:
    """Return whether a process ends; a killed one may end a moment later."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], 30)[0])
    finally:
        os.close(process)


def test_its_lines_become_steps(kind: Install, tmp_path: Path) -> None:
    kind(
        "echo 'Creating cluster \"x\" ...' >&2\n"
        "echo ' • Ensuring node image (kindest/node:v1.34.4) 🖼  ...' >&2; echo ' ✓ Ensuring node image 🖼' >&2\n"
        "echo ' • Preparing nodes 📦 📦   ...' >&2; echo ' ✓ Preparing nodes 📦 📦 ' >&2\n"
        "echo 'You can now use your cluster with:'"
    )
    steps = Steps()

    create(tmp_path, steps)

    assert steps.seen == ["> Ensuring node image (kindest/node:v1.34.4)", "ok", "> Preparing nodes", "ok"]
    assert "Preparing nodes" in (tmp_path / "kind.log").read_text()
    assert not (tmp_path / "kind.pid").exists()


def test_a_failure_quotes_command_and_output(kind: Install, tmp_path: Path) -> None:
    kind("echo ' • Preparing nodes 📦 ...'; echo ' ✗ Preparing nodes 📦'; echo 'ERROR: some reason'; exit 1")
    steps = Steps()

    with pytest.raises(LabError, match="kind exited with 1") as problem:
        create(tmp_path, steps)

    assert "kind create cluster" in problem.value.detail
    assert "ERROR: some reason" in problem.value.detail
    assert problem.value.remedy
    assert steps.seen == ["> Preparing nodes", "failed"]


def test_a_stack_trace_is_left_out(kind: Install, tmp_path: Path) -> None:
    trace = "".join(f"main.frame{n}\n\tmain.go:{n}\n" for n in range(40))
    (tmp_path / "trace").write_text(trace)
    kind(f"echo 'error: the kubelet is not healthy'; cat {tmp_path}/trace; exit 1")

    with pytest.raises(LabError) as problem:
        create(tmp_path)

    assert problem.value.detail.endswith("\nerror: the kubelet is not healthy")
    assert "main.go:39" in (tmp_path / "kind.log").read_text()


@pytest.mark.parametrize(
    ("said", "title", "remedy"),
    [
        ('failed to pull image "x": command "docker pull x" failed', "can't be pulled", "make node-image"),
        ("failed to copy files: write /x: no space left on device", "disk is full", "docker system df"),
        ("Bind for 127.0.0.1:6443 failed: port is already allocated", "port", "again"),
        (
            "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?",
            "Docker stopped",
            "Start",
        ),
        ("could not find a log line that matches Reached target", "container did not start", "doctor"),
    ],
)
def test_failures_that_are_known_have_their_remedy(
    kind: Install, tmp_path: Path, said: str, title: str, remedy: str
) -> None:
    kind(f"echo '{said}' >&2; exit 1")

    with pytest.raises(LabError, match=title) as problem:
        create(tmp_path)

    assert remedy in problem.value.remedy
    assert said in problem.value.detail


def test_a_kind_that_hangs_is_ended_with_all_it_started(kind: Install, tmp_path: Path) -> None:
    kind(f"trap '' TERM; sleep 600 & echo $! >{tmp_path}/child; echo still hanging; wait")

    with pytest.raises(LabError, match="did not end within 4 s") as problem:
        create(tmp_path, timeout=4)  # long enough for a busy machine to start it

    assert "still hanging" in problem.value.detail
    assert ends(int((tmp_path / "child").read_text()))


def test_an_interrupt_ends_kind(kind: Install, tmp_path: Path) -> None:
    """Ctrl-C reaches only the lab: kind is in a session of its own."""
    kind(f"echo $$ >{tmp_path}/pid; echo ' • Preparing nodes'; sleep 600")

    class Interrupted(Steps):
        def begin(self, title: str) -> None:
            raise KeyboardInterrupt(title)

    with pytest.raises(KeyboardInterrupt):
        create(tmp_path, Interrupted())

    assert ends(int((tmp_path / "pid").read_text()))


def test_a_kind_left_over_by_a_lab_that_was_killed_is_ended(tmp_path: Path) -> None:
    script = tmp_path / "kind"
    script.write_text("#!/bin/bash\nsleep 600\n")
    left = subprocess.Popen(["bash", script, "create"], start_new_session=True)
    (tmp_path / "kind.pid").write_text(str(left.pid))

    end_left_over(tmp_path)

    assert left.wait(30) == -signal.SIGKILL
    assert not (tmp_path / "kind.pid").exists()


def test_a_stranger_with_the_number_of_an_old_kind_lives_on(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as stranger:
        (tmp_path / "kind.pid").write_text(str(stranger.pid))

        end_left_over(tmp_path)

        assert stranger.poll() is None
        stranger.kill()
    end_left_over(tmp_path)


@pytest.mark.parametrize(
    ("said", "expected"),
    [("kind v0.33.0 go1.27.2 linux/amd64", (0, 33, 0)), ("kind 0.24", (0, 24)), ("nonsense", ())],
)
def test_its_version(kind: Install, said: str, expected: tuple[int, ...]) -> None:
    kind(f"echo '{said}'")

    assert version() == expected


def test_its_default_image_is_found_in_the_program(kind: Install) -> None:
    digest = "a1" * 32
    kind(f"exit 0\nkindest/node:v1.37.0@sha256:{digest}github.com/something")

    assert default_image() == f"kindest/node:v1.37.0@sha256:{digest}"


def test_a_program_that_names_no_image(kind: Install) -> None:
    kind("exit 0")

    assert default_image() is None


@pytest.mark.parametrize("program", ["kind", "docker"])
def test_a_program_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(LabError, match=program) as problem:
        find_program(program)  # type: ignore[arg-type]

    assert problem.value.remedy
    assert process.version() == ()
