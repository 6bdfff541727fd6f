"""Which commands a node's shell has, and which a container's."""

from importlib import import_module

from lab.cluster.sim.bash.running.deferred import Deferred
from lab.cluster.sim.bash.running.place import Command
from lab.cluster.sim.bash.tools.catalog import TOOLS
from lab.cluster.sim.commands.node.missing import unmodelled
from lab.cluster.sim.commands.node.standard_options import standard
from lab.cluster.sim.commands.node.versions import versioned
from lab.cluster.sim.machine.program_files import UNMODELLED
from lab.cluster.sim.machine.runtime import Container

__all__ = ["NODE_COMMANDS", "load_first", "pod_commands"]

_HERE = "lab.cluster.sim.commands"
_EVERYWHERE: dict[str, Command] = {
    **TOOLS,
    "date": Deferred(f"{_HERE}.node.date", "date"),
    "ls": Deferred(f"{_HERE}.node.ls", "ls"),
    "ps": Deferred(f"{_HERE}.node.ps", "ps"),
    "hostname": Deferred(f"{_HERE}.node.hostname", "hostname"),
    "uname": Deferred(f"{_HERE}.node.uname", "uname"),
    "id": Deferred(f"{_HERE}.node.id", "identity"),
    "whoami": Deferred(f"{_HERE}.node.whoami", "whoami"),
    "curl": Deferred(f"{_HERE}.node.curl", "curl"),
    "getent": Deferred(f"{_HERE}.node.getent", "getent"),
}
#: Programs of pods' images that a node does not have.
_PROBES: dict[str, Command] = {
    "nslookup": Deferred(f"{_HERE}.node.nslookup", "nslookup"),
    "dig": Deferred(f"{_HERE}.node.dig", "dig"),
    "ping": Deferred(f"{_HERE}.node.ping", "ping"),
    "wget": Deferred(f"{_HERE}.node.wget", "wget"),
}
_MODELLED: dict[str, Command] = {
    UNMODELLED: versioned(unmodelled, by_first_word=True),
    **_EVERYWHERE,
    "kubectl": Deferred(f"{_HERE}.kubectl.main", "kubectl"),
    "crictl": Deferred(f"{_HERE}.crictl.main", "crictl"),
    "etcdctl": Deferred(f"{_HERE}.etcdctl.main", "etcdctl"),
    "etcdutl": Deferred(f"{_HERE}.etcdctl.etcdutl", "etcdutl"),
    "systemctl": Deferred(f"{_HERE}.node.systemctl", "systemctl"),
    "journalctl": Deferred(f"{_HERE}.node.journalctl", "journalctl"),
    "sysctl": Deferred(f"{_HERE}.node.sysctl", "sysctl"),
    **dict.fromkeys(("vi", "vim.tiny", "view", "rview"), Deferred(f"{_HERE}.node.vi", "vi")),
    **dict.fromkeys(("nano", "rnano", "pico", "editor"), Deferred(f"{_HERE}.node.nano", "nano")),
    "less": Deferred(f"{_HERE}.node.less", "less"),
    "more": Deferred(f"{_HERE}.node.less", "less"),
    "watch": Deferred(f"{_HERE}.node.watch", "watch"),
    "uptime": Deferred(f"{_HERE}.node.uptime", "uptime"),
    "w": Deferred(f"{_HERE}.node.w", "w"),
    "free": Deferred(f"{_HERE}.node.free", "free"),
    "top": Deferred(f"{_HERE}.node.top", "top"),
    "vmstat": Deferred(f"{_HERE}.node.vmstat", "vmstat"),
    "mount": Deferred(f"{_HERE}.node.mount", "mount"),
    "findmnt": Deferred(f"{_HERE}.node.findmnt", "findmnt"),
    "mountpoint": Deferred(f"{_HERE}.node.mountpoint", "mountpoint"),
    "df": Deferred(f"{_HERE}.node.df", "df"),
    "du": Deferred(f"{_HERE}.node.du", "du"),
    "stat": Deferred(f"{_HERE}.node.stat", "stat"),
    "which": Deferred(f"{_HERE}.node.which", "which"),
    "whereis": Deferred(f"{_HERE}.node.whereis", "whereis"),
    "hostnamectl": Deferred(f"{_HERE}.node.hostnamectl", "hostnamectl"),
    "timedatectl": Deferred(f"{_HERE}.node.timedatectl", "timedatectl"),
    "loginctl": Deferred(f"{_HERE}.node.loginctl", "loginctl"),
    "dmesg": Deferred(f"{_HERE}.node.dmesg", "dmesg"),
    "logger": Deferred(f"{_HERE}.node.logger", "logger"),
    "systemd-detect-virt": Deferred(f"{_HERE}.node.systemd_detect_virt", "virtualization"),
    "nsenter": Deferred(f"{_HERE}.node.nsenter", "nsenter"),
    "tc": Deferred(f"{_HERE}.node.tc", "tc"),
    "ethtool": Deferred(f"{_HERE}.node.ethtool", "ethtool"),
    "conntrack": Deferred(f"{_HERE}.node.conntrack", "conntrack"),
    "nft": Deferred(f"{_HERE}.node.nft", "nft"),
    "ctr": Deferred(f"{_HERE}.node.ctr", "ctr"),
    "containerd": Deferred(f"{_HERE}.node.containerd", "containerd"),
    "runc": Deferred(f"{_HERE}.node.runc", "runc"),
    "kubeadm": Deferred(f"{_HERE}.node.kubeadm", "kubeadm"),
    "who": Deferred(f"{_HERE}.node.who", "who"),
    "users": Deferred(f"{_HERE}.node.users", "users"),
    **dict.fromkeys(("last", "lastb"), Deferred(f"{_HERE}.node.last", "last")),
    "kubelet": Deferred(f"{_HERE}.node.kubelet", "kubelet"),
    "pgrep": Deferred(f"{_HERE}.node.pgrep", "pgrep"),
    "pkill": Deferred(f"{_HERE}.node.pgrep", "pgrep"),
    "pidof": Deferred(f"{_HERE}.node.pidof", "pidof"),
    "su": Deferred(f"{_HERE}.node.su", "su"),
    "openssl": Deferred(f"{_HERE}.openssl.main", "openssl"),
    "service": Deferred(f"{_HERE}.node.service", "service"),
    "stty": Deferred(f"{_HERE}.node.stty", "stty"),
    "reboot": Deferred(f"{_HERE}.node.reboot", "reboot"),
    "ip": Deferred(f"{_HERE}.node.ip", "ip"),
    "ss": Deferred(f"{_HERE}.node.ss", "ss"),
    "iptables": Deferred(f"{_HERE}.node.iptables", "iptables"),
    "iptables-save": Deferred(f"{_HERE}.node.iptables", "iptables_save"),
}
NODE_COMMANDS: dict[str, Command] = {
    name: command if name.startswith(".") else versioned(standard(name, command))
    for name, command in _MODELLED.items()
}
_POD_COMMANDS: dict[str, Command] = {
    name: versioned(command) for name, command in {**_EVERYWHERE, **_PROBES}.items()
}


#: The modules that each new lab uses.
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
    """Load the modules that each new lab uses, in advance."""
    for module in _FIRST:
        import_module(f"{__package__}.{module}")


def pod_commands(container: Container) -> dict[str, Command]:
    """Return the programs of a container's image; nothing for images without a shell."""
    if "agnhost" in container.image:
        return {
            **_POD_COMMANDS,
            "agnhost": Deferred(f"{_HERE}.node.agnhost", "agnhost"),
            **_modelled("ip"),
        }
    if container.name in {"kube-proxy", "kindnet-cni"}:
        return {**_POD_COMMANDS, **_modelled("ip", "iptables", "iptables-save")}
    if container.name == "etcd":
        return _modelled("etcdctl", "etcdutl")
    return {}


def _modelled(*names: str) -> dict[str, Command]:
    return {name: NODE_COMMANDS[name] for name in names}
