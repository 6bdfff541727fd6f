"""kubectl logs and exec, and the search for a pod, its node and its container."""

from typing import TYPE_CHECKING

from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object, dig, labels, matches, meta, name_of, namespace_of
from lab.cluster.sim.api.pods import is_active
from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.containers import NOT_FOUND, execute, log_lines, not_started
from lab.cluster.sim.commands.kubectl.client import Client
from lab.cluster.sim.commands.kubectl.resources import kind_named
from lab.cluster.sim.kubelet.static_pods import MIRROR
from lab.cluster.sim.machine.runtime import Container, Sandbox
from lab.cluster.sim.timing.durations import parse_duration

if TYPE_CHECKING:
    from lab.cluster.sim.world.node import NodeModel

__all__ = ["exec_", "logs", "place"]


#: Kinds that select pods.
_OWNERS = ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "ReplicationController", "Service", "Job")


async def _pod(client: Client, word: str, *, tell: bool = False, doing: str = "attach to") -> Object:
    """Return the pod that `name`, `pod/name` or `deploy/name` means."""
    kind_word, slash, name = word.partition("/")
    if not slash:
        return await client.get(KIND["Pod"], client.namespace, word)
    kind = kind_named(kind_word)
    if kind.kind == "Pod":
        return await client.get(kind, client.namespace, name)
    owner = await client.get(kind, client.namespace, name)
    if kind.kind not in _OWNERS:
        raise Exit(1, f"error: cannot {doing} *v1.{kind.kind}: selector for *v1.{kind.kind} not implemented")
    selector = dig(owner, "spec", "selector", default={})
    if kind.kind == "Service":
        selector = {"matchLabels": selector}
    pods = [
        p
        for p in await client.list(KIND["Pod"], client.namespace)
        if matches(selector, labels(p)) and is_active(p)
    ]
    if not pods:
        raise Exit(1, "error: timed out waiting for the condition")
    if len(pods) > 1 and tell:
        await client.call.err(f"Found {len(pods)} pods, using pod/{name_of(pods[0])}\n")
    return pods[0]


def place(
    call: Call, pod: Object, wanted: str, refusal: str = "error"
) -> tuple["NodeModel", Sandbox, list[Container], str]:
    """Return the place of a pod: node, sandbox, the container's attempts, the container's name."""
    names = [spec["name"] for spec in pod["spec"]["containers"]]
    name = (
        wanted or (meta(pod).get("annotations") or {}).get("kubectl.kubernetes.io/default-container") or names[0]
    )
    if name not in names:
        raise Exit(1, f"{refusal}: container {name} is not valid for pod {name_of(pod)}")
    node = call.world.nodes.get(dig(pod, "spec", "nodeName", default=""))
    if node is None:
        raise Exit(1, f"error: pod {name_of(pod)} does not have a host assigned")
    source = (meta(pod).get("annotations") or {}).get(MIRROR)
    uid = node.kubelet.static.uid_of_source(source) if source else meta(pod)["uid"]
    sandbox = node.runtime.sandbox_of(uid or "")
    if sandbox is None:
        raise Exit(
            1,
            f'Error from server (BadRequest): container "{name}" in pod "{name_of(pod)}" is waiting to start: '
            "ContainerCreating",
        )
    return node, sandbox, [c for c in node.runtime.of(sandbox) if c.name == name], name


async def logs(call: Call, client: Client) -> int:
    """Print containers' logs."""
    flags = client.flags
    if len(flags.words) > 2 or not (flags.words or flags.given("selector")):
        raise Exit(
            1,
            "error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required "
            "argument for the logs command\nSee 'kubectl logs -h' for help and examples",
        )
    if flags.given("selector") and flags.words:
        raise Exit(
            1,
            "error: only a selector (-l) or a POD name is allowed\nSee 'kubectl logs -h' for help and examples",
        )
    pods = await _logged(client)
    if not pods:
        await call.err(f"No resources found in {client.namespace} namespace.\n")
    container = flags.get("container") or (flags.words[1] if len(flags.words) > 1 else "")
    for pod in pods:
        names = [one["name"] for one in pod["spec"]["containers"]] if flags.on("all-containers") else [container]
        for name in names:
            await _log(call, client, pod, name)
    return 0


