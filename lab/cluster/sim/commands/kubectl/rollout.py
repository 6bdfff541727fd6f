"""kubectl rollout, wait."""

from typing import TYPE_CHECKING

from lab.cluster.sim.apiserver import Request
from lab.cluster.sim.call import Call, Exit
from lab.cluster.sim.commands.kubectl.change import chosen
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client, path_of
from lab.cluster.sim.commands.kubectl.describe_pods import template_lines
from lab.cluster.sim.commands.kubectl.output import printed
from lab.cluster.sim.commands.kubectl.resources import targets
from lab.cluster.sim.controllers.common import KIND, owned
from lab.cluster.sim.controllers.deployments import REVISION
from lab.cluster.sim.durations import parse_duration
from lab.cluster.sim.kinds import Kind
from lab.cluster.sim.objects import Object, clone, dig, meta, name_of, namespace_of, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["rollout", "wait"]

_RESTARTED = "kubectl.kubernetes.io/restartedAt"
_FINE = ("Deployment", "DaemonSet", "StatefulSet")


async def rollout(call: Call, client: Client) -> int:
    """Look after a rollout."""
    words = client.flags.words
    verbs = {"restart": _restart, "status": _status, "history": _history, "undo": _undo}
    if not words or words[0] not in {*verbs, "pause", "resume"}:
        raise Exit(
            1, f"error: unknown command \"{' '.join(words[:1])}\"\nSee 'kubectl rollout -h' for help and examples"
        )
    found = await chosen(call, client, words[1:])
    for kind, _ in found:
        if kind.kind not in _FINE:
            raise Exit(1, f'error: no {words[0]}er has been implemented for "{kind.kind}"')
    if words[0] in {"pause", "resume"}:
        return await _pause(call, client, found, words[0])
    code = 0
    for kind, item in found:
        code = await verbs[words[0]](call, client, kind, item) or code
    return code


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


async def _pause(call: Call, client: Client, found: list[tuple[Kind, Object]], verb: str) -> int:
    for kind, item in found:
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
            # Until a program has started and asked, a controller has seen the change.
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
        found = owned(call.world, "ControllerRevision", item)
        return {one["revision"]: one["data"]["spec"]["template"] for one in found}
    sets = owned(call.world, "ReplicaSet", item)
    return {int((meta(one).get("annotations") or {}).get(REVISION, 0)): one["spec"]["template"] for one in sets}


async def _history(call: Call, client: Client, kind: Kind, item: Object) -> int:
    known = _revisions(call, item)
    if wanted := int(client.flags.get("revision", "0")):
        if wanted not in known:
            return await call.fail(f"error: unable to find the specified revision {wanted} in history")
        await call.line(f"{printed(kind, name_of(item))} with revision #{wanted}")
        await call.out("\n".join(_unaligned(template_lines(known[wanted]))) + "\n\n")
        return 0
    await call.line(f"{printed(kind, name_of(item))} ")
    lines = ["REVISION  CHANGE-CAUSE", *(f"{number:<8}  <none>" for number in sorted(known))]
    await call.out("\n".join(lines) + "\n\n")
    return 0


def _unaligned(lines: "Iterable[str]") -> "Iterator[str]":
    """Yield lines as this command prints them: with the tabs that `describe` makes columns of."""
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
    changed["spec"]["template"] = template
    await client.send(Request("PUT", path_of(kind, namespace_of(item), name_of(item)), {}, changed))
    await call.line(f"{printed(kind, name_of(item))} rolled back")
    return 0


async def wait(call: Call, client: Client) -> int:
    """Wait for a condition of objects."""
    flags = client.flags
    holds = _condition(flags.get("for"))
    limit = parse_duration(flags.get("timeout", "30s"))
    if flags.get("for") == "delete":
        return await _wait_deleted(call, client, limit)
    found = await chosen(call, client, flags.words)
    if not found:
        return await call.fail("error: no matching resources found")
    code, waited = 0, 0.0
    for kind, item in found:
        while True:
            now = call.world.store.get(kind, namespace_of(item), name_of(item))
            if now is not None and holds(now):
                await call.line(f"{printed(kind, name_of(item))} condition met")
                break
            if waited >= limit:
                told = f"error: timed out waiting for the condition on {kind.plural}/{name_of(item)}"
                await call.err(told + "\n")
                code = 1
                break
            await call.sleep(0.2)
            waited += 0.2
    return code


async def _wait_deleted(call: Call, client: Client, limit: float) -> int:
    waited = 0.0
    for kind, name in targets(client.flags.words):
        namespace = client.namespace if kind.namespaced else ""
        while call.world.store.get(kind, namespace, name) is not None:
            if waited >= limit:
                return await call.fail(f"error: timed out waiting for the condition on {kind.plural}/{name}")
            await call.sleep(0.2)
            waited += 0.2
        if waited:
            await call.line(f"{printed(KIND[kind.kind], name)} condition met")
    return 0


def _condition(text: str) -> "Callable[[Object], bool]":
    if text == "delete":
        return lambda _item: False
    how, _, what = text.partition("=")
    if how == "condition":
        name, _, value = what.partition("=")
        wanted = (value or "True").lower()
        return lambda item: any(
            c["type"].lower() == name.lower() and c["status"].lower() == wanted
            for c in dig(item, "status", "conditions", default=[])
        )
    if how == "jsonpath":
        from lab.cluster.sim.commands.kubectl.jsonpath import render  # noqa: PLC0415 -- used here alone

        path, _, value = what.rpartition("}=")
        return lambda item: render(f"{path}}}", item) == value.strip("'\"") if value else bool(render(what, item))
    raise Exit(1, f'error: unrecognized condition: "{text}"')
