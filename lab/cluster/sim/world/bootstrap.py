"""A new cluster: the objects that kubeadm and kind leave behind, and the files on its nodes."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files as resources

from lab.cluster.sim.api.defaults import apply_defaults
from lab.cluster.sim.api.documents import load_all
from lab.cluster.sim.api.kinds import KIND, KINDS, skeleton
from lab.cluster.sim.api.objects import Object, meta, namespace_of, stamp
from lab.cluster.sim.kubelet.node_status import node_object
from lab.cluster.sim.machine import node_files
from lab.cluster.sim.machine.unit_files import RUNNING
from lab.cluster.sim.pki import kubeadm
from lab.cluster.sim.pki.issuing import moment
from lab.cluster.sim.timing.chance import Chance
from lab.cluster.sim.world.node import NodeModel
from lab.cluster.sim.world.world import World

__all__ = ["IMAGES", "boot"]

IMAGES = (
    "docker.io/kindest/kindnetd:offline",
    "registry.k8s.io/coredns/coredns:v1.12.1",
    "registry.k8s.io/e2e-test-images/agnhost:2.53",
    "registry.k8s.io/etcd:3.6.5-0",
    "registry.k8s.io/kube-apiserver:v1.34.4",
    "registry.k8s.io/kube-controller-manager:v1.34.4",
    "registry.k8s.io/kube-proxy:v1.34.4",
    "registry.k8s.io/kube-scheduler:v1.34.4",
    "registry.k8s.io/pause:3.10.1",
)
_PKI = "/etc/kubernetes/pki"
_DATA = resources("lab.cluster.sim") / "data"
#: How long a cluster takes to come up; all of it is over when the cluster is created.
BOOT_SECONDS = 30.0
#: How long before the workers join, so that pods of the control plane's start are placed there.
_ALONE = 12.0


def boot(world: World) -> None:
    """Fill an empty world and start it; afterwards the clock must be advanced by `BOOT_SECONDS`."""
    # Time that passes in here must also be over when the cluster is there.
    world.clock.rewind(_ALONE)
    now = world.now()
    for node in world.nodes.values():
        node.systemd.boot_time = now
        node_files.write(node)
        _kubernetes_files(world, node)
        node.runtime.images = list(IMAGES)
        world.identity[node.name] = node.id
    _objects(world, now)
    world.control_plane.systemd.boot(RUNNING)
    world.poke()
    world.clock.advance(_ALONE)
    for node in world.nodes.values():
        if node is not world.control_plane:
            _add(world, node_object(node, world.now()), world.now())
            node.systemd.boot(RUNNING)
    world.poke()
    for node in world.nodes.values():
        _node_events(world, node)


def _node_events(world: World, node: NodeModel) -> None:
    """Report the events of a node's programs at its start; events about static pods were lost."""
    item = world.plane.store.get(KIND["Node"], "", node.name)
    if item is None:
        return
    named = f"Node {node.name}"
    client = world.plane.client(f"system:node:{node.name}")
    for component, reason, message in (
        ("kube-proxy", "Starting", ""),
        ("kubelet", "Starting", "Starting kubelet."),
        *(
            ("kubelet", reason, f"{named} status is now: {reason}")
            for reason in ("NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID")
        ),
        ("kubelet", "NodeAllocatableEnforced", "Updated Node Allocatable limit across pods"),
        ("node-controller", "RegisteredNode", f"{named} event: Registered {named} in Controller"),
        ("kubelet", "NodeReady", f"{named} status is now: NodeReady"),
    ):
        world.plane.events.recorder(client, component, node.name).record(item, "Normal", reason, message)


