"""kubectl set: images, environment, resources and the service account of workloads."""

from collections.abc import Callable

from lab.cluster.sim.apiserver import Request
from lab.cluster.sim.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.kubectl.change import chosen
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client, path_of
from lab.cluster.sim.commands.kubectl.write import query, tell
from lab.cluster.sim.kinds import Kind
from lab.cluster.sim.objects import Object, clone, name_of, namespace_of

__all__ = ["set_"]

_Change = Callable[[Object], None]
#: Verb -> what of a workload is said to be updated.
_UPDATED = {"resources": "resource requirements", "sa": "serviceaccount"}


async def set_(call: Call, client: Client) -> int:
    """Change something of workloads' pods."""
    words = client.flags.words
    verb = words[0] if words else ""
    if verb in {"selector", "subject"}:
        raise NotSimulated(f"kubectl set {verb}")
    names, change = _READERS[verb](client, words[1:])
    for kind, item in await chosen(call, client, names):
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
    return 0


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

    def change(spec: Object) -> None:
        for each in changes:
            name, has_value, value = each.partition("=")
            for container in spec["containers"]:
                kept = [entry for entry in container.get("env") or [] if entry["name"] != name.rstrip("-")]
                container["env"] = [*kept, {"name": name, "value": value}] if has_value else kept

    return names, change


def _resources(client: Client, words: list[str]) -> tuple[list[str], _Change]:
    flags = client.flags
    given = {
        name: dict(pair.split("=", 1) for pair in flags.get(name).split(",") if "=" in pair)
        for name in ("limits", "requests")
        if flags.given(name)
    }
    if not given:
        raise Exit(
            1, "error: you must specify an update to requests or limits (in the form of --requests/--limits)"
        )
    only = flags.get("containers", "*")

    def change(spec: Object) -> None:
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
