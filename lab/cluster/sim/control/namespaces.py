"""Namespaces: what each one has from birth, and their end with all that is in them."""

from typing import TYPE_CHECKING

from lab.cluster.sim.api.kinds import KIND, KINDS
from lab.cluster.sim.api.objects import Object, meta, name_of, stamp, uid
from lab.cluster.sim.control.common import delete

if TYPE_CHECKING:
    from lab.cluster.sim.control.backoff import Backoff

from lab.cluster.sim.plane.control_plane import ControlPlane

__all__ = ["equip", "reconcile"]

_CA_NOTE = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
    "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes "  # noqa: E501 -- as it is printed
    "clusters."
)


def reconcile(plane: ControlPlane, backoff: "Backoff", seen: dict[str, str], now: float) -> None:
    """Equip new namespaces and empty those that end."""
    del backoff, seen
    for namespace in plane.store.list(KIND["Namespace"]):
        if "deletionTimestamp" in meta(namespace):
            _end(plane, namespace)
        else:
            equip(plane, name_of(namespace), now)


def equip(plane: ControlPlane, namespace: str, now: float) -> None:
    """Give a namespace its service account and CA bundle."""
    if plane.store.get(KIND["ServiceAccount"], namespace, "default") is None:
        account: Object = {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": _meta("default", namespace, now),
        }
        plane.attempt(lambda: plane.store.create(KIND["ServiceAccount"], account))
    if plane.store.get(KIND["ConfigMap"], namespace, "kube-root-ca.crt") is None:
        bundle: Object = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                **_meta("kube-root-ca.crt", namespace, now),
                "annotations": {"kubernetes.io/description": _CA_NOTE},
            },
            "data": {"ca.crt": plane.machine.files.get("/etc/kubernetes/pki/ca.crt")},
        }
        plane.attempt(lambda: plane.store.create(KIND["ConfigMap"], bundle))


def _meta(name: str, namespace: str, now: float) -> Object:
    return {"name": name, "namespace": namespace, "uid": uid(), "creationTimestamp": stamp(now)}


def _end(plane: ControlPlane, namespace: Object) -> None:
    left = 0
    for kind in KINDS:
        if not kind.namespaced:
            continue
        for item in plane.store.list(kind, name_of(namespace)):
            left += 1
            if "deletionTimestamp" not in meta(item):
                delete(plane, kind.kind, item)
    if not left:
        plane.attempt(lambda: plane.store.delete(KIND["Namespace"], "", name_of(namespace)))
