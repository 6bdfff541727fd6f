"""kubectl run: a pod from words, and the terminal attached to its program."""

import contextlib
import json
import re

from lab.cluster.sim.api.apiserver import Request
from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object, dig, name_of
from lab.cluster.sim.api.patching import merge
from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.containers import execute
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client, path_of
from lab.cluster.sim.commands.kubectl.pods import place
from lab.cluster.sim.commands.kubectl.write import dry, query, tell
from lab.cluster.sim.plane.programs import agnhost_refusal

__all__ = ["run"]

_RECORDED = (
    "All commands and output from this session will be recorded in container logs, including credentials and "
    "sensitive information passed through the command prompt.\n"
)
#: How long the pod may take to run, in s (kubectl's --pod-running-timeout).
#: A name of an image, as far as it is looked at: with a tag and a digest or without.
_IMAGE = re.compile(r"[a-zA-Z0-9][\w.\-/]*(:\d+/[\w.\-/]+)?(:[\w.\-]+)?(@sha256:[0-9a-f]{64})?")
_PATIENCE = 60.0


async def run(call: Call, client: Client) -> int:
    """Create a pod, and attach to its program for -i or --attach."""
    attached = _require_sound(client)
    made = pod = _pod(client)
    if dry(client) != "client":
        made = await client.send(Request("POST", path_of(KIND["Pod"], client.namespace), query(client), pod))
    if attached and not dry(client):
        return await _attach(call, client, made)
    await tell(call, client, KIND["Pod"], made, "created")
    return 0


def _require_sound(client: Client) -> bool:
    """End the command if its flags are wrong; return whether to attach to the pod's program."""
    flags = client.flags
    attached = flags.on("attach") or flags.on("stdin")
    options = "attached containers options (--attach, --stdin, or --tty)"
    problems = (
        (not flags.given("image"), 'required flag(s) "image" not set', False),
        (not flags.words, "NAME is required for run", True),
        (not flags.get("image"), "--image is required", False),
        (
            not _IMAGE.fullmatch(flags.get("image")),
            f'Invalid image name "{flags.get("image")}": invalid reference format',
            False,
        ),
        (
            flags.get("restart", "Always") not in {"Always", "OnFailure", "Never"},
            f"invalid restart policy: {flags.get('restart')}",
            True,
        ),
        (flags.on("rm") and not attached, "--rm should only be used for attached containers", True),
        (
            bool(dry(client)) and (attached or flags.on("tty")),
            f"--dry-run=[server|client] can't be used with {options}",
            True,
        ),
        (flags.on("expose") and not flags.get("port"), "--port must be set when exposing a service", True),
        (
            bool(flags.get("port")) and not flags.get("port").isdigit(),
            f'strconv.Atoi: parsing "{flags.get("port")}": invalid syntax',
            False,
        ),
    )
    for wrong, told, usage in problems:
        if wrong:
            raise Exit(1, f"error: {told}" + ("\nSee 'kubectl run -h' for help and examples" if usage else ""))
    _require_pairs(flags)
    if flags.on("expose"):
        raise NotSimulated("kubectl run --expose")
    return attached


def _require_pairs(flags: Flags) -> None:
    for pair in flags.all("env"):
        if not pair.partition("=")[0] or "=" not in pair:
            raise Exit(1, f"error: invalid env: {pair}")
    for value in (*flags.all("labels"), *flags.all("annotations")):
        for pair in value.split(","):
            if "=" not in pair:
                raise Exit(1, f"error: unexpected label spec: {pair}")


def _pairs(values: list[str]) -> dict[str, str]:
    return dict(pair.split("=", 1) for value in values for pair in value.split(","))


def _pod(client: Client) -> Object:
    """Return the pod that the words describe."""
    flags = client.flags
    found = _pairs(flags.all("labels"))
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
    if flags.given("annotations"):
        pod["metadata"]["annotations"] = _pairs(flags.all("annotations"))
    if not flags.given("overrides"):
        return pod
    try:
        changed: Object = merge(pod, json.loads(flags.get("overrides")))
    except ValueError:
        raise Exit(1, "error: Invalid JSON Patch") from None
    return changed


def _container(client: Client) -> Object:
    flags = client.flags
    container: Object = {"image": flags.get("image"), "name": flags.words[0], "resources": {}}
    arguments = flags.rest or flags.words[1:]
    if flags.given("image-pull-policy"):
        container["imagePullPolicy"] = flags.get("image-pull-policy")
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
    """Stay attached to the pod's program until it ends; with --rm delete the pod then."""
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
                if not flags.on("quiet"):
                    await call.line(f'pod "{name}" deleted from {client.namespace} namespace')
    if code and not flags.on("tty"):
        await call.err(f"pod {client.namespace}/{name} terminated (Error)\n")
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
    if refused := agnhost_refusal(found[-1]):
        await call.out(f"{refused}\n")
        return 1
    if client.flags.on("tty") and not client.flags.on("quiet"):
        await call.err(_RECORDED)
        await call.err("If you don't see a command prompt, try pressing enter.\n")
    return await execute(
        call, node, sandbox, found[-1], argv, stdin=client.flags.on("stdin"), tty=client.flags.on("tty")
    )
