"""ctr: the contents of containerd."""

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import parse
from lab.cluster.sim.commands.node.runtime_tasks import is_running, sandboxes_and_containers
from lab.cluster.sim.machine.runtime import image_id
from lab.cluster.sim.text.tabwriter import aligned

__all__ = ["ctr"]

#: The runtime's only namespace with contents, and the folder of its running containers.
_KUBERNETES = "k8s.io"
_GROUPS = {
    "containers": ("containers", "c", "container"),
    "tasks": ("tasks", "t", "task"),
    "images": ("images", "image", "i"),
    "namespaces": ("namespaces", "namespace", "ns"),
}
_OTHERS = {
    "plugins",
    "plugin",
    "version",
    "content",
    "events",
    "event",
    "leases",
    "pprof",
    "run",
    "snapshots",
    "snapshot",
    "install",
    "oci",
    "shim",
    "help",
    "h",
}
_VERBS = {
    "containers": {
        "create",
        "delete",
        "del",
        "remove",
        "rm",
        "info",
        "list",
        "ls",
        "label",
        "checkpoint",
        "restore",
    },
    "tasks": {
        "attach",
        "checkpoint",
        "delete",
        "del",
        "remove",
        "rm",
        "exec",
        "list",
        "ls",
        "kill",
        "pause",
        "ps",
        "resume",
        "start",
        "metrics",
        "metric",
    },
    "images": {
        "check",
        "export",
        "import",
        "list",
        "ls",
        "mount",
        "unmount",
        "pull",
        "push",
        "delete",
        "del",
        "remove",
        "rm",
        "tag",
        "label",
        "convert",
        "usage",
    },
    "namespaces": {"create", "c", "list", "ls", "remove", "rm", "label"},
}


async def ctr(call: Call) -> int:
    """List the contents of containerd."""
    valued = {"-n": "namespace", "--namespace": "namespace", "-a": "address", "--address": "address"}
    try:
        flags = parse(call.argv, valued, {}, interspersed=False, program="ctr")
        if call.node.systemd.state("containerd.service").active != "active":
            raise NotSimulated("ctr without containerd")
        await _ctr(call, flags.words, flags.get("namespace", call.env.get("CONTAINERD_NAMESPACE", "default")))
    except Exit as end:
        return await call.fail(end.message, end.code)
    return 0


async def _ctr(call: Call, words: list[str], namespace: str) -> None:
    asked = words[0] if words else "help"
    group = next((group for group, names in _GROUPS.items() if asked in names), "")
    if not group and asked not in _OTHERS:
        raise Exit(3, f"No help topic for '{asked}'")
    verb = words[1] if len(words) > 1 else "help"
    if group and verb not in {*_VERBS[group], "help", "h"}:
        raise Exit(3, f"No help topic for '{verb}'")
    if not group or verb not in {"list", "ls"}:
        raise NotSimulated(f"ctr {' '.join(words)}")
    flags = parse(words[2:], {}, {"-q": "quiet", "--quiet": "quiet"}, program=f"ctr {group} {verb}")
    found = _LISTED[group](call) if namespace == _KUBERNETES or group == "namespaces" else []
    if flags.on("quiet"):
        await call.out("".join(f"{row[0]}\n" for row in found))
        return
    rows = [_HEADS[group], *found]
    padding = 4 if group in {"containers", "tasks"} else 1
    await call.line(aligned("\n".join("\t".join([*row, ""]) for row in rows), padding))


_HEADS = {
    "containers": ["CONTAINER", "IMAGE", "RUNTIME"],
    "tasks": ["TASK", "PID", "STATUS"],
    "images": ["REF", "TYPE", "DIGEST", "SIZE", "PLATFORMS", "LABELS"],
    "namespaces": ["NAME", "LABELS"],
}


def _containers(call: Call) -> list[list[str]]:
    return [[key, image, "io.containerd.runc.v2"] for key, _, image in sandboxes_and_containers(call)]


def _tasks(call: Call) -> list[list[str]]:
    return [[key, str(one.pid), "RUNNING"] for key, one, _ in sandboxes_and_containers(call) if is_running(one)]


def _images(call: Call) -> list[list[str]]:
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    label = "io.cri-containerd.image=managed"
    names = sorted(call.node.runtime.images)
    ids = sorted(f"sha256:{image_id(name)}" for name in names)
    by_id = {f"sha256:{image_id(name)}": name for name in names}
    rows = [(name, name) for name in names] + [(one, by_id[one]) for one in ids]
    digests = {name: f"sha256:{image_id(f'{name} digest')}" for name in names}
    return [[shown, kind, digests[name], "24.0 MiB", "linux/amd64", label] for shown, name in rows]


def _namespaces(call: Call) -> list[list[str]]:
    del call
    return [[_KUBERNETES, ""]]


_LISTED = {"containers": _containers, "tasks": _tasks, "images": _images, "namespaces": _namespaces}
