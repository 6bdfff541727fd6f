"""What the wheel depends on: licences, a bill of materials, known advisories.

`python -m tests.supply` writes supply/sbom.cdx.json (CycloneDX) from requirements.lock and supply/licences.txt.
"""

import json
import tomllib
import uuid
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from lab import __version__
from lab.bundle import lock
from lab.bundle.lock import Pin
from tests.wheels import ROOT, pins

__all__ = ["ALLOWED", "SBOM", "affected", "bill", "licences", "shipped"]

SBOM = ROOT / "supply" / "sbom.cdx.json"
_LICENCES = ROOT / "supply" / "licences.txt"
#: Advisories about packages in the lock file; `noted` is the day on which they were collected.
_ADVISORIES = ROOT / "supply" / "advisories.json"
#: Licences under which an Apache-2.0 program may use a library, unchanged.
ALLOWED = frozenset(
    {
        "Apache-2.0", "Apache-2.0 AND BSD-2-Clause", "Apache-2.0 AND CNRI-Python",
        "Apache-2.0 OR BSD-2-Clause", "Apache-2.0 OR BSD-3-Clause",
        "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0", "LicenseRef-WTFPL-warranty",
    }
)  # fmt: skip


def licences() -> dict[str, str]:
    """Return package -> licence (SPDX), as supply/licences.txt lists them."""
    lines = _LICENCES.read_text(encoding="utf-8").splitlines()
    return {name: licence for name, _, licence in (line.partition(" ") for line in lines)}


def shipped() -> list[Pin]:
    """Return the pins of what the wheel needs, with its extra `serve`; what only developers need is left out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return lock.shipped(pins(), [*project["dependencies"], *project["optional-dependencies"]["serve"]])


def bill() -> dict[str, Any]:
    """Return the bill of materials. It is the same for the same lock file."""
    known = licences()
    parts = [_component(pin, known[pin.name]) for pin in shipped()]
    itself = {"type": "application", "bom-ref": "kluster005", "name": "kluster005", "version": __version__}
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([itself, parts], sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": {**itself, "licenses": [{"expression": "Apache-2.0"}]}},
        "components": parts,
        "dependencies": [{"ref": "kluster005", "dependsOn": [part["bom-ref"] for part in parts]}],
    }


def _component(pin: Pin, licence: str) -> dict[str, Any]:
    name, version = pin.name, pin.version
    package = f"pkg:pypi/{name}@{version}"
    files = [{"alg": "SHA-256", "content": sha} for sha in sorted(pin.hashes)]
    return {
        "type": "library",
        "bom-ref": package,
        "name": name,
        "version": version,
        "purl": package,
        "licenses": [{"expression": licence}],
        "externalReferences": [
            {"type": "distribution", "url": f"https://pypi.org/project/{name}/{version}/", "hashes": files}
        ],
    }


def affected(noted: Path = _ADVISORIES) -> list[str]:
    """Return the pinned versions that an advisory of the list concerns."""
    versions = {pin.name: pin.version for pin in pins()}
    found = []
    for advisory in json.loads(noted.read_text(encoding="utf-8"))["advisories"]:
        version = versions.get(canonicalize_name(advisory["package"]))
        if version and SpecifierSet(advisory["affected"]).contains(version, prereleases=True):
            found.append(f"{advisory['package']} {version}: {advisory['id']}, {advisory['summary']}")
    return found


def main() -> None:
    """Write the bill of materials."""
    SBOM.write_text(json.dumps(bill(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
