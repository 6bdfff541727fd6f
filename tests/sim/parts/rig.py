"""Parts of the simulator, put together by hand: two machines and a control plane on a turned clock, no shell."""

from typing import Any

from lab.cluster.sim.api.kinds import KIND, skeleton
from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.kubelet.kubelet import Kubelet
from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.machine.runtime import Container, Sandbox
from lab.cluster.sim.network.flows import Network
from lab.cluster.sim.plane.client import Client
from lab.cluster.sim.plane.control_plane import ControlPlane
from lab.cluster.sim.timing.clock import Clock

__all__ = ["AGNHOST", "CONFIGURATION", "START", "Rig", "pod"]

#: A Saturday, 08:00:00.
START = 1764403200.0
_UNIT = (
    "[Service]\nExecStart=/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml\nRestart=always\nRestartSec=1s\n"
)
#: The kubelet's configuration file of a machine.
CONFIGURATION = """\
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failSwapOn: false
staticPodPath: /etc/kubernetes/manifests
"""
AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.53"


def pod(name: str, namespace: str = "default", *, labels: dict[str, str] | None = None, **spec: Any) -> Object:
    """Return a pod with one container that serves HTTP on port 8080."""
    container = {"name": "main", "image": AGNHOST, "args": ["netexec"]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels or {}},
        "spec": {"containers": [container], **spec},
    }


class Rig:
    """A control plane and a worker. Only things that a test starts run; `advance` lets time pass for them."""

    def __init__(self) -> None:
        self.clock = Clock(turned=True, start=START)
        self.first = Machine("k5", "k5-control-plane", "control-plane", 0, self.clock)
        self.worker = Machine("k5", "k5-worker", "worker", 1, self.clock)
        self.machines = {machine.name: machine for machine in (self.first, self.worker)}
        for machine in self.machines.values():
            machine.runtime.images = [AGNHOST]
            machine.files.write("/proc/sys/net/ipv4/ip_forward", "1\n")
            machine.files.write("/proc/sys/net/ipv4/conf/all/forwarding", "1\n")
            machine.files.mkdir("/etc/kubernetes/manifests")
            machine.files.mkdir("/var/log/containers")
            machine.files.write("/etc/systemd/system/kubelet.service", _UNIT)
            machine.files.write("/var/lib/kubelet/config.yaml", CONFIGURATION)
            machine.files.write("/lib/systemd/system/containerd.service", "[Service]\nExecStart=/bin/containerd\n")
            machine.systemd.start("containerd.service")
        self.plane = ControlPlane(self.first)
        self.network = Network(self.plane, self.machines)
        self.kubelets: list[Kubelet] = []
        for name in ("default", "kube-system", "kube-node-lease"):
            self.plane.store.create(KIND["Namespace"], skeleton("Namespace", name))
            account = skeleton("ServiceAccount", "default")
            account["metadata"]["namespace"] = name
            self.plane.store.create(KIND["ServiceAccount"], account)
        self.clock.attach(self)

    # The clock's interface

    def next_due(self) -> float:
        """Return the time of the next kubelet that is due."""
        return min((kubelet.due for kubelet in self.kubelets), default=float("inf"))

    def run_due(self, now: float) -> None:
        """Run the kubelets that are due."""
        for kubelet in self.kubelets:
            if kubelet.due <= now:
                kubelet.due = float("inf")
                kubelet.run(now)
        self.plane.track()
        self.network.refresh()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(seconds)
        self.plane.track()
        self.network.refresh()

    # The running parts

    @property
    def admin(self) -> Client:
        """The API server as an administrator uses it."""
        return self.plane.client("kubernetes-admin")

    def serve(self) -> None:
        """Start etcd and the API server."""
        for name in ("etcd", "kube-apiserver"):
            self.program(self.first, name).ready_at = START
        self.advance(5)

    def program(self, machine: Machine, name: str) -> Container:
        """Run a container called `name` on the machine's own network, without a kubelet."""
        sandbox = self.sandbox(machine, pod(name, "kube-system", hostNetwork=True), ip=machine.ip)
        return machine.runtime.create(sandbox, {"name": name, "image": name}, self.clock.now(), 0)

    def sandbox(self, machine: Machine, item: Object, *, ip: str = "") -> Sandbox:
        """Make the sandbox of a pod."""
        made = {**item, "metadata": {"uid": item["metadata"]["name"], **item["metadata"]}}
        return machine.runtime.run_sandbox(made, self.clock.now(), ip=ip)

    def running(self, machine: Machine, item: Object) -> Sandbox:
        """Run a pod with its containers, without a kubelet."""
        sandbox = self.sandbox(machine, item)
        for spec in item["spec"]["containers"]:
            machine.runtime.create(sandbox, spec, self.clock.now(), 0)
        return sandbox

    def kubelet(self, machine: Machine) -> Kubelet:
        """Start a kubelet on a machine."""
        kubelet = Kubelet(self.plane, machine)
        machine.systemd.services["kubelet.service"] = kubelet
        self.kubelets.append(kubelet)
        kubelet.start()
        return kubelet
