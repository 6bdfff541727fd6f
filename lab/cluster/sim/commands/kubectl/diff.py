"""kubectl diff: the changes of an apply, as diff -u -N prints them for two folders."""

import difflib
from datetime import UTC, datetime

from lab.cluster.sim.api.apiserver import Request
from lab.cluster.sim.api.kinds import Kind
from lab.cluster.sim.api.objects import Object, meta, name_of, namespace_of
from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.golang.goyaml import as_yaml
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client, path_of, strip_managed
from lab.cluster.sim.commands.kubectl.resources import from_files
from lab.cluster.sim.commands.kubectl.write import LAST, apply_patch, prepared

__all__ = ["diff"]


async def diff(call: Call, client: Client) -> int:
    """Compare files with the cluster. The exit code is 1 for a difference, higher for a failure."""
    flags = client.flags
    if flags.words:
        raise Exit(
            2, f"error: Unexpected args: [{' '.join(flags.words)}]\nSee 'kubectl diff -h' for help and examples"
        )
    if not (flags.given("filename") or flags.given("kustomize")):
        raise Exit(2, "error: must specify one of -f and -k")
    if flags.on("server-side") or call.env.get("KUBECTL_EXTERNAL_DIFF"):
        raise NotSimulated("kubectl diff --server-side, or with another program")
    try:
        items = [prepared(client, item) for item in await from_files(call, flags)]
    except Exit as end:
        raise Exit(2, end.message) from None
    told = []
    folders = [f"/tmp/{name}-{call.place.chance.randrange(10**10)}" for name in ("LIVE", "MERGED")]  # noqa: S108 -- only told of
    for kind, item in items:
        try:
            live, merged = await _both(client, kind, item)
        except ApiFailure as failure:
            raise Exit(2, failure.told()) from None
        if live != merged:
            told.append(_told(call, folders, kind, item, live, merged))
    await call.out("".join(sorted(told)))
    return 1 if told else 0


async def _both(client: Client, kind: Kind, item: Object) -> tuple[str, str]:
    """Return the present and the future object as text; an absent object is empty."""
    strict = {"fieldValidation": "Strict", "dryRun": "All"}
    where = namespace_of(item)
    try:
        live = await client.get(kind, where, name_of(item))
    except ApiFailure as failure:
        if failure.code != 404:
            raise
        made = await client.send(Request("POST", path_of(kind, where), strict, item))
        return "", as_yaml(strip_managed(made))
    path = path_of(kind, where, name_of(item))
    # The annotation of the last apply is not a difference.
    if last := (meta(live).get("annotations") or {}).get(LAST):
        meta(item).setdefault("annotations", {})[LAST] = last
    patch = apply_patch(live, item)
    merged = await client.send(
        Request("PATCH", path, strict, patch, content_type="application/strategic-merge-patch+json")
    )
    return as_yaml(strip_managed(live)), as_yaml(strip_managed(merged))


def _told(  # noqa: PLR0917 -- the parts of one comparison
    call: Call, folders: list[str], kind: Kind, item: Object, live: str, merged: str
) -> str:  # fmt: skip
    group = f"{kind.group}." if kind.group else ""
    file = f"{group}{kind.version}.{kind.kind}.{namespace_of(item)}.{name_of(item)}"
    names = [f"{folder}/{file}" for folder in folders]
    at = f"{datetime.fromtimestamp(call.now(), UTC):%Y-%m-%d %H:%M:%S.%f}000 +0000"
    before, after = live.splitlines(keepends=True), merged.splitlines(keepends=True)
    lines = difflib.unified_diff(before, after, names[0], names[1], at, at)
    return f"diff -u -N {' '.join(names)}\n" + "".join(lines)
