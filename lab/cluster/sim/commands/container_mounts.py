"""A node's folders and files that a container has mounted: copied in before a command, and back afterwards."""

import posixpath
from collections.abc import Iterator

from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.runtime import Container, Sandbox

__all__ = ["Mounts"]


class Mounts:
    """The mounted paths of one container."""

    def __init__(self, node: Files, inside: Files, sandbox: Sandbox, container: Container) -> None:
        self._node = node
        self._inside = inside
        self._writable: list[tuple[str, str]] = []
        #: The paths inside that something is mounted at.
        self.points: list[str] = []
        self._seen: dict[str, bytes] = {}
        paths = {one["name"]: one["hostPath"]["path"] for one in sandbox.volumes if "hostPath" in one}
        for mount in container.spec.get("volumeMounts") or []:
            # The whole of a node is too much to copy.
            path = paths.get(mount["name"], "/")
            self.points.append(mount["mountPath"])
            if path != "/" and node.exists(path):
                self._copy(path, mount["mountPath"])
                if not mount.get("readOnly"):
                    self._writable.append((path, mount["mountPath"]))

    def _copy(self, path: str, mounted: str) -> None:
        for below in _folders(self._node, path):
            self._inside.mkdir(mounted + below)
        for below in _files(self._node, path):
            held = self._node.read_bytes(path + below)
            self._inside.write(mounted + below, held)
            self._seen[mounted + below] = held

    def write_back(self) -> None:
        """Apply the container's changes to the node's files."""
        for path, mounted in self._writable:
            now = {mounted + below: below for below in _files(self._inside, mounted)}
            for inside, below in now.items():
                held = self._inside.read_bytes(inside)
                if self._seen.get(inside) != held:
                    self._node.write(path + below, held)
            for inside in self._seen.keys() - now.keys():
                if inside == mounted or inside.startswith(f"{mounted}/"):
                    self._node.remove(path + inside.removeprefix(mounted))


def _is_folder(files: Files, path: str) -> bool:
    return files.exists(path) and files.kind(path) == "directory"


def _folders(files: Files, path: str, below: str = "") -> Iterator[str]:
    """Return the folder at `path` and those below, by what their paths have behind it."""
    if _is_folder(files, path + below):
        yield below
        for name in files.names(path + below):
            yield from _folders(files, path, posixpath.join(below or "/", name))


def _files(files: Files, path: str, below: str = "") -> Iterator[str]:
    """Return the files at `path` and below, by what their paths have behind it."""
    if not _is_folder(files, path + below):
        if files.is_file(path + below):
            yield below
        return
    for name in files.names(path + below):
        yield from _files(files, path, posixpath.join(below or "/", name))
