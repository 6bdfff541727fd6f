"""kubectl apply, create -f, replace, delete."""

import contextlib
import json

from lab.cluster.sim.api.apiserver import Request
from lab.cluster.sim.api.kinds import Kind, kind_of
from lab.cluster.sim.api.objects import Object, clone, meta, name_of, namespace_of
from lab.cluster.sim.api.patching import APPLY
from lab.cluster.sim.api.rules.names import path_segment_problems
from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client, path_of
from lab.cluster.sim.commands.kubectl.output import printed, structured
from lab.cluster.sim.commands.kubectl.resources import from_files, targets
from lab.cluster.sim.commands.kubectl.three_way import three_way
from lab.cluster.sim.timing.durations import parse_duration

__all__ = ["LAST", "apply", "apply_patch", "create_files", "delete", "dry", "replace", "tell", "trial"]

LAST = "kubectl.kubernetes.io/last-applied-configuration"


_UNNOTED = (
    f"Warning: resource {{what}} is missing the {LAST} annotation which is required by kubectl apply. kubectl "
    "apply should only be used on resources created declaratively by either kubectl create --save-config or "
    "kubectl apply. The missing annotation will be patched automatically.\n"
)
_FORCED = (
    "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. "
    "The resource may continue to run on the cluster indefinitely.\n"
)


def dry(client: Client) -> str:
    """Return `client`, `server` or an empty string, for --dry-run."""
    value = client.flags.get("dry-run")
    if value in {"", "none", "false"}:
        return ""
    if value in {"true", "unchanged", "client"}:
        return "client"
    if value != "server":
        raise Exit(1, f'error: Invalid dry-run value ({value}). Must be "none", "server", or "client".')
    return value


def query(client: Client) -> dict[str, str]:
    """Return the query of a write."""
    level = {"false": "Ignore", "ignore": "Ignore", "warn": "Warn"}.get(client.flags.get("validate"), "Strict")
    strict = {"fieldValidation": level}
    return {**strict, "dryRun": "All"} if dry(client) == "server" else strict


async def tell(call: Call, client: Client, kind: Kind, item: Object, done: str) -> None:
    """Report a change of an object, in the format of -o."""
    form = client.flags.get("output")
    if form:
        await call.out(structured(form, item, [item], [kind]))
        return
    await call.line(f"{printed(kind, name_of(item))} {done}{trial(client)}")


def trial(client: Client) -> str:
    """Return the suffix of a dry run's messages, or an empty string."""
    return {"client": " (dry run)", "server": " (server dry run)"}.get(dry(client), "")


def prepared(client: Client, item: Object) -> tuple[Kind, Object]:
    """Return an object from a file with its kind, in its namespace."""
    kind = kind_of(item["kind"])
    if kind is None:
        raise Exit(1, f'error: no matches for kind "{item["kind"]}"')
    item = clone(item)
    if item.get("metadata") is None:
        item["metadata"] = {}
    if kind.namespaced:
        namespace = namespace_of(item)
        wanted = client.flags.get("namespace")
        if namespace and wanted and namespace != wanted:
            raise Exit(
                1,
                f'error: the namespace from the provided object "{namespace}" does not match the namespace '
                f"\"{wanted}\". You must pass '--namespace={namespace}' to perform this operation.",
            )
        meta(item)["namespace"] = namespace or client.namespace
    return kind, item


def _name_problem(item: Object) -> str:
    """Return why an object's name can't be part of a path, or an empty string."""
    name = name_of(item)
    if not name:
        return "resource name may not be empty"
    problems = path_segment_problems(name)
    return f'invalid resource name "{name}": [{" ".join(problems)}]' if problems else ""


