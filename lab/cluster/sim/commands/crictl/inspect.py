"""crictl inspect, inspectp, inspecti, info, version: all details of one object."""

import hashlib
from typing import Any

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.crictl.listing import human_size, image_json, image_size, pointed, utc
from lab.cluster.sim.commands.crictl.selection import (
    Fatal,
    HelpShown,
    annotations_of,
    container_labels,
    containers,
    find_container,
    find_image,
    find_sandbox,
    log_path,
    nothing,
    print_status,
    sandbox_labels,
    sandboxes,
)
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.machine.runtime import SOCKET, Container, Sandbox, image_id
from lab.cluster.sim.text.times import iso
from lab.cluster.sim.timing.durations import short_human

__all__ = ["info", "inspect", "inspect_images", "inspect_pods", "versions"]

_VERSION = "1.6.20~ds1"
_RUNTIME = {
    "runtimeOptions": {"binary_name": "/usr/local/sbin/runc", "systemd_cgroup": True},
    "runtimeType": "io.containerd.runc.v2",
    "snapshotter": "overlayfs",
}


def _mounts(sandbox: Sandbox, c: Container) -> list[tuple[str, str, bool]]:
    """Return what the container mounts from the node: the paths, and whether they are read-only."""
    pod = f"/var/lib/kubelet/pods/{sandbox.uid}"
    volumes = {volume["name"]: volume for volume in sandbox.volumes}
    found = []
    for mount in c.spec.get("volumeMounts") or []:
        volume = volumes.get(mount["name"], {})
        kind = next((key for key in volume if key != "name"), "emptyDir")
        path = f"{pod}/volumes/kubernetes.io~{kind.lower()}/{mount['name']}"
        if kind == "hostPath":
            path = volume["hostPath"]["path"]
        found.append((mount["mountPath"], path, bool(mount.get("readOnly"))))
    own = [("/etc/hosts", f"{pod}/etc-hosts", False)]
    own.append(("/dev/termination-log", f"{pod}/containers/{c.name}/{c.id[:8]}", False))
    return [*found, *own]


def _shares(c: Container) -> int:
    """Return a container's weight for processor time."""
    asked = str(((c.spec.get("resources") or {}).get("requests") or {}).get("cpu", "0"))
    milli = float(asked.removesuffix("m")) * (1 if asked.endswith("m") else 1000)
    return max(2, int(milli * 1024 / 1000))


def _status(sandbox: Sandbox, c: Container) -> dict[str, Any]:
    mounts = [
        {
            "containerPath": inside, "gidMappings": [], "hostPath": path, "imageSubPath": "",
            "propagation": "PROPAGATION_PRIVATE", "readonly": readonly, "recursiveReadOnly": False,
            "selinuxRelabel": False, "uidMappings": [],
        }
        for inside, path, readonly in _mounts(sandbox, c)
    ]  # fmt: skip
    resources = {
        "cpuPeriod": "100000", "cpuQuota": "0", "cpuShares": str(_shares(c)), "cpusetCpus": "", "cpusetMems": "",
        "hugepageLimits": [], "memoryLimitInBytes": "0", "memorySwapLimitInBytes": "0", "oomScoreAdj": "0",
        "unified": {},
    }  # fmt: skip
    return {
        "annotations": annotations_of(sandbox, c),
        "createdAt": iso(c.created),
        "exitCode": c.exit_code,
        "finishedAt": iso(c.finished) if c.finished else "0001-01-01T00:00:00Z",
        "id": c.id,
        "image": {
            "annotations": {}, "image": c.image, "imageRef": "", "runtimeHandler": "", "userSpecifiedImage": "",
        },
        "imageId": "",
        "imageRef": f"sha256:{image_id(c.image)}",
        "labels": container_labels(sandbox, c),
        "logPath": log_path(sandbox, c),
        "message": "",
        "metadata": {"attempt": c.attempt, "name": c.name},
        "mounts": mounts,
        "reason": c.reason,
        "resources": {"linux": resources},
        "startedAt": iso(c.started),
        "state": f"CONTAINER_{c.state}",
        "stopSignal": "RUNTIME_DEFAULT",
        "user": None,
    }  # fmt: skip


