"""The certificates and keys of a new cluster, as kubeadm, kind and the kubelets make them."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from lab.cluster.sim.pki.issuing import CLIENT, SERVER, Authority, Wish, pem
from lab.cluster.sim.pki.keys import Keyring, ec_key, private_pem, public_pem

__all__ = ["Identity", "Made", "cluster", "kubelet"]

_YEAR = 365 * 86400
_BACKDATED = 300
_MASTERS, _ADMINS, _NODES = "system:masters", "kubeadm:cluster-admins", "system:nodes"
_BOTH = (SERVER, CLIENT)


@dataclass(frozen=True, slots=True)
class Identity:
    """A client's certificate and key."""

    certificate: str
    key: str


@dataclass(frozen=True, slots=True)
class Made:
    """Files below /etc/kubernetes/pki (path -> text), and the users of kubeconfigs (name of the file -> user)."""

    files: Mapping[str, str]
    users: Mapping[str, Identity]


@functools.lru_cache(maxsize=4)
def cluster(seed: str, now: float, node: str, address: str) -> Made:
    """Return all of a control plane on one node, made at `now` (s since the epoch)."""
    keys = Keyring(seed)
    files: dict[str, str] = {}

    def begin(path: str, name: str) -> Authority:
        wish = Wish(name, keys.serial(), now - _BACKDATED, now + 10 * _YEAR, names=(name,))
        authority = Authority.begun(wish, keys.rsa())
        files[f"{path}.crt"], files[f"{path}.key"] = pem(authority.certificate), private_pem(authority.key)
        return authority

    def issue(  # noqa: PLR0917 -- the parts of one certificate
        authority: Authority, name: str, usages: Sequence[x509.ObjectIdentifier], groups: Sequence[str] = (),
        names: Sequence[str] = (), addresses: Sequence[str] = (),
    ) -> Identity:  # fmt: skip
        key = keys.rsa()
        wish = Wish(name, keys.serial(), now - _BACKDATED, now + _YEAR, groups, names, addresses, usages)
        return Identity(pem(authority.issue(wish, key.public_key())), private_pem(key))

    ca, etcd, front = (
        begin("ca", "kubernetes"),
        begin("etcd/ca", "etcd-ca"),
        begin("front-proxy-ca", "front-proxy-ca"),
    )
    service = (
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
    )
    names, addresses = sorted((node, "localhost")), (address, "127.0.0.1", "::1")
    made = {
        "apiserver": issue(ca, "kube-apiserver", (SERVER,), names=sorted((node, *service, "localhost")),
                           addresses=("10.96.0.1", address, "127.0.0.1")),
        "apiserver-kubelet-client": issue(ca, "kube-apiserver-kubelet-client", (CLIENT,), (_ADMINS,)),
        "front-proxy-client": issue(front, "front-proxy-client", (CLIENT,)),
        "etcd/server": issue(etcd, node, _BOTH, names=names, addresses=addresses),
        "etcd/peer": issue(etcd, node, _BOTH, names=names, addresses=addresses),
        "etcd/healthcheck-client": issue(etcd, "kube-etcd-healthcheck-client", (CLIENT,)),
        "apiserver-etcd-client": issue(etcd, "kube-apiserver-etcd-client", (CLIENT,)),
    }  # fmt: skip
    for path, identity in made.items():
        files[f"{path}.crt"], files[f"{path}.key"] = identity.certificate, identity.key
    account = keys.rsa()
    files["sa.key"], files["sa.pub"] = private_pem(account), public_pem(account.public_key())
    users = {
        "admin": issue(ca, "kubernetes-admin", (CLIENT,), (_ADMINS,)),
        "super-admin": issue(ca, "kubernetes-super-admin", (CLIENT,), (_MASTERS,)),
        "controller-manager": issue(ca, "system:kube-controller-manager", (CLIENT,)),
        "scheduler": issue(ca, "system:kube-scheduler", (CLIENT,)),
        "kubelet": issue(ca, f"system:node:{node}", (CLIENT,), (_NODES,)),
    }
    return Made(files, users)


@functools.lru_cache(maxsize=16)
def kubelet(seed: str, now: float, node: str, joins: Identity | None) -> Mapping[str, str]:
    """Return file name -> text of a kubelet's folder pki. A node that `joins` names that cluster's CA.

    Other programs that make their own certificate do it in the same way.
    """
    keys = Keyring(f"{seed} {node}")
    begins, ends, second = now - 3600, now - 3600 + _YEAR, int(now)
    authority = Authority.begun(Wish(f"{node}-ca@{second}", keys.serial(), begins, ends), keys.rsa())
    key = keys.rsa()
    serving = authority.issue(
        Wish(f"{node}@{second}", keys.serial(), begins, ends, names=(node,), usages=(SERVER,)), key.public_key()
    )
    files = {"kubelet.crt": pem(serving) + pem(authority.certificate), "kubelet.key": private_pem(key)}
    if joins is not None:
        own = ec_key(keys.source)
        signer = _authority(joins)
        ends = min(now - _BACKDATED + _YEAR, signer.certificate.not_valid_after_utc.timestamp())
        wish = Wish(
            f"system:node:{node}",
            keys.source.getrandbits(127),
            now - _BACKDATED,
            ends,
            (_NODES,),
            usages=(CLIENT,),
        )
        files["client"] = pem(signer.issue(wish, own.public_key())) + private_pem(own)
    return files


def _authority(identity: Identity) -> Authority:
    key = load_pem_private_key(identity.key.encode(), None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101 -- as `cluster` has made it
    return Authority(x509.load_pem_x509_certificate(identity.certificate.encode()), key)