def _require_name(client: Client, kind: Kind, item: Object) -> None:
    """End `apply` for an object without a usable name."""
    prefix, problem = meta(item).get("generateName"), _name_problem(item)
    if prefix and not name_of(item):
        raise Exit(1, f"error: from {prefix}: cannot use generate name with apply")
    if not problem:
        return
    if client.flags.on("server-side"):
        raise Exit(1, f"error: {problem}")
    resource = f"{kind.group}/{kind.version}, Resource={kind.plural}"
    what = f"{kind.group}/{kind.version}, Kind={kind.kind}"
    asked = f'error: error when retrieving current configuration of:\nResource: "{resource}"'
    namespace = namespace_of(item) if kind.namespaced else ""
    where = f'Name: "{name_of(item)}", Namespace: "{namespace}"\nfrom server for: "{_source(client)}"'
    raise Exit(1, f'{asked}, GroupVersionKind: "{what}"\n{where}: {problem}')


def _source(client: Client) -> str:
    path = client.flags.get("filename")
    return "STDIN" if path == "-" else path


async def _files(call: Call, client: Client, verb: str) -> list[Object]:
    if not (client.flags.given("filename") or client.flags.given("kustomize")):
        raise Exit(1, "error: must specify one of -f and -k")
    items = await from_files(call, client.flags)
    if not items:
        raise Exit(
            1,
            f"error: no objects passed to {verb}",
        )
    return items


async def apply(call: Call, client: Client) -> int:
    """Create or patch the objects of files."""
    _require_applicable(client)
    code = 0
    for raw in await _files(call, client, "apply"):
        kind, item = prepared(client, raw)
        try:
            await _apply_one(call, client, kind, item)
        except ApiFailure as failure:
            doing = "" if client.flags.on("server-side") else f'error when creating "{_source(client)}"'
            conflict = failure.code == 409 and not doing
            await call.err((f"error: {failure.message}" if conflict else failure.told(doing)) + "\n")
            code = 1
    return code


def _require_applicable(client: Client) -> None:
    """End the command if its words or flags are wrong."""
    flags = client.flags
    if flags.words:
        if flags.words[0] in {"view-last-applied", "set-last-applied", "edit-last-applied"}:
            raise NotSimulated(f"kubectl apply {flags.words[0]}")
        told = f"Unexpected args: [{' '.join(flags.words)}]"
        raise Exit(1, f"error: {told}\nSee 'kubectl apply -h' for help and examples")
    if flags.get("validate", "true") not in {"true", "strict", "warn", "ignore", "false"}:
        option = f'invalid - validate option "{flags.get("validate")}"'
        raise Exit(1, f"error: {option}; must be one of: strict (or true), warn, ignore (or false)")
    if flags.on("prune"):
        if not (flags.on("all") or flags.given("selector")):
            raise Exit(
                1,
                "error: all resources selected for prune without explicitly passing --all. "
                "To prune all resources, pass the --all flag. If you did not mean to prune all resources, "
                "specify a label selector",
            )
        raise NotSimulated("kubectl apply --prune")


async def _apply_one(call: Call, client: Client, kind: Kind, item: Object) -> None:
    _require_name(client, kind, item)
    noted = clone(item)
    noted["metadata"].setdefault("annotations", {})
    note = json.dumps(noted, separators=(",", ":"), sort_keys=True) + "\n"
    server_side = client.flags.on("server-side")
    if not server_side and len(note) < 262144:
        meta(item).setdefault("annotations", {})[LAST] = note
    try:
        old = await client.get(kind, namespace_of(item), name_of(item))
    except ApiFailure as failure:
        if failure.code != 404:
            raise
        old = None
    if dry(client) == "client":
        await tell(call, client, kind, item, "configured" if old else "created")
        return
    path = path_of(kind, namespace_of(item), name_of(item))
    if server_side:
        made = await client.send(Request("PATCH", path, query(client), item, content_type=APPLY))
        await tell(call, client, kind, made, "serverside-applied")
        return
    if old is None:
        made = await client.send(Request("POST", path_of(kind, namespace_of(item)), query(client), item))
        await tell(call, client, kind, made, "created")
        return
    if LAST not in (meta(old).get("annotations") or {}):
        await call.err(_UNNOTED.format(what=f"{kind.plural}/{name_of(item)}"))
    patch = apply_patch(old, item)
    new = await client.send(
        Request("PATCH", path, query(client), patch, content_type="application/strategic-merge-patch+json")
    )
    same = meta(new).get("resourceVersion") == meta(old).get("resourceVersion") and not dry(client)
    await tell(call, client, kind, new, "unchanged" if same else "configured")


