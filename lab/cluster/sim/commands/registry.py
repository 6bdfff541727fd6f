"""Which commands a node's shell has, and which a container's."""

from importlib import import_module

from lab.cluster.sim.call import Command
from lab.cluster.sim.commands.deferred import Deferred
from lab.cluster.sim.commands.missing import absent, unmodelled
from lab.cluster.sim.commands.versions import versioned
from lab.cluster.sim.programfiles import UNMODELLED
from lab.cluster.sim.programfiles import absent as absent_names
from lab.cluster.sim.reading import SHELL
from lab.cluster.sim.runtime import Container
from lab.cluster.sim.session import KILL

__all__ = ["NODE_COMMANDS", "load_first", "pod_commands"]

_EVERYWHERE: dict[str, Command] = {
    SHELL: Deferred("shells", "bash"),
    "sleep": Deferred("basics", "sleep"),
    "timeout": Deferred("basics", "timeout"),
    "date": Deferred("dates", "date"),
    "head": Deferred("basics", "head"),
    "ln": Deferred("basics", "ln"),
    "ls": Deferred("listing", "ls"),
    "ps": Deferred("ps", "ps"),
    "hostname": Deferred("basics", "hostname"),
    "uname": Deferred("basics", "uname"),
    "id": Deferred("people", "identity"),
    "whoami": Deferred("people", "whoami"),
    "curl": Deferred("curl", "curl"),
    "getent": Deferred("resolving", "getent"),
}
#: What the images of pods have, and a node has not.
_PROBES: dict[str, Command] = {
    "nslookup": Deferred("resolving", "nslookup"),
    "dig": Deferred("resolving", "dig"),
    "ping": Deferred("resolving", "ping"),
    "wget": Deferred("resolving", "wget"),
}
_MODELLED: dict[str, Command] = {
    UNMODELLED: versioned(unmodelled, by_first_word=True),
    **dict.fromkeys(absent_names(), absent),
    **_EVERYWHERE,
    "kubectl": Deferred("kubectl.main", "kubectl"),
    "crictl": Deferred("crictl", "crictl"),
    "etcdctl": Deferred("etcdctl", "etcdctl"),
    "etcdutl": Deferred("etcdutl", "etcdutl"),
    "systemctl": Deferred("systemctl", "systemctl"),
    "journalctl": Deferred("journalctl", "journalctl"),
    "sysctl": Deferred("sysctl", "sysctl"),
    "vi": Deferred("screens", "edit"),
    "nano": Deferred("screens", "edit"),
    "less": Deferred("screens", "less"),
    "more": Deferred("screens", "less"),
    "watch": Deferred("screens", "watch"),
    "uptime": Deferred("usage", "uptime"),
    "w": Deferred("usage", "w"),
    "free": Deferred("usage", "free"),
    "top": Deferred("usage", "top"),
    "vmstat": Deferred("usage", "vmstat"),
    "mount": Deferred("disk", "mount"),
    "findmnt": Deferred("disk", "findmnt"),
    "mountpoint": Deferred("disk", "mountpoint"),
    "df": Deferred("disk", "df"),
    "du": Deferred("disk", "du"),
    "stat": Deferred("stat", "stat"),
    "which": Deferred("finding", "which"),
    "whereis": Deferred("finding", "whereis"),
    "hostnamectl": Deferred("bus", "hostnamectl"),
    "timedatectl": Deferred("bus", "timedatectl"),
    "loginctl": Deferred("bus", "loginctl"),
    "dmesg": Deferred("machine", "dmesg"),
    "logger": Deferred("machine", "logger"),
    "systemd-detect-virt": Deferred("machine", "virtualization"),
    "nsenter": Deferred("namespaces", "nsenter"),
    "tc": Deferred("links", "tc"),
    "ethtool": Deferred("links", "ethtool"),
    "conntrack": Deferred("links", "conntrack"),
    "nft": Deferred("links", "nft"),
    "ctr": Deferred("containerd", "ctr"),
    "containerd": Deferred("containerd", "containerd"),
    "runc": Deferred("containerd", "runc"),
    "kubeadm": Deferred("kubeadm", "kubeadm"),
    "who": Deferred("logins", "who"),
    "users": Deferred("logins", "users"),
    **dict.fromkeys(("last", "lastb"), Deferred("logins", "last")),
    "kubelet": Deferred("machine", "kubelet"),
    "pgrep": Deferred("signals", "pgrep"),
    "pkill": Deferred("signals", "pgrep"),
    "pidof": Deferred("signals", "pidof"),
    KILL: Deferred("signals", "kill"),
    "su": Deferred("machine", "su"),
    "openssl": Deferred("certificates", "openssl"),
    "service": Deferred("machine", "service"),
    "stty": Deferred("basics", "stty"),
    "reboot": Deferred("basics", "reboot"),
    "ip": Deferred("iproute", "ip"),
    "ss": Deferred("sockets", "ss"),
    "iptables": Deferred("iptables", "iptables"),
    "iptables-save": Deferred("iptables", "iptables_save"),
}
NODE_COMMANDS: dict[str, Command] = {
    name: command if name.startswith(".") or name in absent_names() else versioned(command)
    for name, command in _MODELLED.items()
}


#: The modules of what is asked of each new lab.
_FIRST = ("kubectl.main", "kubectl.write", "kubectl.wait", "kubectl.rollout", "kubectl.get", "crictl",
          "crictl_run", "resolving", "sysctl", "etcdctl", "etcdctl_status", "systemctl")  # fmt: skip


def load_first() -> None:
    """Load what is asked of each new lab, ahead of its being asked."""
    for module in _FIRST:
        import_module(f"{__package__}.{module}")


def pod_commands(container: Container) -> dict[str, Command]:
    """Return the commands that a container's image has; none for images with no shell."""
    if "agnhost" in container.image:
        return {**_EVERYWHERE, **_PROBES, "agnhost": Deferred("resolving", "agnhost"), "ip": _MODELLED["ip"]}
    if container.name in {"kube-proxy", "kindnet-cni"}:
        return {**_EVERYWHERE, **_PROBES, **_modelled("ip", "iptables", "iptables-save")}
    if container.name == "etcd":
        return _modelled("etcdctl", "etcdutl")
    return {}


def _modelled(*names: str) -> dict[str, Command]:
    return {name: _MODELLED[name] for name in names}
