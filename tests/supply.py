"""What the wheel depends on: licences, a bill of materials, known advisories.

`python -m tests.supply` writes supply/sbom.cdx.json (CycloneDX) from requirements.lock and supply/licences.txt.
"""

import json
import re
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet

from lab import __version__
from tests.wheels import LOCK, ROOT, Pin, pins

__all__ = ["ALLOWED", "SBOM", "affected", "bill", "licences", "shipped"]

SBOM = ROOT / "supply" / "sbom.cdx.json"
_LICENCES = ROOT / "supply" / "licences.txt"
#: Advisories about packages in the lock file; `noted` is the day on which they were collected.
_ADVISORIES = ROOT / "supply" / "advisories.json"
#: Licences under which an Apache-2.0 program may use a library, unchanged.
ALLOWED = frozenset(
    {
        "Apache-2.0", "Apache-2.0 AND BSD-2-Clause", "Apache-2.0 OR BSD-2-Clause", "Apache-2.0 OR BSD-3-Clause",
        "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0", "LicenseRef-WTFPL-warranty",
    }
)  # fmt: skip
_ITSELF = "kluster005 (pyproject.toml)"


def licences() -> dict[str, str]:
    """Return package -> licence (SPDX), as supply/licences.txt lists them."""
    lines = _LICENCES.read_text(encoding="utf-8").splitlines()
    return {name: licence for name, _, licence in (line.partition(" ") for line in lines)}


def shipped() -> list[Pin]:
    """Return the pins of what the wheel needs, with its extra `serve`; what only developers need is left out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    direct = [*project["dependencies"], *project["optional-dependencies"]["serve"]]
    needed = {_normal(re.split(r"[<>=~! \[;]", each)[0]) for each in direct}
    wanted_by, all_pins = dict(_wanted_by()), list(pins())
    while True:
        more = {name for name, by in wanted_by.items() if needed & set(by)} - needed
        if not more:
            return [pin for pin in all_pins if _normal(pin.requirement.name) in needed]
        needed |= more


def _wanted_by() -> Iterator[tuple[str, list[str]]]:
    """Yield each package of the lock file with those that need it."""
    for entry in re.split(r"\n(?=\w)", LOCK.read_text(encoding="utf-8")):
        if not entry.startswith("#"):
            by = entry.partition("# via")[2].replace(_ITSELF, "")
            yield _normal(entry.partition("==")[0]), [_normal(name) for name in re.findall(r"[\w.-]+", by)]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def bill() -> dict[str, Any]:
    """Return the bill of materials. It is the same for the same lock file."""
    known = licences()
    parts = [_component(pin, known[_normal(pin.requirement.name)]) for pin in shipped()]
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
    name, version = _normal(pin.requirement.name), str(pin.requirement.specifier).removeprefix("==")
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
    versions = {_normal(pin.requirement.name): str(pin.requirement.specifier)[2:] for pin in pins()}
    found = []
    for advisory in json.loads(noted.read_text(encoding="utf-8"))["advisories"]:
        version = versions.get(_normal(advisory["package"]))
        if version and SpecifierSet(advisory["affected"]).contains(version, prereleases=True):
            found.append(f"{advisory['package']} {version}: {advisory['id']}, {advisory['summary']}")
    return found


def main() -> None:
    """Write the bill of materials."""
    SBOM.write_text(json.dumps(bill(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
