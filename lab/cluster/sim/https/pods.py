"""Where a pod runs: its node, its sandbox, and a container's attempts, for logs and programs inside."""

from dataclasses import dataclass

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.objects import Object, dig, meta, name_of, namespace_of
from lab.cluster.sim.kubelet.static_pods import MIRROR
from lab.cluster.sim.machine.runtime import Container, Sandbox
from lab.cluster.sim.world.node import NodeModel
from lab.cluster.sim.world.world import World

__all__ = ["Found", "container_of", "require_kubelet", "running"]


@dataclass(frozen=True, slots=True)
class Found:
    """A container by name: its node, its sandbox if there is one, and its attempts, the last one last."""

    node: NodeModel
    sandbox: Sandbox | None
    attempts: list[Container]
    name: str
    #: The pod's name and namespace, as the kubelet joins them.
    pod: str = ""


def container_of(world: World, pod: Object, wanted: str) -> Found:
    """Return the container of a pod that is called `wanted`, or its only one; raise `ApiError` for others."""
    names = [spec["name"] for spec in pod["spec"]["containers"]]
    name = wanted
    if not name and len(names) > 1:
        choices = f"choose one of: [{' '.join(names)}]"
        raise ApiError.bad_request(f"a container name must be specified for pod {name_of(pod)}, {choices}")
    name = name or names[0]
    if name not in names:
        raise ApiError.bad_request(f"container {name} is not valid for pod {name_of(pod)}")
    node = world.nodes.get(dig(pod, "spec", "nodeName", default=""))
    if node is None:
        raise ApiError.bad_request(f"pod {name_of(pod)} does not have a host assigned")
    source = (meta(pod).get("annotations") or {}).get(MIRROR)
    uid = node.kubelet.static.uid_of_source(source) if source else meta(pod)["uid"]
    sandbox = node.runtime.sandbox_of(uid or "")
    attempts = [each for each in node.runtime.of(sandbox) if each.name == name] if sandbox else []
    return Found(node, sandbox, attempts, name, f"{name_of(pod)}_{namespace_of(pod)}")


def require_kubelet(found: Found) -> None:
    """Raise `ApiError` unless the API server reaches the kubelet of the pod's node."""
    if not found.node.kubelet.active:
        message = f"error dialing backend: dial tcp {found.node.ip}:10250: connect: connection refused"
        raise ApiError(500, "InternalError", message)


def running(found: Found, otherwise: str) -> tuple[Sandbox, Container]:
    """Return a container that can be entered, and its sandbox; raise `ApiError`: `otherwise` if it has ended."""
    require_kubelet(found)
    if found.sandbox is None or not found.attempts or not found.attempts[-1].running:
        raise ApiError(500, "InternalError", f"Internal error occurred: {otherwise}")
    return found.sandbox, found.attempts[-1]