def apply_patch(old: Object, item: Object) -> Object:
    """Return the changes in `item`, and the removal of fields that only an earlier apply had."""
    last = (meta(old).get("annotations") or {}).get(LAST)
    before: Object = {}
    if last:
        with contextlib.suppress(ValueError):
            before = json.loads(last)
    return three_way(before, old, item)


async def create_files(call: Call, client: Client) -> int:
    """Create the objects of files."""
    code = 0
    for raw in await _files(call, client, "create"):
        kind, item = prepared(client, raw)
        if dry(client) == "client":
            await tell(call, client, kind, item, "created")
            continue
        try:
            made = await client.send(Request("POST", path_of(kind, namespace_of(item)), query(client), item))
        except ApiFailure as failure:
            await call.err(failure.told(f'error when creating "{_source(client)}"') + "\n")
            code = 1
        else:
            await tell(call, client, kind, made, "created")
    return code


async def replace(call: Call, client: Client) -> int:
    """Replace objects with those of files, or the object at a raw path."""
    if client.flags.given("raw"):
        items = await _raw_body(call, client)
        try:
            await call.out(await client.raw("PUT", client.flags.get("raw"), items))
        except ApiFailure as failure:
            await call.err(failure.told() + "\n")
            return 1
        return 0
    code = 0
    for raw in await _files(call, client, "replace"):
        kind, item = prepared(client, raw)
        if problem := _name_problem(item):
            raise Exit(1, f'error: error when replacing "{_source(client)}": {problem}')
        path = path_of(kind, namespace_of(item), name_of(item))
        try:
            if client.flags.on("force"):
                await client.send(Request("DELETE", path, body={"gracePeriodSeconds": 0}))
                await _deleted(call, client, kind, item, forced=False)
                new = await client.send(Request("POST", path_of(kind, namespace_of(item)), query(client), item))
            else:
                new = await client.send(Request("PUT", path, query(client), item))
        except ApiFailure as failure:
            doing = f'error when replacing "{_source(client)}"'
            await call.err(failure.told(doing) + "\n")
            code = 1
        else:
            await tell(call, client, kind, new, "replaced")
    return code


async def _raw_body(call: Call, client: Client) -> Object:
    text = await call.read(client.flags.get("filename", "-"))
    try:
        found: Object = json.loads(text)
    except ValueError:
        # The API server reads it: it may refuse the path first.
        return {"": text}
    return found


async def create_raw(call: Call, client: Client) -> int:
    """Post a file to a raw path."""
    body = await _raw_body(call, client)
    await call.out(await client.raw("POST", client.flags.get("raw"), body))
    return 0


async def delete(call: Call, client: Client) -> int:
    """Delete objects, and wait until they are gone."""
    if client.flags.given("raw"):
        await call.out(await client.raw("DELETE", client.flags.get("raw")))
        return 0
    _require_deletable(client)
    found, code = await _to_delete(call, client)
    gone: list[tuple[Kind, Object]] = []
    for kind, item in found:
        path = path_of(kind, namespace_of(item), name_of(item))
        if client.flags.on("force") and not gone and not dry(client):
            await call.err(_FORCED)
        body: Object = {"propagationPolicy": {"orphan": "Orphan", "foreground": "Foreground"}.get(
            client.flags.get("cascade"), "Background")}  # fmt: skip
        if client.flags.given("grace-period") and int(client.flags.get("grace-period")) >= 0:
            body["gracePeriodSeconds"] = int(client.flags.get("grace-period"))
        elif client.flags.on("force"):
            body["gracePeriodSeconds"] = 0
        elif client.flags.on("now"):
            body["gracePeriodSeconds"] = 1
        try:
            await client.send(Request("DELETE", path, query(client), body))
        except ApiFailure as failure:
            if not (failure.code == 404 and client.flags.on("ignore-not-found")):
                doing = f'error when deleting "{_source(client)}"' if client.flags.given("filename") else ""
                await call.err(failure.told(doing) + "\n")
                code = 1
            continue
        await _deleted(call, client, kind, item)
        gone.append((kind, item))
    if client.flags.on("wait", default=True) and not dry(client):
        return await _wait_gone(call, client, gone) or code
    return code


