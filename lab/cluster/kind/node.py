"""A node of a kind cluster: commands, files and shells in its container."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO

from lab.cluster.base import ClusterGoneError, NodeDownError, Result, Role
from lab.cluster.kind import execution
from lab.cluster.kind.engine import Engine
from lab.cluster.kind.execution import KindShell
from lab.patience import WALL, Time

__all__ = ["KindNode"]

#: For the lab's own short commands: kubectl and crictl spend a fifth of their time on garbage collection.
_BRIEF = {"GOGC": "400"}


class KindNode:
    """A node of a kind cluster. `find` returns the id of the container that is the lab's node of that name."""

    def __init__(self, engine: Engine, name: str, role: Role, find: Callable[[str], str]) -> None:
        self._engine = engine
        self._find = find
        self._name = name
        self._role = role
        self._container = ""

    @property
    def name(self) -> str:
        """The node's name, which is also its container's."""
        return self._name

    @property
    def role(self) -> Role:
        """The node's role."""
        return self._role

    @property
    def time(self) -> Time:
        """The cluster's time, which is the host's."""
        return WALL

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | bytes | None = None,
        timeout: float = 30.0,
        env: Mapping[str, str] | None = None,
    ) -> Result:
        """Run `argv` as root and wait for its end, at most `timeout` s; the limit ends it on the node too."""
        data = stdin.encode() if isinstance(stdin, str) else stdin
        with self._named():
            return execution.run(
                self._engine,
                self._container_id(),
                argv,
                node=self._name,
                stdin=data,
                timeout=timeout,
                env={**_BRIEF, **self._environment, **(env or {})},
            )

    def stream(
        self,
        argv: Sequence[str],
        *,
        stdin: BinaryIO | None,
        stdout: BinaryIO,
        stderr: BinaryIO,
    ) -> int:
        """Run `argv` with the three streams passed through untouched; return its exit code."""
        with self._named():
            return execution.stream(
                self._engine,
                self._container_id(),
                argv,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                env=self._environment,
            )

    def read_file(self, path: str) -> str:
        """Return the text of `path`; raise `FileNotFoundError` if there is none."""
        result = self.run(["cat", "--", path])
        if not result.ok and "No such file or directory" in result.stderr:
            raise FileNotFoundError(path)
        return result.check().stdout

    def write_file(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write `text` to `path` in one step (a new file renamed over the old), and create its folders.

        The new file's name begins with a dot until then: the kubelet ignores such a file among the manifests.
        """
        script = (
            'set -e; folder=$(dirname -- "$1"); mkdir -p -- "$folder"; '
            'new=$(mktemp -- "$folder/.${1##*/}.XXXXXX"); trap \'rm -f -- "$new"\' EXIT; '
            'cat >"$new"; chmod -- "$2" "$new"; mv -fT -- "$new" "$1"'
        )
        self.run(["bash", "-c", script, "write", path, f"{mode:o}"], stdin=text).check()

    def shell(self, rows: int, cols: int) -> KindShell:
        """Open a login shell on a terminal of that size."""
        with self._named():
            return KindShell(self._engine, self._container_id(), rows, cols, self._environment)

    @property
    def _environment(self) -> dict[str, str]:
        # A worker has no kubeconfig of an administrator, as in real life.
        return {"KUBECONFIG": "/etc/kubernetes/admin.conf"} if self._role == "control-plane" else {}

    def forget(self) -> None:
        """Look up the container again at the next use."""
        self._container = ""

    def _container_id(self) -> str:
        """By id, not by name: another cluster may use the name by now."""
        if not self._container:
            self._container = self._find(self._name)
        return self._container

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Add the node's name to errors."""
        try:
            yield
        except ClusterGoneError as problem:
            self._container = ""
            raise ClusterGoneError(
                f"The node {self._name} does not exist (any more).",
                problem.detail,
                "Recreate the lab: kluster delete, then kluster create.",
            ) from problem
        except NodeDownError as problem:
            raise NodeDownError(
                f"The node {self._name} does not run.", problem.detail, problem.remedy
            ) from problem
