"""Requirements of a real cluster on this machine, as data."""

import platform
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from lab.cluster.base import Finding
from lab.cluster.kind import process
from lab.cluster.kind.cluster import choose_image
from lab.cluster.kind.engine import Engine
from lab.errors import LabError

__all__ = ["examine", "playable"]

GIB = 1 << 30

#: A control plane and a worker with the workloads use about 2 GiB of memory, and about 4 GiB of disk beside the
#: image.
MEMORY = 4 * GIB
DISK = 6 * GIB
INOTIFY = 512


def examine(*, image: str | None = None, engine: Engine | None = None) -> list[Finding]:
    """Check everything that `create` on this machine needs."""
    findings = [_python(), _kind(), _docker_command()]
    try:
        engine = engine or Engine()
        info = engine.info()
    except LabError as problem:
        return [*findings, Finding("docker", ok=False, found=str(problem.title), remedy=problem.remedy)]
    return [
        *findings,
        Finding("docker", ok=True, found=f"{info.version} at {engine.host.url} ({engine.host.found_by})"),
        Finding(
            "memory",
            ok=info.memory >= MEMORY,
            found=f"{info.memory / GIB:.1f} GiB for Docker, {info.cpus} processors",
            remedy=f"Give Docker {MEMORY // GIB} GiB or more.",
            advisory=True,
        ),
        Finding(
            "cgroups",
            ok=info.cgroup == "2",
            found=f"version {info.cgroup}",
            remedy="Kubernetes 1.35 and later refuse version 1: choose a node image of 1.34 or older (--image).",
            advisory=True,
        ),
        *_inotify(),
        _disk(info.root),
        _node_image(engine, image),
    ]


def playable(findings: Iterable[Finding]) -> str:
    """Say in one sentence what can be played now, by what `examine` has found."""
    missing = [finding.name for finding in findings if not finding.ok and not finding.advisory]
    if not missing:
        return "You can play now, on a real cluster: kluster play"
    return f"You can play now, on the simulator: kluster play. A real cluster needs: {', '.join(missing)}."


def _python() -> Finding:
    return Finding(
        "python",
        ok=sys.version_info >= (3, 11),
        found=platform.python_version(),
        remedy="Use Python 3.11 or later.",
    )


def _kind() -> Finding:
    minimum = ".".join(map(str, process.MINIMUM))
    try:
        where = process.find_program("kind")
    except LabError as problem:
        return Finding("kind", ok=False, found=problem.title, remedy=problem.remedy)
    version = process.version()
    return Finding(
        "kind",
        ok=version >= process.MINIMUM,
        found=f"{'.'.join(map(str, version)) or 'no version'} at {where}",
        remedy=f"Install kind {minimum} or later: https://kind.sigs.k8s.io.",
    )


def _docker_command() -> Finding:
    try:
        return Finding("docker command", ok=True, found=process.find_program("docker"))
    except LabError as problem:
        return Finding("docker command", ok=False, found=problem.title, remedy=problem.remedy)


def _inotify() -> list[Finding]:
    """Check inotify instances: each node takes about 20, and a kubelet without any does not start."""
    try:
        limit = int(Path("/proc/sys/fs/inotify/max_user_instances").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [
        Finding(
            "inotify",
            ok=limit >= INOTIFY,
            found=f"{limit} instances for each user",
            remedy=f"With more than two clusters on a machine: `sysctl fs.inotify.max_user_instances={INOTIFY}`.",
            advisory=True,
        )
    ]


def _disk(root: str) -> Finding:
    """Check the disk with Docker's images and containers.

    Docker Desktop has its own disk, which is not visible from here.
    """
    place = Path(root)
    if not root or not place.is_dir():
        return Finding("disk", ok=True, found="Docker's disk can't be seen from here", advisory=True)
    free = shutil.disk_usage(place).free
    return Finding(
        "disk",
        ok=free >= DISK,
        found=f"{free / GIB:.1f} GiB free in {root}",
        remedy=f"Free {DISK // GIB} GiB or more: `docker system df` shows what Docker uses, `docker image prune`.",
    )


def _node_image(engine: Engine, asked: str | None) -> Finding:
    image = choose_image(engine, asked) or process.default_image()
    if image is None:
        return Finding("node image", ok=True, found="kind's default", advisory=True)
    there = engine.has_image(image)
    return Finding(
        "node image",
        ok=there,
        found=f"{image.partition('@')[0]} is {'there' if there else 'not there yet'}",
        remedy="It is pulled when a cluster is made; without a registry, build one with `make node-image`.",
        advisory=True,
    )
