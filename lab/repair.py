"""Repairs: the reference solution step by step, and the restoration of settings from the baseline."""

from collections.abc import Callable, Sequence

from lab.baseline import HOME, Baseline, NodeBaseline, read_files, read_home, read_roles
from lab.cluster.base import Cluster, Node
from lab.cluster.tools import api, services
from lab.cluster.tools.static_pods import MANIFESTS
from lab.core.scenario import SolutionStep
from lab.injection import Recorder
from lab.progress import Progress, step

__all__ = ["remove_added", "restore_files", "run", "start_services"]


def run(
    cluster: Cluster,
    steps: Sequence[SolutionStep],
    recorder: Recorder,
    progress: Progress,
    told: Callable[[SolutionStep], None],
) -> None:
    """Run `steps` one after the other; call `told` with each before it runs.

    Raises:
        CommandError: a step failed on a node.

    """
    for each in steps:
        told(each)
        recorder.begin(each.title)
        nodes = cluster.nodes if each.nodes == "all" else [cluster.control_plane]
        with step(progress, each.title), nodes[0].time.side_by_side(len(nodes)) as pool:
            argv = ["bash", "-euo", "pipefail", "-c", each.run]
            for result in list(pool.map(lambda node, a=argv, t=each.timeout: node.run(a, timeout=t), nodes)):
                result.check()
        recorder.done(each.title)


def start_services(cluster: Cluster, baseline: Baseline) -> None:
    """Start the runtime and the kubelet where they do not run, with their files as in the baseline.

    Raises:
        CommandError: a service does not start.

    """
    with cluster.control_plane.time.side_by_side(len(cluster.nodes)) as pool:
        list(pool.map(lambda node: _start_services(node, baseline.nodes[node.name].files), cluster.nodes))


def _start_services(node: Node, before: dict[str, str]) -> None:
    if services.run(node):
        return
    paths = (services.UNITS, *services.SETTINGS)
    now = read_files(node, paths)
    for path, text in before.items():
        if path.startswith(paths) and now.get(path) != text:
            node.write_file(path, text)
    services.start(node)


def restore_files(cluster: Cluster, baseline: Baseline) -> None:
    """Restore the watched files and root's home of every node from the baseline, except static pods' manifests.

    A manifest that differs is written as well, the slow way: the kubelet notices the change by itself.
    """
    with cluster.control_plane.time.side_by_side(len(cluster.nodes)) as pool:
        list(pool.map(lambda node: _restore_node(node, baseline.nodes[node.name]), cluster.nodes))


def remove_added(node: Node, baseline: Baseline) -> None:
    """Remove namespaces, roles and bindings that `baseline` does not have, so that rights are as before."""
    spaces = {
        item["metadata"]["name"] for item in api.get(node, "namespaces")["items"]
    } - baseline.namespaces.keys()
    if spaces:
        api.kubectl(node, "delete", "namespaces", *sorted(spaces), "--wait=false", "--ignore-not-found")
    added = read_roles(node) - set(baseline.roles) if baseline.roles is not None else set()
    for key in sorted(added):
        kind, space, name = key.split("/", 2)
        where = ["-n", space] if space else []
        api.kubectl(node, *where, "delete", kind.lower(), name, "--ignore-not-found")


def _restore_node(node: Node, baseline: NodeBaseline) -> None:
    _restore_settings(node, baseline.files)
    if baseline.home is not None:
        _restore_home(node, baseline.home)


def _restore_home(node: Node, before: dict[str, str]) -> None:
    """Remove the trainee's files in root's home: the next attempt begins without notes, scripts and history."""
    kept = [word for path in before for word in ("!", "-path", path)]
    node.run(["find", HOME, "-xdev", "-mindepth", "1", *kept, "-delete"])
    now = read_home(node)
    for path, text in before.items():
        if now.get(path) != text:
            node.write_file(path, text)


def _restore_settings(node: Node, before: dict[str, str]) -> None:
    now = read_files(node)
    for path, text in before.items():
        if now.get(path) != text:
            node.write_file(path, text)
    # The baseline of an older lab has no settings of the services.
    added = [path for path in now if path not in before and path not in services.SETTINGS]
    if added:
        node.run(["rm", "-f", *added]).check()
    if added or any(now.get(path) != text for path, text in before.items() if not path.startswith(MANIFESTS)):
        node.run(["systemctl", "daemon-reload"]).check()
