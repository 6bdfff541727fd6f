"""kubectl auth reconcile: adds missing rules and subjects to roles and bindings."""

from lab.cluster.sim.api.apiserver import Request
from lab.cluster.sim.api.kinds import Kind
from lab.cluster.sim.api.objects import Object, clone, name_of, namespace_of
from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client, path_of
from lab.cluster.sim.commands.kubectl.output import printed
from lab.cluster.sim.commands.kubectl.resources import from_files
from lab.cluster.sim.commands.kubectl.write import prepared, query, trial

__all__ = ["reconcile"]

#: Kind -> the field to reconcile, and the name of its entries.
_FIELDS = {
    "Role": ("rules", "rules"),
    "ClusterRole": ("rules", "rules"),
    "RoleBinding": ("subjects", "subjects"),
    "ClusterRoleBinding": ("subjects", "subjects"),
}


async def reconcile(call: Call, client: Client) -> int:
    """Reconcile the roles and bindings of files."""
    flags = client.flags
    if not (flags.given("filename") or flags.given("kustomize")):
        raise Exit(1, "error: must specify one of -f and -k")
    for raw in await from_files(call, flags):
        kind, item = prepared(client, raw)
        if kind.kind in _FIELDS:
            await _one(call, client, kind, item)
    return 0


async def _one(call: Call, client: Client, kind: Kind, item: Object) -> None:
    field, noun = _FIELDS[kind.kind]
    wanted = item.get(field) or []
    where = namespace_of(item)
    try:
        old = await client.get(kind, where, name_of(item))
    except ApiFailure as failure:
        if failure.code != 404:
            raise
        old = None
    known = (old or {}).get(field) or []
    extra = [one for one in known if one not in wanted]
    missing = [one for one in wanted if one not in known]
    removing = client.flags.on(f"remove-extra-{'permissions' if field == 'rules' else 'subjects'}")
    what = "create" if old is None else "update" if missing or (extra and removing) else ""
    if old is None:
        await client.send(Request("POST", path_of(kind, where), query(client), item))
    elif what:
        changed = clone(old)
        changed[field] = [one for one in known if one in wanted or not removing] + missing
        await client.send(Request("PUT", path_of(kind, where, name_of(item)), query(client), changed))
    await call.line(f"{printed(kind, name_of(item))} reconciled{trial(client)}")
    told = [f"\treconciliation required {what}"] if what else []
    if what and missing:
        told += [f"\tmissing {noun} added:", *(f"\t\t{_go(one, field)}" for one in missing)]
    if what and extra and removing:
        told += [f"\textra {noun} removed:", *(f"\t\t{_go(one, field)}" for one in extra)]
    await call.err("".join(f"{line}\n" for line in told))


def _go(entry: Object, field: str) -> str:
    """Return an entry as Go prints its struct (%+v)."""
    if field == "subjects":
        names = {"kind": "Kind", "apiGroup": "APIGroup", "name": "Name", "namespace": "Namespace"}
        return "{" + " ".join(f"{shown}:{entry.get(key, '')}" for key, shown in names.items()) + "}"
    names = {"verbs": "Verbs", "apiGroups": "APIGroups", "resources": "Resources",
             "resourceNames": "ResourceNames", "nonResourceURLs": "NonResourceURLs"}  # fmt: skip
    return "{" + " ".join(f"{shown}:[{' '.join(entry.get(key) or [])}]" for key, shown in names.items()) + "}"
