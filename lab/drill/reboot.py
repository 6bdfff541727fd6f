"""Step *reboot*: every node is rebooted, the worker first. Then the drill does nothing for half a minute."""

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lab.cluster.base import Cluster, Node
from lab.cluster.tools import api, etcd
from lab.core.drill import Found
from lab.drill import unchanged
from lab.drill.base import Ground, Kind, Shown
from lab.errors import LabError, UnreadableError
from lab.patience import poll

__all__ = ["KIND", "files_of", "release"]

#: For how many seconds the kubelet is held: other units of the boot do their work meanwhile.
_KUBELET_HELD = 6
_QUIET = 30.0
_DOWN_LIMIT = 120.0
_READY_LIMIT = 150.0
#: The seconds of the write-rate sample, from the end of the reboot on.
_RATE = 45.0


def _reboot(ground: Ground) -> Shown:
    """Reboot the nodes; return which checks still pass."""
    cluster, files = ground.cluster, files_of(ground.space)
    before = _ready_pods(ground.node)
    began = ground.node.time.now()
    for node in reversed(cluster.nodes):
        _hold_kubelet(node, files, ground.baseline.forwarding_keys(node.name))
        _reboot_node(cluster, node, files)
    missing = _wait_until_ready(ground, files, before)
    seconds = ground.node.time.now() - began
    off = [
        f"after its boot, {node.name} does not forward"
        for node in cluster.nodes
        if set(_at_boot(node, files)[1:]) != {"1"}
    ]
    release(cluster, ground.space)
    ground.load = ground.beside.submit(etcd.load, ground.node, _RATE)
    ground.changes = ground.beside.submit(unchanged.watched, ground, _RATE)
    off += _watch(ground)
    lasts = Found(
        "forwarding-lasts",
        ok=not off,
        found="; ".join(off),
        expected="on after a reboot, from before the first pod starts until half a minute after the last start",
        decided=True,
    )
    back = Found(
        "system-pods",
        ok=not missing,
        found=f"after the reboot, not Ready: {', '.join(missing)}",
        expected="everything that was Ready before the reboot is Ready again",
    )
    told = "; ".join([*off, *([back.found] if missing else [])])
    return Shown(told or f"all nodes and their pods are back after {seconds:.0f} s, and stay", [lasts, back])


@dataclass(frozen=True, slots=True)
class _Files:
    """The step's files on each node. The names are new in each drill, so no unit can wait for them."""

    #: Holds the kubelet until the boot's own settings were read, since every pod that starts turns forwarding on.
    #: By its name it is the last drop-in, so the trainee's drop-ins come before it.
    drop_in: str
    script: str
    #: A file that disappears in a reboot.
    mark: str
    #: The settings of each boot before the kubelet started.
    at_boot: str


def files_of(name: str) -> _Files:
    """Return the files of the drill called `name`."""
    return _Files(
        drop_in=f"/etc/systemd/system/kubelet.service.d/zz-{name}.conf",
        script=f"/usr/local/sbin/{name}",
        mark=f"/run/{name}.mark",
        at_boot=f"/run/{name}.boot",
    )


def _hold_kubelet(node: Node, files: _Files, keys: Iterable[str]) -> None:
    settings = " ".join(f"/proc/sys/{key.replace('.', '/')}" for key in keys)
    node.write_file(
        files.script,
        f"sleep {_KUBELET_HELD}\n{{ date -u +%Y-%m-%dT%H:%M:%SZ; cat {settings}; }} >{files.at_boot}.new\n"
        f"mv {files.at_boot}.new {files.at_boot}\n",
    )
    node.write_file(files.drop_in, f"[Service]\nExecStartPre=-/bin/sh {files.script}\n")
    node.run(["touch", files.mark]).check()


