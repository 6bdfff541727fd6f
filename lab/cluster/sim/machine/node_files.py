"""The files of a new node that a trainee or a check may read."""

import functools
from collections.abc import Mapping
from pathlib import Path

from lab.cluster.sim.machine.file_sizes import WAL
from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.machine import Machine

__all__ = ["write"]

_FOLDERS = (
    "/bin",
    "/boot",
    "/dev",
    "/dev/shm",  # noqa: S108 -- a folder of the simulated node
    "/etc",
    "/home",
    "/kind",
    "/lib",
    "/media",
    "/mnt",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/srv",
    "/sys",
    "/tmp",  # noqa: S108 -- a folder of the simulated node
    "/usr",
    "/usr/local/sbin",
    "/var",
    "/var/log",
    "/var/log/pods",
    "/var/log/containers",
    "/var/lib/kubelet/pods",
    "/var/lib/containerd",
    "/etc/systemd/system/multi-user.target.wants",
    "/etc/sysctl.d",
    "/usr/lib/sysctl.d",
    "/etc/cni/net.d",
)
_CNI_PLUGINS = ("host-local", "loopback", "portmap", "ptp")
#: Links in /etc/systemd/system of Debian's image: to nothing, or to units that do nothing in a container.
_UNITS = (
    "console-getty.service",
    "default.target",
    "dev-hugepages.mount",
    "getty@.service",
    "sys-fs-fuse-connections.mount",
    "systemd-remount-fs.service",
    "systemd-udevd.service",
)
_NETWORK = """\
# Pods' questions to Docker's DNS server end on the node's loopback.
net.ipv4.conf.all.route_localnet = 1
# A strict host must not keep the CNI plugin ptp's /32 addresses from being answered for.
net.ipv4.conf.all.arp_ignore = 0
"""
_PROTECTED = "".join(
    f"fs.protected_{what} = {value}\n"
    for what, value in (("fifos", 1), ("hardlinks", 1), ("regular", 2), ("symlinks", 1))
)
_CLEAN = """\
[Unit]
Description=Daily Cleanup of Temporary Directories

[Timer]
OnBootSec=15min
OnUnitActiveSec=1d
"""
_CLEANING = """\
[Unit]
Description=Cleanup of Temporary Directories

[Service]
Type=oneshot
ExecStart=/bin/true
"""
_SYSCTLS = {
    "net/ipv4/ip_forward": "1",
    "net/ipv4/ip_forward_update_priority": "1",
    "net/ipv4/ip_forward_use_pmtu": "0",
    "net/ipv4/conf/all/forwarding": "1",
    "net/ipv4/conf/default/forwarding": "1",
    "net/ipv4/conf/eth0/forwarding": "1",
    "net/ipv4/conf/lo/forwarding": "1",
    "net/ipv4/tcp_syncookies": "1",
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/all/arp_ignore": "0",
    "net/ipv4/conf/all/route_localnet": "1",
    "fs/protected_fifos": "1",
    "fs/protected_hardlinks": "1",
    "fs/protected_regular": "2",
    "fs/protected_symlinks": "1",
    "net/ipv4/ip_local_port_range": "32768\t60999",
    "net/ipv4/tcp_keepalive_time": "7200",
    "net/ipv4/vs/conn_reuse_mode": "1",
    "net/ipv6/conf/all/forwarding": "0",
    "net/ipv6/conf/all/disable_ipv6": "0",
    "net/ipv6/conf/default/forwarding": "0",
    "net/bridge/bridge-nf-call-iptables": "1",
    "net/core/somaxconn": "4096",
    "net/netfilter/nf_conntrack_max": "131072",
    "kernel/hostname": "",
    "kernel/osrelease": "6.8.0-45-generic",
    "kernel/ostype": "Linux",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/pid_max": "4194304",
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "vm/swappiness": "60",
    "vm/max_map_count": "1048576",
    "fs/file-max": "9223372036854775807",
    "fs/inotify/max_user_instances": "512",
    "fs/inotify/max_user_watches": "524288",
}
_OS_RELEASE = """\
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
SUPPORT_URL="https://www.debian.org/support"
BUG_REPORT_URL="https://bugs.debian.org/"
"""
_KUBELET_UNIT = """\
[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/
ConditionPathExists=/var/lib/kubelet/config.yaml
After=containerd.service

[Service]
ExecStartPre=/kind/bin/kubelet-cgroups
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=1s
CPUAccounting=true
MemoryAccounting=true
Slice=kubelet.slice
KillMode=process

[Install]
WantedBy=multi-user.target
"""
_KUBEADM_DROP_IN = """\
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS --cgroup-root=/kubelet --runtime-cgroups=/system.slice/containerd.service
"""  # noqa: E501 -- as it is printed
_CONTAINERD_UNIT = """\
[Unit]
Description=containerd container runtime
Documentation=https://containerd.io
After=network.target local-fs.target dbus.service

[Service]
ExecStartPre=-/sbin/modprobe overlay
ExecStart=/usr/local/bin/containerd
Type=notify
Delegate=yes
KillMode=process
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
"""
_SYSCTL_UNIT = """\
[Unit]
Description=Apply Kernel Variables
Documentation=man:systemd-sysctl.service(8) man:sysctl.d(5)
DefaultDependencies=no
Conflicts=shutdown.target
After=systemd-modules-load.service
Before=sysinit.target shutdown.target
ConditionPathIsReadWrite=/proc/sys/net/

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/lib/systemd/systemd-sysctl
TimeoutSec=90s
LoadCredential=sysctl.extra
"""
_KUBELET_CONFIG = """\
apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: false
  webhook:
    cacheTTL: 0s
    enabled: true
  x509:
    clientCAFile: /etc/kubernetes/pki/ca.crt
authorization:
  mode: Webhook
  webhook:
    cacheAuthorizedTTL: 0s
    cacheUnauthorizedTTL: 0s
cgroupDriver: systemd
cgroupRoot: /kubelet
clusterDNS:
- 10.96.0.10
clusterDomain: cluster.local
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cpuManagerReconcilePeriod: 0s
crashLoopBackOff: {}
evictionHard:
  imagefs.available: 0%
  nodefs.available: 0%
  nodefs.inodesFree: 0%
evictionPressureTransitionPeriod: 0s
failSwapOn: false
fileCheckFrequency: 0s
healthzBindAddress: 127.0.0.1
healthzPort: 10248
httpCheckFrequency: 0s
imageGCHighThresholdPercent: 100
imageMaximumGCAge: 0s
imageMinimumGCAge: 0s
kind: KubeletConfiguration
logging:
  flushFrequency: 0
  options:
    json:
      infoBufferSize: "0"
    text:
      infoBufferSize: "0"
  verbosity: 0
memorySwap: {}
nodeStatusReportFrequency: 0s
nodeStatusUpdateFrequency: 0s
rotateCertificates: true
runtimeRequestTimeout: 0s
shutdownGracePeriod: 0s
shutdownGracePeriodCriticalPods: 0s
staticPodPath: /etc/kubernetes/manifests
streamingConnectionIdleTimeout: 0s
syncFrequency: 0s
volumeStatsAggPeriod: 0s
"""
_BASHRC = """\
# ~/.bashrc: executed by bash(1) for non-login shells.
alias k=kubectl
alias ll='ls -l'
export EDITOR=vi
"""
_CNI = """\
{
\t"cniVersion": "0.3.1",
\t"name": "kindnet",
\t"plugins": [
\t{
\t\t"type": "ptp",
\t\t"ipMasq": false,
\t\t"ipam": {
\t\t\t"type": "host-local",
\t\t\t"dataDir": "/run/cni-ipam-state",
\t\t\t"routes": [ { "dst": "0.0.0.0/0" } ],
\t\t\t"ranges": [ [ { "subnet": "SUBNET" } ] ]
\t\t},
\t\t"mtu": 1500
\t},
\t{
\t\t"type": "portmap",
\t\t"capabilities": { "portMappings": true }
\t}
\t]
}
"""


