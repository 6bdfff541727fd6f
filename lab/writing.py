"""Writing files so that a crash leaves the old text or the new one."""

import os
import tempfile
from pathlib import Path

__all__ = ["write_durably"]


def write_durably(path: Path, text: str) -> None:
    """Write a new file, flush it to the disk, and rename it to `path`, over an old one; create its folder.

    Raises:
        OSError: it can't be written; the old file stays, and no other.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as new:
        try:
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
            Path(new.name).replace(path)
        except BaseException:
            Path(new.name).unlink(missing_ok=True)
            raise
