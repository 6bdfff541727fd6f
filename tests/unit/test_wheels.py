"""No user needs a compiler: every pinned package has a wheel for each supported system."""

from collections.abc import Iterable

import pytest
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import parse_wheel_filename

from tests.wheels import Pin, known_files, pins

#: The oldest maintained Debian and Ubuntu releases have a newer glibc than this.
_GLIBC = 31


def _linux(machine: str) -> list[str]:
    old = {"x86_64": ["manylinux2014", "manylinux2010", "manylinux1"], "aarch64": ["manylinux2014"]}[machine]
    new = [f"manylinux_2_{minor}" for minor in range(_GLIBC, 4, -1)]
    return [f"{name}_{machine}" for name in (*new, *old)]


#: Name -> platform tags, and the values of the lock file's markers there.
SYSTEMS: dict[str, tuple[Iterable[str], dict[str, str]]] = {
    "linux-amd64": (_linux("x86_64"), {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}),
    "linux-arm64": (_linux("aarch64"), {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}),
    "macos-arm64": (
        list(mac_platforms((13, 0), "arm64")),
        {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    ),
    "macos-amd64": (
        list(mac_platforms((13, 0), "x86_64")),
        {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    ),
    "windows-amd64": (["win_amd64"], {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"}),
}
PYTHONS = [(3, 11), (3, 12), (3, 13)]


def tags(python: tuple[int, int], platforms: Iterable[str]) -> frozenset[Tag]:
    interpreter = f"cp{python[0]}{python[1]}"
    return frozenset(
        [
            *cpython_tags(python, platforms=list(platforms)),
            *compatible_tags(python, interpreter, list(platforms)),
        ]
    )


def wheels(pin: Pin, files: dict[str, str]) -> list[frozenset[Tag]]:
    names = (files[sha] for sha in pin.hashes)
    return [parse_wheel_filename(name)[3] for name in names if name.endswith(".whl")]


def test_the_list_of_files_is_that_of_the_lock_file() -> None:
    files = known_files()
    missing = {f"{pin.requirement}" for pin in pins() if pin.hashes - files.keys()}
    assert not missing, "write it anew: make lock"


@pytest.mark.parametrize("python", PYTHONS, ids=lambda python: ".".join(map(str, python)))
@pytest.mark.parametrize("system", SYSTEMS)
def test_each_package_has_a_wheel(system: str, python: tuple[int, int]) -> None:
    platforms, environment = SYSTEMS[system]
    version = ".".join(map(str, python))
    seen = {**environment, "python_version": version, "python_full_version": f"{version}.0"}
    fit = tags(python, platforms)
    files = known_files()
    needed = [pin for pin in pins() if not pin.requirement.marker or pin.requirement.marker.evaluate(seen)]

    without = [str(pin.requirement) for pin in needed if not any(fit & each for each in wheels(pin, files))]

    assert len(needed) > 30
    assert without == []
