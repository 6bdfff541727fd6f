"""kubectl cluster-info: the address of the control plane, and a dump of a cluster."""

import posixpath

from lab.cluster.sim.api.apiserver import Request
from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object, name_of, namespace_of
from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.containers import log_lines
from lab.cluster.sim.commands.golang.goyaml import as_yaml
from lab.cluster.sim.commands.kubectl.client import Client, path_of
from lab.cluster.sim.commands.kubectl.pods import place
from lab.cluster.sim.text.json_text import indented

__all__ = ["cluster_info"]

#: Kinds to dump of a namespace, and their files.
_DUMPED = (
    ("Event", "events"), ("ReplicationController", "replication-controllers"), ("Service", "services"),
    ("DaemonSet", "daemonsets"), ("Deployment", "deployments"), ("ReplicaSet", "replicasets"), ("Pod", "pods"),
)  # fmt: skip


async def cluster_info(call: Call, client: Client) -> int:
    """Print the address of the control plane, or dump the cluster."""
    if client.flags.words[:1] == ["dump"]:
        return await _dump(call, client)
    if client.flags.words:
        told = f'unknown command "{" ".join(client.flags.words)}"'
        raise Exit(1, f"error: {told}\nSee 'kubectl cluster-info -h' for help and examples")
    await client.list(KIND["Service"], "kube-system", labelSelector="kubernetes.io/cluster-service=true")
    server = f"https://{call.world.control_plane.name}:6443"
    await call.out(
        f"Kubernetes control plane is running at {server}\n"
        f"CoreDNS is running at {server}/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy\n\n"
        "To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n"
    )
    return 0


async def _dump(call: Call, client: Client) -> int:
    flags = client.flags
    form, folder = flags.get("output", "json"), flags.get("output-directory", "-")
    names = [name for value in flags.all("namespaces") for name in value.split(",") if name]
    if flags.on("all-namespaces"):
        names = [name_of(item) for item in await client.list(KIND["Namespace"], "")]
    files: dict[str, str] = {f"nodes.{form}": _text(await _listed(client, "Node", ""), form)}
    for namespace in names or list(dict.fromkeys(["kube-system", client.namespace])):
        for kind, file in _DUMPED:
            listed = await _listed(client, kind, namespace)
            files[f"{namespace}/{file}.{form}"] = _text(listed, form)
        for pod in listed["items"]:
            files[f"{namespace}/{name_of(pod)}/logs.txt"] = _logs(call, pod)
    if folder == "-":
        await call.out("".join(files.values()))
        return 0
    for name, text in files.items():
        path = call.path(posixpath.join(folder, name))
        call.files.write(path, text)
    await call.line(f"Cluster info dumped to {folder}")
    return 0


async def _listed(client: Client, kind: str, namespace: str) -> Object:
    found: Object = await client.send(Request("GET", path_of(KIND[kind], namespace)))
    return {key: found[key] for key in ("kind", "apiVersion", "metadata", "items")}


def _text(listed: Object, form: str) -> str:
    if form == "yaml":
        return as_yaml(listed)
    return indented(listed, indent=4) + "\n"


def _logs(call: Call, pod: Object) -> str:
    text = ""
    for spec in pod["spec"]["containers"]:
        about = f"container {spec['name']} of pod {namespace_of(pod)}/{name_of(pod)}"
        text += f"==== START logs for {about} ====\n"
        try:
            _, _, found, _ = place(call, pod, spec["name"])
            lines = log_lines(call, found[-1], -1, stamps=False, since=0.0) if found else []
            text += "".join(f"{line}\n" for line in lines)
        except Exit as end:
            text += f"Request log error: {end.message}\n"
        text += f"==== END logs for {about} ====\n"
    return text
