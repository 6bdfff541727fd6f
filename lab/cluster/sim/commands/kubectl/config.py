"""kubectl config: print the kubeconfig, and change its contexts."""

from collections.abc import Callable

from lab.cluster.sim.api.documents import load
from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.golang.goyaml import as_yaml
from lab.cluster.sim.commands.kubectl import manual
from lab.cluster.sim.commands.kubectl.client import Client
from lab.cluster.sim.commands.kubectl.output import columns, structured

__all__ = ["config"]

#: A text for stdout, and a warning.
_Said = tuple[str, str]
_Writer = Callable[[Object, Flags, list[str], str], _Said]
#: Verbs and the largest number of words that they take.
_MOST = {"view": 0, "current-context": 0, "get-clusters": 0, "get-users": 0}
_EMPTY = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": None,
    "contexts": None,
    "users": None,
    "current-context": "",
}


async def config(call: Call, client: Client) -> int:
    """Print or change the kubeconfig."""
    path = client.kubeconfig
    try:
        data = load(call.files.read(path))
    except FileNotFoundError:
        data = dict(_EMPTY)
    words = client.flags.words
    verb = words[0] if words else ""
    if verb in _MOST and len(words) - 1 > _MOST[verb]:
        told = f"unexpected arguments: [{' '.join(words[1:])}]"
        raise Exit(1, f"error: {told}\nSee 'kubectl config {verb} -h' for help and examples")
    if verb in _WRITERS:
        said, warned = _WRITERS[verb](data, client.flags, words[1:], path)
        call.files.write(path, as_yaml(data), 0o600)
        if warned:
            await call.err(warned + "\n")
        await call.line(said)
    elif verb in {"use-context", "use"}:
        if len(words) != 2:
            await call.out(manual.page("config use-context"))
            raise Exit(1, f"error: Unexpected args: [{' '.join(words[1:])}]")
        if words[1] not in _names(data):
            raise Exit(1, f'error: no context exists with the name: "{words[1]}"')
        data["current-context"] = words[1]
        call.files.write(path, as_yaml(data), 0o600)
        await call.line(f'Switched to context "{words[1]}".')
    else:
        await call.out(_shown(verb, data, client.flags, words[1:]))
    return 0


def _shown(verb: str, data: Object, flags: Flags, words: list[str]) -> str:
    if verb == "view":
        return _view(data, flags)
    if verb == "current-context":
        if not data.get("current-context"):
            raise Exit(1, "error: current-context is not set")
        return f"{data['current-context']}\n"
    if verb == "get-contexts":
        return _contexts(data, flags, words)
    if verb in {"get-clusters", "get-users"}:
        entries = data.get(verb.removeprefix("get-")) or []
        return "NAME\n" + "".join(f"{entry['name']}\n" for entry in entries)
    raise NotSimulated(f"kubectl config {verb}".strip())


def _names(data: Object) -> list[str]:
    return [entry["name"] for entry in data.get("contexts") or []]


def _contexts(data: Object, flags: Flags, wanted: list[str]) -> str:
    """Return the contexts as a table, or their names."""
    if missing := [name for name in wanted if name not in _names(data)]:
        raise Exit(1, f"error: context {missing[0]} not found")
    form = flags.get("output")
    if form == "name":
        return "".join(f"{name}\n" for name in wanted or _names(data))
    if form:
        why = "is not available in kubectl config get-contexts; resetting to default output format"
        raise Exit(1, f"error: --output {form} {why}")
    shown = {**data, "contexts": [e for e in data.get("contexts") or [] if not wanted or e["name"] in wanted]}
    rows = _context_rows(shown, with_head=not flags.on("no-headers"))
    return columns(rows) if rows else ""


def _context_rows(data: Object, *, with_head: bool) -> list[list[str]]:
    rows = [["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"]] if with_head else []
    for entry in data.get("contexts") or []:
        mark = "*" if entry["name"] == data.get("current-context") else ""
        context = entry["context"]
        rows.append([mark, entry["name"], context["cluster"], context["user"], context.get("namespace", "")])
    return rows


def _set_context(data: Object, flags: Flags, words: list[str], _path: str) -> _Said:
    """Change or add a context; return the message."""
    if bool(words) == flags.on("current"):
        raise Exit(1, "error: you must specify a non-empty context name or --current")
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
    return f'Context "{name}" {"modified" if known else "created"}.', ""


