"""The certificates that simulated servers show, from the files that their flags name, and those of clients."""

from cryptography import x509

from lab.cluster.sim.api.rbac import ALMIGHTY_GROUPS
from lab.cluster.sim.api.requests import ADMIN
from lab.cluster.sim.network.listeners import Listener
from lab.cluster.sim.pki.issuing import CLIENT
from lab.cluster.sim.pki.kubeadm import kubelet
from lab.cluster.sim.pki.reading import certificates, flaw, identity
from lab.cluster.sim.plane.programs import flags

__all__ = ["ETCD_CA", "SERVICE_CA", "client_authority", "client_of", "shown"]

SERVICE_CA = "/etc/kubernetes/pki/ca.crt"
ETCD_CA = "/etc/kubernetes/pki/etcd/ca.crt"
_KUBELET = "/var/lib/kubelet/pki/kubelet.crt"
_FLAGS = {"apiserver": "tls-cert-file", "etcd": "cert-file"}
#: The simulator does not have the rules of kubeadm's own roles, so a component of the cluster may do everything.
_OWN = "system:"
_CLIENT_FLAGS = {"apiserver": ("client-ca-file", SERVICE_CA), "etcd": ("trusted-ca-file", ETCD_CA)}


def shown(listener: Listener) -> tuple[x509.Certificate, ...]:
    """Return the certificates that a server sends, its own first. Two programs make theirs when they start."""
    path = _KUBELET if listener.kind == "kubelet" else ""
    if listener.container is not None and listener.kind == "healthz":
        return certificates(
            kubelet(listener.container.id, listener.container.started, "localhost", None)["kubelet.crt"]
        )
    if listener.container is not None and listener.kind in _FLAGS:
        path = flags(listener.container.argv).get(_FLAGS[listener.kind], "")
    return certificates(listener.node.files.get(path)) if path else ()


def client_authority(listener: Listener) -> str:
    """Return the text of the CA file by which a server knows its clients."""
    if listener.container is None or listener.kind not in _CLIENT_FLAGS:
        return listener.node.files.get(SERVICE_CA)
    flag, usual = _CLIENT_FLAGS[listener.kind]
    return listener.node.files.get(flags(listener.container.argv).get(flag, usual))


def client_of(text: str, listener: Listener, now: float) -> tuple[str, list[str]] | None:
    """Return the user and the groups of the certificate in `text`; None if the server does not accept it."""
    found = certificates(text)
    if not found or flaw(found[0], certificates(client_authority(listener)), now, usage=CLIENT):
        return None
    user, groups = identity(found[0])
    return (ADMIN, []) if ALMIGHTY_GROUPS & set(groups) or user.startswith(_OWN) else (user, groups)
