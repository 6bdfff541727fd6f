"""The baseline: the state of the healthy cluster, recorded once after creation and compared with ever after."""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from lab.cluster.base import Cluster, Node
from lab.cluster.tools import api, etcd, services
from lab.cluster.tools.containers import containers
from lab.cluster.tools.rights import rights
from lab.cluster.tools.static_pods import MANIFESTS
from lab.core.scenario import Scenario, Workload

__all__ = [
    "HOME",
    "SYSTEM_WORKLOADS",
    "UNITS",
    "Baseline",
    "NodeBaseline",
    "comparable_spec",
    "holds",
    "read_files",
    "read_home",
    "read_roles",
    "renew",
    "take",
    "tool_hashes",
]

#: Folders and files with settings that a fault or a trainee changes; `reset` restores them.
WATCHED = (
    MANIFESTS,
    "/etc/kubernetes/admission",
    "/etc/sysctl.conf",
    "/etc/sysctl.d",
    "/run/sysctl.d",
    services.UNITS,
    *services.SETTINGS,
)
#: kind's workloads in kube-system, besides static pods.
SYSTEM_WORKLOADS = (
    Workload(namespace="kube-system", kind="Deployment", name="coredns"),
    Workload(namespace="kube-system", kind="DaemonSet", name="kindnet"),
    Workload(namespace="kube-system", kind="DaemonSet", name="kube-proxy"),
)
#: The kinds of objects to compare, as kubectl takes them.
_KEPT = {"Deployment": "deployments", "DaemonSet": "daemonsets", "Service": "services"}
#: Prints the sha256 of each of the lab's tools on the node, and of each program that the grader looks through; the
#: library that is loaded into all programs; and what is mounted over programs.
_HASHES = """
for tool in kubectl crictl etcdctl bash cat curl date ls readlink sha256sum sysctl systemctl; do
  sha256sum "$(readlink -f "$(type -P "$tool")")" 2>/dev/null
done
[ ! -s /etc/ld.so.preload ] || echo "preloaded /etc/ld.so.preload"
while read -r _ _ _ _ over _; do
  case $over in /bin/*|/sbin/*|/usr/bin/*|/usr/sbin/*|/usr/local/*) echo "mounted $over" ;; esac
done 2>/dev/null </proc/self/mountinfo
:
"""
#: Prints the services and timers that are enabled or run. Enabled units are read from their links, which costs
#: nothing: `systemctl list-unit-files` takes a third of a second of processor time.
UNITS = (
    "{ find /etc/systemd/system /run/systemd/system -path '*.wants/*' -o -path '*.requires/*' 2>/dev/null |"
    " sed -n 's|.*/||; /[.]service$/p; /[.]timer$/p';"
    " systemctl list-units --type=service,timer --state=active,activating --no-legend --plain; }"
    " | awk '{print $1}' | sort -u"
)
#: The folder that a trainee's shell begins in; `reset` empties it.
HOME = "/root"
CA_FILE = "/etc/kubernetes/pki/ca.crt"
IPV4_FORWARD = "net.ipv4.ip_forward"
#: The kernel's other name for the same setting.
IPV4_ALIAS = "net.ipv4.conf.all.forwarding"
IPV6_FORWARD = "net.ipv6.conf.all.forwarding"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class NodeBaseline(_Model):
    """The baseline of one node."""

    role: str
    #: sysctl key -> value, for the keys that the node has.
    sysctls: dict[str, str]
    #: Path -> text of every file in the watched folders.
    files: dict[str, str]
    #: Path -> sha256 of the tools.
    tools: dict[str, str]
    #: Names of enabled or running services and timers.
    units: list[str]
    #: namespace/container -> image id of the containers that the grader enters.
    images: dict[str, str]
    #: Component -> UID of its static pod, which the kubelet derives from the manifest.
    static_pods: dict[str, str] = {}
    #: Path -> text of the files in root's home folder; None in the baseline of an older lab.
    home: dict[str, str] | None = None


class Baseline(_Model):
    """The baseline of the cluster. Sizes are in bytes."""

    #: Node name -> container id.
    identity: dict[str, str]
    uid: str
    ca: str
    etcd_revision: int
    etcd_size: int
    nodes: dict[str, NodeBaseline]
    #: Kind/namespace/name -> spec, as `comparable_spec` returns it.
    workloads: dict[str, dict[str, Any]]
    #: Kind/namespace/name -> UID.
    uids: dict[str, str]
    #: namespace/name -> cluster IP of the Services.
    services: dict[str, str]
    #: Namespace -> labels.
    namespaces: dict[str, dict[str, str]]
    #: Question about rights -> whether it was allowed; None in the baseline of an older lab.
    rights: dict[str, bool] | None = None
    #: kind/namespace/name of each role and binding; None likewise.
    roles: list[str] | None = None

    def forwarding_keys(self, node: str) -> list[str]:
        """Return the sysctls that turned forwarding on at `node` in the healthy cluster."""
        return [key for key in (IPV4_FORWARD, IPV6_FORWARD) if self.nodes[node].sysctls.get(key) == "1"]


