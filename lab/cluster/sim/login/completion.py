"""Completion in the node's shell: commands, files, kubectl's words and the names of objects."""

import posixpath
from collections.abc import Iterable
from typing import TYPE_CHECKING

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from lab.cluster.sim.api.kinds import KINDS, find
from lab.cluster.sim.api.objects import name_of

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.shell import Shell

__all__ = ["NodeCompleter"]

_PLAIN = (
    "cat",
    "cd",
    "cp",
    "echo",
    "export",
    "find",
    "grep",
    "history",
    "ls",
    "mkdir",
    "mv",
    "rm",
    "sed",
    "tail",
    "tee",
    "vi",
)
_VERBS = (
    "annotate", "api-resources", "apply", "auth", "cluster-info", "config", "cordon", "create", "delete", "describe", "drain",  # noqa: E501 -- as it is printed
    "edit", "events", "exec", "explain", "expose", "get", "label", "logs", "patch", "replace", "rollout", "run", "scale", "set",  # noqa: E501 -- as it is printed
    "taint", "top", "uncordon", "version", "wait",
)  # fmt: skip
_PODS = {"logs", "exec"}


class NodeCompleter(Completer):
    """Completes the input at a node's prompt."""

    def __init__(self, shell: "Shell") -> None:
        self._shell = shell

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Return the possible completions of the word before the cursor."""
        del complete_event
        line = document.text_before_cursor.rsplit("|", 1)[-1].rsplit(";", 1)[-1].lstrip()
        words = line.split(" ")
        last = words[-1]
        for found in sorted(self._candidates(words[:-1], last)):
            if found.startswith(last):
                yield Completion(found, start_position=-len(last))

    def _candidates(self, before: list[str], last: str) -> Iterable[str]:
        before = [word for word in before if word]
        if not before:
            shell = self._shell
            known = {*shell.place.programs, *shell.builtins, *shell.functions, *shell.aliases, *_PLAIN}
            return [name for name in known if not name.startswith(".")]
        if before[0] in {"kubectl", "k"}:
            found = self._kubectl(before[1:])
            if found:
                return found
        return self._files(last)

    def _kubectl(self, words: list[str]) -> list[str]:
        plain = [word for word in words if not word.startswith("-")]
        namespace = words[words.index("-n") + 1] if "-n" in words[:-1] else "default"
        if words[-1:] == ["-n"]:
            return self._names("namespaces", "")
        plain = [word for word in plain if word != namespace or word not in words[1:]]
        if not plain:
            return list(_VERBS)
        if plain[0] in _PODS:
            return self._names("pods", namespace) if len(plain) == 1 else []
        if len(plain) == 1:
            return [kind.plural for kind in KINDS]
        return self._names(plain[1], namespace)

    def _names(self, kind: str, namespace: str) -> list[str]:
        found = find(kind)
        world = self._shell.place.world
        if found is None or not world.plane.api_answers():
            return []
        return [name_of(item) for item in world.plane.store.list(found, namespace if found.namespaced else "")]

    def _files(self, last: str) -> list[str]:
        files, cwd = self._shell.place.files, self._shell.folder
        folder, _, _ = last.rpartition("/")
        base = posixpath.join(cwd, folder or ("/" if last.startswith("/") else ""))
        lead = f"{folder}/" if "/" in last else ""
        found = []
        for name in files.names(base):
            path = posixpath.join(base, name)
            found.append(f"{lead}{name}" + ("/" if files.exists(path) and not files.is_file(path) else ""))
        return found
