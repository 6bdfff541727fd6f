"""kubectl rollout."""

from typing import TYPE_CHECKING

from lab.cluster.sim.api.apiserver import Request
from lab.cluster.sim.api.kinds import KIND, Kind
from lab.cluster.sim.api.objects import Object, clone, dig, meta, name_of, namespace_of, stamp
from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.kubectl.change import chosen
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client, path_of
from lab.cluster.sim.commands.kubectl.describe_pods import template_lines
from lab.cluster.sim.commands.kubectl.output import printed
from lab.cluster.sim.commands.kubectl.write import dry, trial
from lab.cluster.sim.control.deployments import REVISION
from lab.cluster.sim.timing.durations import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["rollout"]

_RESTARTED = "kubectl.kubernetes.io/restartedAt"
_CAUSE = "kubernetes.io/change-cause"
_FINE = ("Deployment", "DaemonSet", "StatefulSet")


async def rollout(call: Call, client: Client) -> int:
    """Control a rollout."""
    words = client.flags.words
    verbs = {"restart": _restart, "status": _status, "history": _history, "undo": _undo,
             "pause": _pause, "resume": _pause}  # fmt: skip
    if not words or words[0] not in verbs:
        raise Exit(
            1, f"error: unknown command \"{' '.join(words)}\"\nSee 'kubectl rollout -h' for help and examples"
        )
    code = 0
    for kind, item in await chosen(call, client, words[1:], all_of_kind=True):
        if refusal := _refusal(words[0], kind, item):
            code = await call.fail(f"error: {refusal}")
            continue
        code = await verbs[words[0]](call, client, kind, item) or code
    return code


def _refusal(verb: str, kind: Kind, item: Object) -> str:
    """Return why an object has no such rollout, or an empty string."""
    told = f'{kind.full} "{name_of(item)}"'
    doing = {"restart": "restarting", "pause": "pausing", "resume": "resuming"}.get(verb)
    if kind.kind not in _FINE or (doing in {"pausing", "resuming"} and kind.kind != "Deployment"):
        if doing:
            return f"{told} {doing} is not supported"
        if verb == "status":
            return f"no status viewer has been implemented for {kind.kind}"
        what = "rollbacker" if verb == "undo" else "history"
        return f'error retrieving {what} for "{kind.kind}", no visitor method exists for {{ {kind.kind}}}'
    paused = bool(dig(item, "spec", "paused"))
    return {
        ("pause", True): f"{told} is already paused",
        ("resume", False): f"{told} is not paused",
        ("restart", True): f"{told} can't restart paused deployment (run rollout resume first)",
        ("undo", True): (
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again"
        ),
    }.get((verb, paused), "")


async def _restart(call: Call, client: Client, kind: Kind, item: Object) -> int:
    changed = clone(item)
    metadata = changed["spec"]["template"].setdefault("metadata", {})
    metadata.setdefault("annotations", {})[_RESTARTED] = stamp(call.now())
    path = path_of(kind, namespace_of(item), name_of(item))
    try:
        await client.send(Request("PUT", path, {}, changed))
    except ApiFailure as failure:
        return await call.fail(f"error: failed to patch: {failure.message}")
    await call.line(f"{printed(kind, name_of(item))} restarted")
    return 0


async def _pause(call: Call, client: Client, kind: Kind, item: Object) -> int:
    verb = client.flags.words[0]
    changed = clone(item)
    changed["spec"].pop("paused", None)
    if verb == "pause":
        changed["spec"]["paused"] = True
    await client.send(Request("PUT", path_of(kind, namespace_of(item), name_of(item)), {}, changed))
    await call.line(f"{printed(kind, name_of(item))} {verb}d")
    return 0


async def _status(call: Call, client: Client, kind: Kind, item: Object) -> int:
    limit = parse_duration(client.flags.get("timeout", "0s")) or float("inf")
    waited, said = 0.0, ""
    while True:
        item = await client.get(kind, namespace_of(item), name_of(item))
        if not waited and meta(item).get("generation", 1) > dig(item, "status", "observedGeneration", default=0):
            # By the time a program has started and asked, a controller has seen the change.
            await call.sleep(0.2)
            waited = 0.2
            item = await client.get(kind, namespace_of(item), name_of(item))
        text, done = _progress(kind, item)
        if text != said:
            await call.line(text)
            said = text
        if done or not client.flags.on("watch", default=True):
            return 0
        if waited >= limit:
            return await call.fail("error: timed out waiting for the condition")
        await call.sleep(0.2)
        waited += 0.2