def text(name: str, world: World) -> str:
    """Return one of the data files, filled in for this cluster."""
    raw = (_DATA / name).read_text(encoding="utf-8")
    # kubeadm's first token is valid for a day.
    end = datetime.fromtimestamp(world.now() + 86400, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    values = {
        "name": world.name, "ip": world.control_plane.ip, "expires": base64.b64encode(end.encode()).decode()
    }  # fmt: skip
    for key, value in values.items():
        raw = raw.replace(f"{{{{{key}}}}}", value)
    return raw


def _kubernetes_files(world: World, node: NodeModel) -> None:
    """Write what kubeadm, kind and the kubelet leave on a node: certificates, kubeconfigs, manifests."""
    files, first = node.files, world.control_plane
    made = kubeadm.cluster(first.id, world.now(), first.name, first.ip)
    authority = kubeadm.Identity(made.files["ca.crt"], made.files["ca.key"])
    files.write(f"{_PKI}/ca.crt", authority.certificate, 0o644)
    if node is not first:
        _kubelet_files(world, node, kubeadm.kubelet(first.id, world.now(), node.name, authority))
        files.mkdir("/etc/kubernetes/manifests")
        return
    for path, content in made.files.items():
        files.write(f"{_PKI}/{path}", content, 0o644 if path.endswith(".crt") else 0o600)
    user = made.users["kubelet"]
    own = {**kubeadm.kubelet(first.id, world.now(), node.name, None), "client": user.certificate + user.key}
    _kubelet_files(world, node, own)
    for name, account in (
        ("admin", "kubernetes-admin"), ("super-admin", "kubernetes-super-admin"),
        ("controller-manager", "system:kube-controller-manager"), ("scheduler", "system:kube-scheduler"),
    ):  # fmt: skip
        user = made.users[name]
        pair = (f"client-certificate-data: {_coded(user.certificate)}", f"client-key-data: {_coded(user.key)}")
        _kubeconfig(world, node, name, account, pair)
    for component in ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"):
        files.write(
            f"/etc/kubernetes/manifests/{component}.yaml", text(f"manifests/{component}.yaml", world), 0o600
        )


def _kubelet_files(world: World, node: NodeModel, made: Mapping[str, str]) -> None:
    folder = "/var/lib/kubelet/pki"
    for name in ("kubelet.crt", "kubelet.key"):
        node.files.write(f"{folder}/{name}", made[name], 0o644 if name.endswith(".crt") else 0o600)
    path = f"{folder}/kubelet-client-{moment(world.now()):%Y-%m-%d-%H-%M-%S}.pem"
    current = f"{folder}/kubelet-client-current.pem"
    node.files.write(path, made["client"], 0o600)
    node.files.system.symlink(path, current)
    pair = (f"client-certificate: {current}", f"client-key: {current}")
    _kubeconfig(world, node, "kubelet", f"system:node:{node.name}", pair)


def _coded(content: str) -> str:
    return base64.b64encode(content.encode()).decode()


def _kubeconfig(world: World, node: NodeModel, name: str, auth: str, pair: tuple[str, str]) -> None:
    authority, first = _coded(node.files.read(f"{_PKI}/ca.crt")), world.control_plane
    # Programs of the control plane ask the API server beside them.
    beside = name in {"controller-manager", "scheduler"} or (name == "kubelet" and node is first)
    lines = [
        "apiVersion: v1",
        "clusters:",
        "- cluster:",
        f"    certificate-authority-data: {authority}",
        f"    server: https://{first.ip if beside else first.name}:6443",
        f"  name: {world.name}",
        "contexts:",
        "- context:",
        f"    cluster: {world.name}",
        f"    user: {auth}",
        f"  name: {auth}@{world.name}",
        f"current-context: {auth}@{world.name}",
        "kind: Config",
        "users:",
        f"- name: {auth}",
        "  user:",
        *(f"    {line}" for line in pair),
        "",
    ]
    node.files.write(f"/etc/kubernetes/{name}.conf", "\n".join(lines), 0o600)


def _objects(world: World, now: float) -> None:
    for name in ("default", "kube-node-lease", "kube-public", "kube-system"):
        _add(world, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, now)
    _add(world, node_object(world.control_plane, now), now)
    accounts = ("coredns", "kindnet", "kube-proxy")
    for name in accounts:
        account = {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": name, "namespace": "kube-system"},
        }
        _add(world, account, now)
    for name, value in (("system-cluster-critical", 2000000000), ("system-node-critical", 2000001000)):
        _add(world, {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name},
                     "value": value, "preemptionPolicy": "PreemptLowerPriority"}, now)  # fmt: skip
    for name in ("objects.yaml", "more.yaml"):
        for item in load_all(text(name, world)):
            _add(world, item, now)
    _named(world, now)
    storage: Object = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": "kubernetes.io/no-provisioner",
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    _add(world, storage, now)
    endpoint = {"addresses": [{"ip": world.control_plane.ip}],
                "ports": [{"name": "https", "port": 6443, "protocol": "TCP"}]}  # fmt: skip
    _add(
        world,
        {
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {
                "name": "kubernetes",
                "namespace": "default",
                "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"},
            },
            "subsets": [endpoint],
        },
        now,
    )
    _add(
        world,
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "addressType": "IPv4",
            "metadata": {
                "name": "kubernetes",
                "namespace": "default",
                "labels": {"kubernetes.io/service-name": "kubernetes"},
            },
            "endpoints": [{"addresses": [world.control_plane.ip], "conditions": {"ready": True}}],
            "ports": [{"name": "https", "port": 6443, "protocol": "TCP"}],
        },
        now,
    )


