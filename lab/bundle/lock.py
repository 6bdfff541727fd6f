"""requirements.lock: each pinned version with its marker, its hashes, and the packages that need it."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

__all__ = ["Pin", "outdated", "pins", "shipped"]

#: The project itself, in the list of the packages that need a package.
_ITSELF = "kluster005 (pyproject.toml)"


class Pin(NamedTuple):
    """One entry of the lock file: the requirement, its marker, and the sha256 of its files."""

    requirement: Requirement
    hashes: frozenset[str]
    #: Names of the packages that need it.
    wanted_by: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The package's name, as indexes compare it."""
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        """The pinned version."""
        return str(self.requirement.specifier).removeprefix("==")


def pins(text: str) -> list[Pin]:
    """Return the entries of a lock file with the content `text`."""
    return [_pin(entry) for entry in re.split(r"\n(?=\w)", text) if not entry.startswith("#")]


def _pin(entry: str) -> Pin:
    requirement = Requirement(entry.partition("\\")[0].partition("--hash")[0].strip())
    by = entry.partition("# via")[2].replace(_ITSELF, "")
    wanted_by = frozenset[str](canonicalize_name(name) for name in re.findall(r"[\w.-]+", by))
    return Pin(requirement, frozenset(re.findall(r"--hash=sha256:(\w+)", entry)), wanted_by)


def shipped(locked: Iterable[Pin], direct: Iterable[str]) -> list[Pin]:
    """Return the pins of the requirements `direct` and of all that they need."""
    locked = list(locked)
    needed: set[str] = {canonicalize_name(Requirement(each).name) for each in direct}
    while more := {pin.name for pin in locked if needed & pin.wanted_by} - needed:
        needed |= more
    return [pin for pin in locked if pin.name in needed]


def outdated(locked: Iterable[Pin], direct: Iterable[str]) -> list[str]:
    """Return the requirements of `direct` that no pin meets."""
    versions = {pin.name: pin.version for pin in locked}
    return [each for each in direct if not _met(Requirement(each), versions)]


def _met(requirement: Requirement, versions: dict[str, str]) -> bool:
    version = versions.get(canonicalize_name(requirement.name))
    return version is not None and requirement.specifier.contains(version, prereleases=True)