def _reboot_node(cluster: Cluster, node: Node, files: _Files) -> None:
    """Reboot `node`, and wait until its kubelet runs again.

    Raises:
        LabError: it does not come back.

    """
    with contextlib.suppress(LabError):  # the node may go down before it answers
        node.run(["systemctl", "reboot", "--force", "--force"], timeout=20)

    def is_back() -> bool:
        try:
            list(cluster.start_stopped_nodes())
            script = f"[ ! -e {files.mark} ] && [ -e {files.at_boot} ] && systemctl is-active -q kubelet"
            return node.run(["sh", "-c", script], timeout=10).ok
        except LabError:
            return False

    if not poll(is_back, timeout=_DOWN_LIMIT, every=0.5, time=node.time):
        raise LabError(f"{node.name} was rebooted, and its kubelet did not come back.")


def release(cluster: Cluster, name: str) -> None:
    """Remove the step's own files of the drill called `name` from the nodes. Repeated calls are safe."""
    files = files_of(name)
    script = f"rm -f {files.drop_in} {files.script}; systemctl daemon-reload"
    for node in cluster.nodes:
        node.run(["sh", "-c", script], timeout=20)


def _ready_pods(node: Node) -> set[str]:
    return {_name(pod) for pod in api.get(node, "pods", "-A")["items"] if api.is_ready(pod)}


def _name(item: Mapping[str, Any]) -> str:
    return f"{item['metadata'].get('namespace', '')}/{item['metadata']['name']}"


def _wait_until_ready(ground: Ground, files: _Files, before: set[str]) -> list[str]:
    """Wait until all nodes and pods that were Ready before are Ready since the boot; return those that are not."""
    boots = {node.name: _at_boot(node, files)[0] for node in ground.cluster.nodes}
    missing: list[str] = []

    def all_ready() -> bool:
        try:
            items = api.get(ground.node, "nodes,pods", "-A", timeout=8)["items"]
        except UnreadableError:
            missing[:] = ["the API server"]
            return False
        nodes = [item for item in items if item["kind"] == "Node"]
        pods = {_name(item): item for item in items if item["kind"] == "Pod"}
        missing[:] = [item["metadata"]["name"] for item in nodes if not api.is_ready(item)]
        missing.extend(name for name in sorted(before & pods.keys()) if not _ready_since(pods[name], boots))
        return not missing

    poll(all_ready, timeout=_READY_LIMIT, every=1.0, time=ground.node.time)
    return missing


def _at_boot(node: Node, files: _Files) -> list[str]:
    """Return when `node` released its kubelet (in the API's time format), and the settings at that time."""
    return node.run(["cat", files.at_boot], timeout=10).check().stdout.split()


def _ready_since(pod: Mapping[str, Any], boots: Mapping[str, str]) -> bool:
    if not api.is_ready(pod):
        return False
    boot = boots.get(pod["spec"].get("nodeName", ""), "")
    started = [
        status.get("state", {}).get("running", {}).get("startedAt", "")
        for status in pod["status"].get("containerStatuses", [])
    ]
    return all(at >= boot for at in started)


def _watch(ground: Ground) -> list[str]:
    """Leave the cluster alone for half a minute; return the nodes that did not forward at any time in it."""
    with ground.node.time.side_by_side(len(ground.cluster.nodes)) as pool:
        return [said for said in pool.map(lambda node: _watch_node(ground, node), ground.cluster.nodes) if said]


def _watch_node(ground: Ground, node: Node) -> str:
    # Ends at the first reading that is not 1; otherwise the limit ends it. The exit code of `read` does not
    # matter: dash reads such a file byte by byte, and the kernel ends it before the line does.
    files = [f"/proc/sys/{key.replace('.', '/')}" for key in ground.baseline.forwarding_keys(node.name)]
    on = " && ".join(f'{{ v=; read -r v <{file}; [ "$v" = 1 ]; }}' for file in files) or "true"
    result = node.run(["sh", "-c", f"while {on}; do sleep 0.1; done"], timeout=_QUIET)
    return "" if result.timed_out else f"after the reboot, forwarding was turned off on {node.name}"


KIND = Kind(
    _reboot,
    "Reboot every node, the worker first, and leave them alone for half a minute",
    ("system-pods", "forwarding-lasts"),
)
