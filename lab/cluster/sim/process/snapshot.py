"""The file of a simulated cluster: JSON with its format, the version that wrote it, and a checksum."""

import json
import os
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

from lab import __version__
from lab.cluster.sim.state.codec import Texts, restore, schema, text
from lab.cluster.sim.world.world import World
from lab.errors import LabError

__all__ = ["Snapshot", "checksum", "load", "read"]

_STATE, _CHECK = ',"state":', ',"crc32":'


class Snapshot:
    """Saves one world, again and again. A copy is saved as the world `like` that it is a copy of."""

    def __init__(self, world: World, file: Path, *, like: World | None = None) -> None:
        self._world = world
        self._file = file
        head = {"format": schema(like or world), "kluster": __version__}
        self._head = json.dumps(head, separators=(",", ":")).removesuffix("}")
        #: Texts that the codec can reuse from the last save.
        self._texts: Texts = {}

    def render(self) -> str:
        """Return the file's text for the present world."""
        body = f"{self._head}{_STATE}{text(self._world, self._texts)}"
        return f"{body}{_CHECK}{checksum(body)}}}"

    def write(self, content: str) -> None:
        """Write the file in one step: after any crash, either the old or the new file is complete.

        Raises:
            OSError: the file can't be written.

        """
        new = self._file.with_suffix(".new")
        try:
            with new.open("w", encoding="utf-8") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(self._file)
        except OSError:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            raise


def checksum(body: str) -> int:
    """Return the checksum of the text before it in the file."""
    return zlib.crc32(body.encode())


def read(name: str, file: Path) -> dict[str, Any]:
    """Return the contents of the file of cluster `name`.

    Raises:
        LabError: the file can't be read, or is damaged.

    """
    try:
        content = file.read_text(encoding="utf-8")
        data: dict[str, Any] = json.loads(content)
        body, found, check = content.rpartition(_CHECK)
        # Files without a checksum are of an old format; they are recognized, not read.
        if not isinstance(data, dict) or (found and check != f"{checksum(body)}}}"):
            raise ValueError("its checksum does not fit")  # noqa: TRY301 -- reported like a JSON error
    except ValueError as error:
        raise _damaged(name, file, str(error)) from error
    except OSError as error:
        raise LabError(
            f"The file of the simulated cluster '{name}' can't be read.",
            f"{file}: {error.strerror}",
            "Make the file readable for your user; it contains the cluster.",
        ) from error
    return data


def load(world: World, file: Path, data: dict[str, Any]) -> None:
    """Restore the data that `read` returned into a new world.

    Raises:
        LabError: another version of kluster wrote it, or it is damaged.

    """
    if data.get("format") != schema(world):
        raise _other(world.name, file, str(data.get("kluster", "")))
    try:
        restore(world, data["state"])
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise _damaged(world.name, file, f"{type(error).__name__}: {error}") from error


def _damaged(name: str, file: Path, why: str) -> LabError:
    return LabError(
        f"The file of the simulated cluster '{name}' is damaged.",
        f"{file}: {why}",
        f"Put back a copy of the file if you have one. Otherwise remove the lab: kluster delete --name {name}",
    )


def _other(name: str, file: Path, version: str) -> LabError:
    wrote = f"kluster {version}" if version else "an older kluster"
    if version == __version__:
        wrote = f"another build of {wrote}"
    return LabError(
        f"The simulated cluster '{name}' was saved by {wrote}, in a format that this version can't read.",
        f"{file}\nThis is kluster {__version__}. The file is left as it is.",
        f"Use {wrote} for this lab, or remove it and make a new one: kluster delete --name {name}; "
        f"kluster create --name {name}",
    )
