"""kubeadm: its version, images, certificate expiration and bootstrap tokens. It can't set up a cluster here."""

import base64
import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import yaml
from cryptography import x509

from lab.cluster.sim.api.discovery import VERSION
from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import name_of
from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags, parse
from lab.cluster.sim.pki.reading import certificates
from lab.cluster.sim.text.tabwriter import aligned

__all__ = ["kubeadm"]

_IMAGES = (
    *(f"kube-{what}:{VERSION}" for what in ("apiserver", "controller-manager", "scheduler", "proxy")),
    "coredns/coredns:v1.12.1",
    "pause:3.10.1",
    "etcd:3.6.5-0",
)
#: Name -> its CA, and its file below /etc/kubernetes.
_CERTIFICATES = {
    "admin.conf": ("ca", "admin.conf"),
    "apiserver": ("ca", "pki/apiserver.crt"),
    "apiserver-etcd-client": ("etcd-ca", "pki/apiserver-etcd-client.crt"),
    "apiserver-kubelet-client": ("ca", "pki/apiserver-kubelet-client.crt"),
    "controller-manager.conf": ("ca", "controller-manager.conf"),
    "etcd-healthcheck-client": ("etcd-ca", "pki/etcd/healthcheck-client.crt"),
    "etcd-peer": ("etcd-ca", "pki/etcd/peer.crt"),
    "etcd-server": ("etcd-ca", "pki/etcd/server.crt"),
    "front-proxy-client": ("front-proxy-ca", "pki/front-proxy-client.crt"),
    "scheduler.conf": ("ca", "scheduler.conf"),
    "super-admin.conf": ("ca", "super-admin.conf"),
}
_AUTHORITIES = {"ca": "pki/ca.crt", "etcd-ca": "pki/etcd/ca.crt", "front-proxy-ca": "pki/front-proxy-ca.crt"}
_COMMANDS = {
    "certs",
    "completion",
    "config",
    "init",
    "join",
    "reset",
    "token",
    "upgrade",
    "version",
    "alpha",
    "kubeconfig",
    "help",
}
_NO = "no      "
_TRACE = "To see the stack trace of this error execute with --v=5 or higher"
_READING = (
    '[check-expiration] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...\n'
    "[check-expiration] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' "
    "to re-upload it.\n"
)


async def kubeadm(call: Call) -> int:
    """Run kubeadm."""
    try:
        flags = parse(
            call.argv,
            {
                "-o": "output",
                "--output": "output",
                "--kubernetes-version": "version",
                "--kubeconfig": "kubeconfig",
                "-v": "verbose",
                "--v": "verbose",
            },
            {},
            program="kubeadm",
        )
        return await _function(call, flags)(call, flags)
    except Exit as end:
        return await call.fail(end.message, end.code)


def _function(call: Call, flags: Flags) -> Callable[[Call, Flags], Awaitable[int]]:
    if flags.words and flags.words[0] not in _COMMANDS:
        raise Exit(1, f'error: unknown command "{flags.words[0]}" for "kubeadm"\n{_TRACE}')
    function = _FUNCTIONS.get(" ".join(flags.words))
    if function is None:
        raise NotSimulated(f"kubeadm {' '.join(call.argv)}".strip())
    return function


async def _version(call: Call, flags: Flags) -> int:
    major, minor = VERSION.removeprefix("v").split(".")[:2]
    info = {
        "major": major,
        "minor": minor,
        "gitVersion": VERSION,
        "gitCommit": "",
        "gitTreeState": "archive",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "go1.26.8",
        "compiler": "gc",
        "platform": "linux/amd64",
    }
    form = flags.get("output")
    if form == "short":
        await call.line(VERSION)
    elif form == "json":
        await call.line(json.dumps({"clientVersion": info}, indent=2))
    elif form == "yaml":
        await call.line(yaml.safe_dump({"clientVersion": info}).replace("'", '"'))
    elif form:
        raise Exit(1, f"error: invalid output format: {form}\n{_TRACE}")
    else:
        emulated = 'EmulationMajor:"", EmulationMinor:"", MinCompatibilityMajor:"", MinCompatibilityMinor:""'
        rest = ", ".join(f'{key[0].upper()}{key[1:]}:"{value}"' for key, value in list(info.items())[2:])
        shown = f'Major:"{major}", Minor:"{minor}", {emulated}, {rest}'
        await call.line(f"kubeadm version: &version.Info{{{shown}}}")
    return 0