def _named(world: World, now: float) -> None:
    """Add the objects that only have names: accounts, roles and bindings."""
    for line in text("names.txt", world).splitlines():
        if line.startswith("#"):
            continue
        kind, namespace, name, reference, subjects = line.split()
        item = skeleton(kind, name)
        if namespace != "-":
            item["metadata"]["namespace"] = namespace
        if reference != "-":
            referred, _, role = reference.partition("/")
            item["roleRef"] = {"apiGroup": "rbac.authorization.k8s.io", "kind": referred, "name": role}
        if subjects != "-":
            item["subjects"] = [_subject(subject) for subject in subjects.split(",")]
        _add(world, item, now)
    for node in world.nodes.values():
        _add(world, {**skeleton("CSINode", node.name), "spec": {"drivers": []}}, now)
        first = node is world.control_plane
        user = "system:node:" + node.name if first else "system:bootstrap:abcdef"
        _add(world, _signing_request(user, world.chance), now)
    groups = {(kind.group, kind.version) for kind in KINDS} | {("autoscaling", "v1")}
    for group, version in sorted(groups):
        name = f"{version}.{group}"
        if group != "apiregistration.k8s.io":
            spec = {"group": group, "version": version}
            head = {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService"}
            _add(world, {**head, "metadata": {"name": name}, "spec": spec}, now)


def _subject(text: str) -> Object:
    kind, _, name = text.partition(":")
    if kind != "ServiceAccount":
        return {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}
    namespace, _, name = name.partition("/")
    return {"kind": kind, "name": name, "namespace": namespace}


def _signing_request(user: str, chance: Chance) -> Object:
    """Return a kubelet's request for its certificate, as it was approved when its node joined."""
    return {
        "apiVersion": "certificates.k8s.io/v1",
        "kind": "CertificateSigningRequest",
        "metadata": {"name": f"csr-{chance.name()}", "generateName": "csr-"},
        "spec": {"signerName": "kubernetes.io/kube-apiserver-client-kubelet", "username": user},
        "status": {"conditions": [{"type": "Approved", "status": "True"}], "certificate": "-----BEGIN"},
    }


def _add(world: World, item: Object, now: float) -> None:
    apply_defaults(item)
    metadata = meta(item)
    metadata.setdefault("uid", world.chance.uid())
    metadata.setdefault("creationTimestamp", stamp(now))
    if item["kind"] in {"Deployment", "DaemonSet"}:
        metadata["generation"] = 1
    if item["kind"] == "DaemonSet":
        metadata.setdefault("annotations", {})["deprecated.daemonset.template.generation"] = "1"
    kind = KIND[item["kind"]]
    if world.plane.store.get(kind, namespace_of(item), metadata["name"]) is None:
        world.plane.store.create(kind, item)