def _info(sandbox: Sandbox, c: Container) -> dict[str, Any]:
    """Return the runtime's information about a container beyond its status, as far as the model has it."""
    config: dict[str, Any] = {
        "annotations": annotations_of(sandbox, c),
        "image": {"image": f"sha256:{image_id(c.image)}"},
        "labels": container_labels(sandbox, c),
        "linux": {"resources": {"cpu_period": 100000, "cpu_shares": _shares(c)}},
        "log_path": f"{c.name}/{c.attempt}.log",
        "metadata": {"name": c.name, **({"attempt": c.attempt} if c.attempt else {})},
        "mounts": [
            {"container_path": inside, "host_path": path, **({"readonly": True} if readonly else {})}
            for inside, path, readonly in _mounts(sandbox, c)
        ],
    }
    config |= {key: c.spec[key] for key in ("command", "args") if c.spec.get(key)}
    if c.spec.get("env"):
        config["envs"] = [{"key": one["name"], "value": str(one.get("value", ""))} for one in c.spec["env"]]
    cri = "io.kubernetes.cri."
    spec = {
        "annotations": {
            f"{cri}container-name": c.name, f"{cri}container-type": "container", f"{cri}image-name": c.image,
            f"{cri}sandbox-id": c.sandbox, f"{cri}sandbox-name": sandbox.name,
            f"{cri}sandbox-namespace": sandbox.namespace, f"{cri}sandbox-uid": sandbox.uid,
        },
        "linux": {"resources": {"cpu": {"period": 100000, "shares": _shares(c)}, "memory": {}}},
        "mounts": [
            {
                "destination": inside, "options": ["rbind", "rprivate", "ro" if readonly else "rw"],
                "source": path, "type": "bind",
            }
            for inside, path, readonly in _mounts(sandbox, c)
        ],
        "ociVersion": "1.0.2-dev",
        "process": {"args": c.argv, "cwd": "/", "user": {"gid": 0, "uid": 0}},
        "root": {"path": "rootfs"},
    }  # fmt: skip
    return {
        "config": config,
        "pid": c.pid if c.running else 0,
        "removing": False,
        "runtimeSpec": spec,
        "sandboxID": c.sandbox,
        "snapshotKey": c.id,
        **_RUNTIME,
    }


async def inspect(call: Call, flags: Flags) -> int:
    """Print all details of containers: the named ones, or those that match the filters."""
    doing = "get the status of containers: "
    lead = f"{doing}get container status: "
    found = [find_container(call, word, lead) for word in flags.words]
    if not flags.words:
        # crictl 1.36 accepts filters by name and namespace, but reads them under other names.
        flags.values |= {"name": [], "namespace": []}
        del flags.values["name"], flags.values["namespace"]
        found = await containers(call, flags)
    if not found:
        await call.err(nothing(call))
        raise HelpShown
    runtime = call.node.runtime
    if flags.get("output") == "table":
        for c in found:
            await call.out(_table(call, runtime.sandboxes[c.sandbox], c))
        return 0
    told = [
        {"info": _info(runtime.sandboxes[c.sandbox], c), "status": _status(runtime.sandboxes[c.sandbox], c)}
        for c in found
    ]
    await print_status(call, flags, told, doing)
    return 0


def _table(call: Call, sandbox: Sandbox, c: Container) -> str:
    now = call.now()
    lines = [f"ID: {c.id}", f"Name: {c.name}", f"State: CONTAINER_{c.state}"]
    lines += [f"Created: {short_human(now - c.created)}", f"Started: {short_human(now - c.started)}"]
    if not c.running:
        lines += [f"Finished: {short_human(now - c.finished)}", f"Exit Code: {c.exit_code}"]
    lines += pointed("Labels", container_labels(sandbox, c)) + pointed("Annotations", annotations_of(sandbox, c))
    return "\n".join(lines) + f"\nInfo: {_go_map(_info(sandbox, c))}\n"


