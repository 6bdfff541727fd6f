"""A node's Node object: its lease, its conditions, and its description of the machine."""

from lab.cluster.sim.api.kinds import skeleton
from lab.cluster.sim.api.objects import Object, clone, conditions_set, dig, parse_time, stamp
from lab.cluster.sim.kubelet.log import KubeletLog
from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.plane.client import Client
from lab.cluster.sim.text.times import iso

__all__ = ["node_object", "renew"]

_EVERY = 10.0
_GOOD = {
    "MemoryPressure": ("KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    "DiskPressure": ("KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    "PIDPressure": ("KubeletHasSufficientPID", "kubelet has sufficient PID available"),
}


def node_object(machine: Machine, now: float, pods: int = 110) -> Object:
    """Return the Node object with which a kubelet registers that runs so many `pods`."""
    labels = {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": machine.name,
        "kubernetes.io/os": "linux",
    }
    spec: Object = {
        "podCIDR": machine.cidr,
        "podCIDRs": [machine.cidr],
        "providerID": f"kind://docker/{machine.cluster}/{machine.name}",
    }
    if machine.role == "control-plane":
        labels["node-role.kubernetes.io/control-plane"] = ""
        labels["node.kubernetes.io/exclude-from-external-load-balancers"] = ""
        spec["taints"] = [{"effect": "NoSchedule", "key": "node-role.kubernetes.io/control-plane"}]
    status: Object = {
        "addresses": [
            {"address": machine.ip, "type": "InternalIP"},
            {"address": machine.name, "type": "Hostname"},
        ],
        "allocatable": _capacity(pods),
        "capacity": _capacity(pods),
        "conditions": [],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": {
            "architecture": "amd64",
            "bootID": "5f0c3b4e-6f0e-4b3a-9d0b-0d7a8f6b1c2d",
            "containerRuntimeVersion": "containerd://1.6.20",
            "kernelVersion": "6.8.0-45-generic",
            "kubeProxyVersion": "",
            "kubeletVersion": "v1.34.4",
            "machineID": machine.machine_id,
            "operatingSystem": "linux",
            "osImage": "Debian GNU/Linux 12 (bookworm)",
            "systemUUID": machine.machine_id,
        },
    }
    _conditions(status, now)
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": machine.name,
            "uid": machine.clock.chance.uid(),
            "creationTimestamp": stamp(now),
            "labels": labels,
            "annotations": {
                "node.alpha.kubernetes.io/ttl": "0",
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
        },
        "spec": spec,
        "status": status,
    }


def _capacity(pods: int) -> Object:
    return {
        "cpu": "4",
        "ephemeral-storage": "61255492Ki",
        "hugepages-1Gi": "0",
        "hugepages-2Mi": "0",
        "memory": "8139236Ki",
        "pods": str(pods),
    }


def _conditions(status: Object, now: float) -> None:
    for kind, (reason, message) in _GOOD.items():
        conditions_set(status, kind, "False", now, reason=reason, message=message)
    conditions_set(status, "Ready", "True", now, reason="KubeletReady", message="kubelet is posting ready status")


def renew(client: Client, machine: Machine, log: KubeletLog, now: float, pods: int) -> None:
    """Renew the node's lease every ten seconds; write its conditions and its room for `pods` if they changed."""
    lease = client.get("Lease", "kube-node-lease", machine.name)
    if lease is None:
        fresh = skeleton("Lease", machine.name)
        fresh["metadata"]["namespace"] = "kube-node-lease"
        fresh["spec"] = {"holderIdentity": machine.name, "leaseDurationSeconds": 40, "renewTime": iso(now)}
        client.create(fresh)
    elif now - parse_time(dig(lease, "spec", "renewTime")) < _EVERY - 0.5:
        return
    else:
        answer = client.update({**lease, "spec": {**lease["spec"], "renewTime": iso(now)}})
        if not answer.ok:
            log.write("E", "controller.go:195", f'"Failed to update lease" err="{answer.body["message"]}"')
    _refresh(client, machine, now, pods)


def _refresh(client: Client, machine: Machine, now: float, pods: int) -> None:
    item = client.get("Node", "", machine.name)
    if item is None:
        client.create(node_object(machine, now, pods))
        return
    status = clone(item["status"])
    for field in ("allocatable", "capacity"):
        status[field]["pods"] = str(pods)
    _conditions(status, now)
    client.update_status(item, status)
