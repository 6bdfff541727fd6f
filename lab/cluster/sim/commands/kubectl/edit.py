"""kubectl edit: an object as YAML in an editor, repeated until the result is accepted."""

import re
import shlex
from dataclasses import dataclass

import yaml

from lab.cluster.sim.api.apiserver import Request
from lab.cluster.sim.api.kinds import kind_of
from lab.cluster.sim.api.objects import Object, name_of, namespace_of
from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.golang.goyaml import as_yaml
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client, path_of, strip_managed
from lab.cluster.sim.commands.kubectl.resources import Target, targets
from lab.cluster.sim.commands.kubectl.write import tell

__all__ = ["edit"]

_LEAD = (
    "# Please edit the object below. Lines beginning with a '#' will be ignored,\n"
    "# and an empty file will abort the edit. If an error occurs while saving this file will be\n"
    "# reopened with the relevant failures.\n#\n"
)
_MERGE = "application/merge-patch+json"
_REFUSED = "Edit cancelled, no valid changes were saved."


@dataclass(slots=True)
class _Refusal(Exception):  # noqa: N818 -- the editor opens again
    """The edited object is rejected: lines for the file's header, and a line for stderr if there is one."""

    header: list[str]
    said: str = ""


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
    return await _Edit(call, client, (kind, name), strip_managed(before)).run()


class _Edit:
    """One object during its editing."""

    def __init__(self, call: Call, client: Client, target: Target, before: Object) -> None:
        self._call = call
        self._client = client
        self._kind, self._name = target
        self._before = before
        self._path = ""

    async def run(self) -> int:
        """Open the editor until the text is accepted, or comes back as it was."""
        call, original = self._call, as_yaml(self._before)
        body, header, refused = original, "", False
        while True:
            edited = _stripped(await self._opened(_LEAD + header + body))
            if refused and edited == _stripped(body):
                await call.err(f'A copy of your changes has been stored to "{self._path}"\n')
                return await call.fail(f"error: {_REFUSED}")
            if edited == original:
                return await self._cancelled("no changes made.")
            if not edited.strip():
                return await self._cancelled("saved file was empty.")
            try:
                made = await self._save(edited)
            except _Refusal as refusal:
                body, refused = edited, True
                header = "".join(f"# {line}\n" for line in refusal.header) + "#\n"
                await call.err(refusal.said)
                continue
            call.files.remove(self._path)
            await tell(call, self._client, self._kind, made, "edited")
            return 0

    async def _cancelled(self, why: str) -> int:
        self._call.files.remove(self._path)
        await self._call.err(f"Edit cancelled, {why}\n")
        return 0

    async def _opened(self, text: str) -> str:
        """Return an editor's result for `text`."""
        call = self._call
        if self._path:
            call.files.remove(self._path)
        self._path = f"/tmp/kubectl-edit-{call.place.chance.randrange(10**10)}.yaml"  # noqa: S108 -- on the simulated node
        call.files.write(self._path, text, 0o600)
        chosen = call.env.get("KUBE_EDITOR") or call.env.get("EDITOR") or "vi"
        # Like kubectl: a shell only if there is something for it to do.
        words = ["bash", "-c", f"{chosen} {shlex.quote(self._path)}"] if re.search(r"[\"'\\]", chosen) else [
            *chosen.split(" "), self._path]  # fmt: skip
        missing = call.has_program(words[0]) is None
        if missing:
            raise Exit(1, f'error: unable to launch the editor "{chosen}"')
        if await call.run(words):
            raise Exit(1, f'error: there was a problem with the editor "{chosen}"')
        return call.files.get(self._path)

    async def _save(self, text: str) -> Object:
        """Send the edited object. Raise `_Refusal` if it is rejected."""
        kind, name = self._kind, self._name
        try:
            item = yaml.safe_load(text)
        except yaml.YAMLError as error:
            said = f"error parsing edited-file: error converting YAML to JSON: yaml: {str(error).splitlines()[0]}"
            raise _Refusal([f"The edited file had a syntax error: {said}"]) from error
        if not isinstance(item, dict) or kind_of(str(item.get("kind")), item.get("apiVersion")) != kind:
            said = "unable to decode \"edited-file\": Object 'Kind' is missing"
            raise _Refusal([f"The edited file had a syntax error: {said}"])
        if name_of(item) != name:
            raise Exit(1, "error: At least one of apiVersion, kind and name was changed")
        try:
            path = path_of(kind, namespace_of(self._before), name)
            made: Object = await self._client.send(
                Request("PATCH", path, {}, _difference(self._before, item), content_type=_MERGE)
            )
        except ApiFailure as failure:
            if failure.code not in {400, 422}:
                raise
            causes = (failure.status.get("details") or {}).get("causes") or []
            reasons = [f"* {cause['field']}: {cause['message']}" for cause in causes]
            reasons = reasons or [f"* {failure.message}"]
            lines = [line for reason in reasons for line in reason.split("\n")]
            header = [f'{kind.full} "{name}" was not valid:', *lines]
            raise _Refusal(header, f'error: {kind.full} "{name}" is invalid\n') from failure
        return made


def _stripped(text: str) -> str:
    """Return a text without its comments, as kubectl compares it."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))


def _difference(before: Object, after: Object) -> Object:
    """Return the merge patch from `before` to `after`: concurrent changes of other fields stay."""
    patch: Object = dict.fromkeys(before.keys() - after.keys())
    for key, value in after.items():
        old = before.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            if inner := _difference(old, value):
                patch[key] = inner
        elif value != old:
            patch[key] = value
    return patch
