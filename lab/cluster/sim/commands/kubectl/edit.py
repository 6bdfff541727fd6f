"""kubectl edit: an object as YAML in an editor, and a replacement if it was changed."""

import secrets
import shlex

import yaml

from lab.cluster.sim.apiserver import Request
from lab.cluster.sim.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.kubectl.client import Client, path_of, strip_managed
from lab.cluster.sim.commands.kubectl.goyaml import as_yaml
from lab.cluster.sim.commands.kubectl.resources import targets
from lab.cluster.sim.commands.kubectl.write import tell
from lab.cluster.sim.commands.screens import edit_file
from lab.cluster.sim.kinds import Kind
from lab.cluster.sim.objects import name_of, namespace_of

__all__ = ["edit"]

_LEAD = (
    "# Please edit the object below. Lines beginning with a '#' will be ignored,\n"
    "# and an empty file will abort the edit. If an error occurs while saving this file will be\n"
    "# reopened with the relevant failures.\n#\n"
)


async def edit(call: Call, client: Client) -> int:
    """Let one object be edited."""
    wanted = targets(client.flags.words, need_names=True)
    if len(wanted) > 1:
        raise NotSimulated("kubectl edit of several objects")
    kind, name = wanted[0]
    before = await client.get(kind, client.namespace if kind.namespaced else "", name)
    text = _LEAD + as_yaml(strip_managed(before))
    path = f"/tmp/kubectl-edit-{secrets.randbelow(10**9)}.yaml"  # noqa: S108 -- on the simulated node
    call.files.write(path, text, 0o600)
    try:
        await _open(call, path)
        after = call.files.get(path)
    finally:
        call.files.remove(path)
    return await _save(call, client, kind, text, after)


async def _open(call: Call, path: str) -> None:
    chosen = call.env.get("KUBE_EDITOR") or call.env.get("EDITOR") or "vi"
    words = shlex.split(chosen)
    if words[0].rsplit("/", 1)[-1] in {"vi", "vim", "nano"}:
        if call.session.terminal is None:
            raise NotSimulated("kubectl edit without a terminal")
        await edit_file(call, path, vi=words[0] != "nano")
    elif code := await call.run([*words, path]):
        raise Exit(code, f'error: there was a problem with the editor "{chosen}"')


async def _save(call: Call, client: Client, kind: Kind, text: str, after: str) -> int:
    if after.strip() == text.strip():
        await call.line("Edit cancelled, no changes made.")
        return 0
    if not after.strip():
        await call.line("Edit cancelled, saved file was empty.")
        return 0
    try:
        item = yaml.safe_load(after)
    except yaml.YAMLError as error:
        raise Exit(1, f"error: error parsing edited file: {str(error).splitlines()[0]}") from None
    if not isinstance(item, dict):
        raise Exit(1, "error: the edited file is no object")
    path = path_of(kind, namespace_of(item), name_of(item))
    made = await client.send(Request("PUT", path, {}, item))
    await tell(call, client, kind, made, "edited")
    return 0
