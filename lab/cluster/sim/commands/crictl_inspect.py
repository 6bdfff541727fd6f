"""crictl inspect, inspectp, images, info, stats, version."""

from lab.cluster.sim.call import Call
from lab.cluster.sim.commands.crictl_found import (
    container_json,
    cut_id,
    find_container,
    find_sandbox,
    log_path,
    needs_word,
    print_as,
    print_data,
    sandbox_json,
    table,
)
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.runtime import image_id
from lab.cluster.sim.world import World

__all__ = ["images", "info", "inspect", "inspectp", "stats", "versions"]


_VERSION = "1.6.20~ds1"


async def inspect(call: Call, flags: Flags) -> int:
    """Tell all about containers."""
    needs_word(flags)
    for word in flags.words:
        c = find_container(call, word, "get the status of containers: get container status: ")
        base = container_json(call, c)
        iso = World.iso
        status = {
            "annotations": base["annotations"],
            "createdAt": iso(c.created),
            "exitCode": c.exit_code,
            "finishedAt": iso(c.finished) if c.finished else "0001-01-01T00:00:00Z",
            "id": c.id,
            "image": base["image"],
            "imageId": base["imageId"],
            "imageRef": base["imageRef"],
            "labels": base["labels"],
            "logPath": log_path(call.node.runtime.sandboxes[c.sandbox], c),
            "message": "",
            "metadata": base["metadata"],
            "mounts": [],
            "reason": c.reason,
            "startedAt": iso(c.started),
            "state": base["state"],
        }
        info = {"sandboxID": c.sandbox, "pid": 1000 + int(c.id[:3], 16) if c.running else 0,
                "config": {"metadata": base["metadata"], "image": base["image"], "command": c.spec.get("command"),
                           "args": c.spec.get("args"), "labels": base["labels"]}}  # fmt: skip
        await print_data(call, flags, {"info": info, "status": status})
    return 0


async def inspectp(call: Call, flags: Flags) -> int:
    """Tell all about sandboxes."""
    needs_word(flags)
    for word in flags.words:
        one = find_sandbox(call, word)
        base = sandbox_json(one)
        options = {
            "ipc": "POD",
            "network": "NODE" if one.host_network else "POD",
            "pid": "CONTAINER",
            "targetId": "",
        }
        status = {
            "annotations": {},
            "createdAt": World.iso(one.created),
            "id": one.id,
            "labels": base["labels"],
            "linux": {"namespaces": {"options": options}},
            "metadata": base["metadata"],
            "network": {"additionalIps": [], "ip": "" if one.host_network else one.ip},
            "runtimeHandler": "",
            "state": base["state"],
        }
        await print_data(call, flags, {"info": {"image": "registry.k8s.io/pause:3.10.1"}, "status": status})
    return 0


async def images(call: Call, flags: Flags) -> int:
    """List the images."""
    images = call.node.runtime.images
    if flags.on("quiet"):
        await call.out("".join(f"sha256:{image_id(image)}\n" for image in images))
        return 0
    if flags.get("output") in {"json", "yaml"}:
        items = [
            {
                "id": f"sha256:{image_id(i)}",
                "repoTags": [i],
                "repoDigests": [],
                "size": "50000000",
                "pinned": False,
            }
            for i in images
        ]
        await print_as(call, flags, {"images": items})
        return 0
    rows = [["IMAGE", "TAG", "IMAGE ID", "SIZE"]]
    for image in images:
        name, _, tag = image.rpartition(":")
        rows.append([name, tag, image_id(image)[:13], f"{20 + int(image_id(image)[:2], 16) / 3:.1f}MB"])
    widths = [max(len(row[i]) for row in rows) + 3 for i in range(3)]
    widths = [max(width, 20) for width in widths]
    lines = ["".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[-1]]) for row in rows]
    await call.out("\n".join(lines) + "\n")
    return 0


async def versions(call: Call, _flags: Flags) -> int:
    """Print the runtime's version."""
    await call.out(
        f"Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  {_VERSION}\nRuntimeApiVersion:  v1\n"
    )
    return 0


async def info(call: Call, flags: Flags) -> int:
    """Print the runtime's conditions."""
    good = [
        {"message": "", "reason": "", "status": True, "type": kind} for kind in ("RuntimeReady", "NetworkReady")
    ]
    await print_as(call, flags, {"status": {"conditions": good}, "cniconfig": {"PluginDirs": ["/opt/cni/bin"]}})
    return 0


async def stats(call: Call, flags: Flags) -> int:
    """Print what containers use."""
    runtime = call.node.runtime
    rows = [["CONTAINER", "NAME", "CPU %", "MEM", "DISK", "INODES"]]
    for c in sorted((c for c in runtime.containers.values() if c.running), key=lambda c: c.id):
        share = int(c.id[:4], 16)
        rows.append(
            [
                cut_id(c.id, flags),
                c.name,
                f"{share % 300 / 100:.2f}",
                f"{10 + share % 60}.{share % 97:02d}MB",
                f"{12 + share % 40}.{share % 89:02d}kB",
                str(4 + share % 12),
            ]
        )
    await call.out(table(rows))
    return 0
