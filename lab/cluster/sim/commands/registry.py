"""Which commands a node's shell has, and which a container's."""

from lab.cluster.sim.call import Command
from lab.cluster.sim.commands import (
    basics,
    bus,
    containerd,
    disk,
    finding,
    links,
    logins,
    machine,
    people,
    resolving,
    screens,
    signals,
    usage,
)
from lab.cluster.sim.commands.certificates import openssl
from lab.cluster.sim.commands.crictl import crictl
from lab.cluster.sim.commands.curl import curl
from lab.cluster.sim.commands.dates import date
from lab.cluster.sim.commands.etcdctl import etcdctl
from lab.cluster.sim.commands.etcdutl import etcdutl
from lab.cluster.sim.commands.iproute import ip
from lab.cluster.sim.commands.iptables import iptables, iptables_save
from lab.cluster.sim.commands.journalctl import journalctl
from lab.cluster.sim.commands.kubeadm import kubeadm
from lab.cluster.sim.commands.kubectl.main import kubectl
from lab.cluster.sim.commands.listing import ls
from lab.cluster.sim.commands.missing import absent, unmodelled
from lab.cluster.sim.commands.namespaces import nsenter
from lab.cluster.sim.commands.ps import ps
from lab.cluster.sim.commands.shells import bash
from lab.cluster.sim.commands.sockets import ss
from lab.cluster.sim.commands.stat import stat
from lab.cluster.sim.commands.sysctl import sysctl
from lab.cluster.sim.commands.systemctl import systemctl
from lab.cluster.sim.commands.versions import versioned
from lab.cluster.sim.programfiles import UNMODELLED
from lab.cluster.sim.programfiles import absent as absent_names
from lab.cluster.sim.reading import SHELL
from lab.cluster.sim.runtime import Container
from lab.cluster.sim.session import KILL

__all__ = ["NODE_COMMANDS", "pod_commands"]

_EVERYWHERE: dict[str, Command] = {
    SHELL: bash,
    "sleep": basics.sleep,
    "timeout": basics.timeout,
    "date": date,
    "head": basics.head,
    "ln": basics.ln,
    "ls": ls,
    "ps": ps,
    "hostname": basics.hostname,
    "uname": basics.uname,
    "id": people.identity,
    "whoami": people.whoami,
    "curl": curl,
    "getent": resolving.getent,
}
#: What the images of pods have, and a node has not.
_PROBES: dict[str, Command] = {
    "nslookup": resolving.nslookup,
    "dig": resolving.dig,
    "ping": resolving.ping,
    "wget": resolving.wget,
}
_MODELLED: dict[str, Command] = {
    UNMODELLED: versioned(unmodelled, by_first_word=True),
    **dict.fromkeys(absent_names(), absent),
    **_EVERYWHERE,
    "kubectl": kubectl,
    "crictl": crictl,
    "etcdctl": etcdctl,
    "etcdutl": etcdutl,
    "systemctl": systemctl,
    "journalctl": journalctl,
    "sysctl": sysctl,
    "vi": screens.edit,
    "nano": screens.edit,
    "less": screens.less,
    "more": screens.less,
    "watch": screens.watch,
    "uptime": usage.uptime,
    "w": usage.w,
    "free": usage.free,
    "top": usage.top,
    "vmstat": usage.vmstat,
    "mount": disk.mount,
    "findmnt": disk.findmnt,
    "mountpoint": disk.mountpoint,
    "df": disk.df,
    "du": disk.du,
    "stat": stat,
    "which": finding.which,
    "whereis": finding.whereis,
    "hostnamectl": bus.hostnamectl,
    "timedatectl": bus.timedatectl,
    "loginctl": bus.loginctl,
    "dmesg": machine.dmesg,
    "logger": machine.logger,
    "systemd-detect-virt": machine.virtualization,
    "nsenter": nsenter,
    "tc": links.tc,
    "ethtool": links.ethtool,
    "conntrack": links.conntrack,
    "nft": links.nft,
    "ctr": containerd.ctr,
    "containerd": containerd.containerd,
    "runc": containerd.runc,
    "kubeadm": kubeadm,
    "who": logins.who,
    "users": logins.users,
    **dict.fromkeys(("last", "lastb"), logins.last),
    "kubelet": machine.kubelet,
    "pgrep": signals.pgrep,
    "pkill": signals.pgrep,
    "pidof": signals.pidof,
    KILL: signals.kill,
    "su": machine.su,
    "openssl": openssl,
    "service": machine.service,
    "stty": basics.stty,
    "reboot": basics.reboot,
    "ip": ip,
    "ss": ss,
    "iptables": iptables,
    "iptables-save": iptables_save,
}
NODE_COMMANDS: dict[str, Command] = {
    name: command if name.startswith(".") or name in absent_names() else versioned(command)
    for name, command in _MODELLED.items()
}


def pod_commands(container: Container) -> dict[str, Command]:
    """Return the commands that a container's image has; none for images with no shell."""
    if "agnhost" in container.image:
        return {**_EVERYWHERE, **_PROBES, "agnhost": resolving.agnhost, "ip": ip}
    if container.name in {"kube-proxy", "kindnet-cni"}:
        return {**_EVERYWHERE, **_PROBES, "ip": ip, "iptables": iptables, "iptables-save": iptables_save}
    if container.name == "etcd":
        return {"etcdctl": etcdctl, "etcdutl": etcdutl}
    return {}
