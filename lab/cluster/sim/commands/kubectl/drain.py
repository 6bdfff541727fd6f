"""kubectl drain."""

from lab.cluster.sim.api.apiserver import Request
from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import controller_of, dig, meta, name_of, namespace_of
from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.kubectl.change import cordon
from lab.cluster.sim.commands.kubectl.client import Client, path_of
from lab.cluster.sim.commands.kubectl.write import trial
from lab.cluster.sim.kubelet.static_pods import MIRROR

__all__ = ["drain"]


async def drain(call: Call, client: Client) -> int:
    """Cordon a node and evict its pods."""
    flags = client.flags
    if not flags.words:
        raise Exit(1, "error: USAGE: kubectl drain NODE [flags]")
    code = await cordon(call, client, on=True)
    node = flags.words[0]
    pods = [p for p in await client.list(KIND["Pod"], "") if dig(p, "spec", "nodeName") == node]
    daemons = [p for p in pods if (controller_of(p) or {}).get("kind") == "DaemonSet"]
    mirrors = [p for p in pods if MIRROR in (meta(p).get("annotations") or {})]
    if daemons and not flags.on("ignore-daemonsets"):
        names = ", ".join(f"{namespace_of(p)}/{name_of(p)}" for p in daemons)
        return await call.fail(
            f'error: unable to drain node "{node}" due to error: cannot delete DaemonSet-managed Pods '
            f"(use --ignore-daemonsets to ignore): {names}, continuing command...\n"
            f"There are pending nodes to be drained:\n {node}\ncannot delete DaemonSet-managed Pods "
            f"(use --ignore-daemonsets to ignore): {names}"
        )
    if daemons:
        names = ", ".join(f"{namespace_of(p)}/{name_of(p)}" for p in daemons)
        await call.err(f"Warning: ignoring DaemonSet-managed Pods: {names}\n")
    note = trial(client)
    for pod in pods:
        if pod in daemons or pod in mirrors:
            continue
        await call.line(f"evicting pod {namespace_of(pod)}/{name_of(pod)}{note}")
        if note:
            continue
        await client.send(Request("DELETE", path_of(KIND["Pod"], namespace_of(pod), name_of(pod))))
        while call.plane.store.get(KIND["Pod"], namespace_of(pod), name_of(pod)) is not None:
            await call.sleep(0.2)
        await call.line(f"pod/{name_of(pod)} evicted")
    await call.line(f"node/{node} drained{note}")
    return code
