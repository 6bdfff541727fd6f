"""The files of every pinned version, as the package index lists them; `python -m tests.wheels` writes the list.

requirements.lock names files by their hashes only; the files' names say which systems they are for.
"""

import json
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab.bundle import lock
from lab.bundle.lock import Pin

__all__ = ["known_files", "pins"]

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
FILES = ROOT / "tests" / "wheels.txt"
#: The simple index as JSON (PEP 691).
_INDEX = "https://pypi.org/simple/{name}/"
_JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}


def pins() -> list[Pin]:
    """Return the entries of requirements.lock."""
    return lock.pins(LOCK.read_text(encoding="utf-8"))


def known_files() -> dict[str, str]:
    """Return sha256 -> file name, as last written."""
    return dict(line.split() for line in FILES.read_text(encoding="utf-8").splitlines())


def _files(pin: Pin) -> list[tuple[str, str]]:
    """Return sha256 and name of each file in the lock file."""
    request = urllib.request.Request(_INDEX.format(name=pin.requirement.name), headers=_JSON)  # noqa: S310 -- https, always
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        said = json.load(answer)["files"]
    hashes = ((each["hashes"]["sha256"], each["filename"]) for each in said)
    return [(sha, name) for sha, name in hashes if sha in pin.hashes]


def main() -> None:
    """Ask the index for every pinned version."""
    with ThreadPoolExecutor() as pool:
        found = sorted((name, sha) for files in pool.map(_files, pins()) for sha, name in files)
    FILES.write_text("".join(f"{sha} {name}\n" for name, sha in found), encoding="utf-8")


if __name__ == "__main__":
    main()