def take(cluster: Cluster, scenario: Scenario) -> Baseline:
    """Read the baseline of a healthy `cluster`; raise `UnreadableError` or `CommandError` if it can't be read."""
    node = cluster.control_plane
    probed = {f"{workload.namespace}/{workload.name}" for workload in scenario.workloads.objects}
    with node.time.side_by_side(8) as pool:
        objects = pool.submit(_objects, node)
        namespaces = pool.submit(api.get, node, "namespaces")
        status = pool.submit(etcd.status, node)
        ca = pool.submit(node.read_file, CA_FILE)
        nodes = {each.name: pool.submit(_node, each, probed) for each in cluster.nodes}
        compared = "rights" in scenario.drill
        allowed = pool.submit(rights, node, scenario.namespaces) if compared else None
        bound = pool.submit(read_roles, node) if compared else None
        spaces = namespaces.result()["items"]
        items = objects.result()
        return Baseline(
            identity=dict(cluster.identity()),
            uid=next(s["metadata"]["uid"] for s in spaces if s["metadata"]["name"] == "kube-system"),
            ca=ca.result(),
            etcd_revision=status.result().revision,
            etcd_size=status.result().size,
            nodes={name: future.result() for name, future in nodes.items()},
            workloads={key: comparable_spec(item) for key, item in items.items()},
            uids={key: item["metadata"]["uid"] for key, item in items.items()},
            services=_addresses(items),
            namespaces={
                space["metadata"]["name"]: space["metadata"].get("labels", {})
                for space in spaces
                if "deletionTimestamp" not in space["metadata"]
            },
            rights=allowed.result() if allowed else None,
            roles=sorted(bound.result()) if bound else None,
        )


def holds(baseline: Baseline, cluster: Cluster, scenario: Scenario, manifests: Iterable[str]) -> bool:
    """Whether the app's objects, which `manifests` create, are unchanged since `baseline`.

    Return False as well if `manifests` contain objects that the baseline does not record.

    Raises:
        UnreadableError: the API server gave no answer.

    """
    made = [item for text in manifests for item in yaml.safe_load_all(text) if item]
    told = {*_KEPT, "Namespace"}
    if any(
        item["kind"] not in told or (item["kind"] == "Namespace" and "labels" in item["metadata"]) for item in made
    ):
        return False
    items = _app(cluster, scenario)
    return {key: (item["metadata"]["uid"], comparable_spec(item)) for key, item in items.items()} == {
        key: (uid, baseline.workloads[key])
        for key, uid in baseline.uids.items()
        if key.split("/")[1] in scenario.namespaces
    }


def renew(baseline: Baseline, cluster: Cluster, scenario: Scenario) -> Baseline:
    """Return `baseline` with the app's present objects: recreated objects have other UIDs and addresses."""
    items = _app(cluster, scenario)
    changes = {
        "workloads": {**baseline.workloads, **{key: comparable_spec(item) for key, item in items.items()}},
        "uids": {**baseline.uids, **{key: item["metadata"]["uid"] for key, item in items.items()}},
        "services": {**baseline.services, **_addresses(items)},
    }
    return baseline.model_copy(update=changes)


def _objects(node: Node) -> dict[str, Any]:
    return {
        f"{item['kind']}/{item['metadata']['namespace']}/{item['metadata']['name']}": item
        for item in api.get(node, ",".join(_KEPT.values()), "-A")["items"]
    }


def _app(cluster: Cluster, scenario: Scenario) -> dict[str, Any]:
    items = _objects(cluster.control_plane)
    return {key: item for key, item in items.items() if key.split("/")[1] in scenario.namespaces}


def _addresses(items: Mapping[str, Any]) -> dict[str, str]:
    """Return namespace/name -> cluster IP of the Services among `items`."""
    return {
        key.removeprefix("Service/"): item["spec"].get("clusterIP", "")
        for key, item in items.items()
        if item["kind"] == "Service"
    }


def comparable_spec(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the spec of a workload or Service without what an honest repair may change (rollout annotations)."""
    spec = dict(item["spec"])
    if "template" in spec:
        template = dict(spec["template"])
        template["metadata"] = {k: v for k, v in template.get("metadata", {}).items() if k == "labels"}
        spec["template"] = template
    return spec


def read_roles(node: Node) -> set[str]:
    """Return kind/namespace/name of each role and binding."""
    items = api.get(node, "clusterroles,clusterrolebindings,roles,rolebindings", "-A")["items"]
    return {f"{i['kind']}/{i['metadata'].get('namespace', '')}/{i['metadata']['name']}" for i in items}


def read_files(node: Node, paths: tuple[str, ...] = WATCHED) -> dict[str, str]:
    """Return path -> text of every regular file of `paths`, or below them."""
    # Each file starts with a record separator (036) and its path.
    script = 'for f in $(find "$@" -type f 2>/dev/null | sort); do printf "\\036%s\\n" "$f"; cat "$f"; done'
    said = node.run(["bash", "-c", script, "read", *paths]).check().stdout
    return dict(part.split("\n", 1) for part in said.split("\036")[1:])


def read_home(node: Node) -> dict[str, str]:
    """Return path -> text of the files in root's home folder, those in its folders aside."""
    return read_files(node, (HOME, "-maxdepth", "1"))


def tool_hashes(node: Node) -> dict[str, str]:
    """Return path -> sha256 of the lab's tools on the node, as PATH finds them, and what stands before them."""
    said = node.run(["bash", "-c", _HASHES]).check().stdout
    return {path: digest for digest, path in (line.split(maxsplit=1) for line in said.splitlines())}


def _node(node: Node, probed: set[str]) -> NodeBaseline:
    keys = (IPV4_FORWARD, IPV6_FORWARD)
    said = node.run(["sysctl", "-e", *keys]).stdout.splitlines()
    files, running = read_files(node), containers(node)
    images = {f"{c.namespace}/{c.name}": c.image for c in running}
    return NodeBaseline(
        role=node.role,
        sysctls={key.strip(): value.strip() for key, value in (line.split("=", 1) for line in said)},
        files=files,
        tools=tool_hashes(node),
        units=node.run(["bash", "-c", UNITS]).check().stdout.split(),
        images={name: image for name, image in images.items() if name in probed},
        static_pods={
            c.name: c.pod_uid
            for c in running
            if c.namespace == "kube-system" and f"{MANIFESTS}/{c.name}.yaml" in files
        },
        home=read_home(node),
    )