def _go_map(info: dict[str, Any]) -> str:
    import json  # noqa: PLC0415 -- used here alone

    return f"map[info:{json.dumps(info, separators=(',', ':'))}]"


async def inspect_pods(call: Call, flags: Flags) -> int:
    """Print all details of sandboxes: the named ones, or those that match the filters."""
    doing = "get the status of pod sandboxes: "
    found = [find_sandbox(call, word, f"{doing}get pod sandbox status: ") for word in flags.words]
    if not flags.words:
        found = await sandboxes(call, flags)
    if not found:
        await call.err(nothing(call))
        raise HelpShown
    if flags.get("output") == "table":
        for one in found:
            await call.out(_pod_table(one))
        return 0
    told = [{"info": _pod_info(call, one), "status": _pod_status(one)} for one in found]
    await print_status(call, flags, told, doing)
    return 0


def _pod_status(one: Sandbox) -> dict[str, Any]:
    options = {"ipc": "POD", "network": "NODE" if one.host_network else "POD", "pid": "CONTAINER", "targetId": ""}
    return {
        "annotations": one.annotations,
        "createdAt": iso(one.created),
        "id": one.id,
        "labels": sandbox_labels(one),
        "linux": {"namespaces": {"options": options}},
        "metadata": {"attempt": one.attempt, "name": one.name, "namespace": one.namespace, "uid": one.uid},
        "network": {"additionalIps": [], "ip": "" if one.host_network else one.ip},
        "runtimeHandler": "",
        "state": "SANDBOX_READY" if one.ready else "SANDBOX_NOTREADY",
    }


def _pod_info(call: Call, one: Sandbox) -> dict[str, Any]:
    config: dict[str, Any] = {
        "annotations": one.annotations,
        "labels": sandbox_labels(one),
        "log_directory": f"/var/log/pods/{one.namespace}_{one.name}_{one.uid}",
        "metadata": {"name": one.name, "namespace": one.namespace, "uid": one.uid},
    }
    if not one.host_network:
        search = [f"{one.namespace}.svc.cluster.local", "svc.cluster.local", "cluster.local"]
        config["dns_config"] = {"options": ["ndots:5"], "searches": search, "servers": ["10.96.0.10"]}
        config["hostname"] = one.name
    found: dict[str, Any] = {
        "cniResult": None,
        "config": config,
        "image": "registry.k8s.io/pause:3.10.1",
        "netNamespaceClosed": not one.ready,
        "pid": one.pid if one.ready else 0,
        "processStatus": "running" if one.ready else "deleted",
        "runtimeHandler": "",
        "runtimeSpec": {"ociVersion": "1.0.2-dev", "process": {"args": ["/pause"], "cwd": "/"}},
        "snapshotKey": one.id,
        **_RUNTIME,
    }
    if not one.host_network:
        gateway = f"{call.node.runtime.cidr.rsplit('.', 1)[0]}.1"
        found["cniResult"] = {
            "DNS": [{}, {}],
            "Interfaces": {"eth0": {"IPConfigs": [{"Gateway": gateway, "IP": one.ip}]}},
            "Routes": [{"dst": "0.0.0.0/0"}],
        }
    return found


def _pod_table(one: Sandbox) -> str:
    lines = [f"ID: {one.id}", f"Name: {one.name}", f"UID: {one.uid}", f"Namespace: {one.namespace}"]
    lines += [f"Attempt: {one.attempt}", f"Status: {'SANDBOX_READY' if one.ready else 'SANDBOX_NOTREADY'}"]
    lines += [f"Created: {utc(one.created)}", f"IP Addresses: {'' if one.host_network else one.ip}"]
    lines += pointed("Labels", sandbox_labels(one)) + pointed("Annotations", one.annotations)
    return "\n".join(lines) + "\n"


