"""kubectl label, annotate, scale, patch, cordon, uncordon, taint."""

import re

import yaml

from lab.cluster.sim.api.apiserver import Request
from lab.cluster.sim.api.documents import load
from lab.cluster.sim.api.kinds import Kind, find
from lab.cluster.sim.api.objects import Object, clone, dig, meta, name_of, namespace_of
from lab.cluster.sim.api.validation import key_problem, label_problem
from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client, path_of
from lab.cluster.sim.commands.kubectl.output import printed
from lab.cluster.sim.commands.kubectl.resources import from_files, targets
from lab.cluster.sim.commands.kubectl.write import dry, prepared, query, tell, trial
from lab.cluster.sim.timing.durations import parse_duration

__all__ = ["annotate", "chosen", "cordon", "label", "patch", "scale", "taint"]

_MERGE = "application/merge-patch+json"


async def chosen(
    call: Call, client: Client, words: list[str], *, all_of_kind: bool = False
) -> list[tuple[Kind, Object]]:
    """Return the objects named by words, -f, -l and --all; with `all_of_kind` a kind alone is enough."""
    flags = client.flags
    if flags.given("filename") or flags.given("kustomize"):
        items = [prepared(client, item) for item in await from_files(call, flags)]
        return [(kind, await client.get(kind, namespace_of(item), name_of(item))) for kind, item in items]
    found: list[tuple[Kind, Object]] = []
    for kind, name in targets(words):
        namespace = "" if not kind.namespaced else client.namespace
        if name:
            found.append((kind, await client.get(kind, namespace, name)))
        elif flags.given("selector") or flags.on("all") or all_of_kind:
            where = "" if flags.on("all-namespaces") else namespace
            found += [(kind, item) for item in await client.list(kind, where, labelSelector=flags.get("selector"))]
        else:
            raise Exit(1, "error: resource(s) were provided, but no name was specified")
    return found


async def label(call: Call, client: Client) -> int:
    """Set or remove labels."""
    return await _keys(call, client, "labels", "labeled", "label")


async def annotate(call: Call, client: Client) -> int:
    """Set or remove annotations."""
    return await _keys(call, client, "annotations", "annotated", "annotation")


def _split_words(words: list[str]) -> tuple[list[str], dict[str, str | None]]:
    names: list[str] = []
    changes: dict[str, str | None] = {}
    for word in words:
        if "=" in word:
            key, _, value = word.partition("=")
            changes[key] = value
        elif word.endswith("-") and names:
            changes[word[:-1]] = None
        else:
            names.append(word)
    return names, changes


async def _keys(call: Call, client: Client, field: str, done: str, singular: str) -> int:
    words, changes = _split_words(client.flags.words)
    if client.flags.on("list") and not changes:
        return await _list(call, await chosen(call, client, words), field)
    if not changes or "" in changes:
        raise Exit(1, f"error: at least one {singular} update is required")
    _require_fit(client.flags.words, words, changes, field, singular)
    code = 0
    for kind, item in await chosen(call, client, words):
        old = meta(item).get(field) or {}
        taken = [key for key, value in changes.items() if value is not None and key in old and old[key] != value]
        if taken and not client.flags.on("overwrite"):
            await call.err(_taken(taken, old, field) + "\n")
            code = 1
            continue
        if field == "labels":
            for key, value in changes.items():
                if value is None and key not in old and client.flags.get("output") != "name":
                    await call.line(f'label "{key}" not found.')
        new = {**old, **{key: value for key, value in changes.items() if value is not None}}
        new = {key: value for key, value in new.items() if changes.get(key, "") is not None}
        unlabeled = bool(old) and all(value is None for value in changes.values())
        quiet = client.flags.given("output") or (dry(client) == "server" and not unlabeled)
        if new == old and field == "labels" and not quiet:
            tail = " (server dry run)" if dry(client) == "server" else ""
            await call.line(f"{printed(kind, name_of(item))} not {done}{tail}")
            continue
        patch = {"metadata": {field: changes}}
        path = path_of(kind, namespace_of(item), name_of(item))
        changed = await client.send(Request("PATCH", path, query(client), patch, content_type=_MERGE))
        removed = all(value is None for value in changes.values()) and field == "labels"
        await tell(call, client, kind, changed, "unlabeled" if removed and new != old else done)
    return code


