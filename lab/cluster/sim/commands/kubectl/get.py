"""kubectl get."""

import asyncio
from typing import Any

from lab.cluster.sim.api import tables
from lab.cluster.sim.api.apiserver import Request
from lab.cluster.sim.api.kinds import Kind
from lab.cluster.sim.api.objects import Object, name_of, namespace_of
from lab.cluster.sim.api.selectors import field_matches, label_matches
from lab.cluster.sim.api.store import Change
from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.golang.jsonpath import evaluate
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client, path_of
from lab.cluster.sim.commands.kubectl.output import as_shown, as_table, list_as_json, sort_items, structured
from lab.cluster.sim.commands.kubectl.resources import Target, from_files, targets
from lab.cluster.sim.commands.kubectl.write import prepared

__all__ = ["DEPRECATED", "get"]

#: Formats whose template is in a file -> the format.
_IN_FILES = {
    "custom-columns-file": "custom-columns",
    "go-template-file": "go-template",
    "templatefile": "go-template",
    "jsonpath-file": "jsonpath",
}
DEPRECATED = {
    "ComponentStatus": "v1 ComponentStatus is deprecated in v1.19+",
    "Endpoints": "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
}


async def get(call: Call, client: Client) -> int:
    """Print objects."""
    flags = client.flags
    if flags.given("raw"):
        if flags.words:
            raise Exit(1, "error: arguments may not be passed when --raw is specified")
        if flags.given("output"):
            raise Exit(1, "error: --raw and --output are mutually exclusive")
        await call.out(await client.raw("GET", flags.get("raw")))
        return 0
    wanted = await _wanted(call, client)
    everywhere = flags.on("all-namespaces")
    if flags.given("selector") and any(name for _, name in wanted) and not flags.given("filename"):
        raise Exit(1, "error: name cannot be provided when a selector is specified")
    if everywhere and any(name for _, name in wanted):
        raise Exit(1, "error: a resource cannot be retrieved by name across all namespaces")
    if flags.on("watch") or flags.on("watch-only"):
        if len({kind.plural for kind, _ in wanted}) > 1:
            raise Exit(1, "error: you may only specify a single resource type")
        if len(wanted) > 1:
            raise Exit(1, "error: you may only watch a single resource or type of resource at a time")
        return await _watch(call, client, wanted[0])
    form = await _form(call, flags)
    if form in {"", "wide"}:
        return await _tables(call, client, wanted)
    return await _structured(call, client, wanted, form)


async def _form(call: Call, flags: Flags) -> str:
    """Return the output format, with the template from its file."""
    form = flags.get("output")
    name, _, path = form.partition("=")
    if name not in _IN_FILES:
        return form
    path = path or flags.get("template")
    try:
        text = await call.read(path)
    except FileNotFoundError:
        told = "template" if name == "custom-columns-file" else "--template"
        why = f"open {path}: no such file or directory"
        raise Exit(1, f"error: error reading {told} {path}, {why}") from None
    if name == "custom-columns-file":
        heads, paths = (line.split() for line in text.splitlines()[:2])
        text = ",".join(f"{head}:{path}" for head, path in zip(heads, paths, strict=False))
    return f"{_IN_FILES[name]}={text}"


async def _wanted(call: Call, client: Client) -> list[Target]:
    if client.flags.given("filename") or client.flags.given("kustomize"):
        items = [prepared(client, item) for item in await from_files(call, client.flags)]
        for _, item in items:
            if namespace_of(item):
                client.flags.values["namespace"] = [namespace_of(item)]
        return [(kind, name_of(item)) for kind, item in items]
    wanted = targets(client.flags.words)
    client.what = f"get {wanted[0][0].full}"
    return wanted


def _namespace(client: Client, kind: Kind) -> str:
    return "" if client.flags.on("all-namespaces") or not kind.namespaced else client.namespace


async def _fetch(client: Client, kind: Kind, name: str, *, table: bool) -> Any:  # noqa: ANN401 -- JSON
    path = path_of(kind, _namespace(client, kind), name, client.flags.get("subresource") if name else "")
    query = {
        "labelSelector": client.flags.get("selector"),
        "fieldSelector": client.flags.get("field-selector"),
    }
    request = Request("GET", path, {key: value for key, value in query.items() if value and not name}, table=table)
    if kind.kind in DEPRECATED:
        answer = await client.send(request)
        await client.call.err(f"Warning: {DEPRECATED[kind.kind]}\n")
        return answer
    return await client.send(request)