def write(machine: Machine) -> None:
    """Write the files of a new node, without its programs."""
    files = machine.files
    for folder in _FOLDERS:
        files.mkdir(folder)
    files.system.chmod("/tmp", 0o1777)  # noqa: S108 -- the simulated node's
    files.system.chmod("/root", 0o700)
    for name, value in _SYSCTLS.items():
        files.write(f"/proc/sys/{name}", f"{value or machine.name}\n", 0o644)
    plain = {
        "/etc/hostname": f"{machine.name}\n",
        "/etc/os-release": _OS_RELEASE,
        "/etc/hosts": _hosts(machine),
        "/etc/resolv.conf": "nameserver 172.18.0.1\nsearch .\noptions edns0 trust-ad ndots:0\n",
        "/etc/machine-id": f"{machine.machine_id}\n",
        **_given(),
        "/etc/crictl.yaml": "".join(
            f"{what}-endpoint: unix:///run/containerd/containerd.sock\n" for what in ("runtime", "image")
        ),
        "/etc/default/kubelet": "KUBELET_EXTRA_ARGS=--runtime-cgroups=/system.slice/containerd.service\n",
        "/etc/systemd/system/kubelet.service": _KUBELET_UNIT,
        "/etc/systemd/system/kubelet.service.d/10-kubeadm.conf": _KUBEADM_DROP_IN,
        "/lib/systemd/system/containerd.service": _CONTAINERD_UNIT,
        "/etc/sysctl.conf": "",
        "/etc/sysctl.d/10-node-network.conf": _NETWORK,
        "/etc/sysctl.d/README.sysctl": "Kernel system variables configuration files\n",
        "/usr/lib/sysctl.d/99-protect-links.conf": _PROTECTED,
        "/usr/lib/sysctl.d/50-pid-max.conf": "kernel.pid_max = 4194304\n",
        "/var/lib/kubelet/config.yaml": _KUBELET_CONFIG,
        "/var/lib/kubelet/kubeadm-flags.env": _flags(machine),
        "/kind/version": "v1.34.4",
        "/etc/cni/net.d/10-kindnet.conflist": _CNI.replace("SUBNET", machine.cidr),
        "/root/.bashrc": _BASHRC,
        "/root/.profile": "if [ -f ~/.bashrc ]; then . ~/.bashrc; fi\n",
        "/proc/version": "Linux version 6.8.0-45-generic (buildd@lcy02) #45-Ubuntu SMP PREEMPT_DYNAMIC\n",
        "/lib/systemd/system/systemd-journald.service": "[Unit]\nDescription=Journal Service\n",
        **{
            f"/lib/systemd/system/systemd-{name}.service": f"[Unit]\nDescription={what}\n"
            for name, what in (
                ("logind", "User Login Management"),
                ("timedated", "Time & Date Service"),
                ("hostnamed", "Hostname Service"),
            )
        },
        "/lib/systemd/system/systemd-sysctl.service": _SYSCTL_UNIT,
        "/lib/systemd/system/dbus.service": "[Unit]\nDescription=D-Bus System Message Bus\n",
    }
    for path, text in plain.items():
        files.write(path, text, 0o644)
    _units(files)
    for name in _CNI_PLUGINS:
        files.write(f"/opt/cni/bin/{name}", "ELF\n", 0o755)
    if machine.role == "control-plane":
        files.mkdir("/var/lib/etcd", 0o700)
        files.mkdir("/var/lib/etcd/member", 0o700)
        files.mkdir("/var/lib/etcd/member/snap", 0o700)
        files.mkdir("/var/lib/etcd/member/wal", 0o700)
        for path in WAL:
            files.write(path, "", 0o600)
        files.write("/var/lib/etcd/member/snap/db", "bbolt\n", 0o600)