def _require_deletable(client: Client) -> None:
    """End the command if its flags contradict each other."""
    flags = client.flags
    if flags.get("cascade", "background") not in {"background", "foreground", "orphan", "true", "false"}:
        raise Exit(
            1,
            f"error: invalid cascade value ({flags.get('cascade')}). "
            'Must be "background", "foreground", or "orphan"',
        )
    if flags.get("output") not in {"", "name"}:
        raise Exit(1, f"error: unexpected -o output mode: {flags.get('output')}. We only support '-o name'")
    if flags.on("force") and (int(flags.get("grace-period", "-1")) > 0 or flags.on("now")):
        raise Exit(1, "error: --force and --grace-period greater than 0 cannot be specified together")
    selected = flags.given("selector") or flags.on("all") or flags.given("field-selector")
    if selected and not flags.words and not flags.given("filename"):
        raise Exit(1, "error: at least one resource must be specified to use a selector")
    if selected and (len(flags.words) > 1 or any("/" in word for word in flags.words)):
        raise Exit(1, "error: name cannot be provided when a selector is specified")


async def _deleted(call: Call, client: Client, kind: Kind, item: Object, *, forced: bool = True) -> None:
    if client.flags.get("output") == "name":
        await call.line(printed(kind, name_of(item)))
        return
    note = {"client": " (dry run)", "server": " (server dry run)"}.get(dry(client), "")
    where = f" from {namespace_of(item)} namespace" if kind.namespaced else ""
    how = " force" if forced and client.flags.on("force") else ""
    await call.line(f'{kind.printed} "{name_of(item)}"{how} deleted{where}{note}')


async def _to_delete(call: Call, client: Client) -> tuple[list[tuple[Kind, Object]], int]:
    flags = client.flags
    found: list[tuple[Kind, Object]] = []
    code = 0
    if flags.given("filename") or flags.given("kustomize"):
        return [prepared(client, item) for item in await from_files(call, flags)], 0
    wanted = targets(flags.words)
    for kind, name in wanted:
        if name:
            namespace = client.namespace if kind.namespaced else ""
            try:
                found.append((kind, await client.get(kind, namespace, name)))
            except ApiFailure as failure:
                if not (failure.code == 404 and flags.on("ignore-not-found")):
                    await call.err(failure.told() + "\n")
                    code = 1
        elif flags.given("selector") or flags.on("all") or flags.given("field-selector"):
            namespace = "" if flags.on("all-namespaces") or not kind.namespaced else client.namespace
            selected = await client.list(
                kind, namespace, labelSelector=flags.get("selector"), fieldSelector=flags.get("field-selector")
            )
            found += [(kind, item) for item in selected]
        else:
            raise Exit(1, "error: resource(s) were provided, but no name was specified")
    if not found and not code and not any(name for _, name in wanted):
        await call.line("No resources found")
    return found, code


async def _wait_gone(call: Call, client: Client, gone: list[tuple[Kind, Object]]) -> int:
    text = client.flags.get("timeout", "0s")
    limit = parse_duration(text) or float("inf")
    waited = 0.0
    for kind, item in gone:
        while True:
            left = call.plane.store.get(kind, namespace_of(item), name_of(item))
            if left is None or meta(left)["uid"] != meta(item).get("uid"):
                break
            if waited >= limit:
                return await call.fail(
                    f"error: timed out waiting for the condition on {kind.plural}/{name_of(item)}"
                )
            await call.sleep(0.1)
            waited += 0.1
    return 0
