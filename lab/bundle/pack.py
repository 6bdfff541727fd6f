"""The file of a bundle: a plain tar whose first member is the receiver's program."""

import hashlib
import io
import re
import tarfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from lab.bundle import check, install
from lab.progress import Progress
from lab.sums import sha256_of

__all__ = ["pack", "program", "sums"]

_BLOCK = 1 << 20
#: The import that the checks take the place of.
_IMPORT = re.compile(r"from lab\.bundle\.check import \(.*?\n\)\n", re.DOTALL)
_FUTURE = "from __future__ import annotations\n"


def program() -> bytes:
    """Return the text of install.py: one file, in which the checks stand in place of their import."""
    checks = Path(check.__file__).read_text(encoding="utf-8").partition(_FUTURE)[2]
    text = Path(install.__file__).read_text(encoding="utf-8")
    joined, count = _IMPORT.subn(lambda _: checks, text)
    if count != 1:
        raise ValueError("install.py does not import the checks")
    return joined.encode()


def sums(files: Mapping[str, Path | bytes]) -> bytes:
    """Return the list of the files' sums, as `sha256sum` writes it."""
    found = {
        name: sha256_of(what) if isinstance(what, Path) else hashlib.sha256(what).hexdigest()
        for name, what in files.items()
    }
    return "".join(f"{found[name]}  {name}\n" for name in sorted(found)).encode()


def pack(out: Path, files: Mapping[str, Path | bytes], made: datetime, progress: Progress) -> None:
    """Write `files` to the tar `out`, in their order.

    Raises:
        OSError: it can't be written.

    """
    total = sum(what.stat().st_size if isinstance(what, Path) else len(what) for what in files.values()) or 1
    done = 0
    with out.open("xb") as file, tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, what in files.items():
            member = tarfile.TarInfo(name)
            member.mode, member.mtime = 0o644, int(made.timestamp())
            with what.open("rb") if isinstance(what, Path) else io.BytesIO(what) as data:
                member.size = data.seek(0, io.SEEK_END)
                data.seek(0)
                archive.addfile(member, data)
            done += member.size
            progress.advance(done / total, name)
