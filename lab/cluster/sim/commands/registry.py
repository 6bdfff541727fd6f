"""Which commands a node's shell has, and which a container's."""

from importlib import import_module

from lab.cluster.sim.commands.deferred import Deferred
from lab.cluster.sim.commands.node.missing import absent, unmodelled
from lab.cluster.sim.commands.node.versions import versioned
from lab.cluster.sim.machine.program_files import UNMODELLED
from lab.cluster.sim.machine.program_files import absent as absent_names
from lab.cluster.sim.machine.runtime import Container
from lab.cluster.sim.shell.call import Command
from lab.cluster.sim.shell.input_needs import SHELL
from lab.cluster.sim.shell.session import KILL

__all__ = ["NODE_COMMANDS", "load_first", "pod_commands"]

_EVERYWHERE: dict[str, Command] = {
    SHELL: Deferred("node.bash", "bash"),
    "sleep": Deferred("node.basics", "sleep"),
    "timeout": Deferred("node.basics", "timeout"),
    "date": Deferred("node.date", "date"),
    "head": Deferred("node.basics", "head"),
    "ln": Deferred("node.basics", "ln"),
    "ls": Deferred("node.ls", "ls"),
    "ps": Deferred("node.ps", "ps"),
    "hostname": Deferred("node.basics", "hostname"),
    "uname": Deferred("node.basics", "uname"),
    "id": Deferred("node.identity", "identity"),
    "whoami": Deferred("node.identity", "whoami"),
    "curl": Deferred("node.curl", "curl"),
    "getent": Deferred("node.names", "getent"),
}
#: What the images of pods have, and a node has not.
_PROBES: dict[str, Command] = {
    "nslookup": Deferred("node.names", "nslookup"),
    "dig": Deferred("node.names", "dig"),
    "ping": Deferred("node.names", "ping"),
    "wget": Deferred("node.names", "wget"),
}
_MODELLED: dict[str, Command] = {
    UNMODELLED: versioned(unmodelled, by_first_word=True),
    **dict.fromkeys(absent_names(), absent),
    **_EVERYWHERE,
    "kubectl": Deferred("kubectl.main", "kubectl"),
    "crictl": Deferred("crictl.main", "crictl"),
    "etcdctl": Deferred("etcdctl.main", "etcdctl"),
    "etcdutl": Deferred("etcdctl.etcdutl", "etcdutl"),
    "systemctl": Deferred("node.systemctl", "systemctl"),
    "journalctl": Deferred("node.journalctl", "journalctl"),
    "sysctl": Deferred("node.sysctl", "sysctl"),
    **dict.fromkeys(("vi", "vim.tiny", "view", "rview"), Deferred("node.editors", "vi")),
    **dict.fromkeys(("nano", "rnano", "pico", "editor"), Deferred("node.editors", "nano")),
    "less": Deferred("node.screens", "less"),
    "more": Deferred("node.screens", "less"),
    "watch": Deferred("node.screens", "watch"),
    "uptime": Deferred("node.usage", "uptime"),
    "w": Deferred("node.usage", "w"),
    "free": Deferred("node.usage", "free"),
    "top": Deferred("node.usage", "top"),
    "vmstat": Deferred("node.usage", "vmstat"),
    "mount": Deferred("node.disk", "mount"),
    "findmnt": Deferred("node.disk", "findmnt"),
    "mountpoint": Deferred("node.disk", "mountpoint"),
    "df": Deferred("node.disk", "df"),
    "du": Deferred("node.disk", "du"),
    "stat": Deferred("node.stat", "stat"),
    "which": Deferred("node.which", "which"),
    "whereis": Deferred("node.which", "whereis"),
    "hostnamectl": Deferred("node.bus", "hostnamectl"),
    "timedatectl": Deferred("node.bus", "timedatectl"),
    "loginctl": Deferred("node.bus", "loginctl"),
    "dmesg": Deferred("node.system", "dmesg"),
    "logger": Deferred("node.system", "logger"),
    "systemd-detect-virt": Deferred("node.system", "virtualization"),
    "nsenter": Deferred("node.namespaces", "nsenter"),
    "tc": Deferred("node.links", "tc"),
    "ethtool": Deferred("node.links", "ethtool"),
    "conntrack": Deferred("node.links", "conntrack"),
    "nft": Deferred("node.links", "nft"),
    "ctr": Deferred("node.containerd", "ctr"),
    "containerd": Deferred("node.containerd", "containerd"),
    "runc": Deferred("node.containerd", "runc"),
    "kubeadm": Deferred("node.kubeadm", "kubeadm"),
    "who": Deferred("node.logins", "who"),
    "users": Deferred("node.logins", "users"),
    **dict.fromkeys(("last", "lastb"), Deferred("node.logins", "last")),
    "kubelet": Deferred("node.system", "kubelet"),
    "pgrep": Deferred("node.signals", "pgrep"),
    "pkill": Deferred("node.signals", "pgrep"),
    "pidof": Deferred("node.signals", "pidof"),
    KILL: Deferred("node.signals", "kill"),
    "su": Deferred("node.system", "su"),
    "openssl": Deferred("node.openssl", "openssl"),
    "service": Deferred("node.system", "service"),
    "stty": Deferred("node.basics", "stty"),
    "reboot": Deferred("node.basics", "reboot"),
    "ip": Deferred("node.ip", "ip"),
    "ss": Deferred("node.ss", "ss"),
    "iptables": Deferred("node.iptables", "iptables"),
    "iptables-save": Deferred("node.iptables", "iptables_save"),
}
NODE_COMMANDS: dict[str, Command] = {
    name: command if name.startswith(".") or name in absent_names() else versioned(command)
    for name, command in _MODELLED.items()
}


#: The modules of what is asked of each new lab.
_FIRST = (
    "kubectl.main",
    "kubectl.write",
    "kubectl.wait",
    "kubectl.rollout",
    "kubectl.get",
    "crictl.main",
    "crictl.run",
    "node.names",
    "node.sysctl",
    "etcdctl.main",
    "etcdctl.status",
    "node.systemctl",
)


def load_first() -> None:
    """Load what is asked of each new lab, ahead of its being asked."""
    for module in _FIRST:
        import_module(f"{__package__}.{module}")


def pod_commands(container: Container) -> dict[str, Command]:
    """Return the commands that a container's image has; none for images with no shell."""
    if "agnhost" in container.image:
        return {**_EVERYWHERE, **_PROBES, "agnhost": Deferred("node.names", "agnhost"), "ip": _MODELLED["ip"]}
    if container.name in {"kube-proxy", "kindnet-cni"}:
        return {**_EVERYWHERE, **_PROBES, **_modelled("ip", "iptables", "iptables-save")}
    if container.name == "etcd":
        return _modelled("etcdctl", "etcdutl")
    return {}


def _modelled(*names: str) -> dict[str, Command]:
    return {name: _MODELLED[name] for name in names}