def _rename_context(data: Object, _flags: Flags, words: list[str], path: str) -> _Said:
    if len(words) != 2:
        raise Exit(1, f"error: Unexpected args: [{' '.join(words)}]")
    old, new = words
    if old not in _names(data):
        raise Exit(1, f'error: cannot rename the context "{old}", it\'s not in {path}')
    if new in _names(data):
        raise Exit(1, f'error: cannot rename the context "{old}", the context "{new}" already exists in {path}')
    for entry in data["contexts"]:
        if entry["name"] == old:
            entry["name"] = new
    if data.get("current-context") == old:
        data["current-context"] = new
    return f'Context "{old}" renamed to "{new}".', ""


def _remover(field: str, noun: str) -> _Writer:
    def remove(data: Object, _flags: Flags, words: list[str], path: str) -> _Said:
        if len(words) != 1:
            raise Exit(1, f"error: Unexpected args: [{' '.join(words)}]")
        entries = data.get(field) or []
        if words[0] not in {entry["name"] for entry in entries}:
            raise Exit(1, f"error: cannot delete {noun} {words[0]}, not in {path}")
        data[field] = [entry for entry in entries if entry["name"] != words[0]]
        active = noun == "context" and data.get("current-context") == words[0]
        warned = (
            'warning: this removed your active context, use "kubectl config use-context" to select a different one'
        )
        return f"deleted {noun} {words[0]} from {path}", warned if active else ""

    return remove


def _unset(data: Object, _flags: Flags, words: list[str], _path: str) -> _Said:
    if len(words) != 1:
        raise Exit(1, f"error: Unexpected args: [{' '.join(words)}]")
    field, _, rest = words[0].partition(".")
    if field == "current-context":
        data["current-context"] = ""
    elif rest and field in {"clusters", "contexts", "users"}:
        name, _, key = rest.rpartition(".")
        entries = data.get(field) or []
        if rest in {entry["name"] for entry in entries}:
            data[field] = [entry for entry in entries if entry["name"] != rest]
        else:
            for entry in entries:
                if entry["name"] == name:
                    entry[field.removesuffix("s")].pop(key, None)
    elif field in {"clusters", "contexts", "users"}:
        data[field] = None
    return f'Property "{words[0]}" unset.', ""


def _set_cluster(data: Object, flags: Flags, words: list[str], _path: str) -> _Said:
    if len(words) != 1:
        raise Exit(1, f"error: Unexpected args: [{' '.join(words)}]")
    cluster = _entry(data, "clusters", words[0])
    if flags.given("server"):
        cluster["server"] = flags.get("server")
    if flags.given("certificate-authority"):
        cluster["certificate-authority"] = flags.get("certificate-authority")
    if flags.on("insecure-skip-tls-verify"):
        cluster["insecure-skip-tls-verify"] = True
    return f'Cluster "{words[0]}" set.', ""


def _set_credentials(data: Object, flags: Flags, words: list[str], _path: str) -> _Said:
    if len(words) != 1:
        raise Exit(1, f"error: Unexpected args: [{' '.join(words)}]")
    user = _entry(data, "users", words[0])
    for field in ("client-certificate", "client-key", "token"):
        if flags.given(field):
            user[field] = flags.get(field)
    return f'User "{words[0]}" set.', ""


def _entry(data: Object, field: str, name: str) -> Object:
    """Return a cluster or user of that name; create it if it is missing."""
    inside = field.removesuffix("s")
    for entry in data.get(field) or []:
        if entry["name"] == name:
            found: Object = entry[inside]
            return found
    made: Object = {}
    data[field] = [*(data.get(field) or []), {inside: made, "name": name}]
    return made


def _view(data: Object, flags: Flags) -> str:
    shown = _minified(data) if flags.on("minify") else data
    return structured(flags.get("output", "yaml"), _redacted(shown, flags), [], [])


def _minified(data: Object) -> Object:
    """Return the entries that the current context needs."""
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


_WRITERS: dict[str, _Writer] = {
    "set-context": _set_context,
    "rename-context": _rename_context,
    "delete-context": _remover("contexts", "context"),
    "delete-cluster": _remover("clusters", "cluster"),
    "delete-user": _remover("users", "user"),
    "set-cluster": _set_cluster,
    "set-credentials": _set_credentials,
    "unset": _unset,
}
