"""The listener's certificate, its only client's, and the kubeconfig with the client's key.

They are made anew for each listener and are random, unlike the simulated ones, which guard nothing. Who does not
have the kubeconfig is refused in the handshake. Their time is the host's, as that of the clients is.
"""

import base64
import secrets
import ssl
import tempfile
import time
from pathlib import Path

import yaml
from cryptography.hazmat.primitives.asymmetric import ec

from lab.cluster.sim.pki.issuing import CLIENT, SERVER, Authority, Wish, pem
from lab.cluster.sim.pki.keys import private_pem

__all__ = ["Keys"]

_HOUR = 3600
_YEAR = 365 * 24 * _HOUR


class Keys:
    """A CA, a server and a client."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._authority = Authority.begun(self._wish("kluster-ca", ends=10 * _YEAR), _new_key())
        self._server = self._issued(self._wish("kluster", names=("localhost",), addresses=("127.0.0.1",)))
        client = Wish(
            "kubernetes-admin", secrets.randbits(63), *_span(), ("kubeadm:cluster-admins",), usages=(CLIENT,)
        )
        self._client = self._issued(client)

    @staticmethod
    def _wish(
        name: str, *, ends: int = _YEAR, names: tuple[str, ...] = (), addresses: tuple[str, ...] = ()
    ) -> Wish:
        usages = (SERVER,) if addresses else ()
        return Wish(name, secrets.randbits(63), *_span(ends), names=names, addresses=addresses, usages=usages)

    def _issued(self, wish: Wish) -> tuple[str, str]:
        key = _new_key()
        return pem(self._authority.issue(wish, key.public_key())), private_pem(key)

    def context(self, folder: Path) -> ssl.SSLContext:
        """Return the server's side of TLS; its key lies in `folder` for a moment, as the library wants files."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=pem(self._authority.certificate))
        with tempfile.TemporaryDirectory(dir=folder) as private:
            file = Path(private) / "server.pem"
            file.touch(mode=0o600)
            file.write_text("".join(self._server), encoding="ascii")
            context.load_cert_chain(file)
        return context

    def kubeconfig(self, port: int) -> str:
        """Return the client's kubeconfig."""
        certificate, key = (_coded(text) for text in self._client)
        cluster = {
            "certificate-authority-data": _coded(pem(self._authority.certificate)),
            "server": f"https://127.0.0.1:{port}",
        }
        context = {"cluster": self._name, "user": f"{self._name}-admin"}
        user = {"client-certificate-data": certificate, "client-key-data": key}
        return yaml.safe_dump({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": self._name, "cluster": cluster}],
            "contexts": [{"name": self._name, "context": context}],
            "current-context": self._name,
            "users": [{"name": f"{self._name}-admin", "user": user}],
        })  # fmt: skip


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _span(seconds: int = _YEAR) -> tuple[float, float]:
    now = time.time()
    return now - _HOUR, now + seconds


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