def _require_fit(
    typed: list[str], names: list[str], changes: dict[str, str | None], field: str, singular: str
) -> None:
    """End the command if changes contradict each other or a label's value is invalid."""
    pairs = [index for index, word in enumerate(typed) if "=" in word or word.endswith("-")]
    for word in typed[pairs[0] :] if pairs else []:
        if "=" not in word and not word.endswith("-"):
            raise Exit(1, f"error: all resources must be specified before {singular} changes: {word}")
    removed = {word[:-1] for word in typed if word not in names and "=" not in word}
    if removed & {word.partition("=")[0] for word in typed if "=" in word}:
        raise Exit(1, f"error: can not both modify and remove a {singular} in the same command")
    for key, value in changes.items():
        problem = label_problem(value) if field == "labels" and value is not None else ""
        if problem:
            raise Exit(1, f'error: invalid label value: "{key}={value}": {problem}')


def _taken(keys: list[str], old: dict[str, str], field: str) -> str:
    told = [f"'{key}' already has a value ({old[key]})" for key in keys]
    if field == "labels":
        return f"error: {told[0]}, and --overwrite is false"
    return f"error: --overwrite is false but found the following declared annotation(s): {'; '.join(told)}"


async def _list(call: Call, found: list[tuple[Kind, Object]], field: str) -> int:
    for kind, item in found:
        if len(found) > 1:
            await call.line(f"Listing {field} for {kind.kind}.{kind.group}/{name_of(item)}:")
        for key, value in sorted((meta(item).get(field) or {}).items()):
            await call.line(f"{' ' * (len(found) > 1)}{key}={value}")
    return 0


async def scale(call: Call, client: Client) -> int:
    """Set a workload's number of replicas."""
    flags = client.flags
    if not flags.given("replicas"):
        raise Exit(1, 'error: required flag(s) "replicas" not set')
    replicas = int(flags.get("replicas"))
    if replicas < 0:
        raise Exit(1, "error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0")
    code, found = 0, []
    for words in _each(flags.words):
        try:
            found += await chosen(call, client, words)
        except ApiFailure as failure:
            if len(flags.words) == 1 or not any("/" in word for word in flags.words):
                raise Exit(1, f"error: no objects passed to scale {failure.message}") from None
            await call.err(failure.told() + "\n")
            code = 1
    for kind, item in found:
        wanted = flags.get("current-replicas", "-1")
        if int(wanted) >= 0 and int(wanted) != dig(item, "spec", "replicas"):
            raise Exit(1, f"error: Expected replicas to be {wanted}, was {dig(item, 'spec', 'replicas')}")
        body = {"spec": {"replicas": replicas}}
        path = path_of(kind, namespace_of(item), name_of(item), "scale")
        await client.send(Request("PATCH", path, query(client), body, content_type=_MERGE))
        if flags.given("timeout") and not dry(client):
            await _until_scaled(call, client, kind, item, replicas)
        await tell(call, client, kind, item, "scaled")
    return code


def _each(words: list[str]) -> list[list[str]]:
    """Scale `a/x b/y` one by one: report missing ones and scale the others."""
    return [[word] for word in words] if len(words) > 1 and all("/" in word for word in words) else [words]


async def _until_scaled(call: Call, client: Client, kind: Kind, item: Object, replicas: int) -> None:
    limit, waited = parse_duration(client.flags.get("timeout")) or float("inf"), 0.0
    while True:
        now = await client.get(kind, namespace_of(item), name_of(item))
        seen = dig(now, "status", "observedGeneration", default=0) >= meta(now).get("generation", 0)
        if seen and dig(now, "status", "replicas", default=0) == replicas:
            return
        if waited >= limit:
            raise Exit(1, f'error: timed out waiting for "{name_of(item)}" to be synced')
        await call.sleep(0.5)
        waited += 0.5


async def patch(call: Call, client: Client) -> int:
    """Change fields of an object."""
    flags = client.flags
    text = flags.get("patch")
    if flags.given("patch-file"):
        text = await call.read(flags.get("patch-file"))
    if not text:
        raise Exit(1, "error: must specify --patch or --patch-file containing the contents of the patch")
    try:
        body = load(text)
    except yaml.YAMLError as error:
        del error
        raise Exit(1, "Error from server (BadRequest): unexpected end of JSON input") from None
    types = {
        "strategic": "application/strategic-merge-patch+json",
        "merge": _MERGE,
        "json": "application/json-patch+json",
    }
    content = types.get(flags.get("type", "strategic"))
    if content is None:
        raise Exit(1, f'error: --type must be one of [json merge strategic], not "{flags.get("type")}"')
    for kind, item in await chosen(call, client, flags.words):
        path = path_of(kind, namespace_of(item), name_of(item), flags.get("subresource"))
        asked = {key: value for key, value in query(client).items() if key == "dryRun"}
        new = await client.send(Request("PATCH", path, asked, body, content_type=content))
        # A dry run returns no version of its own that would distinguish it from no change.
        same = (
            {**new, "metadata": {**meta(new), "resourceVersion": ""}}
            == {**item, "metadata": {**meta(item), "resourceVersion": ""}}
            if dry(client)
            else (meta(new).get("resourceVersion") == meta(item).get("resourceVersion"))
        )
        done = "patched (no change)" if same else "patched"
        named = (
            f"scale.autoscaling/{name_of(item)}" if new.get("kind") == "Scale" else printed(kind, name_of(item))
        )
        # Of all commands, only this one does not report a dry run.
        if flags.given("output"):
            await tell(call, client, kind, new, done)
        else:
            await call.line(f"{named} {done}")
    return 0


