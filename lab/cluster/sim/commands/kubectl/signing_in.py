"""What kubectl and the API server find out about each other by certificates, before the first answer."""

import base64
import binascii
import functools
import posixpath
from dataclasses import dataclass

import yaml

from lab.cluster.sim.api.documents import load
from lab.cluster.sim.api.objects import dig
from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.server_certificates import client_of, shown
from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.network.listeners import Listener
from lab.cluster.sim.pki.reading import go_problem, pair_problem
from lab.cluster.sim.text.times import klog_time

__all__ = ["Settings", "check_server", "settings_of", "user_of"]


@dataclass(frozen=True, slots=True)
class Settings:
    """The current context of a kubeconfig: a server, its CA, and the user's certificate and key, each in PEM."""

    host: str
    authority: str
    certificate: str
    key: str
    unchecked: bool = False


@functools.lru_cache(maxsize=8)
def _context(text: str) -> tuple[dict[str, str], dict[str, str]] | None:
    """Return the cluster and the user of the current context of a kubeconfig, or None."""
    try:
        data = load(text) or {}
        contexts = {each["name"]: each["context"] for each in data.get("contexts") or []}
        context = contexts.get(data.get("current-context")) or {}
        clusters = {each["name"]: each["cluster"] for each in data.get("clusters") or []}
        users = {each["name"]: each["user"] for each in data.get("users") or []}
        return dict(clusters[context["cluster"]]), dict(users.get(context.get("user")) or {})
    except (AttributeError, KeyError, TypeError, yaml.YAMLError):
        return None


@functools.lru_cache(maxsize=16)
def _decoded(data: str) -> str:
    try:
        return base64.b64decode(data).decode(errors="replace")
    except binascii.Error:
        return ""


def settings_of(files: Files, path: str) -> Settings | None:
    """Return the settings of the kubeconfig at `path`; None if it has no current context."""
    found = _context(files.get(path))
    if found is None:
        return None
    cluster, user = found

    def part(where: dict[str, str], name: str) -> str:
        if where.get(f"{name}-data"):
            return _decoded(str(where[f"{name}-data"]))
        named = str(where.get(name) or "")
        return files.get(posixpath.normpath(posixpath.join(posixpath.dirname(path), named))) if named else ""

    host = str(cluster.get("server") or "").partition("://")[2].rpartition(":")[0].strip("[]")
    return Settings(
        str(cluster.get("tls-server-name") or host), part(cluster, "certificate-authority"),
        part(user, "client-certificate"), part(user, "client-key"),
        unchecked=dig(cluster, "insecure-skip-tls-verify") is True,
    )  # fmt: skip


def check_server(call: Call, settings: Settings, listener: Listener) -> None:
    """End the program unless the server's certificate is good."""
    if settings.certificate and (problem := pair_problem(settings.certificate, settings.key)):
        lead = f"E{klog_time(call.now())} {call.process.pid:>7} cert_rotation.go:172]"
        line = f'{lead} "Loading client cert failed" err="{problem}" key="key"\n'
        raise Exit(1, f"{line * 2}Unable to connect to the server: {problem}")
    chain = shown(listener)
    if settings.unchecked or not chain:
        return
    problem = go_problem(chain[0], settings.authority, call.now(), host=settings.host)
    if problem:
        raise Exit(1, f"Unable to connect to the server: tls: failed to verify certificate: {problem}")


def user_of(call: Call, settings: Settings, listener: Listener) -> tuple[str, list[str]]:
    """Return the user and the groups; end the program if the server does not accept the certificate."""
    found = client_of(settings.certificate, listener, call.now())
    if found is None:
        raise Exit(1, "error: You must be logged in to the server (Unauthorized)")
    return found
