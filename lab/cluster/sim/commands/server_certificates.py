"""The certificates that simulated servers show, as they stand in the files that their flags name."""

from cryptography import x509

from lab.cluster.sim.network.listeners import Listener
from lab.cluster.sim.pki.kubeadm import kubelet
from lab.cluster.sim.pki.reading import certificates
from lab.cluster.sim.plane.programs import flags

__all__ = ["ETCD_CA", "SERVICE_CA", "client_authority", "shown"]

SERVICE_CA = "/etc/kubernetes/pki/ca.crt"
ETCD_CA = "/etc/kubernetes/pki/etcd/ca.crt"
_KUBELET = "/var/lib/kubelet/pki/kubelet.crt"
_FLAGS = {"apiserver": "tls-cert-file", "etcd": "cert-file"}
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