async def _logged(client: Client) -> list[Object]:
    """Return the pods whose logs were requested."""
    flags = client.flags
    if flags.given("selector"):
        return await client.list(KIND["Pod"], client.namespace, labelSelector=flags.get("selector"))
    try:
        return [await _pod(client, flags.words[0], tell=True, doing="get the logs from")]
    except Exception as error:
        if getattr(error, "code", 0) == 404 and hasattr(error, "message"):
            told = f'{error.message} in namespace "{client.namespace}"'
            raise Exit(1, f"error: error from server (NotFound): {told}") from None
        raise


async def _log(call: Call, client: Client, pod: Object, container: str) -> None:
    flags = client.flags
    node, _, found, name = place(call, pod, container)
    if not node.kubelet.active:
        raise Exit(1, f'Error from server: Get "https://{node.ip}:10250/containerLogs/{namespace_of(pod)}/{name_of(pod)}/'
                      f'{name}": dial tcp {node.ip}:10250: connect: connection refused')  # fmt: skip
    chosen = found[-2:-1] if flags.on("previous") else found[-1:]
    if not chosen:
        told = f'container "{name}" in pod "{name_of(pod)}"'
        if flags.on("previous"):
            raise Exit(1, f"Error from server (BadRequest): previous terminated {told} not found")
        raise Exit(1, f"Error from server (BadRequest): {told} is waiting to start: {_why_waiting(pod, name)}")
    since, tail = _since(call, client, pod), int(flags.get("tail", "-1"))
    lead = f"[pod/{name_of(pod)}/{name}] " if flags.on("prefix") else ""
    for line in log_lines(call, chosen[0], tail, stamps=flags.on("timestamps"), since=since):
        await call.line(lead + line)
    if flags.on("follow"):
        await _follow(call, chosen[0])


def _why_waiting(pod: Object, name: str) -> str:
    for status in dig(pod, "status", "containerStatuses", default=[]):
        if status["name"] == name and (reason := dig(status, "state", "waiting", "reason")):
            said = {
                "ErrImagePull": "image can't be pulled",
                "ImagePullBackOff": "trying and failing to pull image",
            }
            return said.get(reason, str(reason))
    return "ContainerCreating"


def _since(call: Call, client: Client, pod: Object) -> float:
    """Return the time of --since, rounded to whole seconds, at least one."""
    if not client.flags.given("since"):
        return 0.0
    text = client.flags.get("since")
    try:
        seconds = round(parse_duration(text))
    except ValueError:
        raise Exit(1, f'error: invalid argument "{text}" for "--since" flag: time: invalid duration "{text}"\n'
                      "See 'kubectl logs --help' for usage.") from None  # fmt: skip
    if seconds < 1:
        raise Exit(1, f'The PodLogOptions "{name_of(pod)}" is invalid: sinceSeconds: Invalid value: {seconds}: '
                      "must be greater than 0")  # fmt: skip
    return call.now() - seconds


async def _follow(call: Call, container: Container) -> None:
    seen = len(container.log)
    while container.running:
        await call.sleep(0.5)
        for _, _, line in container.log[seen:]:
            await call.line(line)
        seen = len(container.log)


async def exec_(call: Call, client: Client) -> int:
    """Run a command in a container."""
    flags = client.flags
    words = flags.words
    if not words:
        raise Exit(1, "error: pod, type/name or --filename must be specified")
    argv = flags.rest if flags.rest is not None else words[1:]
    if not argv:
        raise Exit(1, "error: you must specify at least one command for the container")
    if flags.rest is None:
        raise Exit(1, "error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\n"
                      "See 'kubectl exec -h' for help and examples")  # fmt: skip
    pod = await _pod(client, words[0])
    node, sandbox, found, name = place(call, pod, flags.get("container"), "Error from server (BadRequest)")
    if not node.kubelet.active:
        raise Exit(
            1, f"Error from server: error dialing backend: dial tcp {node.ip}:10250: connect: connection refused"
        )
    if not found or not found[-1].running:
        raise Exit(
            1, f'error: Internal error occurred: unable to upgrade connection: container not found ("{name}")'
        )
    tty = flags.on("tty")
    if tty and (not flags.on("stdin") or call.terminal is None):
        await call.err("Unable to use a TTY - input is not a terminal or the right kind of file\n")
    code = await execute(call, node, sandbox, found[-1], argv, stdin=flags.on("stdin"), tty=tty)
    if code == NOT_FOUND:
        raise Exit(
            1, f"error: Internal error occurred: Internal error occurred: {not_started(found[-1], argv[0])}"
        )
    return code if not code else await call.fail(f"command terminated with exit code {code}", code)
