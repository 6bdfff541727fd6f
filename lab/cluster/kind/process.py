"""The `kind` command as a subprocess: its steps as progress, its end bounded, its failures as `LabError`."""

import contextlib
import os
import queue
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from lab.errors import LabError
from lab.progress import Progress

__all__ = ["MINIMUM", "default_image", "end_left_over", "find_program", "run_kind", "version"]

#: The first release of kind whose configuration and node images are known to work.
MINIMUM = (0, 24)

#: Seconds that kind may take to end after a signal.
_LAST_WORDS = 3

_STEP = re.compile(r"^ (?P<sign>[•✓✗]) (?P<title>.+?)\s*$")
_PICTURES = re.compile(r"[^\x00-\x7F≤]+")


_INSTALL = {
    "kind": "Install it: `brew install kind`, or https://kind.sigs.k8s.io/docs/user/quick-start/#installation.",
    "docker": "kind needs Docker's command line: install the package docker-cli, docker-ce-cli or docker.io.",
}


def find_program(name: Literal["kind", "docker"]) -> str:
    """Return the program's path; raise `LabError` if it is not on PATH."""
    path = shutil.which(name)
    if path is None:
        raise LabError(f"There is no `{name}` on PATH.", remedy=_INSTALL[name])
    return path


def version() -> tuple[int, ...]:
    """Return kind's version as numbers, or `()` without kind or without an answer."""
    try:
        said = subprocess.run(
            [find_program("kind"), "version"],
            capture_output=True,
            text=True,
            timeout=20,
            stdin=subprocess.DEVNULL,
            check=False,
        ).stdout
    except (LabError, OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(r"v?(\d+)\.(\d+)(?:\.(\d+))?", said)
    return tuple(int(part) for part in found.groups() if part) if found else ()


def default_image() -> str | None:
    """Return kind's default node image, if it can be found.

    No command of kind prints it; the name is a string in the program.
    """
    try:
        program = Path(find_program("kind")).read_bytes()
    except (LabError, OSError):
        return None
    found = re.search(rb"kindest/node:v[0-9.]+@sha256:[0-9a-f]{64}", program)
    return found.group().decode() if found else None


def run_kind(
    argv: Sequence[str], *, env: Mapping[str, str], folder: Path, progress: Progress, timeout: float
) -> None:
    """Run `kind ARGV`, report its steps to `progress`, save its output in `folder`/kind.log.

    Raises:
        LabError: it failed or took longer than `timeout` s; the text quotes the command and its last output.

    """
    command = [find_program("kind"), *argv]
    lines: list[str] = []
    process = subprocess.Popen(
        command,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    (folder / "kind.pid").write_text(str(process.pid), encoding="utf-8")
    steps = _Steps(progress)
    try:
        with (folder / "kind.log").open("w", encoding="utf-8") as log:
            log.write(f"$ {' '.join(command)}\n")
            for line in _lines(process, timeout):
                log.write(line)
                lines.append(line)
                steps.heard(line)
        rc = process.wait(_LAST_WORDS)
    except subprocess.TimeoutExpired:
        raise _failure(command, lines, f"did not end within {timeout:.0f} s") from None
    finally:
        _end_group(process)
        steps.finish(ok=process.returncode == 0)
        (folder / "kind.pid").unlink(missing_ok=True)
    if rc:
        raise _failure(command, lines, f"exited with {rc}")


def end_left_over(folder: Path) -> None:
    """End a kind process that a killed lab left running: it would keep creating containers."""
    try:
        pid = int((folder / "kind.pid").read_text(encoding="utf-8"))
        shown = subprocess.run(
            ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, timeout=10, check=False
        ).stdout
        # Another process may have the number by now: only a process that works on this folder is ours.
        if str(folder) in shown:
            os.killpg(pid, signal.SIGKILL)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        pass
    (folder / "kind.pid").unlink(missing_ok=True)


class _Steps:
    """kind's own lines (` • Preparing nodes`, later ` ✓ Preparing nodes`) as steps."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._open = False

    def heard(self, line: str) -> None:
        if not (found := _STEP.match(line.rstrip("\n"))):
            return
        title = _PICTURES.sub("", found["title"]).removesuffix("...").strip()
        if found["sign"] == "•":
            self.finish(ok=True)
            self._progress.begin(title)
            self._open = True
        else:
            self.finish(ok=found["sign"] == "✓")

    def finish(self, *, ok: bool) -> None:
        if self._open:
            self._progress.end(ok=ok)
            self._open = False


def _lines(process: subprocess.Popen[str], timeout: float) -> Iterator[str]:
    """Yield lines as they come; raise `TimeoutExpired` at the limit, even if the process prints nothing."""
    deadline = time.monotonic() + timeout
    heard: queue.Queue[str | None] = queue.Queue()

    def listen() -> None:
        assert process.stdout is not None  # noqa: S101 -- a pipe was asked for
        with process.stdout as output:
            for line in output:
                heard.put(line)
        heard.put(None)

    threading.Thread(target=listen, daemon=True, name="kind").start()
    while True:
        try:
            line = heard.get(timeout=max(deadline - time.monotonic(), 0))
        except queue.Empty:
            raise subprocess.TimeoutExpired(process.args, timeout) from None
        if line is None:
            return
        yield line


def _end_group(process: subprocess.Popen[str]) -> None:
    """End kind and the `docker` commands it started."""
    if process.poll() is not None:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, number)
            process.wait(_LAST_WORDS)


#: Messages of kind or Docker, and what they mean for a person.
_KNOWN = (
    ("failed to pull image", "The node image can't be pulled.", "{image}"),
    (
        "no space left on device",
        "The disk is full.",
        "Free disk space: `docker system df` shows what Docker uses.",
    ),
    (
        "port is already allocated",
        "The port that kind chose for the API server was taken in the meantime.",
        "Run the command again.",
    ),
    (
        "address already in use",
        "A port that kind needs is taken.",
        "Run the command again; `ss -tlnp` shows who has it.",
    ),
    (
        "mounts denied",
        "Docker may not mount the lab's own folder.",
        "Share it in Docker Desktop (Settings, Resources, File sharing), or choose another folder: KLUSTER_HOME.",
    ),
    (
        "could not find a log line that matches",
        "A node's container did not start as it should.",
        "See `kluster doctor`: too little memory, or an image that does not fit the machine, are usual causes.",
    ),
    (
        "127.0.0.1:10248/healthz",
        "The kubelet of the control plane did not start.",
        (
            "Its last words are in kubelet.log in the lab's folder. With several clusters on a machine, the "
            "limit on inotify is often the reason: `sysctl fs.inotify.max_user_instances=512`."
        ),
    ),
    (
        "cannot connect to the docker daemon",
        "Docker stopped while the cluster was made.",
        "Start Docker again, then run the command again.",
    ),
)

_NO_IMAGE = (
    "Without an image registry, `make node-image` builds a node image on this machine; "
    "`--image` or KLUSTER_NODE_IMAGE choose one that already exists."
)


def _failure(command: Sequence[str], lines: Sequence[str], how: str) -> LabError:
    said = "".join(lines)
    # kubeadm's errors end with a Go stack trace: indented lines, and names without a space.
    told = [line for line in lines if " " in line.strip() and not line.startswith("\t")]
    shown = f"$ {' '.join(command)}\n{''.join(told[-15:]).strip()}"
    for mark, title, remedy in _KNOWN:
        if mark in said.lower():
            return LabError(title, shown, remedy.format(image=_NO_IMAGE))
    return LabError(
        f"kind {how}.",
        shown,
        "See `kluster doctor`; kind's known issues: https://kind.sigs.k8s.io/docs/user/known-issues/",
    )