async def cordon(call: Call, client: Client, *, on: bool) -> int:
    """Mark nodes as schedulable or unschedulable."""
    words = client.flags.words
    if not words and not client.flags.given("selector"):
        raise Exit(1, f"error: USAGE: kubectl {'cordon' if on else 'uncordon'} NODE [flags]")
    verb = "cordon" if on else "uncordon"
    for kind, item in await chosen(call, client, ["nodes", *words]):
        if bool(dig(item, "spec", "unschedulable")) == on:
            await call.line(f"{printed(kind, name_of(item))} already {verb}ed")
            continue
        if dry(client):
            await call.line(f"{printed(kind, name_of(item))} {verb}ed{trial(client)}")
            continue
        changed = clone(item)
        changed["spec"].pop("unschedulable", None)
        if on:
            changed["spec"]["unschedulable"] = True
        try:
            await client.send(Request("PUT", path_of(kind, "", name_of(item)), query(client), changed))
        except ApiFailure as failure:
            await call.err(f'error: unable to {verb} node "{name_of(item)}": {failure.message}\n')
            continue
        await call.line(f"{printed(kind, name_of(item))} {verb}ed")
    return 0


async def taint(call: Call, client: Client) -> int:
    """Set or remove taints of nodes."""
    pattern = re.compile(r"^([^=:]+)(?:=([^:]*))?(?::(\w+))?(-?)$")
    # The first words are the kind and, without a slash, a name; the rest must be taints.
    plain = [word for word in client.flags.words if ":" not in word and "=" not in word and not word.endswith("-")]
    names = plain
    if plain and (found := find(plain[0].partition("/")[0])) is not None and found.kind != "Node":
        raise Exit(1, f"error: invalid resource type {plain[0].partition('/')[0]}, only node types are supported")
    if len(plain) == len(client.flags.words) or len(plain) > 2:
        raise Exit(1, "error: at least one taint update is required")
    changes = [match for word in client.flags.words if word not in names and (match := pattern.match(word))]
    _require_taints([word for word in client.flags.words if word not in names])
    code = 0
    for kind, item in await chosen(call, client, names):
        changed = clone(item)
        taints = changed["spec"].get("taints") or []
        missing: list[str] = []
        for key, value, effect, minus in (match.groups() for match in changes):
            before = len(taints)
            taints = [t for t in taints if t["key"] != key.rstrip("-") or (effect and t["effect"] != effect)]
            if minus or key.endswith("-"):
                if len(taints) == before:
                    missing.append(f'taint "{key.rstrip("-")}{f":{effect}" if effect else ""}" not found')
            else:
                entry = {"effect": effect, "key": key}
                taints.append({**entry, "value": value} if value else entry)
        if missing:
            lead = "error: " if "--all" not in call.argv and not client.flags.given("selector") else ""
            await call.err(f"{lead}{missing[0]}\n")
            code = 1
            continue
        changed["spec"]["taints"] = taints
        if not taints:
            del changed["spec"]["taints"]
        await client.send(Request("PUT", path_of(kind, "", name_of(item)), query(client), changed))
        undone = all(groups[3] or groups[0].endswith("-") for groups in (match.groups() for match in changes))
        await call.line(f"{printed(kind, name_of(item))} {'untainted' if undone else 'tainted'}")
    return code


def _require_taints(words: list[str]) -> None:
    """End the command if a word is neither a taint nor the removal of one."""
    for word in words:
        bare = word.removesuffix("-")
        key, _, effect = bare.partition(":")
        value = key.partition("=")[2]
        problem = key_problem(key.partition("=")[0] if effect or word.endswith("-") else key) or label_problem(
            value
        )
        if problem:
            told = f"invalid taint spec: {word}, {problem}"
        elif effect not in {"", "NoSchedule", "PreferNoSchedule", "NoExecute"}:
            told = f"invalid taint effect: {effect}, unsupported taint effect"
        else:
            continue
        raise Exit(1, f"error: {told}\nSee 'kubectl taint -h' for help and examples")
