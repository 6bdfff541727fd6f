"""crictl stats, statsp, imagefsinfo: resource use, and commands that this runtime does not support."""

from typing import Any

from lab.cluster.sim.bash.running.call import Call, NotSimulated
from lab.cluster.sim.commands.crictl.config import CLEAR
from lab.cluster.sim.commands.crictl.listing import human_size, image_size
from lab.cluster.sim.commands.crictl.selection import (
    Fatal,
    HelpShown,
    annotations_of,
    container_labels,
    logged,
    print_answer,
    print_status,
    sandbox_labels,
    sandboxes,
    table,
)
from lab.cluster.sim.commands.crictl.selection import containers as chosen
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.machine.runtime import Container, Sandbox

__all__ = ["containers", "image_file_systems", "pods", "unknown"]

_MOUNT = "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs"
#: Use of programs: millionths of a processor, and bytes.
_USE = {
    "kube-apiserver": (40_000, 289_000_000), "etcd": (18_000, 60_000_000), "coredns": (900, 12_000_000),
    "kube-controller-manager": (8_000, 52_000_000), "kube-scheduler": (4_000, 35_000_000),
    "kube-proxy": (300, 18_000_000), "kindnet-cni": (200, 16_000_000),
}  # fmt: skip


def _use(c: Container) -> tuple[float, int]:
    """Return a container's share of a processor and its bytes; they vary a little each time."""
    share, memory = _USE.get(c.name, (100, 6_600_000))
    odd = int(c.id[:4], 16) / 0x10000
    return share / 1e6 * (0.9 + odd / 5), int(memory * (0.95 + odd / 10)) // 4096 * 4096


def _value(number: float) -> dict[str, str]:
    return {"value": str(int(number))}


def _numbers(call: Call, found: list[Container]) -> dict[str, Any]:
    stamp = str(int(call.now() * 1e9))
    used = sum(_use(c)[0] * (call.now() - c.started) for c in found)
    memory = sum(_use(c)[1] for c in found)
    return {
        "cpu": {
            "timestamp": stamp,
            "usageCoreNanoSeconds": _value(used * 1e9),
            "usageNanoCores": _value(sum(_use(c)[0] for c in found) * 1e9),
        },
        "memory": {
            "timestamp": stamp,
            "workingSetBytes": _value(memory),
            "availableBytes": _value(0),
            "usageBytes": _value(memory + 28672),
            "rssBytes": _value(memory * 9 // 10),
            "pageFaults": _value(memory // 700),
            "majorPageFaults": _value(0),
        },
    }


def _container(call: Call, sandbox: Sandbox, c: Container) -> dict[str, Any]:
    return {
        "attributes": {
            "id": c.id,
            "metadata": {"name": c.name, "attempt": c.attempt},
            "labels": container_labels(sandbox, c),
            "annotations": annotations_of(sandbox, c),
        },
        **_numbers(call, [c]),
        "writableLayer": {
            "timestamp": str(int(call.now() * 1e9)),
            "fsId": {"mountpoint": _MOUNT},
            "usedBytes": _value(4096),
            "inodesUsed": _value(1),
        },
    }


async def containers(call: Call, flags: Flags) -> int:
    """Print the use of containers over the one second of the measurement."""
    if len(flags.words) > 1:
        raise HelpShown
    if flags.on("watch"):
        raise NotSimulated("crictl stats --watch")
    if flags.words and not flags.get("id"):
        flags.values["id"] = flags.words[:1]
    runtime = call.node.runtime
    found = sorted(await chosen(call, flags), key=lambda c: c.id)
    if flags.get("output") in {"json", "yaml"}:
        told = [_container(call, runtime.sandboxes[c.sandbox], c) for c in found]
        await print_answer(call, flags, {"stats": told})
        return 0
    await call.sleep(int(flags.get("seconds", "1")))
    rows = [["CONTAINER", "NAME", "CPU %", "MEM", "DISK", "INODES", "SWAP"]]
    for c in found:
        share, memory = _use(c) if c.running else (0, 0)
        rows.append([c.id[:13], c.name, f"{share * 100:.2f}", human_size(memory), "4.096kB", "1", "0B"])
    await call.out(CLEAR + table(rows))
    return 0


async def pods(call: Call, flags: Flags) -> int:
    """Print the use of pods over the one second of the measurement."""
    if len(flags.words) > 1:
        raise HelpShown
    if flags.on("watch"):
        raise NotSimulated("crictl statsp --watch")
    if flags.words and not flags.get("id"):
        flags.values["id"] = flags.words[:1]
    flags.values["state"] = ["ready"]
    runtime = call.node.runtime
    found = [
        (one, [c for c in runtime.of(one) if c.running])
        for one in sorted(await sandboxes(call, flags), key=lambda one: one.id)
    ]
    if flags.get("output") in {"json", "yaml"}:
        await print_answer(call, flags, {"stats": [_pod(call, one, inside) for one, inside in found]})
        return 0
    await call.sleep(int(flags.get("seconds", "1")))
    rows = [["POD", "POD ID", "CPU %", "MEM"]]
    for one, inside in found:
        share = sum(_use(c)[0] for c in inside)
        rows.append([one.name, one.id[:13], f"{share * 100:.2f}", human_size(sum(_use(c)[1] for c in inside))])
    await call.out(CLEAR + table(rows))
    return 0


def _pod(call: Call, one: Sandbox, inside: list[Container]) -> dict[str, Any]:
    return {
        "attributes": {
            "id": one.id,
            "metadata": {"name": one.name, "uid": one.uid, "namespace": one.namespace, "attempt": one.attempt},
            "labels": sandbox_labels(one),
            "annotations": one.annotations,
        },
        "linux": {
            **_numbers(call, inside),
            "process": {"timestamp": str(int(call.now() * 1e9)), "processCount": _value(len(inside))},
            "containers": [_container(call, one, c) for c in inside],
        },
    }


async def image_file_systems(call: Call, flags: Flags) -> int:
    """Print the size of images."""
    images = call.node.runtime.images
    # All images except CoreDNS's share their content.
    used = max((image_size(one) for one in images), default=0) * 3 // 4096 * 4096
    stamp = str(int(call.now() * 1e9))
    if flags.get("output") == "table":
        await call.out(
            f"Container Filesystem \nImage Filesystem \nTimeStamp[0]: {stamp}\nDisk[0]: {human_size(used)}\n"
            f"Inodes[0]: 6046\nMountpoint[0]: {_MOUNT}\n"
        )
        return 0
    system = {
        "timestamp": stamp,
        "fsId": {"mountpoint": _MOUNT},
        "usedBytes": _value(used),
        "inodesUsed": _value(6046),
    }
    status = {"containerFilesystems": [], "imageFilesystems": [system]}
    await print_status(call, flags, [{"status": status}], "get image filesystem info: ")
    return 0


_METHODS = {
    "metricsp": (1127, "ListPodSandboxMetrics", "get pod metrics: list pod sandbox metrics: "),
    "metricdescs": (1104, "ListMetricDescriptors", "get metric descriptors: list metric descriptors: "),
    "runtime-config": (1177, "RuntimeConfig", "get runtime config: call RuntimeConfig RPC: "),
}


async def unknown(call: Call, flags: Flags) -> int:
    """Report that the runtime does not know the request."""
    del flags
    command = next(word for word in call.argv if word in _METHODS)
    line, method, doing = _METHODS[command]
    error = f"rpc error: code = Unimplemented desc = unknown method {method} for service runtime.v1.RuntimeService"
    raise Fatal(f"{doing}{error}", logged(line, method, error))
