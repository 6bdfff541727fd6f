"""kubectl set: images, environment, resources and the service account of workloads."""

import re
from collections.abc import Callable

from lab.cluster.sim.api.apiserver import Request
from lab.cluster.sim.api.kinds import Kind
from lab.cluster.sim.api.objects import Object, clone, dig, name_of, namespace_of
from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.kubectl.change import chosen
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client, path_of
from lab.cluster.sim.commands.kubectl.resources import targets
from lab.cluster.sim.commands.kubectl.write import query, tell

__all__ = ["set_"]

_Change = Callable[[Object], None]
_QUANTITY = re.compile(r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$")
_KEY_RULE = (
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must "
    "not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation "
    "is '[-._a-zA-Z][-._a-zA-Z0-9]*')"
)
#: Verb -> the part of a workload that the message names.
_UPDATED = {"resources": "resource requirements", "sa": "serviceaccount", "account": "serviceaccount"}


async def set_(call: Call, client: Client) -> int:
    """Change a part of workloads' pods, of a Service's selector or of a binding's subjects."""
    words = client.flags.words
    verb = words[0] if words else ""
    if verb in {"selector", "subject"}:
        return await (_selector if verb == "selector" else _subject)(call, client, words[1:])
    names, change = _READERS[verb](client, words[1:])
    code = 0
    for kind, item in await chosen(call, client, names):
        if not _has_pods(item):
            told = "the object is not a pod or does not have a pod template"
            await call.err(f"error: {kind.plural}/{name_of(item)} {told}: *{kind.version}.{kind.kind}\n")
            code = 1
            continue
        if verb == "env" and client.flags.on("list"):
            await _list_env(call, kind, item)
            continue
        changed = clone(item)
        change(_pod_spec(changed))
        if changed == item:
            continue
        path = path_of(kind, namespace_of(item), name_of(item))
        try:
            new = await client.send(Request("PUT", path, query(client), changed))
        except ApiFailure as failure:
            raise Exit(1, f"error: failed to patch {verb} update to pod template: {failure.message}") from None
        await tell(call, client, kind, new, f"{_UPDATED.get(verb, verb)} updated")
    return code


async def _selector(call: Call, client: Client, words: list[str]) -> int:
    *names, last = words or [""]
    pairs = dict(pair.split("=", 1) for pair in last.split(",") if "=" in pair)
    for kind, item in await chosen(call, client, names if pairs else words):
        if kind.kind != "Service":
            raise Exit(1, "error: setting a selector is only supported for Services")
        changed = clone(item)
        changed["spec"]["selector"] = pairs
        new = await client.send(
            Request("PUT", path_of(kind, namespace_of(item), name_of(item)), query(client), changed)
        )
        await tell(call, client, kind, new, "selector updated")
    return 0


async def _subject(call: Call, client: Client, words: list[str]) -> int:
    flags = client.flags
    if not any(flags.given(name) for name in ("user", "group", "serviceaccount")):
        raise Exit(1, "error: you must specify at least one value of user, group or serviceaccount")
    wanted: list[Object] = [
        {"apiGroup": "rbac.authorization.k8s.io", "kind": what, "name": name}
        for flag, what in (("user", "User"), ("group", "Group"))
        for name in flags.all(flag)
    ]
    for account in flags.all("serviceaccount"):
        namespace, colon, name = account.partition(":")
        if not colon or not namespace or not name:
            raise Exit(1, "error: serviceaccount must be <namespace>:<name>")
        wanted.append({"kind": "ServiceAccount", "name": name, "namespace": namespace})
    for kind, item in await chosen(call, client, words):
        if kind.kind not in {"RoleBinding", "ClusterRoleBinding"}:
            raise Exit(1, "error: setting subjects is only supported for RoleBinding/ClusterRoleBinding")
        changed = clone(item)
        known = changed.get("subjects") or []
        changed["subjects"] = [*known, *(one for one in wanted if one not in known)]
        if changed == item:
            continue
        new = await client.send(
            Request("PUT", path_of(kind, namespace_of(item), name_of(item)), query(client), changed)
        )
        await tell(call, client, kind, new, "subjects updated")
    return 0


def _has_pods(item: Object) -> bool:
    return item["kind"] == "Pod" or "spec" in dig(item, "spec", "template", default={})


def _pod_spec(item: Object) -> Object:
    found: Object = item["spec"] if item["kind"] == "Pod" else item["spec"]["template"]["spec"]
    return found


async def _list_env(call: Call, kind: Kind, item: Object) -> None:
    for container in _pod_spec(item)["containers"]:
        await call.line(f"# {kind.kind} {name_of(item)}, container {container['name']}")
        for entry in container.get("env") or []:
            if "value" in entry:
                await call.line(f"{entry['name']}={entry['value']}")


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """Return names of workloads, and changes such as `web=IMAGE`, `A=b` or `A-`."""
    names = [word for word in words if "=" not in word and not word.endswith("-")]
    return names, [word for word in words if word not in names]


def _image(_client: Client, words: list[str]) -> tuple[list[str], _Change]:
    names, changes = _split(words)
    if not changes:
        targets(names)  # words that name no objects are reported first
        raise Exit(1, "error: at least one image update is required")

    def change(spec: Object) -> None:
        for each in changes:
            name, _, image = each.partition("=")
            hit = [container for container in spec["containers"] if name in {"*", container["name"]}]
            if not hit:
                raise Exit(1, f'error: unable to find container named "{name}"')
            for container in hit:
                container["image"] = image

    return names, change


def _env(_client: Client, words: list[str]) -> tuple[list[str], _Change]:
    names, changes = _split(words)
    for name in [each.partition("=")[0] for each in changes if "=" in each]:
        if not re.fullmatch(r"[-._a-zA-Z][-._a-zA-Z0-9]*", name):
            raise Exit(1, f'error: "{name}" is not a valid key name: {_KEY_RULE}')

    def change(spec: Object) -> None:
        for each in changes:
            name, has_value, value = each.partition("=")
            for container in spec["containers"]:
                kept = [entry for entry in container.get("env") or [] if entry["name"] != name.rstrip("-")]
                container["env"] = [*kept, {"name": name, "value": value}] if has_value else kept

    return names, change


def _require_amounts(flags: Flags) -> None:
    """End the command for an amount that is none."""
    for name in ("limits", "requests"):
        for pair in filter(None, flags.get(name).split(",")):
            if pair.count("=") != 1:
                raise Exit(1, f"error: Invalid argument syntax {pair}, expected <resource>=<value>")


def _resources(client: Client, words: list[str]) -> tuple[list[str], _Change]:
    flags = client.flags
    _require_amounts(flags)
    given = {
        name: dict(pair.split("=", 1) for pair in flags.get(name).split(",") if "=" in pair)
        for name in ("limits", "requests")
        if flags.given(name)
    }
    if not given:
        raise Exit(
            1, "error: you must specify an update to requests or limits (in the form of --requests/--limits)"
        )
    for amounts in given.values():
        if any(not _QUANTITY.match(amount) for amount in amounts.values()):
            raise Exit(1, f"error: quantities must match the regular expression '{_QUANTITY.pattern}'")
    only = flags.get("containers", "*")

    def change(spec: Object) -> None:
        if only != "*" and only not in {container["name"] for container in spec["containers"]}:
            raise Exit(1, f"error: unable to find container named {only}")
        for container in spec["containers"]:
            if only in {"*", container["name"]}:
                resources = container.setdefault("resources", {})
                for name, amounts in given.items():
                    resources[name] = {**resources.get(name, {}), **amounts}

    return words, change


def _account(_client: Client, words: list[str]) -> tuple[list[str], _Change]:
    if len(words) < 2:
        raise Exit(1, "error: serviceaccount is required")
    *names, account = words

    def change(spec: Object) -> None:
        spec["serviceAccountName"] = spec["serviceAccount"] = account

    return names, change


_READERS: dict[str, Callable[[Client, list[str]], tuple[list[str], _Change]]] = {
    "image": _image,
    "env": _env,
    "resources": _resources,
    "serviceaccount": _account,
    "sa": _account,
}
