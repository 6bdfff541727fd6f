"""The mounts of a node: those of the container that it is, and those of its own containers and pods."""

from dataclasses import dataclass

from lab.cluster.sim.machine.machine import Machine

__all__ = ["Mount", "mount_of", "mounts"]

_RW = "rw,nosuid,nodev,noexec,relatime"
_DISK = "/dev/vda1"
_LAYERS = "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots"
_CRI = "/run/containerd/io.containerd.grpc.v1.cri/sandboxes"
_TASKS = "/run/containerd/io.containerd.runtime.v2.task/k8s.io"
#: In KiB: size and use of a node's disk, and the size of a tmpfs.
_SIZE, _TAKEN, _HALF, _WHOLE = 61255492, 17846408, 4069618, 8139236


@dataclass(frozen=True, slots=True)
class Mount:
    """One mount. Sizes in KiB; None if it holds no data of its own."""

    source: str
    target: str
    kind: str
    options: str
    size: int = 0
    used: int = 0


def _upper(identity: str) -> str:
    number = 1 + int(identity[:3], 16) % 90
    return (
        f"rw,relatime,lowerdir={_LAYERS}/{number}/fs,upperdir={_LAYERS}/{number + 1}/fs,"
        f"workdir={_LAYERS}/{number + 1}/work"
    )


def _system(machine: Machine) -> list[Mount]:
    over = f"/var/lib/docker/overlay2/{machine.id}"
    layers = f"lowerdir={over}-init/diff,upperdir={over}/diff,workdir={over}/work"
    disk = [
        Mount(_DISK, target, "ext4", options, _SIZE, _TAKEN)
        for target, options in (
            ("/var", "rw,relatime"),
            ("/usr/lib/modules", "ro,relatime"),
            ("/etc/resolv.conf", "rw,relatime"),
            ("/etc/hostname", "rw,relatime"),
            ("/etc/hosts", "rw,relatime"),
        )
    ]
    return [
        Mount("overlay", "/", "overlay", f"rw,relatime,{layers}", _SIZE, _TAKEN),
        Mount("proc", "/proc", "proc", _RW),
        Mount("tmpfs", "/dev", "tmpfs", "rw,nosuid,size=65536k,mode=755", 65536),
        Mount("devpts", "/dev/pts", "devpts", "rw,nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=666"),
        Mount("sysfs", "/sys", "sysfs", "ro,nosuid,nodev,noexec,relatime"),
        Mount("cgroup", "/sys/fs/cgroup", "cgroup2", "rw,nosuid,nodev,noexec,relatime"),
        Mount("mqueue", "/dev/mqueue", "mqueue", _RW),
        Mount("shm", "/dev/shm", "tmpfs", f"{_RW},size=65536k", 65536),  # noqa: S108 -- the simulated node's
        disk[0],
        Mount("tmpfs", "/run", "tmpfs", _RW, _HALF, 1760),
        Mount("tmpfs", "/tmp", "tmpfs", _RW, _HALF),  # noqa: S108 -- the simulated node's
        *disk[1:],
        Mount("devpts", "/dev/console", "devpts", "rw,nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=666"),
        Mount("tmpfs", "/run/lock", "tmpfs", f"{_RW},size=5120k", 5120),
    ]


def mounts(machine: Machine) -> list[Mount]:
    """Return all mounts of a machine, in order of mounting."""
    found = _system(machine)
    for sandbox in machine.runtime.sandboxes.values():
        if not sandbox.ready:
            continue
        found.append(Mount("shm", f"{_CRI}/{sandbox.id}/shm", "tmpfs", f"{_RW},size=65536k", 65536))
        if not sandbox.host_network:
            found.append(Mount("nsfs", f"/run/netns/{sandbox.netns}", "nsfs", "rw"))
        found.append(
            Mount("overlay", f"{_TASKS}/{sandbox.id}/rootfs", "overlay", _upper(sandbox.id), _SIZE, _TAKEN)
        )
        for container in machine.runtime.of(sandbox):
            if not container.running:
                continue
            for volume in container.spec.get("volumeMounts") or []:
                name = str(volume.get("name", ""))
                target = f"/var/lib/kubelet/pods/{sandbox.uid}/volumes/kubernetes.io~projected/{name}"
                if name.startswith("kube-api-access-") and all(one.target != target for one in found):
                    found.append(Mount("tmpfs", target, "tmpfs", f"rw,relatime,size={_WHOLE}k", _WHOLE, 12))
            found.append(
                Mount("overlay", f"{_TASKS}/{container.id}/rootfs", "overlay", _upper(container.id), _SIZE, _TAKEN)
            )
    return found


def mount_of(machine: Machine, path: str) -> Mount:
    """Return the mount that holds the absolute path `path`."""
    inside = (
        one for one in mounts(machine) if path == one.target or path.startswith(one.target.rstrip("/") + "/")
    )
    return max(inside, key=lambda one: len(one.target))
