"""Namespaces: their default objects, and their deletion with everything in them."""

from lab.cluster.sim.api.kinds import KINDS
from lab.cluster.sim.api.objects import Object, meta, name_of
from lab.cluster.sim.control.controller import Controller

__all__ = ["NamespaceController"]

_CA_NOTE = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
    "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes "  # noqa: E501 -- as it is printed
    "clusters."
)


class NamespaceController(Controller):
    """Equips new namespaces and empties terminating ones."""

    name = "namespace-controller"

    def reconcile(self, now: float) -> None:
        """Reconcile every namespace."""
        del now
        for namespace in self.client.list("Namespace"):
            if "deletionTimestamp" in meta(namespace):
                self._end(namespace)
            else:
                self.equip(name_of(namespace))

    def equip(self, namespace: str) -> None:
        """Give a namespace its service account and CA bundle."""
        if self.client.get("ServiceAccount", namespace, "default") is None:
            metadata: Object = {"name": "default", "namespace": namespace}
            self.client.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
        if self.client.get("ConfigMap", namespace, "kube-root-ca.crt") is None:
            metadata = {
                "name": "kube-root-ca.crt",
                "namespace": namespace,
                "annotations": {"kubernetes.io/description": _CA_NOTE},
            }
            data = {"ca.crt": self.plane.machine.files.get("/etc/kubernetes/pki/ca.crt")}
            self.client.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})

    def _end(self, namespace: Object) -> None:
        left = [
            item for kind in KINDS if kind.namespaced for item in self.client.list(kind.kind, name_of(namespace))
        ]
        for item in left:
            if "deletionTimestamp" not in meta(item):
                self.client.delete(item)
        if not left:
            self.client.finalize(namespace)
