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
    "id": Deferred("node.id", "identity"),
    "whoami": Deferred("node.whoami", "whoami"),
    "curl": Deferred("node.curl", "curl"),
    "getent": Deferred("node.getent", "getent"),
}
#: What the images of pods have, and a node has not.
_PROBES: dict[str, Command] = {
    "nslookup": Deferred("node.nslookup", "nslookup"),
    "dig": Deferred("node.dig", "dig"),
    "ping": Deferred("node.ping", "ping"),
    "wget": Deferred("node.wget", "wget"),
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
    "uptime": Deferred("node.uptime", "uptime"),
    "w": Deferred("node.w", "w"),
    "free": Deferred("node.free", "free"),
    "top": Deferred("node.top", "top"),
    "vmstat": Deferred("node.vmstat", "vmstat"),
    "mount": Deferred("node.mount", "mount"),
    "findmnt": Deferred("node.findmnt", "findmnt"),
    "mountpoint": Deferred("node.mountpoint", "mountpoint"),
    "df": Deferred("node.df", "df"),
    "du": Deferred("node.du", "du"),
    "stat": Deferred("node.stat", "stat"),
    "which": Deferred("node.which", "which"),
    "whereis": Deferred("node.whereis", "whereis"),
    "hostnamectl": Deferred("node.hostnamectl", "hostnamectl"),
    "timedatectl": Deferred("node.timedatectl", "timedatectl"),
    "loginctl": Deferred("node.loginctl", "loginctl"),
    "dmesg": Deferred("node.dmesg", "dmesg"),
    "logger": Deferred("node.logger", "logger"),
    "systemd-detect-virt": Deferred("node.systemd_detect_virt", "virtualization"),
    "nsenter": Deferred("node.namespaces", "nsenter"),
    "tc": Deferred("node.tc", "tc"),
    "ethtool": Deferred("node.ethtool", "ethtool"),
    "conntrack": Deferred("node.conntrack", "conntrack"),
    "nft": Deferred("node.nft", "nft"),
    "ctr": Deferred("node.ctr", "ctr"),
    "containerd": Deferred("node.containerd", "containerd"),
    "runc": Deferred("node.runc", "runc"),
    "kubeadm": Deferred("node.kubeadm", "kubeadm"),
    "who": Deferred("node.who", "who"),
    "users": Deferred("node.users", "users"),
    **dict.fromkeys(("last", "lastb"), Deferred("node.last", "last")),
    "kubelet": Deferred("node.kubelet", "kubelet"),
    "pgrep": Deferred("node.signals", "pgrep"),
    "pkill": Deferred("node.signals", "pgrep"),
    "pidof": Deferred("node.signals", "pidof"),
    KILL: Deferred("node.signals", "kill"),
    "su": Deferred("node.su", "su"),
    "openssl": Deferred("node.openssl", "openssl"),
    "service": Deferred("node.service", "service"),
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
    "node.getent",
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
        return {**_EVERYWHERE, **_PROBES, "agnhost": Deferred("node.agnhost", "agnhost"), "ip": _MODELLED["ip"]}
    if container.name in {"kube-proxy", "kindnet-cni"}:
        return {**_EVERYWHERE, **_PROBES, **_modelled("ip", "iptables", "iptables-save")}
    if container.name == "etcd":
        return _modelled("etcdctl", "etcdutl")
    return {}


def _modelled(*names: str) -> dict[str, Command]:
    return {name: _MODELLED[name] for name in names}
