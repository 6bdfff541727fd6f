"""kubectl run: a pod made from words, and the terminal joined to its program."""

import contextlib
import json

from lab.cluster.sim.apiserver import Request
from lab.cluster.sim.call import Call, Exit
from lab.cluster.sim.commands.containers import execute
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client, path_of
from lab.cluster.sim.commands.kubectl.pods import place
from lab.cluster.sim.commands.kubectl.write import dry, query, tell
from lab.cluster.sim.controllers.common import KIND
from lab.cluster.sim.objects import Object, dig, name_of
from lab.cluster.sim.patching import merge

__all__ = ["run"]

#: How long the pod may take to run, in s (kubectl's --pod-running-timeout).
_PATIENCE = 60.0


async def run(call: Call, client: Client) -> int:
    """Make a pod, and be at its program if -i or --attach asks for it."""
    flags = client.flags
    if not flags.get("image"):
        raise Exit(1, 'error: required flag(s) "image" not set')
    if not flags.words:
        raise Exit(1, "error: NAME is required for run\nSee 'kubectl run -h' for help and examples")
    attached = flags.on("attach") or flags.on("stdin")
    if flags.on("rm") and not attached:
        raise Exit(1, "error: --rm should only be used for attached containers")
    made = pod = _pod(client)
    if dry(client) != "client":
        made = await client.send(Request("POST", path_of(KIND["Pod"], client.namespace), query(client), pod))
    if attached and not dry(client):
        return await _attach(call, client, made)
    await tell(call, client, KIND["Pod"], made, "created")
    return 0


def _pod(client: Client) -> Object:
    """Return the pod that the words describe."""
    flags = client.flags
    found = dict(pair.split("=", 1) for value in flags.all("labels") for pair in value.split(","))
    pod: Object = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "labels": found or {"run": flags.words[0]},
            "name": flags.words[0],
        },
        "spec": {
            "containers": [_container(client)],
            "dnsPolicy": "ClusterFirst",
            "restartPolicy": flags.get("restart", "Always"),
        },
        "status": {},
    }
    if dry(client) != "client" or flags.given("namespace"):
        pod["metadata"]["namespace"] = client.namespace
    return merge(pod, json.loads(flags.get("overrides"))) if flags.given("overrides") else pod


def _container(client: Client) -> Object:
    flags = client.flags
    container: Object = {"image": flags.get("image"), "name": flags.words[0], "resources": {}}
    arguments = flags.rest or flags.words[1:]
    if arguments:
        container["command" if flags.on("command") else "args"] = arguments
    if flags.on("stdin"):
        container |= {"stdin": True, "stdinOnce": True}
    if flags.on("tty"):
        container["tty"] = True
    if flags.on("privileged"):
        container["securityContext"] = {"privileged": True}
    if flags.given("port"):
        container["ports"] = [{"containerPort": int(flags.get("port"))}]
    if flags.given("env"):
        pairs = [value.partition("=") for value in flags.all("env")]
        container["env"] = [{"name": name, "value": value} for name, _, value in pairs]
    return container


async def _attach(call: Call, client: Client, made: Object) -> int:
    """Be at the pod's program until it ends; with --rm the pod is deleted then."""
    name = name_of(made)
    flags = client.flags
    try:
        await _until_running(call, client, name)
        code = await _at_its_program(call, client, name)
    finally:
        if flags.on("rm"):
            path = path_of(KIND["Pod"], client.namespace, name)
            with contextlib.suppress(ApiFailure):
                await client.send(Request("DELETE", path, {}, {"gracePeriodSeconds": 0}))
                await call.line(f'pod "{name}" deleted from {client.namespace} namespace')
    if not flags.on("rm") and flags.on("tty"):
        again = f"kubectl attach {name} -c {name} -i -t"
        await call.err(f"Session ended, resume using '{again}' command when the pod is running\n")
    return code


async def _until_running(call: Call, client: Client, name: str) -> None:
    waited = 0.0
    while True:
        pod = await client.get(KIND["Pod"], client.namespace, name)
        if dig(pod, "status", "phase", default="") in {"Running", "Succeeded", "Failed"}:
            return
        if waited >= _PATIENCE:
            raise Exit(1, "error: timed out waiting for the condition")
        await call.sleep(0.2)
        waited += 0.2


async def _at_its_program(call: Call, client: Client, name: str) -> int:
    pod = await client.get(KIND["Pod"], client.namespace, name)
    node, sandbox, found, _ = place(call, pod, "")
    spec = pod["spec"]["containers"][0]
    argv = [*(spec.get("command") or []), *(spec.get("args") or [])]
    if not found or not argv:
        return 0
    if client.flags.on("tty"):
        await call.err("If you don't see a command prompt, try pressing enter.\n")
    return await execute(
        call, node, sandbox, found[-1], argv, stdin=client.flags.on("stdin"), tty=client.flags.on("tty")
    )