async def inspect_images(call: Call, flags: Flags) -> int:
    """Print all details of images: the named ones, or all."""
    found = []
    for word in flags.words or call.node.runtime.images:
        image = find_image(call, word)
        if image is None:
            raise Fatal(f'no such image "{word}" present')
        found.append(image)
    if flags.get("output") == "table":
        for image in found:
            size = human_size(float(f"{image_size(image):.3g}"))
            await call.out(
                f"ID: sha256:{image_id(image)}\nTag: {image}\nSize: {size}\nInfo: {_go_map(_spec(image))}\n"
            )
        return 0
    await print_status(call, flags, [{"info": _spec(image), "status": image_json(image)} for image in found], "")
    return 0


def _spec(image: str) -> dict[str, Any]:
    config: dict[str, Any] = {"Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]}
    program = image.rpartition(":")[0].rpartition("/")[2]
    if program in {"pause", "coredns", "agnhost"}:
        config["Entrypoint"] = [f"/{program}"]
    config["Labels"] = {"org.opencontainers.image.title": image}
    layer = f"sha256:{hashlib.sha256(b'layer').hexdigest()}"
    spec = {
        "architecture": "amd64", "config": config, "os": "linux",
        "rootfs": {"diff_ids": [layer], "type": "layers"},
    }  # fmt: skip
    return {"chainID": layer, "imageSpec": spec}


async def versions(call: Call, flags: Flags) -> int:
    """Print the runtime's version."""
    if flags.words:
        raise HelpShown
    await call.out(
        f"Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  {_VERSION}\nRuntimeApiVersion:  v1\n"
    )
    return 0


async def info(call: Call, flags: Flags) -> int:
    """Print the runtime's conditions and settings."""
    if flags.words:
        raise HelpShown
    conditions = [
        {"message": "", "reason": "", "status": True, "type": kind} for kind in ("RuntimeReady", "NetworkReady")
    ]
    plugins = [
        {"Network": {"dns": {}, "ipam": {"type": "host-local"}, "type": "ptp"}},
        {"Network": {"capabilities": {"portMappings": True}, "dns": {}, "ipam": {}, "type": "portmap"}},
    ]
    loopback = [{"Network": {"dns": {}, "ipam": {}, "type": "loopback"}}]
    networks = [
        {"Config": {"CNIVersion": "0.3.1", "Name": "cni-loopback", "Plugins": loopback}, "IFName": "lo"},
        {"Config": {"CNIVersion": "0.4.0", "Name": "kindnet", "Plugins": plugins}, "IFName": "eth0"},
    ]
    directories = {"binDir": "/opt/cni/bin", "confDir": "/etc/cni/net.d", "maxConfNum": 1}
    config = {
        "cni": directories,
        "containerd": {
            "defaultRuntimeName": "runc", "discardUnpackedLayers": True, "snapshotter": "overlayfs",
            "runtimes": {
                "runc": {
                    "options": {"BinaryName": "/usr/local/sbin/runc", "SystemdCgroup": True},
                    "runtimeType": "io.containerd.runc.v2",
                }
            },
        },
        "containerdEndpoint": SOCKET,
        "containerdRootDir": "/var/lib/containerd",
        "device_ownership_from_security_context": False,
        "restrictOOMScoreAdj": True,
        "rootDir": "/var/lib/containerd/io.containerd.grpc.v1.cri",
        "sandboxImage": "registry.k8s.io/pause:3.10.1",
        "stateDir": "/run/containerd/io.containerd.grpc.v1.cri",
    }  # fmt: skip
    data = {
        "cniconfig": {
            "Networks": networks, "PluginConfDir": "/etc/cni/net.d", "PluginDirs": ["/opt/cni/bin"],
            "PluginMaxConfNum": 1, "Prefix": "eth",
        },
        "config": config,
        "golang": "go1.19.8",
        "lastCNILoadStatus": "OK",
        "lastCNILoadStatus.default": "OK",
        "status": {"conditions": conditions},
    }  # fmt: skip
    await print_status(call, flags, [data], "getting status of runtime: ")
    return 0