def _progress(kind: Kind, item: Object) -> tuple[str, bool]:
    name, status, spec = name_of(item), item.get("status") or {}, item["spec"]
    if kind.kind == "DaemonSet":
        return _daemon_progress(name, item, status)
    noun = kind.kind.lower()
    if meta(item).get("generation", 1) > status.get("observedGeneration", 0):
        return f"Waiting for {noun} spec update to be observed...", False
    total, updated = spec["replicas"], status.get("updatedReplicas", 0)
    replicas, available = status.get("replicas", 0), status.get("availableReplicas", 0)
    waiting = f'Waiting for deployment "{name}" rollout to finish: '
    if updated < total:
        return f"{waiting}{updated} out of {total} new replicas have been updated...", False
    if replicas > updated:
        return f"{waiting}{replicas - updated} old replicas are pending termination...", False
    if available < updated:
        return f"{waiting}{available} of {updated} updated replicas are available...", False
    return f'deployment "{name}" successfully rolled out', True


def _daemon_progress(name: str, item: Object, status: Object) -> tuple[str, bool]:
    if meta(item).get("generation", 1) > status.get("observedGeneration", 0):
        return "Waiting for daemon set spec update to be observed...", False
    wanted, updated = status.get("desiredNumberScheduled", 0), status.get("updatedNumberScheduled", 0)
    available = status.get("numberAvailable", 0)
    waiting = f'Waiting for daemon set "{name}" rollout to finish: '
    if updated < wanted:
        return f"{waiting}{updated} out of {wanted} new pods have been updated...", False
    if available < wanted:
        return f"{waiting}{available} of {wanted} updated pods are available...", False
    return f'daemon set "{name}" successfully rolled out', True


def _revisions(call: Call, item: Object) -> dict[int, Object]:
    """Return revision -> template."""
    if item["kind"] == "DaemonSet":
        found = call.plane.store.owned(KIND["ControllerRevision"], item)
        return {one["revision"]: one["data"]["spec"]["template"] for one in found}
    sets = call.plane.store.owned(KIND["ReplicaSet"], item)
    return {int((meta(one).get("annotations") or {}).get(REVISION, 0)): one["spec"]["template"] for one in sets}


def _causes(call: Call, item: Object) -> dict[int, str]:
    """Return revision -> its reason, from its annotation."""
    kind = "ControllerRevision" if item["kind"] == "DaemonSet" else "ReplicaSet"
    found = {}
    for one in call.plane.store.owned(KIND[kind], item):
        notes = meta(one).get("annotations") or {}
        if _CAUSE in notes:
            found[int(one.get("revision") or notes.get(REVISION, 0))] = notes[_CAUSE]
    return found


async def _history(call: Call, client: Client, kind: Kind, item: Object) -> int:
    if client.flags.given("output"):
        raise NotSimulated(f"kubectl rollout history -o {client.flags.get('output')}")
    known = _revisions(call, item)
    causes = _causes(call, item)
    if wanted := int(client.flags.get("revision", "0")):
        if wanted not in known:
            return await call.fail("error: unable to find the specified revision")
        await call.line(f"{printed(kind, name_of(item))} with revision #{wanted}")
        await call.out("\n".join(_unaligned(template_lines(known[wanted]))) + "\n\n")
        return 0
    await call.line(f"{printed(kind, name_of(item))} ")
    lines = [
        "REVISION  CHANGE-CAUSE",
        *(f"{number:<8}  {causes.get(number, '<none>')}" for number in sorted(known)),
    ]
    await call.out("\n".join(lines) + "\n\n")
    return 0


def _unaligned(lines: "Iterable[str]") -> "Iterator[str]":
    """Yield lines as this command prints them: with the tabs that `describe` turns into columns."""
    return (line.lstrip(" ") if line.lstrip(" ").startswith("\t") else line for line in lines)


async def _undo(call: Call, client: Client, kind: Kind, item: Object) -> int:
    known = _revisions(call, item)
    wanted = int(client.flags.get("to-revision", "0"))
    numbers = sorted(known)
    if not wanted:
        if len(numbers) < 2:
            return await call.fail(f'error: no rollout history found for {kind.kind.lower()} "{name_of(item)}"')
        wanted = numbers[-2]
    if wanted not in known:
        return await call.fail(f"error: unable to find specified revision {wanted} in history")
    changed = clone(item)
    template = clone(known[wanted])
    dig(template, "metadata", "labels", default={}).pop("pod-template-hash", None)
    if dry(client) == "client":
        await call.out(f"{printed(kind, name_of(item))} " + "\n".join(_unaligned(template_lines(known[wanted]))))
        await call.line(f"\n{trial(client)}")
        return 0
    changed["spec"]["template"] = template
    path = path_of(kind, namespace_of(item), name_of(item))
    asked = {"dryRun": "All"} if dry(client) else {}
    await client.send(Request("PUT", path, asked, changed))
    await call.line(f"{printed(kind, name_of(item))} rolled back{trial(client)}")
    return 0