async def _images(call: Call, flags: Flags) -> int:
    asked = flags.get("version", VERSION)
    if asked != VERSION or flags.given("output"):
        raise NotSimulated(f"kubeadm {' '.join(call.argv)}")
    if not flags.given("version"):
        at = datetime.fromtimestamp(call.now(), UTC)
        lead = f"W{at:%m%d %H:%M:%S.%f}   39120 version.go"
        where = "https://dl.k8s.io/release/stable-1.txt"
        why = "dial tcp: lookup dl.k8s.io on 172.18.0.1:53: no such host"
        await call.err(
            f"{lead}:108] could not fetch a Kubernetes version from the internet: unable to get URL "
            f'"{where}": Get "{where}": {why}\n'
            f"{lead}:109] falling back to the local client version: {VERSION}\n"
        )
    await call.out("".join(f"registry.k8s.io/{image}\n" for image in _IMAGES))
    return 0


def _answering(call: Call) -> None:
    if not call.plane.api_answers() or not call.node.files.is_file("/etc/kubernetes/admin.conf"):
        raise NotSimulated(f"kubeadm {' '.join(call.argv)} without the API server")


async def _expiration(call: Call, flags: Flags) -> int:
    if flags.given("output"):
        raise NotSimulated("kubeadm certs check-expiration -o")
    _answering(call)

    def row(certificate: x509.Certificate) -> tuple[str, str]:
        end = certificate.not_valid_after_utc
        left = end.timestamp() - call.now()
        return f"{end:%b %d, %Y %H:%M} UTC", _rough(left) if left > 0 else "<invalid>"

    rows = [["CERTIFICATE", "EXPIRES", "RESIDUAL TIME", "CERTIFICATE AUTHORITY", "EXTERNALLY MANAGED"]]
    for name, (authority, path) in _CERTIFICATES.items():
        text = call.node.files.get(f"/etc/kubernetes/{path}")
        found = certificates(_embedded(text) if path.endswith(".conf") else text)
        rows.append([name, *row(found[0]), authority, _NO] if found else [f"!MISSING! {name}", "", "", "", ""])
    await call.out(f"{_READING}\n{_aligned(rows)}\n")
    rows = [["CERTIFICATE AUTHORITY", "EXPIRES", "RESIDUAL TIME", "EXTERNALLY MANAGED"]]
    for name, path in _AUTHORITIES.items():
        found = certificates(call.node.files.get(f"/etc/kubernetes/{path}"))
        rows.append([name, *row(found[0]), _NO] if found else [f"!MISSING! {name}", "", "", ""])
    await call.out(_aligned(rows))
    return 0


def _embedded(text: str) -> str:
    """Return the certificate of a kubeconfig's user."""
    coded = re.search(r"client-certificate-data: (\S+)", text)
    return base64.b64decode(coded.group(1)).decode(errors="replace") if coded else ""


def _aligned(rows: list[list[str]]) -> str:
    return aligned("\n".join("\t".join(row) for row in rows), 3) + "\n"


def _rough(seconds: float) -> str:
    """Return a span of time in its largest unit."""
    for unit, size in (("y", 31_536_000), ("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{max(int(seconds), 0)}s"


async def _tokens(call: Call, flags: Flags) -> int:
    if flags.given("output"):
        raise NotSimulated("kubeadm token list -o")
    _answering(call)
    rows = []
    for secret in call.plane.store.list(KIND["Secret"], "kube-system"):
        if secret.get("type") == "bootstrap.kubernetes.io/token" and name_of(secret).startswith(
            "bootstrap-token-"
        ):
            data = {key: base64.b64decode(value).decode() for key, value in (secret.get("data") or {}).items()}
            rows.append(_token(data, call.now()))
    if rows:
        heads = ["TOKEN", "TTL", "EXPIRES", "USAGES", "DESCRIPTION", "EXTRA GROUPS"]
        await call.line(aligned("\n".join("\t".join(row) for row in [heads, *rows]), 3))
    return 0


def _token(data: dict[str, str], now: float) -> list[str]:
    usages = [
        key.removeprefix("usage-bootstrap-")
        for key, value in sorted(data.items())
        if key.startswith("usage-bootstrap-") and value == "true"
    ]
    expires = data.get("expiration", "")
    left = datetime.fromisoformat(expires).timestamp() - now if expires else 0.0
    ttl = _rough(left) if left > 0 else "<invalid>" if expires else "<forever>"
    return [
        f"{data.get('token-id')}.{data.get('token-secret')}",
        ttl,
        expires or "<never>",
        ",".join(usages),
        data.get("description") or "<none>",
        data.get("auth-extra-groups") or "<none>",
    ]


_FUNCTIONS = {
    "version": _version,
    "config images list": _images,
    "certs check-expiration": _expiration,
    "token list": _tokens,
}