async def _tables(call: Call, client: Client, wanted: list[Target]) -> int:
    flags = client.flags
    code, shown = 0, 0
    grouped: dict[str, tuple[Kind, Object]] = {}
    failures = []
    for kind, name in wanted:
        try:
            table = await _fetch(client, kind, name, table=True)
        except ApiFailure as failure:
            if not (failure.code == 404 and flags.on("ignore-not-found")):
                failures.append(failure)
            continue
        if kind.plural in grouped:
            grouped[kind.plural][1]["rows"] += table["rows"]
        else:
            grouped[kind.plural] = (kind, table)
    for _, table in grouped.values():
        if flags.get("sort-by"):
            _sort_rows(table, flags.get("sort-by"))
    # Kinds without any object do not count.
    several = len(grouped) > 1
    for kind, table in [entry for entry in grouped.values() if entry[1]["rows"]]:
        everywhere = flags.on("all-namespaces") and kind.namespaced
        text = as_table(
            table,
            wide=flags.get("output") == "wide",
            with_namespace=everywhere,
            prefix=f"{kind.printed}/"
            if several or "all" in client.flags.words[:1] or flags.on("show-kind")
            else "",
            headers=not flags.on("no-headers"),
            show_labels=flags.on("show-labels"),
            label_columns=[one for value in flags.all("label-columns") for one in value.split(",")],
        )
        await call.out(("\n" if shown and not flags.on("no-headers") else "") + text)
        shown += 1
    for told in failures:
        await call.err(told.told() + "\n")
        code = 1
    if not shown and not failures and not flags.on("ignore-not-found"):
        await call.err(_nothing(client, wanted))
    return code


def _nothing(client: Client, wanted: list[Target]) -> str:
    kind = wanted[0][0]
    if _namespace(client, kind):
        return f"No resources found in {client.namespace} namespace.\n"
    return "No resources found\n"


def _sort_rows(table: Object, path: str) -> None:
    if not any(evaluate(path.strip("{}"), row["object"]) for row in table["rows"]):
        # If no object has the field to sort by, nothing is printed.
        table["rows"] = []
    order = [id(item) for item in sort_items([row["object"] for row in table["rows"]], path)]
    table["rows"].sort(key=lambda row: order.index(id(row["object"])))


async def _structured(call: Call, client: Client, wanted: list[Target], form: str) -> int:
    items: list[Object] = []
    kinds: list[Kind] = []
    failures = []
    for kind, name in wanted:
        try:
            found = await _fetch(client, kind, name, table=False)
        except ApiFailure as failure:
            if not (failure.code == 404 and client.flags.on("ignore-not-found")):
                failures.append(failure)
            continue
        for item in [found] if name else found["items"]:
            items.append(as_shown(item, kind))
            kinds.append(kind)
    if client.flags.get("sort-by"):
        items = sort_items(items, client.flags.get("sort-by"))
    single = len(wanted) == 1 and wanted[0][1]
    data: Any = {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}
    if single and items:
        data = items[0]
    if items or not (failures or single):
        template, headers = client.flags.get("template"), not client.flags.on("no-headers")
        if form.lower() == "json" and data.get("items") is items:
            await call.out(list_as_json(items))
        else:
            await call.out(structured(form, data, items, kinds, template, headers=headers))
    for told in failures:
        await call.err(told.told() + "\n")
    return 1 if failures else 0


async def _watch(call: Call, client: Client, target: Target) -> int:
    """Print a table, then a line for each change until the command ends."""
    kind, name = target
    if name:
        await _fetch(client, kind, name, table=False)
    if client.flags.on("output-watch-events"):
        raise NotSimulated("kubectl get --watch --output-watch-events")
    changes: asyncio.Queue[Change] = asyncio.Queue()
    store = call.plane.store
    store.listeners.append(changes.put_nowait)
    try:
        form = await _form(call, client.flags)
        if not client.flags.on("watch-only"):
            await (_tables(call, client, [target]) if form in {"", "wide"} else _first(call, client, target, form))
        limit = client._limit() or float("inf")  # noqa: SLF001 -- the same program
        waited = 0.0
        while waited < limit:
            while not changes.empty():
                await _tell(call, client, kind, name, changes.get_nowait(), form)
            await call.sleep(0.2)
            waited += 0.2
            if not call.plane.api_answers() and call.plane.api_state() in {"refused", "starting"}:
                return 0
    finally:
        store.listeners.remove(changes.put_nowait)
    return 0


async def _first(call: Call, client: Client, target: Target, form: str) -> None:
    """Print the objects at the beginning of a watch, one after the other."""
    kind, name = target
    found = await _fetch(client, kind, name, table=False)
    for item in [found] if name else found["items"]:
        shown = as_shown(item, kind)
        await call.out(structured(form, shown, [shown], [kind]))


async def _tell(  # noqa: PLR0917 -- the parts of one watch
    call: Call, client: Client, kind: Kind, name: str, change: Change, form: str
) -> None:  # fmt: skip
    item = change.item
    namespace = _namespace(client, kind)
    selector, fields = client.flags.get("selector"), client.flags.get("field-selector")
    if (
        change.kind != kind.kind
        or (name and name_of(item) != name)
        or (namespace and namespace_of(item) != namespace)
    ):
        return
    if (selector and not label_matches(selector, item)) or (fields and not field_matches(fields, item)):
        return
    if form not in {"", "wide"}:
        await call.out(structured(form, as_shown(item, kind), [item], [kind]))
        return
    text = as_table(
        tables.table(kind, [item], call.now()),
        wide=client.flags.get("output") == "wide",
        with_namespace=client.flags.on("all-namespaces") and kind.namespaced,
        prefix="",
        headers=False,
        show_labels=client.flags.on("show-labels"),
        label_columns=[],
    )
    await call.out(text)