@functools.cache
def _given() -> Mapping[str, str]:
    """Return path -> text of the files that are equal on every node."""
    text = (Path(__file__).parents[1] / "data" / "node_files.txt").read_text(encoding="utf-8")
    return dict(part.split("\n", 1) for part in text.split("\036")[1:])


def _units(files: Files) -> None:
    """Write the unit files and the links that enable them."""
    files.system.symlink("/etc/sysctl.conf", "/etc/sysctl.d/99-sysctl.conf")
    for name in ("apt-daily", "apt-daily-upgrade", "dpkg-db-backup", "e2scrub_all", "fstrim"):
        timer = f"[Unit]\nDescription={name}\n\n[Timer]\nOnCalendar=daily\n\n[Install]\nWantedBy=timers.target\n"
        files.write(f"/lib/systemd/system/{name}.timer", timer, 0o644)
    files.write("/lib/systemd/system/systemd-tmpfiles-clean.timer", _CLEAN, 0o644)
    files.write("/lib/systemd/system/systemd-tmpfiles-clean.service", _CLEANING, 0o644)
    for name, folder in (("kubelet", "/etc/systemd/system"), ("containerd", "/lib/systemd/system")):
        target = f"{folder}/{name}.service"
        files.system.symlink(target, f"/etc/systemd/system/multi-user.target.wants/{name}.service")
    for name in _UNITS:
        files.write(f"/etc/systemd/system/{name}", "", 0o644)
    for name in ("getty.target.wants", "sysinit.target.wants"):
        files.mkdir(f"/etc/systemd/system/{name}")


def _hosts(machine: Machine) -> str:
    lines = ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback", "fe00::0\tip6-localnet"]
    lines += [
        "ff00::0\tip6-mcastprefix",
        "ff02::1\tip6-allnodes",
        "ff02::2\tip6-allrouters",
        f"{machine.ip}\t{machine.name}",
    ]
    return "\n".join(lines) + "\n"


def _flags(machine: Machine) -> str:
    return (
        f'KUBELET_KUBEADM_ARGS="--node-ip={machine.ip} --node-labels= '
        f'--pod-infra-container-image=registry.k8s.io/pause:3.10.1 --provider-id=kind://docker/{machine.cluster}/{machine.name}"\n'
    )
