"""A container's own files: those that its programs change stay until the container ends."""

from collections.abc import Callable, Iterable, Sequence

from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.runtime import Container

__all__ = ["OwnFiles"]

#: The longest file that stays, in characters of base64: all of them are in the cluster's file.
_LONGEST = 1 << 20
#: Folders of the kernel's.
_OF_THE_KERNEL = ("/dev", "/proc", "/sys")


class OwnFiles:
    """The files of one command in a container: those of its `image`, with all earlier changes."""

    def __init__(self, files: Files, container: Container, *, image: Callable[[], Files]) -> None:
        """Make `files`, which are as in the image, those of the container."""
        self._files = files
        self._container = container
        self._image = image
        self._earlier = dict(container.changed)
        self._writes = 0
        files.restore(self._earlier)

    def begin(self) -> None:
        """Note that the command begins: what is written from here on is its own."""
        self._writes = self._files.system.writes

    def keep(self, mounts: Sequence[str]) -> list[str]:
        """Keep what the command has changed outside of the `mounts`; return the paths that are too large.

        Several commands may run at once: each keeps its own changes.
        """
        if self._files.system.writes == self._writes:
            return []
        image, now, kept = self._image().state(), self._files.state(), self._container.changed
        before = image | self._earlier
        large = []
        for path in sorted(before.keys() | now.keys()):
            if _facts(now.get(path)) == _facts(before.get(path)) or _below(path, (*mounts, *_OF_THE_KERNEL)):
                continue
            datum = now.get(path)
            if isinstance(datum, list) and len(str(datum[-1])) > _LONGEST:
                large.append(path)
            elif datum is None and path not in image:
                kept.pop(path, None)
            else:
                # None: a file of the image is gone.
                kept[path] = datum
        return large


def _facts(datum: object) -> object:
    """Return a file's data without its date."""
    return datum[1:] if isinstance(datum, list) else None


def _below(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder.rstrip('/')}/") for folder in folders)
