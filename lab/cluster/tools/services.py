"""The two services without which no pod runs on a node: the container runtime and the kubelet."""

from lab.cluster.base import Node

__all__ = ["SETTINGS", "UNITS", "run", "start"]

#: The folder of their units.
UNITS = "/etc/systemd/system"
#: Files that they read at their start, besides their units.
SETTINGS = (
    "/var/lib/kubelet/config.yaml",
    "/var/lib/kubelet/kubeadm-flags.env",
    "/etc/containerd/config.toml",
    "/etc/crictl.yaml",
)
_RUN = (
    "systemctl is-active -q containerd && systemctl is-active -q kubelet &&"
    " systemctl is-enabled -q containerd kubelet"
)
#: systemd no longer tries to start a service that failed often with damaged settings.
_START = (
    "systemctl daemon-reload; systemctl reset-failed containerd kubelet 2>/dev/null;"
    " systemctl enable -q containerd kubelet && systemctl start containerd && systemctl restart kubelet || exit;"
    " for _ in $(seq 100); do crictl info >/dev/null 2>&1 && exit; sleep 0.2; done; crictl info"
)


def run(node: Node) -> bool:
    """Whether both services run, and start at the next boot."""
    return node.run(["bash", "-c", _RUN]).ok


def start(node: Node) -> None:
    """Enable and start both services, and wait until the runtime answers.

    Raises:
        CommandError: a service does not start.

    """
    node.run(["bash", "-c", _START], timeout=90).check()
