"""kubectl edit: an object as YAML in an editor, and a replacement after a change."""

import secrets
import shlex

import yaml

from lab.cluster.sim.api.apiserver import Request
from lab.cluster.sim.api.kinds import Kind, kind_of
from lab.cluster.sim.api.objects import Object, name_of, namespace_of
from lab.cluster.sim.commands.golang.goyaml import as_yaml
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client, path_of, strip_managed
from lab.cluster.sim.commands.kubectl.resources import Target, targets
from lab.cluster.sim.commands.kubectl.write import tell
from lab.cluster.sim.commands.node.screens import edit_file
from lab.cluster.sim.shell.call import Call, Exit, NotSimulated

__all__ = ["edit"]

_LEAD = (
    "# Please edit the object below. Lines beginning with a '#' will be ignored,\n"
    "# and an empty file will abort the edit. If an error occurs while saving this file will be\n"
    "# reopened with the relevant failures.\n#\n"
)


async def edit(call: Call, client: Client) -> int:
    """Let one object be edited."""
    form = client.flags.get("output")
    if form not in {"", "json", "yaml"}:
        raise Exit(1, f'error: unable to match a printer suitable for the output format "{form}", allowed formats '
                      "are: json,yaml")  # fmt: skip
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
    return await _save(call, client, (kind, name), text, after)


async def _open(call: Call, path: str) -> None:
    chosen = call.env.get("KUBE_EDITOR") or call.env.get("EDITOR") or "vi"
    words = shlex.split(chosen)
    if words[0].rsplit("/", 1)[-1] in {"vi", "vim", "nano"}:
        if call.session.terminal is None:
            raise NotSimulated("kubectl edit without a terminal")
        await edit_file(call, path, vi=words[0] != "nano")
    elif code := await call.run([*words, path]):
        raise Exit(code, f'error: there was a problem with the editor "{chosen}"')


async def _save(call: Call, client: Client, target: Target, text: str, after: str) -> int:
    kind, name = target
    if after.strip() == text.strip():
        await call.err("Edit cancelled, no changes made.\n")
        return 0
    if not after.strip():
        await call.err("Edit cancelled, saved file was empty.\n")
        return 0
    try:
        item = _edited(after, kind)
        made = await client.send(Request("PUT", path_of(kind, namespace_of(item), name_of(item)), {}, item))
    except (yaml.YAMLError, TypeError, ApiFailure) as error:
        # A real kubectl opens the editor again, and ends when the text comes back unchanged.
        if isinstance(error, ApiFailure) and error.code not in {400, 422}:
            raise
        return await _invalid(call, kind, name, after)
    await tell(call, client, kind, made, "edited")
    return 0


def _edited(text: str, kind: Kind) -> Object:
    """Return the edited object; raise `TypeError` if it is not an object of the kind any more."""
    item = yaml.safe_load(text)
    if not isinstance(item, dict) or kind_of(str(item.get("kind")), item.get("apiVersion")) != kind:
        raise TypeError(text)
    return item


async def _invalid(call: Call, kind: Kind, name: str, after: str) -> int:
    path = f"/tmp/kubectl-edit-{secrets.randbelow(10**10)}.yaml"  # noqa: S108 -- on the simulated node
    call.files.write(path, after, 0o600)
    return await call.fail(
        f'error: {kind.full} "{name}" is invalid\n'
        f'A copy of your changes has been stored to "{path}"\n'
        "error: Edit cancelled, no valid changes were saved."
    )
