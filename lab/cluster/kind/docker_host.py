"""The choice of the Docker engine: found once, as the `docker` command finds it, and used by the whole lab.

The SDK reads only `DOCKER_HOST` (contexts only in its latest releases). kind runs the `docker` command, which also
knows contexts. Without this choice they could talk to two different engines.
"""

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError

__all__ = ["DockerHost", "find_docker_host"]

_DEFAULT = "/var/run/docker.sock"


@dataclass(frozen=True, slots=True)
class DockerHost:
    """The address of the Docker engine, and how it was found."""

    url: str
    found_by: str

    @property
    def socket(self) -> Path | None:
        """The path of the Unix socket, if it is one."""
        return Path(self.url.removeprefix("unix://")) if self.url.startswith("unix://") else None

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return a copy of `base` with which a `docker` command talks to this engine."""
        changed = {
            name: value for name, value in base.items() if name not in {"DOCKER_CONTEXT", "DOCKER_TLS_VERIFY"}
        }
        return changed | {"DOCKER_HOST": self.url}


def find_docker_host(environ: Mapping[str, str] | None = None) -> DockerHost:
    """Find the engine: `DOCKER_HOST`, `DOCKER_CONTEXT`, the current context, then the usual sockets.

    Raises:
        LabError: the context does not exist, its engine can't be reached from here (ssh, TLS), or this is Windows.

    """
    if sys.platform == "win32":
        raise LabError(
            "A real cluster needs Linux, macOS or WSL 2.",
            "The lab does not support Docker's named pipe.",
            "Run kluster inside WSL 2, or use --backend sim.",
        )
    env = os.environ if environ is None else environ
    if url := env.get("DOCKER_HOST"):
        return _usable(DockerHost(url, "DOCKER_HOST"), env)
    config = Path(env.get("DOCKER_CONFIG") or Path(env.get("HOME", "/"), ".docker"))
    context = env.get("DOCKER_CONTEXT") or _current_context(config)
    if context and context != "default":
        return _usable(DockerHost(_context_url(config, context), f"the Docker context '{context}'"), env)
    for path, what in _usual_sockets(env):
        if path.is_socket():
            return DockerHost(f"unix://{path}", what)
    return DockerHost(f"unix://{_DEFAULT}", "Docker's default")


def _usual_sockets(env: Mapping[str, str]) -> list[tuple[Path, str]]:
    home = Path(env.get("HOME", "/"))
    rootless = Path(env.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    return [
        (Path(_DEFAULT), "Docker's default"),
        (rootless / "docker.sock", "rootless Docker"),
        (home / ".docker/run/docker.sock", "Docker Desktop"),
        (home / ".docker/desktop/docker.sock", "Docker Desktop"),
        (home / ".orbstack/run/docker.sock", "OrbStack"),
        (home / ".colima/default/docker.sock", "Colima"),
        (home / ".rd/docker.sock", "Rancher Desktop"),
    ]


def _current_context(config: Path) -> str:
    try:
        stored = json.loads((config / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    name = stored.get("currentContext", "") if isinstance(stored, dict) else ""
    return name if isinstance(name, str) else ""


def _context_url(config: Path, context: str) -> str:
    """The `docker` command stores a context under the SHA-256 of its name."""
    meta = config / "contexts" / "meta" / hashlib.sha256(context.encode()).hexdigest() / "meta.json"
    try:
        return str(json.loads(meta.read_text(encoding="utf-8"))["Endpoints"]["docker"]["Host"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise LabError(
            f"The Docker context '{context}' can't be read.",
            f"{meta}: {problem}",
            "See `docker context ls`, choose one with `docker context use NAME`, or set DOCKER_HOST.",
        ) from problem


def _usable(host: DockerHost, env: Mapping[str, str]) -> DockerHost:
    scheme = host.url.partition("://")[0]
    if scheme in {"unix", "tcp", "http"} and not (scheme == "tcp" and env.get("DOCKER_TLS_VERIFY")):
        return host
    raise LabError(
        f"The lab can't use the Docker engine at {host.url} ({host.found_by}).",
        "It needs an engine on this machine: a Unix socket, or TCP without TLS.",
        "Choose another with `docker context use NAME`, or unset DOCKER_HOST and DOCKER_TLS_VERIFY.",
    )
