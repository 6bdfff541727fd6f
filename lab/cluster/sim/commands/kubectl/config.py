"""kubectl config: the kubeconfig shown, and its contexts changed."""

from lab.cluster.sim.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.kubectl.client import Client
from lab.cluster.sim.commands.kubectl.output import as_yaml, columns, structured
from lab.cluster.sim.documents import load
from lab.cluster.sim.objects import Object

__all__ = ["config"]

_EMPTY = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": None,
    "contexts": None,
    "users": None,
    "current-context": "",
}


async def config(call: Call, client: Client) -> int:
    """Show or change the kubeconfig."""
    path = client.kubeconfig
    try:
        data = load(call.files.read(path))
    except FileNotFoundError:
        data = dict(_EMPTY)
    words = client.flags.words
    verb = words[0] if words else ""
    if verb == "view":
        await call.out(_view(data, client.flags))
    elif verb == "current-context":
        if not data.get("current-context"):
            raise Exit(1, "error: current-context is not set")
        await call.line(data["current-context"])
    elif verb == "get-contexts":
        await call.out(columns(_context_rows(data, with_head=not client.flags.on("no-headers"))))
    elif verb in {"get-clusters", "get-users"}:
        entries = data.get(verb.removeprefix("get-")) or []
        await call.out("NAME\n" + "".join(f"{entry['name']}\n" for entry in entries))
    elif verb in {"use-context", "use"} and words[1:]:
        if words[1] not in _names(data):
            raise Exit(1, f'error: no context exists with the name: "{words[1]}"')
        data["current-context"] = words[1]
        call.files.write(path, as_yaml(data), 0o600)
        await call.line(f'Switched to context "{words[1]}".')
    elif verb == "set-context":
        await call.line(_set_context(data, client.flags, words[1:]))
        call.files.write(path, as_yaml(data), 0o600)
    else:
        raise NotSimulated(f"kubectl config {verb}".strip())
    return 0


def _names(data: Object) -> list[str]:
    return [entry["name"] for entry in data.get("contexts") or []]


def _context_rows(data: Object, *, with_head: bool) -> list[list[str]]:
    rows = [["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"]] if with_head else []
    for entry in data.get("contexts") or []:
        mark = "*" if entry["name"] == data["current-context"] else ""
        context = entry["context"]
        rows.append([mark, entry["name"], context["cluster"], context["user"], context.get("namespace", "")])
    return rows


def _set_context(data: Object, flags: Flags, words: list[str]) -> str:
    """Change or add a context; return what is said about it."""
    if bool(words) == flags.on("current"):
        raise Exit(1, "error: you must specify a context name or --current")
    name = words[0] if words else data.get("current-context", "")
    if not name:
        raise Exit(1, "error: no current context is set")
    known = name in _names(data)
    if not known:
        data["contexts"] = [*(data.get("contexts") or []), {"context": {"cluster": "", "user": ""}, "name": name}]
    context = next(entry["context"] for entry in data["contexts"] if entry["name"] == name)
    for field in ("cluster", "user", "namespace"):
        if flags.given(field):
            context[field] = flags.get(field)
    if not context.get("namespace", "-"):
        del context["namespace"]
    return f'Context "{name}" {"modified" if known else "created"}.'


def _view(data: Object, flags: Flags) -> str:
    shown = _minified(data) if flags.on("minify") else data
    return structured(flags.get("output", "yaml"), _redacted(shown, flags), [], [])


def _minified(data: Object) -> Object:
    """Return what the current context needs."""
    contexts = [entry for entry in data.get("contexts") or [] if entry["name"] == data.get("current-context")]
    used = {entry["context"][field] for entry in contexts for field in ("cluster", "user")}
    return {
        **data,
        "contexts": contexts,
        **{
            field: [each for each in data.get(field) or [] if each["name"] in used]
            for field in ("clusters", "users")
        },
    }


def _redacted(data: Object, flags: Flags) -> Object:
    if flags.on("raw"):
        return data
    for entry in data.get("clusters") or []:
        if "certificate-authority-data" in entry["cluster"]:
            entry["cluster"]["certificate-authority-data"] = "DATA+OMITTED"
    for entry in data.get("users") or []:
        for key in ("client-certificate-data", "client-key-data"):
            if key in entry["user"]:
                entry["user"][key] = "DATA+OMITTED"
    return data
